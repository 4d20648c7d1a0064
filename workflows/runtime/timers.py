"""What happens later by itself: warnings, last days and escalations, written in the step's own transaction.

A timer belongs to one run of one clock and to the event that armed it (`gen`); when the clock is met, cancelled or moved,
its armed timers are cancelled in the same transaction. So a timer that fires late, or twice, finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, update

from workflows.definition import ClockRule, Procedure
from workflows.projection import ClockRow, Projection
from workflows.runtime.tables import timer
from workflows.working_calendar import WorkingCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
DESK_OPENS = time(8, 30)
"""When a warning reaches people: the start of the office day, Asia/Shanghai."""

ARMED, FIRED, CANCELLED = "armed", "fired", "cancelled"

_INSERT = insert(timer)
_CANCEL = (
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


def rearm(
    connection: Connection,
    instance_id: int,
    procedure: Procedure,
    after: Projection,
    touched: Iterable[str],
    calendar: WorkingCalendar,
    now_us: int,
) -> None:
    """Cancel the armed timers of the touched clocks and arm those of the runs that go on."""
    names = sorted(set(touched))
    known = {row.clock for row in after.clocks if row.clock in names and row.opened_seq < after.seq}
    if known:
        connection.execute(_CANCEL, [{"of": instance_id, "of_clock": name} for name in sorted(known)])
    fresh = []
    for name in names:
        row = after.running(name)
        if row is not None and not row.paused:
            fresh += [
                {
                    **one,
                    "instance_id": instance_id,
                    "clock": name,
                    "gen": after.seq,
                    "status": ARMED,
                    "fired_seq": None,
                }
                for one in timers_of(procedure.clocks[name], row, calendar, now_us)
            ]
    if fresh:
        connection.execute(_INSERT, fresh)


def timers_of(rule: ClockRule, row: ClockRow, calendar: WorkingCalendar, now_us: int) -> list[dict[str, Any]]:
    """Return kind, step and instant of each timer of a run. A warning whose moment has passed is not given any more."""
    found = []
    for before in rule.warn:
        at = morning(working_days_before(row.alert_due, abs(before), calendar))
        if at > now_us:
            found.append({"kind": "warn", "step": -abs(before), "due_at_us": at})
    if rule.task:
        found.append({"kind": "due", "step": 0, "due_at_us": morning(row.alert_due)})
    for after in rule.escalate:
        day = row.legal_due + timedelta(days=1 + after)
        found.append({"kind": "escalate", "step": after, "due_at_us": morning(day)})
    return found


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
    moment = datetime.combine(day, DESK_OPENS, SHANGHAI).astimezone(UTC)
    return int(moment.timestamp()) * 1_000_000
