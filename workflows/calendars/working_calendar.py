"""Working days (工作日), as the yearly notices of the State Council's General Office make them.

A weekday is worked unless a notice takes it off; a Saturday or Sunday is not, unless a notice makes it up.
For years whose notice is not out, weekends and the statutory holidays are off and nothing is made up; every
answer about such a day is provisional and says so. Nothing is known before the first loaded year or after the
last year of `holidays/statutory.yaml`: questions about those days raise `DateOutsideCalendarError`. Dates are
Asia/Shanghai.

Loading the notice for a year can change days of the December before: those for 2007, 2008, 2012, 2019 and
2023 did, none before the 29th. So the last announced year is final only through 28 December, and open
deadlines are recomputed from `HolidayYear.first_named_day`, not from 1 January.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from workflows.calendars.holiday_files import load_holiday_files
from workflows.calendars.holiday_years import (
    CalendarError,
    DayOff,
    HolidayFileError,
    HolidayYear,
    MakeUpDay,
    check_holiday_year,
)
from workflows.calendars.statutory_holidays import StatutoryHolidays, load_statutory_holidays

__all__ = [
    "CalendarError",
    "DateOutsideCalendarError",
    "DayKind",
    "DayReason",
    "HolidayYear",
    "WorkingCalendar",
    "calendar_from",
    "load_holiday_files",
]

_ONE_DAY = timedelta(days=1)
_LAST_FINAL_DAY = (12, 28)
"""Month and day: no notice since that for 2007 has named an earlier day of the year before than 29 December.
"""


class DateOutsideCalendarError(CalendarError):
    """A day before the first or after the last one this calendar knows."""


class DayKind(enum.StrEnum):
    """Why a day is worked or not."""

    WEEKDAY = "weekday"
    """Monday to Friday, worked."""
    WEEKEND = "weekend"
    """Saturday or Sunday, off."""
    HOLIDAY = "holiday"
    """Off by notice, or by law where the notice is not out."""
    MAKE_UP = "make_up"
    """A Saturday or Sunday worked by notice (调休上班)."""


@dataclass(frozen=True, slots=True)
class DayReason:
    """What a day is. `name` is the holiday in Chinese, on a make-up day the one made up for, else empty.

    `announced` is false where the notice for the year is not out: the day may yet turn out otherwise. `final`
    is false there, and on the last days of the last announced year, which the next notice may still change.
    """

    kind: DayKind
    name: str = ""
    statutory: bool = False
    announced: bool = True
    final: bool = True

    @property
    def working(self) -> bool:
        """Whether the day is a working day."""
        return self.kind is DayKind.WEEKDAY or self.kind is DayKind.MAKE_UP


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days of one revision of the calendar table; make it with `calendar_from`.

    Holds, for every day, how many working days there were up to it, and the list of working days: so counting
    any number of them is two look-ups.
    """

    revision: str
    years: tuple[HolidayYear, ...]
    statutory: StatutoryHolidays = field(repr=False, compare=False)
    rolls_weekends: bool = False
    """Whether a last day on a plain weekend moves to the next working day, as an office may read the law."""
    first_day: date = field(init=False)
    last_day: date = field(init=False)
    announced_through: date = field(init=False)
    """The last day whose year's notice is loaded."""
    final_through: date = field(init=False)
    """The last day that the next year's notice will leave as it is; what falls due later is provisional."""
    _origin: int = field(init=False, repr=False, compare=False)
    _off: dict[date, DayOff] = field(init=False, repr=False, compare=False)
    _made_up: dict[date, MakeUpDay] = field(init=False, repr=False, compare=False)
    _counts: list[int] = field(init=False, repr=False, compare=False)
    _working: list[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        first, last = self.years[0].year, self.years[-1].year
        off = {day.date: day for year in self.years for day in year.off}
        for year in range(last + 1, self.statutory.last_year + 1):
            for day, name in self.statutory.days(year).items():
                off[day] = DayOff(day, name, statutory=True)
        made_up = {day.date: day for year in self.years for day in year.work}
        day, end = date(first, 1, 1), date(max(last, self.statutory.last_year), 12, 31)
        counts: list[int] = []
        working: list[date] = []
        while day <= end:
            if day in made_up or (day.weekday() < 5 and day not in off):
                working.append(day)
            counts.append(len(working))
            day += _ONE_DAY
        self._set("first_day", date(first, 1, 1))
        self._set("last_day", end)
        self._set("announced_through", date(last, 12, 31))
        self._set("final_through", date(last, *_LAST_FINAL_DAY))
        self._set("_origin", self.first_day.toordinal())
        self._set("_off", off)
        self._set("_made_up", made_up)
        self._set("_counts", counts)
        self._set("_working", working)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _position(self, day: date) -> int:
        position = day.toordinal() - self._origin
        if not 0 <= position < len(self._counts):
            raise DateOutsideCalendarError(
                f"{day} is outside the working calendar, which knows {self.first_day} to {self.last_day}. "
                f"Check the date, or load the holiday notices of the missing years.",
                f"{day}在工作日历之外（已知{self.first_day}至{self.last_day}）："
                "请核对日期，或者载入所缺年份的放假通知。",
            )
        return position

    def require(self, day: date) -> None:
        """Refuse a day this calendar does not know. Raises DateOutsideCalendarError."""
        self._position(day)

    def announced(self, year: int) -> bool:
        """Whether the notice for that year is loaded."""
        return self.first_day.year <= year <= self.announced_through.year

    def is_working_day(self, day: date) -> bool:
        """Whether people work on that day. Raises DateOutsideCalendarError."""
        return self.why(day).working

    def is_statutory_holiday(self, day: date) -> bool:
        """Whether the law itself, not only a notice, makes that day a holiday (法定节假日).

        Raises DateOutsideCalendarError.
        """
        self.require(day)
        off = self._off.get(day)
        return off is not None and off.statutory

    def why(self, day: date) -> DayReason:
        """Say what a day is and why. Raises DateOutsideCalendarError."""
        self.require(day)
        announced, final = day <= self.announced_through, day <= self.final_through
        if (made_up := self._made_up.get(day)) is not None:
            return DayReason(DayKind.MAKE_UP, made_up.made_up_for, announced=announced, final=final)
        if (off := self._off.get(day)) is not None:
            return DayReason(DayKind.HOLIDAY, off.name, off.statutory, announced, final)
        kind = DayKind.WEEKDAY if day.weekday() < 5 else DayKind.WEEKEND
        return DayReason(kind, announced=announced, final=final)

    def add_working_days(self, start: date, n: int) -> date:
        """Return the n-th working day after `start`, which itself is not counted, whatever day it is.

        So from a Saturday the first working day is the Monday. Raises CalendarError for n < 1 and
        DateOutsideCalendarError.
        """
        if n < 1:
            raise CalendarError(f"{n} working days cannot be counted. Give a number from 1 on.")
        position = start.toordinal() - self._origin
        try:
            # a negative position would silently count from the end of the list
            return self._working[self._counts[position if position >= 0 else self._position(start)] + n - 1]
        except IndexError:
            raise DateOutsideCalendarError(
                f"{n} working days after {start} lie beyond {self.last_day}, where the calendar ends. "
                f"Check the date and the number.",
                f"{start}以后的{n}个工作日超出工作日历的最后一日{self.last_day}：请核对日期和天数。",
            ) from None

    def working_days_between(self, after: date, until: date) -> int:
        """Count the working days after `after` up to and with `until`; negative where `until` is the earlier.

        Raises DateOutsideCalendarError.
        """
        return self._counts[self._position(until)] - self._counts[self._position(after)]

    def last_working_day_on_or_before(self, day: date) -> date:
        """Return the day itself if it is worked, else the working day before it.

        Raises DateOutsideCalendarError.
        """
        count = self._counts[self._position(day)]
        if not count:
            raise DateOutsideCalendarError(
                f"No working day on or before {day} is known: the calendar begins on {self.first_day}. "
                f"Load the notice of the year before.",
                f"{day}及以前没有已知的工作日，工作日历始于{self.first_day}：请载入上一年的放假通知。",
            )
        return self._working[count - 1]

    def first_working_day_on_or_after(self, day: date) -> date:
        """Return the day itself if it is worked, else the next working day.

        Raises DateOutsideCalendarError.
        """
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def first_day_past_statutory_holidays(self, day: date) -> date:
        """Return the first day on or after `day` that is no statutory holiday; it may be off all the same.

        Order 121 of the State Administration for Market Regulation, article 45. Raises
        DateOutsideCalendarError.
        """
        while self.is_statutory_holiday(day):
            day += _ONE_DAY
        return day


def calendar_from(
    years: Iterable[HolidayYear],
    revision: str,
    statutory: StatutoryHolidays | None = None,
    *,
    rolls_weekends: bool = False,
) -> WorkingCalendar:
    """Build the calendar of some consecutive years' notices.

    `revision` names this state of the table, so a due date can say later by which calendar it was counted.
    `statutory` are the holidays of the law for years not announced yet, by default those shipped with the
    program. Raises HolidayFileError where the years have a gap or contradict each other.
    """
    ordered = tuple(sorted(years, key=lambda one: one.year))
    if not ordered:
        raise HolidayFileError(
            "A working calendar needs the notice of at least one year. Load one.",
            "工作日历至少需要一年的放假通知，请先载入。",
        )
    seen: dict[date, int] = {}
    for before, one in zip((None, *ordered), ordered, strict=False):
        if before is not None and one.year != before.year + 1:
            raise HolidayFileError(
                f"After the notice for {before.year} comes that for {one.year}. Load each year once, no gap.",
                f"{before.year}年的通知之后是{one.year}年的通知，请逐年载入，不能有缺漏或者重复。",
            )
        check_holiday_year(one, where=f"notice for {one.year}")
        for day in one.named_days:
            if day in seen:
                raise HolidayFileError(
                    f"{day} is named by the notices for {seen[day]} and {one.year}. Keep it in one of them.",
                    f"{day}在{seen[day]}年和{one.year}年的通知中都列出了，请只保留在其中一份。",
                )
            seen[day] = one.year
    return WorkingCalendar(revision, ordered, statutory or load_statutory_holidays(), rolls_weekends)
