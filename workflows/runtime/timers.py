"""What happens later by itself: warnings, last days and escalations, written in the step's own transaction.

A timer belongs to one run of one clock and to the event that armed it (`gen`); when the clock is met,
cancelled, paused or moved, its armed timers are cancelled in the same transaction. So a timer that fires
late, or twice, finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.engine import RowMapping

from workflows.calendars.working_calendar import WorkingCalendar
from workflows.definition import ClockRule, Procedure
from workflows.projection import Projection, work_clock
from workflows.rows import ClockRow, WorkRow
from workflows.runtime.moments import at_local_time
from workflows.runtime.prepared import Change
from workflows.runtime.tables import timer

DESK_OPENS = time(8, 30)
"""When a warning reaches people: the start of the office day, Asia/Shanghai."""

ARMED, FIRED, CANCELLED = "armed", "fired", "cancelled"
WARN = "warn"

_INSERT = Change(insert(timer))
_CANCEL = Change(
    update(timer)
    .where(
        timer.c.instance_id == bindparam("of"),
        timer.c.clock == bindparam("of_clock"),
        timer.c.status == ARMED,
    )
    .values(status=CANCELLED)
)
_FIRE = (
    update(timer)
    .where(timer.c.id == bindparam("of"), timer.c.status == ARMED)
    .values(status=FIRED, fired_seq=bindparam("at_seq"))
)


_FIRED = select(timer.c.kind, timer.c.step, timer.c.due_at_us).where(
    timer.c.instance_id == bindparam("of"),
    timer.c.clock == bindparam("of_clock"),
    timer.c.status == FIRED,
)


def rearm(
    connection: Connection,
    instance_id: int,
    procedure: Procedure,
    after: Projection,
    touched: Iterable[str],
    calendar: WorkingCalendar,
    now_us: int,
) -> None:
    """Cancel the armed timers of the touched clocks and arm those of the runs that go on.

    A timer of a moved clock whose moment has passed and that has fired for this very moment is not armed
    again: nobody is told twice of one day.
    """
    names = sorted(set(touched))
    known = {row.clock for row in after.clocks if row.clock in names and row.opened_seq < after.seq}
    if known:
        _CANCEL.execute_many(connection, [{"of": instance_id, "of_clock": name} for name in sorted(known)])
    fresh: list[dict[str, Any]] = []
    for name in names:
        row = after.running(name)
        if row is None or row.paused:
            continue
        wanted = timers_of(procedure.clocks[name], row, calendar, now_us)
        if row.opened_seq < after.seq and any(one["due_at_us"] <= now_us for one in wanted):
            fired = set(connection.execute(_FIRED, {"of": instance_id, "of_clock": name}))
            wanted = [one for one in wanted if (one["kind"], one["step"], one["due_at_us"]) not in fired]
        armed = {"instance_id": instance_id, "clock": name, "gen": after.seq, "status": ARMED}
        fresh += [{**one, **armed, "fired_seq": None} for one in wanted]
    if fresh:
        _INSERT.execute_many(connection, fresh)


def timers_of(rule: ClockRule, row: ClockRow, calendar: WorkingCalendar, now_us: int) -> list[dict[str, Any]]:
    """Return kind, step and instant of each timer of a run.

    A warning whose moment has passed is not given any more; a last day or a limit missed is, at once.
    """
    return warnings_of(rule, row, calendar, now_us) + limits_of(rule, row)


def warnings_of(
    rule: ClockRule, row: ClockRow, calendar: WorkingCalendar, now_us: int
) -> list[dict[str, Any]]:
    """Return the timers of a run that hang on the calendar of the day: the warnings still to come."""
    found = []
    for before in rule.warn:
        at = morning(working_days_before(row.alert_due, abs(before), calendar))
        if at > now_us:
            found.append({"kind": WARN, "step": -abs(before), "due_at_us": at})
    return found


def warnings_told(
    procedure: Procedure, after: Projection, touched: Iterable[str], calendar: WorkingCalendar, now_us: int
) -> list[dict[str, Any]]:
    """Return what an event tells of the warnings it arms, since its dates alone do not decide them."""
    return [
        {"clock": name, "step": one["step"], "due_at_us": one["due_at_us"]}
        for name in sorted(set(touched))
        if (row := after.running(name)) is not None and not row.paused
        for one in warnings_of(procedure.clocks[name], row, calendar, now_us)
    ]


def limits_of(rule: ClockRule, row: ClockRow) -> list[dict[str, Any]]:
    """Return the timers of a run that its dates alone decide: the last day, and each escalation after it."""
    found = []
    if rule.task:
        found.append({"kind": "due", "step": 0, "due_at_us": morning(row.alert_due)})
    for after in rule.escalate:
        day = row.legal_due + timedelta(days=1 + after)
        found.append({"kind": "escalate", "step": after, "due_at_us": morning(day)})
    return found


def arm_work(connection: Connection, instance_id: int, asked: Iterable[WorkRow]) -> None:
    """Arm the one timer of each piece of work: the morning of its day."""
    rows = [
        {**day_of_work(one), "instance_id": instance_id, "gen": one.asked_seq, "status": ARMED}
        for one in asked
    ]
    _INSERT.execute_many(connection, [{**row, "fired_seq": None} for row in rows])


def cancel_work(connection: Connection, instance_id: int, numbers: Iterable[int]) -> None:
    """Cancel the timers of work that has ended."""
    _CANCEL.execute_many(connection, [{"of": instance_id, "of_clock": work_clock(one)} for one in numbers])


def day_of_work(one: WorkRow) -> dict[str, Any]:
    """Return clock, kind, step and instant of the timer of a piece of work."""
    return {"clock": work_clock(one.number), "kind": "due", "step": 0, "due_at_us": morning(one.due_on)}


def told(row: RowMapping) -> dict[str, Any]:
    """Return what the event of a fired timer says of it: which one it was, and when it was due."""
    return {name: row[name] for name in ("clock", "gen", "kind", "step", "due_at_us")}


def mark_fired(connection: Connection, timer_id: int, seq: int) -> bool:
    """Mark the timer fired by that event. Return False where another worker or a step was faster."""
    return connection.execute(_FIRE, {"of": timer_id, "at_seq": seq}).rowcount == 1


def working_days_before(day: date, n: int, calendar: WorkingCalendar) -> date:
    """Return the working day that lies n working days before the day; for n = 0 the day itself."""
    found = day
    for _ in range(n):
        found = calendar.last_working_day_on_or_before(found - timedelta(days=1))
    return found


def morning(day: date) -> int:
    """Return the start of the office day in UTC microseconds."""
    return at_local_time(day, DESK_OPENS)
