"""When a limit runs out, and the day-by-day proof of it.

Order 121 of the State Administration for Market Regulation, article 45: the first day is not counted; a last
day that is a statutory holiday (法定节假日) moves to the first day after it. A limit is in working days
(工作日) or calendar days (自然日).

Each limit has three dates, all Asia/Shanghai, each ending at 24:00:

- `nominal`: the n-th counted day;
- `alert_due`: the last working day on or before it, the one people work to. After a very short limit across a
  holiday it can lie on or before the first day;
- `legal_due`: the nominal day moved past statutory holidays; overdue counts from here.

`roll_weekends` settles what article 45 leaves open: whether a last day on a plain weekend, or on a day off
that a notice only moved, moves too. Off by default: the text says 法定节假日, and the earlier date is safe
under either reading. Sixty calendar days from 2026-04-15 end on Sunday 2026-06-14, which is then also the
legal due date. Switched on, the last day moves to the next working day (2026-06-15), as 民法典 article 203
with its 法定休假日 is commonly read. It is an office's policy, so it is an argument everywhere and a constant
nowhere.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from workflows.calendars.working_calendar import (
    CalendarError,
    DateOutsideCalendarError,
    DayReason,
    WorkingCalendar,
)

_ONE_DAY = timedelta(days=1)


class Unit(enum.StrEnum):
    """What a limit counts."""

    WORKDAY = "workday"
    """Working days (工作日)."""
    DAY = "day"
    """Calendar days (自然日)."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch that is not counted, both days included: under Order 121 article 22, appraisal or testing.

    A pause still running has no last day yet: give today's, and compute again tomorrow. Raises CalendarError
    when it ends before it begins.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise CalendarError(f"The pause {self.first} to {self.last} ends before it begins. Correct it.")

    def covers(self, day: date) -> bool:
        """Whether a day lies in the pause."""
        return self.first <= day <= self.last


class DueDate(NamedTuple):
    """The three dates of a limit. `provisional`: it reaches to days that a holiday notice to come may still
    change, those of its own year or the last of the December before.
    """

    nominal: date
    alert_due: date
    legal_due: date
    provisional: bool


class Cause(enum.StrEnum):
    """Why a day of the proof is counted or not."""

    FIRST_DAY = "first_day"
    """The day of the event, never counted."""
    COUNTED = "counted"
    PAUSED = "paused"
    NOT_WORKING = "not_working"
    """Off, in a limit of working days; `DayLine.day` says which kind of day."""
    ROLLED = "rolled"
    """After the nominal day: the legal end moves on to here."""
    GIVEN_BACK = "given_back"
    """After a pause that began when the end had moved on: left of it then (`workflows.given_back`)."""


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of the proof: its running number where it is counted, the cause, and what kind of day it is."""

    date: date
    number: int | None
    cause: Cause
    day: DayReason


def due_date(
    start: date,
    n: int,
    unit: Unit,
    calendar: WorkingCalendar,
    pauses: Sequence[Pause] = (),
    roll_weekends: bool = False,
) -> DueDate:
    """Return when a limit of `n` working or calendar days from the event on `start` runs out.

    Pauses may overlap, reach back before the start or lie after the end; only what falls into the running
    period counts. `roll_weekends`: see the module. Raises CalendarError for n < 1 and
    DateOutsideCalendarError.
    """
    nominal = _nominal(start, n, unit, calendar, pauses)
    legal = moved_on(nominal, calendar, roll_weekends)
    return DueDate(
        nominal, calendar.last_working_day_on_or_before(nominal), legal, legal > calendar.final_through
    )


def moved_on(nominal: date, calendar: WorkingCalendar, roll_weekends: bool) -> date:
    """Return the legal end: the nominal day, or the first after it that is none of those it moves past."""
    if roll_weekends:
        return calendar.first_working_day_on_or_after(nominal)
    return calendar.first_day_past_statutory_holidays(nominal)


def earliest(of: Sequence[DueDate]) -> DueDate:
    """Return the one that ends first, where two limits bind at once.

    Complaints accepted from 2024-07-01 to 2026-04-14 had 45 working days (Order 20 article 21) and 60
    calendar days (消费者权益保护法实施条例 article 46). Raises CalendarError when there is none.
    """
    if not of:
        raise CalendarError("Of no due date there is no earliest. Give at least one.")
    return min(of, key=lambda due: (due.nominal, due.legal_due))


def explain(
    start: date,
    n: int,
    unit: Unit,
    calendar: WorkingCalendar,
    pauses: Sequence[Pause] = (),
    roll_weekends: bool = False,
) -> list[DayLine]:
    """Return every day from `start` to the legal due date with its number or the cause why it has none.

    Walks the days one by one and so proves `due_date`, which jumps: the line numbered `n` is the nominal day,
    the last line the legal due date. Raises as `due_date` does.
    """
    _refuse_nothing(n)
    lines = [DayLine(start, None, Cause.FIRST_DAY, calendar.why(start))]
    day, number = start, 0
    while number < n:
        day += _ONE_DAY
        reason = calendar.why(day)
        if any(pause.covers(day) for pause in pauses):
            lines.append(DayLine(day, None, Cause.PAUSED, reason))
        elif unit is Unit.WORKDAY and not reason.working:
            lines.append(DayLine(day, None, Cause.NOT_WORKING, reason))
        else:
            number += 1
            lines.append(DayLine(day, number, Cause.COUNTED, reason))
    while lines[-1].day.statutory or (roll_weekends and not lines[-1].day.working):
        day += _ONE_DAY
        lines.append(DayLine(day, None, Cause.ROLLED, calendar.why(day)))
    return lines


def _nominal(start: date, n: int, unit: Unit, calendar: WorkingCalendar, pauses: Sequence[Pause]) -> date:
    """Return the n-th counted day after `start`, jumping from pause to pause."""
    _refuse_nothing(n)
    position, left = start, n
    for pause in sorted(pauses, key=lambda one: one.first) if pauses else ():
        if pause.last <= position:
            continue
        if pause.first > position:
            counted = _counted(position, pause.first - _ONE_DAY, unit, calendar)
            if counted >= left:
                break
            left -= counted
        position = pause.last
    if unit is Unit.WORKDAY:
        return calendar.add_working_days(position, left)
    calendar.require(start)
    try:
        return position + timedelta(days=left)
    except OverflowError:
        raise DateOutsideCalendarError(
            f"{left} days after {position} lie beyond {calendar.last_day}, where the calendar ends. "
            f"Check the date and the number.",
            f"{position}以后的{left}日超出工作日历的最后一日{calendar.last_day}：请核对日期和天数。",
        ) from None


def _counted(after: date, until: date, unit: Unit, calendar: WorkingCalendar) -> int:
    return calendar.working_days_between(after, until) if unit is Unit.WORKDAY else (until - after).days


def _refuse_nothing(n: int) -> None:
    if n < 1:
        raise CalendarError(f"A limit of {n} days cannot be counted. Give a number from 1 on.")
