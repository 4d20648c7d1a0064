"""The calendar is loaded once, read from the table only, and a new notice reaches running processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete

from tests.workflows.runtime.world import World
from workflows.runtime import calendar_table, tables
from workflows.working_calendar import CalendarError, calendar_from, load_holiday_files

YEARS = tuple(year for year in load_holiday_files() if year.year >= 2025)


def test_the_table_says_what_the_files_say(world: World) -> None:
    with world.reading() as connection:
        found = calendar_table.read_calendar(connection)
        assert found.revision == calendar_table.revision(connection)
    expected = calendar_from(YEARS, found.revision)
    day = date(2025, 1, 1)
    while day <= date(2026, 12, 31):
        assert found.why(day) == expected.why(day)
        day = date.fromordinal(day.toordinal() + 1)
    kept = [(year.source.title, year.source.number) for year in found.years]
    assert kept == [(year.source.title, year.source.number) for year in YEARS]


def test_the_same_years_again_change_nothing(world: World) -> None:
    with world.writing() as connection:
        before = calendar_table.revision(connection)
        assert calendar_table.load_years(connection, YEARS, world.now_us) == []
        assert calendar_table.revision(connection) == before


def test_a_corrected_year_is_a_new_revision_and_noticed_within_a_minute(world: World) -> None:
    with world.reading() as connection:
        before = world.calendars.calendar(connection, world.now_us)
    last = YEARS[-1]
    corrected = replace(last, work=last.work[:-1])
    with world.writing() as connection:
        assert calendar_table.load_years(connection, [*YEARS[:-1], corrected], world.now_us) == [last.year]
    with world.reading() as connection:
        assert world.calendars.calendar(connection, world.now_us + 59_999_999) is before
        after = world.calendars.calendar(connection, world.now_us + 60_000_000)
    assert after.revision != before.revision
    assert before.is_working_day(last.work[-1].date)
    assert not after.is_working_day(last.work[-1].date)


def test_each_clock_keeps_the_revision_it_was_counted_by(world: World) -> None:
    loan = world.start()
    with world.reading() as connection:
        revision = calendar_table.revision(connection)
    assert [clock.calendar for clock in world.standing(loan).clocks] == [revision]


def test_an_empty_table_is_said_plainly(world: World) -> None:
    with world.writing() as connection:
        connection.execute(delete(tables.calendar_day))
        connection.execute(delete(tables.calendar_year))
    with world.reading() as connection, pytest.raises(CalendarError, match="cli init"):
        calendar_table.read_calendar(connection)
