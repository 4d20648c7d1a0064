"""Every clock, wherever it opens or moves, on days around holidays: its dates, and what is judged on them.

The dates are counted here once more, one day after the other. Then each timer is looked at on the day before
its day, on it, and on the day after: a warning, a last day and an escalation come on their own morning and
not before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from workflows.calendars.working_calendar import DateOutsideCalendarError, WorkingCalendar
from workflows.definition import Action, ClockRule
from workflows.definition_files import DefinitionError
from workflows.projection import Projection, apply
from workflows.rows import ClockRow, PauseRow
from workflows.rule_sets import Limit
from workflows.runtime.moments import at_local_time
from workflows.runtime.timers import timers_of
from workflows.starting import plan_start
from workflows.testing.walking import Walk, Witness
from workflows.testing.world import World

_DAY = timedelta(days=1)
_OPENS, _BEFORE = time(8, 30), time(8, 29, 59)
"""The start of the office day, when what is due is said, and the second before it."""
_OFFICE = time(10, 0)


def boundary_days(calendar: WorkingCalendar, years: Collection[int]) -> list[date]:
    """Return the days on, before and after which a notice moves work, and those around each year's end."""
    found = set()
    for year in calendar.years:
        if year.year in years:
            named = {one.date for one in year.off} | {one.date for one in year.work}
            found |= {day + timedelta(days=off) for day in named for off in (-1, 0, 1)}
    for year_number in years:
        turn = date(year_number, 12, 31)
        found |= {turn + timedelta(days=off) for off in (-3, -2, -1, 0, 1, 2, 3)}
        leap = date(year_number, 2, 28)
        found |= {leap, leap + _DAY, leap + 2 * _DAY}
    return sorted(found)


def clock_faults(world: World, seen: Walk, days: Sequence[date]) -> tuple[list[str], dict[str, int]]:
    """Return the faults, and how many dates and moments of each clock were held against those counted here.

    A run that stands still or is over, a day on which no rule set knows the clock, or which the calendar does
    not reach, is passed over; so is what was held already. A clock that was never counted shows with 0.
    """
    faults: list[str] = []
    counted = dict.fromkeys(world.defined.clocks, 0)
    known: dict[Any, list[str]] = {}
    for place, before, after, today, may_open in _runs(world, seen, days):
        for row in after.clocks:
            old = next((one for one in before.clocks if _same(one, row)), None)
            if old is not None and (old.n, old.nominal, old.pauses) == (row.n, row.nominal, row.pauses):
                continue
            if not row.open or row.paused or (old is None and not may_open):
                continue
            asked = (replace(row, opened_seq=0), old is None, today)
            if asked not in known:
                try:
                    held = list(_held(world, row, old, today))
                except (DefinitionError, DateOutsideCalendarError):
                    continue
                known[asked] = [sentence for sentence in held if sentence]
                counted[row.clock] += len(held)
            faults += [f"{place}: {row.clock} from {row.start}: {sentence}" for sentence in known[asked]]
    return faults, counted


_Run = tuple[str, Projection, Projection, date, bool]
"""Where, the matter before and after, the day, and whether what was opened is counted anew."""


def _runs(world: World, seen: Walk, days: Sequence[date]) -> Iterator[_Run]:
    for day in days:
        yield from _beginning(world, day)
    for (name, state), witness in seen.fired.items():
        action = world.defined.actions[name]
        for day in days if _touches_clocks(world, action, witness) else ():
            try:
                before, after, today = _stepped(world, action, witness, day)
            except (DefinitionError, DateOutsideCalendarError):
                continue
            yield f"{name} in {state}", before, after, today, not action.reverses


def _beginning(world: World, day: date) -> Iterator[_Run]:
    known = {**world.starts[0], **{one.start: day.isoformat() for one in _dated(world)}}
    try:
        procedure = world.judged.procedure
        changes = plan_start(procedure, world.owners[0], 1, 1, day, known, day, world.time)
    except (DefinitionError, DateOutsideCalendarError):
        return
    yield "the start", Projection(), apply(Projection(), changes), day, True


def _dated(world: World) -> list[ClockRule]:
    return [one for one in world.defined.clocks.values() if one.start != "event"]


def _touches_clocks(world: World, action: Action, witness: Witness) -> bool:
    target = world.defined.target_of(action, witness.paper.state, witness.paper.now.vars)
    state = world.defined.states[target]
    was = world.defined.states[witness.paper.state]
    moves = state.name != was.name and bool(state.clocks or state.pauses or was.pauses)
    return moves or bool(action.opens or action.extends)


