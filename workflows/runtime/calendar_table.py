"""The working calendar in the database: files are loaded into it once, and only the table is read.

So all processes count by the same calendar, and a new year's notice reaches them without a restart. No
notice is ever changed or removed: each loading adds a revision, which names the notices in force by the
digests of their days and keeps the statutory holidays by which years without a notice are counted. Each clock
keeps the revision it was counted by, so its dates can be proven by that very calendar years later.

Whoever owns the database can change a day all the same: so the digests are taken anew whenever the table is
read, and what does not bear its own name counts nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from threading import Lock
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.engine import RowMapping

from workflows.calendars.holiday_years import DayOff, HolidayYear, MakeUpDay, Notice
from workflows.calendars.statutory_holidays import (
    StatutoryHolidays,
    as_text,
    from_text,
    load_statutory_holidays,
)
from workflows.calendars.working_calendar import CalendarError, WorkingCalendar, calendar_from
from workflows.canonical import canonical, digest
from workflows.runtime.tables import calendar_notice, calendar_revision, deadline

_LATEST = select(calendar_revision).order_by(calendar_revision.c.number.desc()).limit(1)
_LATEST_LOCKED = _LATEST.with_for_update()
_NAME = select(calendar_revision.c.revision).order_by(calendar_revision.c.number.desc()).limit(1)
_NAMED = (
    select(calendar_revision)
    .where(calendar_revision.c.revision == bindparam("named"))
    .order_by(calendar_revision.c.number)
    .limit(1)
)
_ALL = select(calendar_revision).order_by(calendar_revision.c.number.desc())
_NOTICES = select(calendar_notice).where(calendar_notice.c.digest.in_(bindparam("digests", expanding=True)))
_KNOWN = select(calendar_notice.c.digest)
_COUNTED_BY = select(deadline.c.calendar).distinct().order_by(deadline.c.calendar)

_UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a row raises that was never written so."""

Years = dict[int, str]
"""The notices of a revision: by year, the digest of its days."""


def days_text(year: HolidayYear) -> str:
    """Return a year's days as canonical text; its digest names the notice and changes whenever a day does."""
    off = [
        [one.date.isoformat(), one.name, one.statutory] for one in sorted(year.off, key=lambda one: one.date)
    ]
    work = [[one.date.isoformat(), one.made_up_for] for one in sorted(year.work, key=lambda one: one.date)]
    return canonical([year.year, off, work])


def year_digest(year: HolidayYear) -> str:
    """Return the digest of a year's days."""
    return digest(days_text(year), "sha256")


def load_years(
    connection: Connection,
    years: Iterable[HolidayYear],
    now_us: int,
    *,
    rolls_weekends: bool | None = None,
) -> list[int]:
    """Make a revision with the years that are new or differ from the present one, and return which.

    So does another answer to whether a last day on a plain weekend moves (`rolls_weekends`); None keeps the
    present one. The same again changes nothing. Two that load at once follow on each other. The caller reads
    the calendar before it commits: that refuses years with a gap, or a day that two notices name.
    """
    before = locked_latest(connection)
    known = _years_of(before)
    fresh = {one.year: one for one in years if known.get(one.year) != year_digest(one)}
    statutory = as_text(load_statutory_holidays())
    rolled = before is not None and bool(before["rolls_weekends"])
    rolls = rolled if rolls_weekends is None else rolls_weekends
    if not fresh and before is not None and (before["statutory"], rolled) == (statutory, rolls):
        return []
    kept = set(connection.execute(_KNOWN).scalars())
    for year in fresh.values():
        if year_digest(year) not in kept:
            connection.execute(insert(calendar_notice), _notice_row(year, now_us))
    after = known | {one.year: year_digest(one) for one in fresh.values()}
    connection.execute(
        insert(calendar_revision),
        {
            "number": 1 if before is None else before["number"] + 1,
            "revision": revision_of(after, statutory, rolls),
            "years": _years_text(after),
            "statutory": statutory,
            "rolls_weekends": rolls,
            "made_at_us": now_us,
            "passes": 0,
            "pass_began_us": None,
            "passed_id": 0,
            "moved": 0,
            # nothing was counted by an earlier calendar where there was none
            "counted_at_us": now_us if before is None else None,
        },
    )
    return sorted(fresh)


