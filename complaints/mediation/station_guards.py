"""Guards of a dispute at a venue's station: a settlement is told, and what was passed up is the office's."""

from __future__ import annotations

from workflows.definition import Label
from workflows.guards import Facts, Why, guard

PASSED_UP = "passed_up"
"""The dispute has become a complaint of the office."""


@guard(on_payload=True)
def parties_told(facts: Facts) -> Why | None:
    """Who takes a dispute at a station also answers it: a settlement is told to both sides."""
    if facts.payload.get("told") is True:
        return None
    return Why(
        "parties_not_told",
        Label("还没有把和解结果告诉双方。", "The two sides have not been told of the settlement."),
        Label("请告诉双方后勾选。", "Tell them, then confirm."),
        fields=("told",),
    )


FILES_PASSED_UP = Why(
    "files_passed_up",
    Label(
        "这件纠纷已经报送市场监督管理部门，附件随投诉办理，服务站不能再增加或者撤下。",
        "The dispute was passed up: its files are the office's now, the station adds and withdraws none.",
    ),
    Label(
        "请联系办理这件投诉的单位，在投诉中补充材料。",
        "Tell the office that has the complaint; further files are added there.",
    ),
)


@guard()
def files_not_passed_up(facts: Facts) -> Why | None:
    """The office relies on the files that it got: none of them goes, or comes, behind its back."""
    if facts.state != PASSED_UP:
        return None
    return FILES_PASSED_UP


GUARDS = (parties_told, files_not_passed_up)
"""The guards of a station's dispute, registered with those of mediation."""