def _stepped(
    world: World, action: Action, witness: Witness, day: date
) -> tuple[Projection, Projection, date]:
    """Make the step as if the matter's clocks had begun, or the step were made, on that day."""
    paper, facts = witness.paper, witness.facts
    stirred = [
        row.start for row in paper.now.clocks if row.open and (row.paused or row.clock in action.extends)
    ]
    moved_by = day - (stirred[0] if stirred else paper.today)
    known = {name: day.isoformat() for name in {one.start for one in _dated(world)} & set(paper.now.vars)}
    now = replace(
        paper.now,
        vars={**paper.now.vars, **known},
        clocks=tuple(_shifted(row, moved_by) for row in paper.now.clocks),
    )
    today = paper.today + moved_by
    shifted = replace(paper, now=now, today=today)
    seen_then = replace(facts, today=today, vars=now.vars)
    changes = shifted.plan(action.name, seen_then, world.assignees.get(action.name))
    return now, apply(now, changes), today


def _shifted(row: ClockRow, by: timedelta) -> ClockRow:
    pauses = tuple(
        PauseRow(one.since + by, one.to + by if one.to else None, one.paper, one.approved_by)
        for one in row.pauses
    )
    return replace(row, start=row.start + by, pauses=pauses)


def _same(one: ClockRow, other: ClockRow) -> bool:
    return (one.clock, one.opened_seq) == (other.clock, other.opened_seq)


def _held(world: World, row: ClockRow, old: ClockRow | None, today: date) -> Iterator[str]:
    """Yield for each date and moment of a run that was opened or moved today what is wrong with it, or ""."""
    rules, calendar = world.time.rules, world.time.calendar
    if old is None:
        limit = rules.limit(row.clock, row.start)
        counts: tuple[Limit, ...] = (limit, *limit.alternatives)
        bound = [_dates(world, row.start, one.n, one.unit.value, ()) for one in counts]
        wanted = min(bound, key=lambda one: (one["nominal"], one["legal_due"]))
        if (row.n, row.unit) not in {(one.n, one.unit.value) for one in counts}:
            yield f"it counts {row.n} {row.unit}, which no rule says"
            return
    else:
        wanted = _dates(world, row.start, row.n, row.unit, row.pauses)
    for name, value in wanted.items():
        right = getattr(row, name) == value
        yield "" if right else f"{name} is {getattr(row, name)}, counted day by day it is {value}"
    yield from _judged(world.defined.clocks[row.clock], row, wanted, calendar, today)


def _dates(world: World, start: date, n: int, unit: str, pauses: Sequence[PauseRow]) -> dict[str, date]:
    """Count a limit one day after the other: the three dates it has."""
    calendar, day, left = world.time.calendar, start, n
    while left:
        day += _DAY
        stands = any(one.to is not None and one.since <= day <= one.to for one in pauses)
        if not stands and (unit == "day" or calendar.is_working_day(day)):
            left -= 1
    legal, alert = day, day
    while calendar.is_statutory_holiday(legal) or (
        calendar.rolls_weekends and not calendar.is_working_day(legal)
    ):
        legal += _DAY
    # what begins to stand after the nominal day, before the end: the days from then to the end come after it
    for one in sorted(pauses, key=lambda each: each.since):
        if one.to is None or one.to < one.since or not day < one.since <= legal:
            continue
        left, at = 0, one.since
        while at <= legal:
            left, at = left + 1, at + _DAY
        day = alert = legal = one.to + left * _DAY
        while calendar.is_statutory_holiday(legal) or (
            calendar.rolls_weekends and not calendar.is_working_day(legal)
        ):
            legal += _DAY
    while not calendar.is_working_day(alert):
        alert -= _DAY
    return {"nominal": day, "alert_due": alert, "legal_due": legal}


def _judged(
    rule: ClockRule, row: ClockRow, wanted: Mapping[str, date], calendar: WorkingCalendar, today: date
) -> Iterator[str]:
    """Yield for each moment what is said on another morning than its own: a day before, on it, after."""
    mornings: dict[tuple[str, int], date] = {}
    opened_us = at_local_time(today, _OFFICE)
    for before in rule.warn:
        day = _working_days_before(wanted["alert_due"], abs(before), calendar)
        if at_local_time(day, _OPENS) > opened_us:
            mornings["warn", -abs(before)] = day
    if rule.task:
        mornings["due", 0] = wanted["alert_due"]
    for after in rule.escalate:
        mornings["escalate", after] = wanted["legal_due"] + timedelta(days=1 + after)
    armed: list[dict[str, Any]] = timers_of(rule, row, calendar, opened_us)
    probes = {day + timedelta(days=off) for day in mornings.values() for off in (-1, 0, 1)}
    for probe in sorted(probes):
        for at, reached in ((_BEFORE, probe - _DAY), (_OPENS, probe)):
            said = {
                (one["kind"], one["step"]) for one in armed if one["due_at_us"] <= at_local_time(probe, at)
            }
            expected = {name for name, day in mornings.items() if day <= reached}
            wrong = [
                f"{kind} {step} {'is said' if (kind, step) in said else 'is not said'}"
                for kind, step in sorted(said ^ expected)
            ]
            yield f"{', '.join(wrong)} by {probe} {at:%H:%M:%S}" if wrong else ""


def _working_days_before(day: date, n: int, calendar: WorkingCalendar) -> date:
    for _ in range(n):
        day -= _DAY
        while not calendar.is_working_day(day):
            day -= _DAY
    return day