def revision_of(years: Years, statutory: str, rolls_weekends: bool) -> str:
    """Return the name of a revision: the digest over its notices, the law's holidays and what becomes of a
    last day on a weekend, short enough to read aloud.
    """
    said: list[Any] = [_years_text(years), digest(statutory, "sha256")]
    # said only where it is so: revisions of before the setting keep their names
    if rolls_weekends:
        said.append("rolls weekends")
    return digest(canonical(said), "sha256")[:16]


def revision(connection: Connection) -> str:
    """Return the name of the present revision; empty where nothing was loaded."""
    return str(connection.execute(_NAME).scalar() or "")


def read_calendar(connection: Connection) -> WorkingCalendar:
    """Build the present calendar from the table.

    Raises CalendarError where nothing was loaded, or where what is there does not bear its own digest.
    """
    row = connection.execute(_LATEST).mappings().first()
    if row is None:
        raise CalendarError("No working calendar is loaded. Run `cli init` once.")
    return _calendar(connection, row)


def calendar_of(connection: Connection, named: str) -> WorkingCalendar | None:
    """Return the calendar as it was in the revision of that name, or None where there was none.

    Raises CalendarError where it does not bear its own digest any more.
    """
    row = connection.execute(_NAMED, {"named": named}).mappings().first()
    return None if row is None else _calendar(connection, row)


def calendar_with(connection: Connection, year: HolidayYear) -> WorkingCalendar:
    """Return the calendar as it would be with that year loaded; nothing is written.

    Raises HolidayFileError where the years would have a gap or contradict each other, and CalendarError where
    those that are there do not bear their own digests.
    """
    before = connection.execute(_LATEST).mappings().first()
    known = {one.year: one for one in _read_years(connection, _years_of(before))} | {year.year: year}
    digests = _years_of(before) | {year.year: year_digest(year)}
    rolls = before is not None and bool(before["rolls_weekends"])
    named = revision_of(digests, as_text(load_statutory_holidays()), rolls)
    return calendar_from(known.values(), named, rolls_weekends=rolls)


def revisions(connection: Connection) -> list[RowMapping]:
    """Return the rows of all revisions, the present one first."""
    return list(connection.execute(_ALL).mappings())


def notices_of(connection: Connection, row: RowMapping) -> list[RowMapping]:
    """Return the notices of a revision's row, by year."""
    wanted = list(_years_of(row).values())
    found = connection.execute(_NOTICES, {"digests": wanted}).mappings()
    return sorted(found, key=lambda one: int(one["year"]))


def year_of(row: RowMapping) -> HolidayYear:
    """Return the notice of a row. Raises CalendarError where it is not what its digest says."""
    return _year(row["year"], row)


def revision_row(connection: Connection, named: str) -> RowMapping | None:
    """Return the row of the revision of that name, or None."""
    return connection.execute(_NAMED, {"named": named}).mappings().first()


def changed(connection: Connection) -> list[str]:
    """Say of every revision that does not bear its own digests any more what is wrong with it."""
    found = []
    for row in reversed(revisions(connection)):
        try:
            _calendar(connection, row)
        except _UNREADABLE as error:  # a CalendarError is a ValueError, too
            sentence = str(error) if isinstance(error, CalendarError) else type(error).__name__
            found.append(f"revision {row['number']} of the calendar cannot be used: {sentence}")
    return found


