"""The working calendar in the database: files are loaded into it once, and only the table is read.

So all processes count by the same calendar, and a new year's notice reaches them without a restart. The
revision is a digest of everything loaded; each clock keeps the revision it was counted by.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from sqlalchemy import Connection, delete, insert, select

from workflows.canonical import canonical, digest
from workflows.holiday_years import DayOff, HolidayYear, MakeUpDay, Notice
from workflows.runtime.tables import calendar_day, calendar_year
from workflows.working_calendar import CalendarError, WorkingCalendar, calendar_from

_REVISION = select(calendar_year.c.year, calendar_year.c.digest).order_by(calendar_year.c.year)


def year_digest(year: HolidayYear) -> str:
    """Return the digest of a year's days; it changes whenever a day does."""
    off = [
        [one.date.isoformat(), one.name, one.statutory] for one in sorted(year.off, key=lambda one: one.date)
    ]
    work = [[one.date.isoformat(), one.made_up_for] for one in sorted(year.work, key=lambda one: one.date)]
    return digest(canonical([year.year, off, work]), "sha256")


def load_years(connection: Connection, years: Iterable[HolidayYear], now_us: int) -> list[int]:
    """Write the years that are new or differ from the table, and return which.

    The same years again change nothing.
    """
    known = dict(connection.execute(_REVISION).all())
    written = []
    for year in years:
        fresh = year_digest(year)
        if known.get(year.year) == fresh:
            continue
        connection.execute(delete(calendar_day).where(calendar_day.c.year == year.year))
        connection.execute(delete(calendar_year).where(calendar_year.c.year == year.year))
        connection.execute(
            insert(calendar_year).values(
                year=year.year,
                title=year.source.title,
                number=year.source.number,
                digest=fresh,
                loaded_at_us=now_us,
            )
        )
        days = [(one.date, False, one.statutory, one.name) for one in year.off]
        days += [(one.date, True, False, one.made_up_for) for one in year.work]
        names = ("day", "worked", "statutory", "name")
        connection.execute(
            insert(calendar_day), [{"year": year.year, **dict(zip(names, one, strict=True))} for one in days]
        )
        written.append(year.year)
    return written


def revision(connection: Connection) -> str:
    """Return the revision of the loaded calendar: the digest over all years, short enough to read aloud."""
    rows = [list(row) for row in connection.execute(_REVISION)]
    return digest(canonical(rows), "sha256")[:16]


def read_calendar(connection: Connection) -> WorkingCalendar:
    """Build the calendar from the table. Raises CalendarError where nothing was loaded."""
    days: dict[int, tuple[list[DayOff], list[MakeUpDay]]] = {}
    for row in connection.execute(select(calendar_day).order_by(calendar_day.c.day)):
        off, work = days.setdefault(row.year, ([], []))
        if row.worked:
            work.append(MakeUpDay(row.day, row.name))
        else:
            off.append(DayOff(row.day, row.name, row.statutory))
    if not days:
        raise CalendarError("No working calendar is loaded. Run `cli init` once.")
    titles = {row.year: Notice(row.title, row.number) for row in connection.execute(select(calendar_year))}
    years = [
        HolidayYear(year, titles[year], tuple(off), tuple(work)) for year, (off, work) in sorted(days.items())
    ]
    return calendar_from(years, revision(connection))


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
