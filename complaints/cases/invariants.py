"""What holds of every lead, and of a complaint that is called transferred."""

from __future__ import annotations

from complaints.cases.guards import FILED_STATES
from workflows.definition import Procedure
from workflows.proving.invariants import invariant, step_invariant
from workflows.proving.situations import Move, Situation


@invariant(
    "只有已立案的线索，才能转案件。",
    "A complaint is transferred only where a lead from it was filed as a case.",
    children=True,
)
def transferred_only_with_a_filed_lead(_procedure: Procedure, now: Situation) -> bool:
    """A complaint and a breach are two things: the one is called transferred only with a case beside it."""
    return now.state != "transferred" or any(
        child.procedure == "lead" and child.state in FILED_STATES for child in now.children or ()
    )


@step_invariant("核查时限只能延长一次。", "The verification period is extended only once.")
def verification_extended_once(_procedure: Procedure, move: Move) -> bool:
    """Fifteen working days more, once (Order 121 art. 27)."""
    again = move.action is not None and "verify" in move.action.extends
    return not (again and "verify" in move.before.extended)


@invariant("核查期间，核查时限一直在走。", "While a lead is being verified, the period of verification runs.")
def verification_is_timed(_procedure: Procedure, now: Situation) -> bool:
    """The period runs until a head has decided, not only until filing was proposed (Order 121 art. 27)."""
    undecided = now.state in ("verifying", "filing_proposed", "not_filing_proposed")
    return not undecided or "verify" in now.running


INVARIANTS = (transferred_only_with_a_filed_lead, verification_extended_once, verification_is_timed)
"""The invariants of leads and cases, registered by create_app."""