def missing(connection: Connection) -> list[str]:
    """Name every revision by which a clock was counted and which the table has not."""
    rows = revisions(connection)
    if not all(row["statutory"] for row in rows):
        return []  # the first is from before revisions were kept, and earlier ones are gone rightly
    known = {row["revision"] for row in rows}
    named = connection.execute(_COUNTED_BY).scalars()
    return [
        f"clocks were counted by the calendar {one!r}, which is gone" for one in named if one not in known
    ]


def locked_latest(connection: Connection) -> RowMapping | None:
    """Return the present revision, locked; who waited for it looks again, since a newer one may stand."""
    connection.execute(_LATEST_LOCKED).first()
    return connection.execute(_LATEST_LOCKED).mappings().first()


def _calendar(connection: Connection, row: RowMapping) -> WorkingCalendar:
    years, statutory, rolls = _years_of(row), row["statutory"], bool(row["rolls_weekends"])
    early = not statutory and not rolls
    if row["revision"] != (_earlier_name(years) if early else revision_of(years, statutory, rolls)):
        raise CalendarError(
            f"The calendar {row['revision']} is not the one that its name is the digest of: it was changed "
            "in the database. Compare it with the last backup.",
            f"日历{row['revision']}与其名称所依据的摘要不符：数据库中的内容被改动过，请与最近的备份核对。",
        )
    # a revision older than this table kept no statutory holidays; those shipped are the best guess
    law: StatutoryHolidays | None = from_text(statutory) if statutory else None
    return calendar_from(_read_years(connection, years), row["revision"], law, rolls_weekends=rolls)


def _earlier_name(years: Years) -> str:
    """Return what a revision was called before the holidays of the law were kept with it."""
    return digest(_years_text(years), "sha256")[:16]


def _read_years(connection: Connection, years: Years) -> list[HolidayYear]:
    rows = connection.execute(_NOTICES, {"digests": list(years.values())}).mappings()
    found = {row["digest"]: row for row in rows}
    return [_year(year, found.get(named)) for year, named in years.items()]


def _year(named: int, row: RowMapping | None) -> HolidayYear:
    """Return the notice of that year. Raises CalendarError where it is gone, or not what its digest says."""
    if row is None or row["year"] != named or digest(row["days"], "sha256") != row["digest"]:
        raise CalendarError(
            f"The notice for {named} in the calendar is gone or not the one that its digest names: it was "
            "changed in the database. Compare it with the last backup.",
            f"日历中{named}年的放假通知不见了，或者与其摘要不符：数据库中的内容被改动过，请与最近的备份核对。",
        )
    year, off, work = json.loads(row["days"])
    return HolidayYear(
        year,
        Notice(row["title"], row["number"]),
        tuple(DayOff(date.fromisoformat(day), name, statutory) for day, name, statutory in off),
        tuple(MakeUpDay(date.fromisoformat(day), name) for day, name in work),
    )


def _notice_row(year: HolidayYear, now_us: int) -> dict[str, Any]:
    return {
        "digest": year_digest(year),
        "year": year.year,
        "title": year.source.title,
        "number": year.source.number,
        "days": days_text(year),
        "loaded_at_us": now_us,
    }


def _years_of(row: RowMapping | None) -> Years:
    return {} if row is None else dict(json.loads(row["years"]))


def _years_text(years: Years) -> str:
    return canonical([[year, years[year]] for year in sorted(years)])


class CalendarCache:
    """Keeps the calendar of a process and notices a new one within a minute of the given clock."""

    KEEP_US = 60_000_000

    def __init__(self) -> None:
        """Start empty; the first question reads the table."""
        self._calendar: WorkingCalendar | None = None
        self._checked_us = 0
        self._lock = Lock()

    def calendar(self, connection: Connection, now_us: int) -> WorkingCalendar:
        """Return the calendar, read again where the table's revision has moved."""
        with self._lock:
            kept = self._calendar
            if kept is not None and 0 <= now_us - self._checked_us < self.KEEP_US:
                return kept
            if kept is None or kept.revision != revision(connection):
                kept = self._calendar = read_calendar(connection)
            self._checked_us = now_us
            return kept
