"""The yearly holiday notices as values, and the files they are read from.

One file, `holidays/cn-<year>.yaml`, holds one notice of the General Office of the State Council: every date
it names as off, weekends inside a holiday included, every make-up working day, and its source. A notice may
reach back into December of the year before; such dates stand in the file of the notice that names them. Days
that the law itself makes holidays (全国年节及纪念日放假办法) are marked `statutory`; the others are only
moved days or weekends. Dates are Asia/Shanghai.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

HOLIDAY_FOLDER = Path(__file__).parent / "holidays"
_YEAR_FILE = re.compile(r"cn-\d{4}\.yaml")
_KEYS = {"year", "source", "amended_by", "note", "days_off", "make_up_days"}


class CalendarError(ValueError):
    """Something about working days that cannot be answered; the message says what, where and what to do."""


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


def load_holiday_files(folder: Path = HOLIDAY_FOLDER) -> tuple[HolidayYear, ...]:
    """Read every `cn-<year>.yaml` of a folder, oldest first.

    Raises HolidayFileError for a bad file or an empty folder.
    """
    paths = sorted(path for path in folder.glob("cn-*.yaml") if _YEAR_FILE.fullmatch(path.name))
    if not paths:
        raise HolidayFileError(f"No file cn-<year>.yaml in {folder}. Put the notices of the years there.")
    return tuple(read_holiday_file(path) for path in paths)


def read_holiday_file(path: Path) -> HolidayYear:
    """Read and check one year's file. Raises HolidayFileError naming the file and the entry."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise HolidayFileError(f"{path.name} cannot be read: {error}. Give a YAML file in UTF-8.") from error
    if not isinstance(content, dict) or not {"year", "source", "days_off"} <= set(content) <= _KEYS:
        keys = ", ".join(sorted(_KEYS))
        raise HolidayFileError(f"{path.name}: give year, source and days_off, and no other keys than {keys}.")
    year = content["year"]
    if type(year) is not int:
        raise HolidayFileError(f"{path.name}: year is {year!r}. Give a number such as 2026.")
    found = HolidayYear(
        year=year,
        source=_notice(content["source"], path.name),
        off=tuple(_day_off(entry, path.name) for entry in content["days_off"] or ()),
        work=tuple(_make_up_day(entry, path.name) for entry in content.get("make_up_days") or ()),
        amended_by=tuple(_notice(entry, path.name) for entry in content.get("amended_by") or ()),
        note=str(content.get("note") or "").strip(),
    )
    check_holiday_year(found, where=path.name)
    return found


def check_holiday_year(found: HolidayYear, where: str = "the table") -> None:
    """Refuse a year that contradicts itself: a date twice, a foreign year, a make-up day that is no weekend.

    Raises HolidayFileError.
    """
    if not found.off:
        raise HolidayFileError(f"{where}: {found.year} names no day off. Enter the dates of the notice.")
    dates = found.named_days
    for one in dates:
        if dates.count(one) > 1:
            raise HolidayFileError(f"{where}: {one} is named twice. Keep it once, as off or as worked.")
        if one.year != found.year and (one.year, one.month) != (found.year - 1, 12):
            raise HolidayFileError(
                f"{where}: {one} is neither in {found.year} nor in the December before. Correct the date."
            )
    for made_up in found.work:
        if made_up.date.weekday() < 5:
            raise HolidayFileError(
                f"{where}: {made_up.date} is no weekend, so it cannot be a make-up day. Correct the date."
            )


def _notice(entry: Any, where: str) -> Notice:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("title"), str):
        raise HolidayFileError(f"{where}: a source needs at least the title of the notice.")
    issued = entry.get("issued")
    if issued is not None and type(issued) is not date:
        raise HolidayFileError(f"{where}: issued is {issued!r}. Give a date such as 2025-11-04.")
    return Notice(entry["title"], entry.get("number"), issued, str(entry.get("checked") or ""))


def _day_off(entry: Any, where: str) -> DayOff:
    day, name = _dated(entry, "name", where)
    return DayOff(day, name, statutory=entry.get("statutory") is True)


def _make_up_day(entry: Any, where: str) -> MakeUpDay:
    return MakeUpDay(*_dated(entry, "for", where))


def _dated(entry: Any, label: str, where: str) -> tuple[date, str]:
    day = entry.get("date") if isinstance(entry, Mapping) else None
    name = entry.get(label) if isinstance(entry, Mapping) else None
    if type(day) is not date or not isinstance(name, str) or not name:
        raise HolidayFileError(
            f"{where}: {entry!r} needs a date such as 2026-10-01 and the holiday's name under {label!r}."
        )
    return day, name
