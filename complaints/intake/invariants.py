"""What holds of every complaint from its receipt on: the decision is owed until the complainant was told of
it.
"""

from __future__ import annotations

from workflows.definition import Procedure
from workflows.proving.invariants import invariant
from workflows.proving.situations import Situation

CLOSED = ("closed", "redo", "revisited")
"""States of a complaint whose work was ended once."""


@invariant(
    "没有告知决定以前，受理期限一直在走。",
    "Until the decision was told, its time limit runs.",
    reads=("decision", "decision_told"),
)
def decision_owed_until_told(_procedure: Procedure, now: Situation) -> bool:
    """Only telling, or the complainant's own withdrawal, ends the limit (Order 121 art. 15).

    A merged complaint is told about by the one that carries it on.
    """
    over = now.vars.get("decision_told") or now.vars.get("decision") == "withdrawn" or now.state == "merged"
    return bool(over) or "accept_decision" in now.running or now.state == "revisited"


@invariant(
    "没有告知受理与否的决定，不能办结。",
    "No complaint is closed before its decision was told.",
    reads=("decision", "decision_told"),
)
def decision_told_before_closed(_procedure: Procedure, now: Situation) -> bool:
    """Closed are only complaints that were withdrawn, or whose decision was told (Order 121 art. 15)."""
    told = now.vars.get("decision_told") or now.vars.get("decision") == "withdrawn"
    return bool(told) or now.state not in CLOSED


INVARIANTS = (decision_owed_until_told, decision_told_before_closed)
"""The invariants of the intake desk, registered by create_app."""
