"""Guards of leads and cases: verification, its one extension, filing by a second person, and what a
complaint knows of it.
"""

from __future__ import annotations

from complaints.dossier.clock_views import dated
from workflows.definition import Label
from workflows.generic_guards import not_the_doer
from workflows.guards import Citing, Facts, Why, guard

FILED_STATES = ("filed", "concluded")
"""States of a lead from which on it is a case."""


EXTENDED_ALREADY = Citing(
    Why(
        "extended_already",
        Label("核查时限已经延长过一次，不能再延长。", "The verification period was already extended once."),
        Label("请在期限内提出立案或者不予立案的意见。", "Propose filing or not filing within the period."),
    )
)


@guard(in_model=True)
def not_extended_yet(facts: Facts) -> Why | None:
    """Verification is extended once, by fifteen working days, approved by a head (Order 121 art. 27)."""
    clock = facts.clocks.get("verify")
    if clock is None or not clock.extended:
        return None
    return EXTENDED_ALREADY.under(facts.law("clue"))


@guard()
def verification_still_runs(facts: Facts) -> Why | None:
    """Only a period that has not run out is extended: a later approval heals nothing (Order 121 art. 27)."""
    clock = facts.clocks.get("verify")
    if clock is None or facts.today <= clock.legal_due:
        return None
    last = dated(clock.legal_due, provisional=clock.provisional)
    return Why(
        "verification_over",
        Label(
            f"核查时限已经在{last.zh}届满，不能再延长。",
            f"The verification period ran out on {last.en}: too late to extend it.",
        ),
        Label("请立即提出立案或者不予立案的意见。", "Propose filing or not filing at once."),
        facts.law("clue"),
    )


NO_LEAD_FILED = Citing(
    Why(
        "no_lead_filed",
        Label("没有由这件投诉移交并已立案的线索。", "No lead from this complaint was filed as a case."),
        Label(
            "线索立案以后再转案件；没有立案的，直接办结。",
            "Mark it once a lead is filed; otherwise simply close.",
        ),
        lifted_by=("handler", "head"),
    )
)


@guard(in_model=True, children=True)
def lead_filed(facts: Facts) -> Why | None:
    """A complaint is marked as transferred only when a lead from it was filed as a case."""
    if any(child.procedure == "lead" and child.state in FILED_STATES for child in facts.children):
        return None
    return NO_LEAD_FILED.under(facts.law("clue"))


not_the_proposer = not_the_doer(
    "not_the_proposer",
    ("propose_filing", "propose_not_filing"),
    Label("提出意见的人不能批准自己的意见。", "Whoever proposed it may not approve it."),
)

GUARDS = (not_extended_yet, verification_still_runs, lead_filed, not_the_proposer)
"""The guards of leads and cases, registered by create_app."""
