"""Guards of complaints that belong together: added to, linked, merged.

Variables read here: `additions` (what callers added and the owner has not read), `links`, `carries` (the
complaints that were merged into this one).
"""

from __future__ import annotations

from workflows.definition import Label
from workflows.guards import Facts, Why, guard

NOTHING_ADDED = Why(
    "nothing_added",
    Label("没有待阅的来电补充。", "Nothing was added that waits to be read."),
    Label("来电人补充以后会在这里提示。", "This is offered once a caller has added something."),
)


@guard()
def additions_wait(facts: Facts) -> Why | None:
    """Something was added that the owner has not read."""
    if facts.vars.get("additions"):
        return None
    return NOTHING_ADDED


NO_REPORTS = Why(
    "no_reports",
    Label("没有待阅的处理结果。", "No result waits to be read."),
    Label("线索、先赔等有结果以后会在这里提示。", "This is offered once a matter that came from it reports."),
)


@guard()
def reports_wait(facts: Facts) -> Why | None:
    """A matter that came from this one has reported what it came to, and the owner has not read it."""
    if facts.vars.get("reports"):
        return None
    return NO_REPORTS


NO_LINKS = Why(
    "no_links",
    Label("没有关联其他投诉。", "No other complaint is linked to it."),
    Label("先关联，才能取消。", "There is nothing to remove."),
)


@guard()
def has_links(facts: Facts) -> Why | None:
    """A link is removed where there is one."""
    if facts.vars.get("links"):
        return None
    return NO_LINKS


CARRIES_ANOTHER = Why(
    "carries_another",
    Label("已有重复投诉并入本件。", "Another complaint was merged into this one."),
    Label(
        "请先撤销那次合并，再把两件分别合并到更早的投诉。",
        "Undo that first, then merge both into the earliest.",
    ),
    lifted_by=("intake",),
)


@guard()
def carries_no_other(facts: Facts) -> Why | None:
    """What carries another complaint is not merged itself: nobody should have to follow a chain."""
    if not facts.vars.get("carries"):
        return None
    return CARRIES_ANOTHER


LEAD_OR_PAYOUT = Why(
    "lead_or_payout",
    Label("本件已移交线索，或者有未办结的先赔。", "A lead came from it, or a payout is still open."),
    Label("请改用关联。", "Link the two instead."),
)


@guard(in_model=True, children=True)
def has_no_lead_or_payout(facts: Facts) -> Why | None:
    """A lead or an open payout hangs on its complaint and cannot go along with it."""
    if all(child.ended and child.procedure != "lead" for child in facts.children):
        return None
    return LEAD_OR_PAYOUT


NOT_STATED = Why(
    "not_stated",
    Label("只有同一投诉人的同一争议才能合并。", "Only the same dispute of the same complainant is merged."),
    Label("请核对后勾选；不是同一件的，请改用关联。", "Check and tick it; otherwise link the two."),
    fields=("same_complaint",),
)


@guard(on_payload=True)
def same_complaint_stated(facts: Facts) -> Why | None:
    """A person answers for it that both are one complaint of one complainant."""
    if facts.payload.get("same_complaint") is True:
        return None
    return NOT_STATED


GUARDS = (
    additions_wait,
    reports_wait,
    has_links,
    carries_no_other,
    has_no_lead_or_payout,
    same_complaint_stated,
)
"""These guards, registered by create_app."""
