"""A plan that leaves something out, or names what is not there, is refused with every finding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.workflows.runtime.moving import HERE, PLAN, old_and_new, plan
from workflows.definition_files import DefinitionError
from workflows.versioning.migration_plans import Treatment, read_plan
from workflows.versioning.plan_checks import check_plan


def findings(text: str) -> str:
    with pytest.raises(DefinitionError) as caught:
        check_plan(plan(text), *old_and_new())
    return str(caught.value)


def test_the_plan_answers_for_everything() -> None:
    check_plan(plan(), *old_and_new())
    assert plan().clocks["due"] is Treatment.RECOUNT
    assert plan().target("asked") == "requested"
    assert plan().target("lent") == "lent"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("binder: keep, ", "", "clocks › binder: nothing says what becomes of it: keep, recount"),
        ("stocktake: drop", "stocktake: keep", "clocks › stocktake: version 2 has no such clock: drop it"),
        ("stocktake: drop", "stocktake: drop, lunch: drop", "clocks › lunch: version 1 has no such clock"),
        ("answer: keep", "answer: restart", "clocks › answer: it counts from 'received_on'"),
        ("same_states: true\n", "", "states › lent: nothing says where matters in it go"),
        ("asked: requested", "asked: wanted", "states › asked: version 2 has no state 'wanted'"),
        ("asked: requested", "asked: refused", "states › asked: a move neither ends a matter nor opens it"),
        ("asked: requested", "asked: requested, joined: lent", "states › joined: a move neither ends"),
        (
            "asked: requested",
            "asked: requested, refused: refused",
            "states › refused: matters that",
        ),
        ("asked: requested", "asked: requested, lost: lent", "states › lost: version 1 has no such state"),
        ("look_in: open, ", "", "opens › look_in: the new version opens this clock in a state"),
        ("look_in: open", "look_in: open, tea: open", "opens › tea: version 2 has no such clock"),
        ("lend: hand_out", "lend: lend", "actions › lend: version 2 has no action 'lend'"),
        ("lend: hand_out", "borrow: hand_out", "actions › borrow: version 1 has no such action"),
        ("{lend: hand_out}", "{lend: hand_out, tell: hand_out}", "actions › hand_out: two old names"),
        ("renewals: extensions", "by: extensions", "vars › by: the engine keeps this variable itself"),
        ("to: 2", "to: 1", "from one version of a procedure to another"),
    ],
)
def test_a_gap_is_named(old: str, new: str, words: str) -> None:
    assert old in PLAN
    if old == "to: 2":
        first, _second = old_and_new()
        with pytest.raises(DefinitionError, match=words):
            check_plan(plan(PLAN.replace(old, new)), first, first)
        return
    assert words in findings(PLAN.replace(old, new, 1))


def test_all_findings_stand_together() -> None:
    text = PLAN.replace("binder: keep, ", "").replace("look_in: open, ", "").replace("lend: hand_out", "")
    assert len(findings(text).splitlines()) == 2


def test_a_clock_counted_from_a_day_nobody_knows_is_not_counted_again() -> None:
    first, second = old_and_new()
    later = replace(
        second, clocks={**second.clocks, "answer": replace(second.clocks["answer"], start="event")}
    )
    text = PLAN.replace("answer: keep", "answer: recount")
    with pytest.raises(DefinitionError, match="clocks › answer: version 1 counted it from 'received_on'"):
        check_plan(plan(text), first, later)


def test_the_digest_covers_what_decides() -> None:
    first, second = old_and_new()
    known = plan().digest(first, second)
    assert plan(PLAN.replace("统一", "全部")).digest(first, second) == known
    others = {
        plan(PLAN.replace(*change)).digest(first, second)
        for change in (("due: recount", "due: keep"), ("look_in: open", "look_in: leave"))
    }
    assert len(others | {known}) == 3


def test_a_plan_is_read_by_its_name(tmp_path: Path) -> None:
    assert read_plan("loan", 1, 2, directory=HERE / "plans").to_version == 2
    with pytest.raises(DefinitionError, match=r"There is no plan loan\.1-3\.yaml"):
        read_plan("loan", 1, 3, directory=HERE / "plans")
    other = tmp_path / "mine.yaml"
    other.write_text(PLAN, encoding="utf-8")
    with pytest.raises(DefinitionError, match="it moves loan 1 to 2, not loan 2 to 1"):
        read_plan("loan", 2, 1, other)
    other.write_text(PLAN.replace("answer: keep", "answer: stop"), encoding="utf-8")
    with pytest.raises(DefinitionError, match="keep, recount, restart or drop"):
        read_plan("loan", 1, 2, other)
