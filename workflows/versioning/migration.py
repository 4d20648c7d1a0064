"""What moving one matter to another version of its procedure changes, worked out before anything is written.

The same function serves the rehearsal and the move, so what was shown is what is done. A matter that the plan
cannot carry over without guessing stays where it is, with the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflows.beside import open_work
from workflows.counting import TimeRules, begins, count_again, may_pause, open_clock
from workflows.definition import UNDO, Action, Label, Procedure, StateKind
from workflows.definition_files import DefinitionError
from workflows.guards import Why
from workflows.projection import Projection, apply
from workflows.rows import ClockRow
from workflows.versioning import migration_reasons
from workflows.versioning.migration_plans import MigrationPlan, Treatment

OPENED = "open"
"""What becomes of a clock that the old version did not have: it begins on the day of the move."""


@dataclass(frozen=True, slots=True)
class ClockMove:
    """What becomes of one clock: its run before (None where it is new) and after (None where it ends)."""

    clock: str
    what: str
    before: ClockRow | None
    after: ClockRow | None

    @property
    def days(self) -> int | None:
        """By how many calendar days its last lawful day moves; None where it begins or ends."""
        if self.before is None or self.after is None:
            return None
        return (self.after.legal_due - self.before.legal_due).days


@dataclass(frozen=True, slots=True)
class Move:
    """What happens to one matter. With `reasons` it stays where it is, and `changes` is empty.

    `lost` and `gained` are the actions, of people, that its state no longer offers, or offers now.
    """

    state: str
    target: str
    clocks: tuple[ClockMove, ...] = ()
    lost: tuple[Action, ...] = ()
    gained: tuple[Action, ...] = ()
    reasons: tuple[Why, ...] = ()
    changes: Mapping[str, Any] | None = None


def plan_move(
    plan: MigrationPlan, old: Procedure, new: Procedure, before: Projection, today: date, time: TimeRules
) -> Move:
    """Return what the move makes of a matter on that day (Asia/Shanghai). The plan has been checked."""
    target = plan.target(before.state) or ""
    if old.states[before.state].kind is StateKind.FINAL:
        return Move(before.state, before.state, reasons=(migration_reasons.ENDED,))
    if before.state not in plan.concerned(old):
        return Move(before.state, before.state, reasons=(migration_reasons.NOT_CONCERNED,))
    reasons: list[Why] = [*_pauses_that_break(plan, old, new, before, target, time)]
    reasons += _work_that_is_lost(old, new, before)
    variables = _vars(plan, before, new, reasons)
    changes: dict[str, Any] = {
        "version": {"from": old.version, "to": new.version},
        "plan": plan.digest(old, new),
        "state": target,
        "vars": variables,
        "bump": 1,
    }
    known = {**before.vars, **variables}
    try:
        _clocks(changes, plan, new, before, target, known, today, time, reasons)
    except DefinitionError as error:
        reasons.append(migration_reasons.no_rule(Label(error.zh, str(error))))
    lost, gained = _actions(plan, old, new, before.state, target)
    if reasons:
        return Move(before.state, target, (), lost, gained, tuple(reasons))
    changes = {key: value for key, value in changes.items() if value}
    if target == before.state:
        del changes["state"]
    return Move(before.state, target, _moves(plan, before, changes), lost, gained, (), changes)


def _clocks(
    changes: dict[str, Any],
    plan: MigrationPlan,
    new: Procedure,
    before: Projection,
    target: str,
    known: Mapping[str, Any],
    today: date,
    time: TimeRules,
    reasons: list[Why],
) -> None:
    """Work out which clocks are kept, counted again, ended and begun."""
    kept: list[str] = []
    moved: list[dict[str, Any]] = []
    cancelled: list[str] = []
    opened: list[dict[str, Any]] = []
    for row in before.clocks:
        treatment = plan.clocks[row.clock] if row.open else None
        why = _not_countable(new, row, known) if treatment is Treatment.RECOUNT else None
        if why is not None:
            reasons.append(why)
        elif treatment in (Treatment.KEEP, Treatment.RECOUNT):
            entry = count_again(new, row, known, time) if treatment is Treatment.RECOUNT else None
            if entry is not None:
                moved.append(entry)
            else:
                kept.append(row.clock)
        elif treatment is not None:
            cancelled.append(row.clock)
            if treatment is Treatment.RESTART and begins(new, row.clock, today, known, time):
                opened.append(open_clock(new, row.clock, today, known, time))
    for name in _fresh(plan, new, before, target):
        variable = new.clocks[name].start
        if variable != "event" and not known.get(variable):
            reasons.append(migration_reasons.no_start(new.clocks[name].label))
        elif begins(new, name, today, known, time):
            opened.append(open_clock(new, name, today, known, time))
    changes |= {"kept": kept, "moved": moved, "cancelled": sorted(cancelled), "opened": opened}


def _not_countable(new: Procedure, row: ClockRow, known: Mapping[str, Any]) -> Why | None:
    """Say why a run cannot be counted again, or None."""
    rule = new.clocks[row.clock]
    if row.extended:
        return migration_reasons.extended(rule.label)
    if rule.start != "event" and not known.get(rule.start):
        return migration_reasons.no_start(rule.label)
    return None


def _fresh(plan: MigrationPlan, new: Procedure, before: Projection, target: str) -> tuple[str, ...]:
    """Return the clocks that begin for a matter in its new state; none that it ever had."""
    wanted = new.states[target].clocks
    return tuple(name for name in wanted if plan.opens.get(name) and before.latest(name) is None)


def _moves(plan: MigrationPlan, before: Projection, changes: Mapping[str, Any]) -> tuple[ClockMove, ...]:
    """Return, for each clock that runs before or after, what becomes of it."""
    after = apply(before, changes)
    found = [
        ClockMove(row.clock, plan.clocks[row.clock].value, row, after.running(row.clock))
        for row in before.clocks
        if row.open
    ]
    running = {one.clock for one in found}
    return (
        *found,
        *(
            ClockMove(row.clock, OPENED, None, row)
            for row in after.clocks
            if row.open and row.clock not in running
        ),
    )


def _actions(
    plan: MigrationPlan, old: Procedure, new: Procedure, state: str, target: str
) -> tuple[tuple[Action, ...], tuple[Action, ...]]:
    """Return the actions, of people, that the matter loses and gains."""
    had = {plan.action(one.name): one for one in old.actions_from(state) if not one.automatic}
    has = {one.name: one for one in new.actions_from(target) if not one.automatic}
    return (
        tuple(one for name, one in had.items() if name not in has),
        tuple(one for name, one in has.items() if name not in had),
    )


def _vars(plan: MigrationPlan, before: Projection, new: Procedure, reasons: list[Why]) -> dict[str, Any]:
    """Return the variables as the new version knows them; who did what follows the actions' new names.

    Separation of duties reads who did an action, so a renamed action that forgot its doer would let the same
    person do both.
    """
    found: dict[str, Any] = {}
    for name, renamed in plan.vars.items():
        if name in before.vars:
            found[name] = None
            if renamed is not None:
                found[renamed] = before.vars[name]
    done = before.vars.get("by", {})
    by = {plan.action(name): person for name, person in done.items()}
    if by != done:
        found["by"] = by
    undo = before.vars.get(UNDO, {})
    mapped = {plan.action(name): _taken_back(plan, before, new, one, reasons) for name, one in undo.items()}
    if mapped != undo:
        found[UNDO] = mapped
    return found


def _taken_back(
    plan: MigrationPlan,
    before: Projection,
    new: Procedure,
    done: Mapping[str, Any] | None,
    reasons: list[Why],
) -> Mapping[str, Any] | None:
    """Return from where an action that can be taken back was done, in the new version's names."""
    if done is None:
        return None
    state = plan.target(done["state"]) or done["state"]
    again = [row.clock for row in before.clocks if done["seq"] in (row.cancelled_seq, row.met_seq)]
    if state not in new.states or any(name not in new.clocks for name in again):
        reasons.append(migration_reasons.NO_WAY_BACK)
    return {**done, "state": state}


