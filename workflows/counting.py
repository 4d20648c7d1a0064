"""How a step's clocks are counted: by the dated rules, the calendar, and what the log says of each clock.

A clock keeps the rule set under which it was opened; everything that later moves it, a pause, an extension, a
new holiday notice, is counted by that set. Nothing here decides which clocks a step touches: that is
`workflows.steps`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from workflows.calendars.working_calendar import WorkingCalendar
from workflows.deadlines import DueDate, Pause, Unit, earliest
from workflows.definition import Action, Procedure
from workflows.definition_files import DefinitionError
from workflows.given_back import due_with_pauses
from workflows.guards import Facts
from workflows.projection import Projection
from workflows.rows import ClockRow, PauseRow
from workflows.rule_sets import Limit, RuleBook


@dataclass(frozen=True, slots=True)
class TimeRules:
    """What a clock needs to be counted: the dated rules, and the calendar with what it says of weekends."""

    rules: RuleBook
    calendar: WorkingCalendar

    def due(self, start: date, n: int, unit: str, pauses: Sequence[PauseRow] = ()) -> DueDate:
        """Count `n` of `unit` from the day after `start`, without the pauses that lasted at least a day."""
        whole = [Pause(one.since, one.to) for one in pauses if one.to is not None and one.to >= one.since]
        return due_with_pauses(start, n, Unit(unit), self.calendar, whole, self.calendar.rolls_weekends)

    def first_of(self, limit: Limit, start: date, pauses: Sequence[PauseRow] = ()) -> tuple[DueDate, Limit]:
        """Return the end of a limit, and of several that bind at once the one that ends first."""
        pauses = left_out(limit, pauses)
        bound = [(self.due(start, one.n, one.unit, pauses), one) for one in limit.all_binding]
        due = earliest([found for found, _limit in bound])
        return due, next(one for found, one in bound if found is due)


def may_pause(row: ClockRow, rules: RuleBook) -> bool:
    """Tell whether the rule set by which the run is counted lets it stand still at all."""
    try:
        return rules.limit_in(row.rule_set, row.clock, row.start).pause_article is not None
    except DefinitionError:
        return False


def left_out(limit: Limit, pauses: Sequence[PauseRow]) -> Sequence[PauseRow]:
    """Return the pauses that are not counted by a limit: none where its rule set knows no pause.

    A run may have stood still under one rule set and be counted by another now.
    """
    return pauses if limit.pause_article is not None else ()


def as_counted(row: ClockRow, rules: RuleBook) -> ClockRow:
    """Return the run without the pauses that the rule set by which it is counted now does not know."""
    return row if not row.pauses or row.paused or may_pause(row, rules) else replace(row, pauses=())


def if_it_goes_on(row: ClockRow, today: date, time: TimeRules) -> ClockRow:
    """Return a run that stands still with the dates it has if it goes on tomorrow; any other as it is.

    The dates on record are those from before the pause: nobody is held to them any more.
    """
    if not row.paused:
        return row
    due, first = counted_again(row, row.n, until_tomorrow(row, today), time)
    if first is not None:
        row = replace(row, n=first.n, unit=str(first.unit.value))
    nominal, alert_due, legal_due, provisional = due
    return replace(row, nominal=nominal, alert_due=alert_due, legal_due=legal_due, provisional=provisional)


def until_tomorrow(row: ClockRow, today: date) -> tuple[PauseRow, ...]:
    """Return the run's pauses, one that still lasts as if today were its last day."""
    return tuple(one if one.to else replace(one, to=max(today, one.since)) for one in row.pauses)


def end_by(row: ClockRow, rule_set: str, time: TimeRules) -> date | None:
    """Return the legal end that a run would have by another rule set; None where that has no such limit."""
    chosen = time.rules.of(rule_set)
    limit = chosen.limits.get(row.clock) if chosen else None
    return None if limit is None else time.first_of(limit, row.start, row.pauses)[0].legal_due


def run_again(
    procedure: Procedure, action: Action, before: Projection, time: TimeRules
) -> list[dict[str, Any]]:
    """Return a new run of each clock that the reversed action cancelled or met, with the old one's own dates.

    A new run, so that the log still tells of every day whether the clock ran on it. Only where a holiday
    notice has come meanwhile are its days counted again, as those of a running clock were.
    """
    taken_back = procedure.taken_back(action, before.vars)
    if taken_back is None:
        return []
    ended = taken_back["seq"]
    stopped = [row for row in before.clocks if ended in (row.cancelled_seq, row.met_seq)]
    return [_same_again(row, time) for row in stopped if before.running(row.clock) is None]


def _same_again(row: ClockRow, time: TimeRules) -> dict[str, Any]:
    due = DueDate(row.nominal, row.alert_due, row.legal_due, row.provisional)
    first: Limit | None = None
    if row.calendar != time.calendar.revision:
        due, first = counted_again(row, row.n, (), time)
    return {
        "clock": row.clock,
        "rule_set": row.rule_set,
        "start": row.start.isoformat(),
        "n": first.n if first else row.n,
        "unit": str(first.unit.value) if first else row.unit,
        "calendar": time.calendar.revision,
        "extended": row.extended,
        **_dates(due),
    }


def begins(procedure: Procedure, name: str, today: date, known: Mapping[str, Any], time: TimeRules) -> bool:
    """Tell whether a clock begins at all: one that is `if_ruled` only where its first day has the limit."""
    rule = procedure.clocks[name]
    return not rule.if_ruled or time.rules.has_limit(name, _first_day(procedure, name, today, known))


