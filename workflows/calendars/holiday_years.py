"""The yearly holiday notices as values; `workflows.calendars.holiday_files` reads them.

A value holds one notice of the General Office of the State Council: every date it names as off, weekends
inside a holiday included, every make-up working day, and its source. A notice may reach back into December of
the year before; such dates belong to the notice that names them. Days
that the law itself makes holidays (全国年节及纪念日放假办法) are marked `statutory`; the others are only
moved days or weekends. Dates are Asia/Shanghai.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

HOLIDAY_FOLDER = Path(__file__).parents[1] / "holidays"


class CalendarError(ValueError):
    """Something about working days that cannot be answered; the message says what, where and what to do.

    `zh` is the same sentence in Chinese.
    """

    def __init__(self, sentence: str, zh: str = "") -> None:
        """Keep the sentence in both languages."""
        super().__init__(sentence)
        self.zh = zh or sentence


class HolidayFileError(CalendarError):
    """A holiday file that contradicts itself or cannot be read."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A published notice: its title, its number as printed on it, and how far that number was checked."""

    title: str
    number: str | None = None
    issued: date | None = None
    checked: str = ""


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day off. `name` is the holiday in Chinese; `statutory` means by law, not merely moved."""

    date: date
    name: str
    statutory: bool = False


@dataclass(frozen=True, slots=True)
class MakeUpDay:
    """A Saturday or Sunday that is worked to make up for a day of the named holiday (调休上班)."""

    date: date
    made_up_for: str


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """One year's notice. `amended_by` are later notices already worked into the dates."""

    year: int
    source: Notice
    off: tuple[DayOff, ...]
    work: tuple[MakeUpDay, ...] = ()
    amended_by: tuple[Notice, ...] = ()
    note: str = ""

    @property
    def named_days(self) -> list[date]:
        """Every date the notice names, off or worked."""
        return [day.date for day in self.off] + [day.date for day in self.work]

    @property
    def first_named_day(self) -> date:
        """The earliest of them: deadlines from here on may move when the notice is loaded."""
        return min(self.named_days)


def check_holiday_year(found: HolidayYear, where: str = "the table") -> None:
    """Refuse a year that contradicts itself: a date twice, a foreign year, a make-up day that is no weekend.

    Raises HolidayFileError.
    """
    if not found.off:
        raise HolidayFileError(
            f"{where}: {found.year} names no day off. Enter the dates of the notice.",
            f"{where}：{found.year}年没有列出任何放假日，请填写通知中的日期。",
        )
    dates = found.named_days
    for one in dates:
        if dates.count(one) > 1:
            raise HolidayFileError(
                f"{where}: {one} is named twice. Keep it once, as off or as worked.",
                f"{where}：{one}列出了两次，请只保留一次（放假或者上班）。",
            )
        if one.year != found.year and (one.year, one.month) != (found.year - 1, 12):
            raise HolidayFileError(
                f"{where}: {one} is neither in {found.year} nor in the December before. Correct the date.",
                f"{where}：{one}既不在{found.year}年，也不在上一年十二月，请更正日期。",
            )
    for made_up in found.work:
        if made_up.date.weekday() < 5:
            raise HolidayFileError(
                f"{where}: {made_up.date} is no weekend, so it cannot be a make-up day. Correct the date.",
                f"{where}：{made_up.date}不是周末，不能作为调休上班日，请更正日期。",
            )
