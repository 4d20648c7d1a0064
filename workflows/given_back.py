"""A pause that begins after the nominal day, while the end has moved on past holidays: what was left of the
period then is given back.

Order 121, arts 22 and 45: until the legal end the period has not run out, so the days of an appraisal that
was commissioned before it are not counted. The nominal day was counted already; left are the days from that
of the commission to the legal end, both included. As many follow on the pause, by the calendar, and the new
last day moves on past holidays again. A pause that begins on or before the nominal day is counted by
`workflows.deadlines` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from workflows.calendars.working_calendar import WorkingCalendar
from workflows.deadlines import Cause, DayLine, DueDate, Pause, Unit, due_date, explain, moved_on

_ONE_DAY = timedelta(days=1)


def due_with_pauses(
    start: date, n: int, unit: Unit, calendar: WorkingCalendar, pauses: Sequence[Pause], roll_weekends: bool
) -> DueDate:
    """Return when a limit runs out, with what its pauses give back after the nominal day. Raises as
    `due_date` does.
    """
    due = due_date(start, n, unit, calendar, pauses, roll_weekends)
    nominal, legal, settled = due.nominal, due.legal_due, due.nominal
    for pause in sorted(pauses, key=lambda one: one.first):
        first = max(pause.first, settled + _ONE_DAY)
        if pause.last < first:
            continue
        if first > legal:
            break
        settled = pause.last
        nominal = settled + (legal - first) + _ONE_DAY
        legal = moved_on(nominal, calendar, roll_weekends)
    if nominal == due.nominal:
        return due
    alert = calendar.last_working_day_on_or_before(nominal)
    return DueDate(nominal, alert, legal, legal > calendar.final_through)


def explain_with_pauses(
    start: date, n: int, unit: Unit, calendar: WorkingCalendar, pauses: Sequence[Pause], roll_weekends: bool
) -> list[DayLine]:
    """Return every day from `start` to the legal end of `due_with_pauses`, as `explain` does."""
    lines = explain(start, n, unit, calendar, pauses, roll_weekends)
    due = due_with_pauses(start, n, unit, calendar, pauses, roll_weekends)
    if due.legal_due == lines[-1].date:
        return lines
    counted = next(at for at, line in enumerate(lines) if line.number == n)
    lines, stood = lines[: counted + 1], False
    while lines[-1].date < due.legal_due:
        day = lines[-1].date + _ONE_DAY
        cause = Cause.ROLLED
        if any(pause.covers(day) for pause in pauses):
            cause, stood = Cause.PAUSED, True
        elif stood and day <= due.nominal:
            cause = Cause.GIVEN_BACK
        lines.append(DayLine(day, None, cause, calendar.why(day)))
    return lines