def open_clock(
    procedure: Procedure, name: str, today: date, known: Mapping[str, Any], time: TimeRules
) -> dict[str, Any]:
    """Return the opening of a clock, counted by the rule set in force on the clock's own starting day.

    Where several limits bind at once, the one that ends first is the clock's. Raises DefinitionError where no
    rule set has the limit.
    """
    return {"clock": name, **_counted(name, _first_day(procedure, name, today, known), (), time)}


def _first_day(procedure: Procedure, name: str, today: date, known: Mapping[str, Any]) -> date:
    variable = procedure.clocks[name].start
    return today if variable == "event" else date.fromisoformat(known[variable])


def count_again(
    procedure: Procedure, row: ClockRow, known: Mapping[str, Any], time: TimeRules
) -> dict[str, Any] | None:
    """Return the `moved` entry of a run that is counted again by the rule set of its own first day, or by
    the one that somebody chose for it.

    None where that changes nothing. The first day stays, unless this version counts from a variable.
    """
    start = _first_day(procedure, row.clock, row.start, known)
    limit = _chosen(row, known, time.rules) or time.rules.limit(row.clock, start)
    counted = _by(limit, start, row.pauses, time)
    was = _dates(DueDate(row.nominal, row.alert_due, row.legal_due, row.provisional))
    same = {"rule_set": row.rule_set, "start": row.start.isoformat(), "n": row.n, "unit": row.unit, **was}
    if all(counted[key] == value for key, value in same.items()):
        return None
    return {"clock": row.clock, "extended": False, **counted, "was": was}


def _chosen(row: ClockRow, known: Mapping[str, Any], rules: RuleBook) -> Limit | None:
    """Return the limit of the rule set that was chosen for the clock; None where nobody chose.

    By itself a clock is opened under the set of its first day, so another one of the same part of the law was
    a person's decision, with its logged reason. Only the set of the day of receipt can be chosen instead
    (`workflows.governing`); any other governs a clock that began before the set of its day was loaded.
    """
    of_its_day, present = (
        rules.of(one) for one in (rules.limit(row.clock, row.start).rule_set, row.rule_set)
    )
    if of_its_day is None or present is None or present is of_its_day or present.part != of_its_day.part:
        return None
    received = known.get("received_on")
    if isinstance(received, str) and not present.in_force(date.fromisoformat(received)):
        return None
    return present.limits.get(row.clock)


def _counted(name: str, start: date, pauses: Sequence[PauseRow], time: TimeRules) -> dict[str, Any]:
    """Return what a clock says that starts on that day: of the limits that bind, the one that ends first."""
    return _by(time.rules.limit(name, start), start, pauses, time)


def _by(limit: Limit, start: date, pauses: Sequence[PauseRow], time: TimeRules) -> dict[str, Any]:
    due, first = time.first_of(limit, start, pauses)
    return {
        "rule_set": first.rule_set,
        "start": start.isoformat(),
        "n": first.n,
        "unit": str(first.unit.value),
        "calendar": time.calendar.revision,
        **_dates(due),
    }


def moved(
    row: ClockRow, action: Action, paused_to: date | None, facts: Facts, time: TimeRules
) -> dict[str, Any]:
    """Return the clock's new dates after its pause, an extension, another rule set, or all of them.

    An extension is as long as the rule set says that was in force when the clock began.
    """
    pauses, more, entry = row.pauses, 0, action.extends.get(row.clock)
    if paused_to is not None:
        pauses = (*pauses[:-1], replace(pauses[-1], to=paused_to))
    if entry is not None:
        limit = time.rules.limit_in(row.rule_set, entry, row.start)
        if limit.unit != Unit(row.unit):
            raise ValueError(f"{entry} counts {limit.unit}, but the clock {row.clock} counts {row.unit}")
        more = limit.n
    chosen = action.recounts.get(row.clock)
    if chosen is not None:
        row = replace(row, rule_set=str(facts.payload[chosen]))
        return _by_other_rules(row, pauses, time)
    return recounted(row, row.n + more, pauses, time, extended=entry is not None)


def _by_other_rules(row: ClockRow, pauses: Sequence[PauseRow], time: TimeRules) -> dict[str, Any]:
    """Return the `moved` entry of a clock that is counted anew by the rule set that the row now names."""
    limit = time.rules.limit_in(row.rule_set, row.clock, row.start)
    was = _dates(DueDate(row.nominal, row.alert_due, row.legal_due, row.provisional))
    return {"clock": row.clock, "extended": False, **_by(limit, row.start, pauses, time), "was": was}


def recounted(
    row: ClockRow, n: int, pauses: Sequence[PauseRow], time: TimeRules, *, extended: bool = False
) -> dict[str, Any]:
    """Return the `moved` entry of a clock that now counts `n` with these pauses by the present calendar.

    Of several limits that bind at once another one may now end first: then the clock counts its unit.
    """
    due, first = counted_again(row, n, pauses, time)
    other = {} if first is None else {"n": first.n, "unit": str(first.unit.value)}
    return {
        "clock": row.clock,
        "n": n,
        "calendar": time.calendar.revision,
        "extended": extended,
        **other,
        **_dates(due),
    }


def counted_again(
    row: ClockRow, n: int, pauses: Sequence[PauseRow], time: TimeRules
) -> tuple[DueDate, Limit | None]:
    """Return the clock's end by the present calendar, and the limit that ends first where several bind."""
    limit = time.rules.limit_in(row.rule_set, row.clock, row.start)
    if limit.alternatives and n == row.n and not row.extended:
        return time.first_of(limit, row.start, pauses)
    return time.due(row.start, n, row.unit, left_out(limit, pauses)), None


def _dates(due: DueDate) -> dict[str, Any]:
    return {
        "nominal": due.nominal.isoformat(),
        "alert_due": due.alert_due.isoformat(),
        "legal_due": due.legal_due.isoformat(),
        "provisional": due.provisional,
    }