def _work_that_is_lost(old: Procedure, new: Procedure, before: Projection) -> Iterator[Why]:
    """Yield a reason for each open piece of work of a kind that the new version does not know."""
    for one in open_work(before.vars):
        if one.kind not in new.work:
            yield migration_reasons.work_unknown(old.work[one.kind])


def _pauses_that_break(
    plan: MigrationPlan, old: Procedure, new: Procedure, before: Projection, target: str, time: TimeRules
) -> Iterator[Why]:
    """Yield a reason for each clock that stands still and would go on, or the other way round.

    A pause has its paper and its approver, and its end is a person's step: a move makes neither. A clock
    whose own rule set knows no pause runs on in the new version as in the old.
    """
    stands = new.states[target].pauses
    for row in before.clocks:
        if not row.open:
            continue
        goes_on = plan.clocks[row.clock] in (Treatment.KEEP, Treatment.RECOUNT)
        if row.paused and not (goes_on and row.clock in stands):
            yield migration_reasons.paused(old.clocks[row.clock].label)
        elif (
            not row.paused
            and row.clock in stands
            and plan.clocks[row.clock] is not Treatment.DROP
            and (plan.clocks[row.clock] is not Treatment.KEEP or may_pause(row, time.rules))
        ):
            yield migration_reasons.would_pause(old.clocks[row.clock].label)
