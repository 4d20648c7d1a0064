"""What holds of every mediation: its limit runs from acceptance to its end, both sides learn the result."""

from __future__ import annotations

from workflows.definition import Procedure
from workflows.proving.invariants import invariant
from workflows.proving.situations import Situation

IN_MEDIATION = ("accepted", "mediating", "appraising", "suspended")
ENDED = ("transferred", "closed", "redo", "revisited")


@invariant(
    "受理以后到调解结束，调解期限一直在走，鉴定检测期间停止计算。",
    "From acceptance to the end of mediation its limit runs, and stands still only for an appraisal.",
)
def mediation_is_timed(_procedure: Procedure, now: Situation) -> bool:
    """The limit of mediation counts all the while, but for the time of an appraisal (Order 121 arts 22,
    23). During one it may run on as well: whether it stands still is said by the rule set of its own run, to
    which the engine holds it by a promise of its own.
    """
    counts = "mediation" in now.running
    if now.state == "appraising":
        return counts or "mediation" in now.paused
    return now.state not in IN_MEDIATION or counts


@invariant("申请回避期间，任何期限都不停止。", "A challenge of the mediator stops no clock.")
def challenge_stops_no_clock(_procedure: Procedure, now: Situation) -> bool:
    """The mediation is suspended, its limit is not (Order 121 art. 21; only art. 22 takes time out)."""
    return now.state != "suspended" or not now.paused


@invariant(
    "没有告知结果，不能转案件、不能办结。",
    "Nothing is closed or transferred before both sides were told of the result.",
    reads=("decision", "result_told"),
)
def result_told_before_closed(_procedure: Procedure, now: Situation) -> bool:
    """Where there was a mediation, both sides learnt how it ended (Order 121 art. 23)."""
    mediated = now.vars.get("decision") not in ("refused", "withdrawn")
    return now.state not in ENDED or not mediated or bool(now.vars.get("result_told"))


INVARIANTS = (mediation_is_timed, challenge_stops_no_clock, result_told_before_closed)
"""The invariants of mediation, registered by create_app."""
