"""What the engine promises of every procedure, whatever its file says: one owner, clocks that are right.

A procedure cannot leave these out; what a domain promises besides it names under `invariants`.
"""

from __future__ import annotations

from workflows.definition import Handover, Label, Procedure
from workflows.proving.invariants import Invariant, invariant, step_invariant
from workflows.proving.situations import NOBODY, NOWHERE, Move, Situation, is_over


@invariant("任何时候都有且只有一名承办人。", "There is an owner at every instant.")
def owner_always_set(_procedure: Procedure, now: Situation) -> bool:
    """At every instant a person owns the matter."""
    return now.owner not in (NOBODY, None)


@invariant("承办人总是有所属单位。", "The owner always holds the matter for a unit.")
def unit_is_set_with_owner(_procedure: Procedure, now: Situation) -> bool:
    """Roles are judged on the matter's unit: without one nobody could act."""
    return now.unit not in (NOWHERE, None)


@step_invariant("首接责任人从不改变。", "The first responder never changes.")
def first_responder_never_changes(_procedure: Procedure, move: Move) -> bool:
    """Whoever was reached first stays named for good."""
    return move.before.state == "" or move.before.first_responder == move.after.first_responder


@step_invariant(
    "只有分送、移交等指定的步骤才能改变承办人。", "The owner changes only by the actions that say so."
)
def owner_changes_only_by_assignment(_procedure: Procedure, move: Move) -> bool:
    """An action that neither assigns nor takes a handover leaves owner and unit alone."""
    before, action, after = move
    if before.state == "" or (before.owner == after.owner and before.unit == after.unit):
        return True
    return action is not None and (action.assign is not None or action.handover is Handover.ACCEPT)


@invariant("事项结束，未接收的移交随之结束。", "An offer that nobody answered ends with the matter.")
def offer_ends_with_the_matter(procedure: Procedure, now: Situation) -> bool:
    """Nobody waits for an answer about a matter that has ended."""
    return now.offer is None or procedure.is_open(now.state)


@invariant("只有规定的状态才停止计时。", "A clock stands still only in a state that says so.")
def pauses_only_where_allowed(procedure: Procedure, now: Situation) -> bool:
    """Whatever stands still is named by the state's `pauses`."""
    return not now.paused or now.paused <= set(procedure.states[now.state].pauses)


@invariant(
    "只有计算该时限的规章允许，才停止计时。",
    "A clock stands still only where the rules by which it is counted say so.",
)
def pauses_only_by_law(_procedure: Procedure, now: Situation) -> bool:
    """The state names what may stand still; whether it does is the law of the run's own first day."""
    return not now.lawless


@invariant("已办结的事项没有停止的计时。", "No clock stands still once the matter has ended.")
def clock_never_paused_when_closed(procedure: Procedure, now: Situation) -> bool:
    """An end is no place to wait in."""
    return not now.paused or procedure.is_open(now.state)


@invariant(
    "停止计时期间，等待本身有期限。", "While a clock stands still, a limit on the waiting itself runs."
)
def a_pause_has_an_outer_limit(procedure: Procedure, now: Situation) -> bool:
    """A clock opened by the pausing state runs while it pauses another; else pausing were a way to be on
    time.
    """
    return not now.paused or bool(now.running.intersection(procedure.states[now.state].clocks))


@invariant("停止计时，必有文书和批准人。", "Whatever stands still has a paper and somebody who approved it.")
def a_pause_has_paper_and_approver(_procedure: Procedure, now: Situation) -> bool:
    """Verification asks for the form's required field `paper`; here that it was really given."""
    return not now.groundless


@invariant(
    "已结束或者已合并的事项没有计时。", "No clock runs in a final state, or where another matter carries on."
)
def no_clock_runs_when_over(procedure: Procedure, now: Situation) -> bool:
    """What is over is waited for by nobody."""
    return not (now.running or now.paused) or not is_over(procedure, now)


@invariant("有人等待，就有期限。", "Whoever waits, waits with a clock.")
def somebody_waits_only_with_a_clock(procedure: Procedure, now: Situation) -> bool:
    """Outside final states and states aside at least one clock counts."""
    return bool(now.running) or is_over(procedure, now)


END_FROM_EVERY_STATE = Invariant(
    "an_end_from_every_state",
    Label("从任何情形都能走到结束。", "From every situation an end can be reached."),
)
"""A promise about all ways onward: judged on the whole graph by the model checker, on no single step."""

ENGINE_INVARIANTS = (
    owner_always_set,
    unit_is_set_with_owner,
    first_responder_never_changes,
    owner_changes_only_by_assignment,
    offer_ends_with_the_matter,
    pauses_only_where_allowed,
    pauses_only_by_law,
    clock_never_paused_when_closed,
    a_pause_has_an_outer_limit,
    a_pause_has_paper_and_approver,
    no_clock_runs_when_over,
    somebody_waits_only_with_a_clock,
    END_FROM_EVERY_STATE,
)
"""Held for every procedure, by the model checker, at run time and in replay."""
