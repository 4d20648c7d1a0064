"""The days that the law itself makes holidays for everyone (法定节假日).

From 全国年节及纪念日放假办法 in its revisions of 1999, 2007, 2013 and 2024, kept as data in
`holidays/statutory.yaml`. Known years ahead of the yearly notice, they are what a provisional calendar may
lean on. Moved days and make-up working days are not: those only a notice can name. Dates are Asia/Shanghai.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workflows.calendars.holiday_years import HOLIDAY_FOLDER, CalendarError, HolidayFileError, HolidayYear
from workflows.canonical import canonical


@dataclass(frozen=True, slots=True)
class StatutoryRule:
    """One revision: `fixed` gives month and day by holiday, `lunar` a festival and days counted from it."""

    since: int
    decree: str
    fixed: Mapping[str, tuple[tuple[int, int], ...]]
    lunar: Mapping[str, tuple[str, tuple[int, ...]]]


@dataclass(frozen=True, slots=True)
class StatutoryHolidays:
    """The revisions in order, and the date of each moving festival by year."""

    rules: tuple[StatutoryRule, ...]
    festivals: Mapping[int, Mapping[str, date]]

    @property
    def last_year(self) -> int:
        """The last year whose moving festivals are known; no calendar reaches further."""
        return max(self.festivals)

    def rule_for(self, year: int) -> StatutoryRule:
        """Return the revision in force in a year. Raises CalendarError before the first."""
        in_force = [rule for rule in self.rules if rule.since <= year]
        if not in_force:
            first = self.rules[0].since
            raise CalendarError(f"No statutory holidays are recorded for {year}. The first year is {first}.")
        return in_force[-1]

    def days(self, year: int) -> dict[date, str]:
        """Return the statutory holidays of a year with their Chinese names, in order.

        Two holidays on one day share it (2020-10-01 was 中秋节、国庆节). Raises CalendarError for an unknown
        year.
        """
        rule = self.rule_for(year)
        if year not in self.festivals:
            raise CalendarError(f"The festivals of {year} are not recorded. Add them to statutory.yaml.")
        names: dict[date, list[str]] = {}
        for name, (festival, offsets) in rule.lunar.items():
            for offset in offsets:
                names.setdefault(self.festivals[year][festival] + timedelta(offset), []).append(name)
        for name, days in rule.fixed.items():
            for month, day in days:
                names.setdefault(date(year, month, day), []).append(name)
        return {day: "、".join(names[day]) for day in sorted(names)}


@dataclass(frozen=True, slots=True)
class Marks:
    """How a notice's marks `statutory` stand to the law, each with the days and their names.

    A mark that the law does not know may be right: 2015-09-03 was made a holiday for that year alone.
    """

    missing: tuple[tuple[date, str], ...] = ()
    """Days off that the law makes holidays and the notice does not mark."""
    unknown: tuple[tuple[date, str], ...] = ()
    """Days that the notice marks and the law does not know."""
    not_named: tuple[tuple[date, str], ...] = ()
    """The law's holidays that the notice does not name at all."""


def marks_of(year: HolidayYear) -> Marks:
    """Compare a notice's marks with the law; nothing where the law of that year is unknown."""
    law = load_statutory_holidays()
    if year.year not in law.festivals:
        return Marks()
    known, off = law.days(year.year), {one.date: one for one in year.off}
    return Marks(
        tuple((day, name) for day, name in known.items() if day in off and not off[day].statutory),
        tuple((one.date, one.name) for one in year.off if one.statutory and one.date not in known),
        tuple((day, name) for day, name in known.items() if day not in off),
    )


def check_marks(year: HolidayYear, where: str) -> None:
    """Refuse a notice that forgets the mark of a legal holiday: last days would not move past it.

    Raises HolidayFileError naming the days.
    """
    if missing := marks_of(year).missing:
        listed = [f"{day} {name}" for day, name in missing]
        raise HolidayFileError(
            f"{where}: the law makes these days holidays, but they are not marked: {', '.join(listed)}. "
            "Write statutory: true beside them.",
            f"{where}：以下各日是法定节假日，但没有标明：{'、'.join(listed)}。"
            "请在这些日期后写上statutory: true。",
        )


@cache
def load_statutory_holidays(path: Path = HOLIDAY_FOLDER / "statutory.yaml") -> StatutoryHolidays:
    """Read the rules of the law; read once, since the file changes only with the program.

    Raises HolidayFileError where the file is not as it must be.
    """
    try:
        holidays = _holidays(yaml.safe_load(path.read_text(encoding="utf-8")))
        for year in holidays.festivals:
            holidays.days(year)
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise HolidayFileError(
            f"{path.name} is no table of statutory holidays: {error!r}. Restore the file."
        ) from error
    return holidays


def as_text(holidays: StatutoryHolidays) -> str:
    """Return the table as canonical text, to be kept beside what was counted by it."""
    rules = [
        {
            "since": rule.since,
            "decree": rule.decree,
            "fixed": {
                name: [f"{month:02d}-{day:02d}" for month, day in days] for name, days in rule.fixed.items()
            },
            "lunar": {
                name: {"from": start, "days": list(days)} for name, (start, days) in rule.lunar.items()
            },
        }
        for rule in holidays.rules
    ]
    festivals = {
        str(year): {name: day.isoformat() for name, day in days.items()}
        for year, days in holidays.festivals.items()
    }
    return canonical({"rules": rules, "festivals": festivals})


def from_text(text: str) -> StatutoryHolidays:
    """Read what `as_text` wrote."""
    content = json.loads(text)
    content["festivals"] = {
        int(year): {name: date.fromisoformat(day) for name, day in days.items()}
        for year, days in content["festivals"].items()
    }
    return _holidays(content)


def _holidays(content: Any) -> StatutoryHolidays:
    rules = tuple(sorted(map(_rule, content["rules"]), key=lambda rule: rule.since))
    festivals: dict[int, dict[str, date]] = content["festivals"]
    return StatutoryHolidays(rules, festivals)


def _rule(entry: Mapping[str, Any]) -> StatutoryRule:
    return StatutoryRule(
        since=entry["since"],
        decree=entry["decree"],
        fixed={name: tuple(_month_and_day(text) for text in days) for name, days in entry["fixed"].items()},
        lunar={name: (spec["from"], tuple(spec["days"])) for name, spec in entry["lunar"].items()},
    )


def _month_and_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)
