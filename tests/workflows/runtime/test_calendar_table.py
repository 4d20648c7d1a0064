"""The calendar is loaded once, read from the table only, and a new notice reaches running processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete

from tests.conftest import ReadCalendar
from tests.workflows.runtime.world import World
from workflows.calendars.statutory_holidays import load_statutory_holidays
from workflows.calendars.working_calendar import CalendarError, calendar_from, load_holiday_files
from workflows.runtime import calendar_table, tables

YEARS = tuple(year for year in load_holiday_files() if year.year >= 2025)


@pytest.fixture(autouse=True)
def _read_anew(_calendars_once: ReadCalendar, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other tests read a revision once a process; what is tried here is the reading itself."""
    monkeypatch.setattr(calendar_table, "read_calendar", _calendars_once)


def test_the_table_is_read_each_time(world: World) -> None:
    with world.reading() as connection:
        one, other = (calendar_table.read_calendar(connection) for _ in range(2))
    assert one == other
    assert one is not other


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


def test_an_earlier_revision_can_be_read_as_it_was(world: World) -> None:
    with world.reading() as connection:
        before = calendar_table.read_calendar(connection)
    last = YEARS[-1]
    corrected = replace(last, work=last.work[:-1])
    for years in ([corrected], [last], [corrected]):
        with world.writing() as connection:
            assert calendar_table.load_years(connection, years, world.now_us) == [last.year]
    with world.reading() as connection:
        now = calendar_table.read_calendar(connection)
        again = calendar_table.calendar_of(connection, before.revision)
        assert calendar_table.calendar_of(connection, "no such") is None
        rows = calendar_table.revisions(connection)
        notices = calendar_table.notices_of(connection, rows[0])
    assert again is not None
    assert again.revision == before.revision
    assert again.is_working_day(last.work[-1].date)
    assert not now.is_working_day(last.work[-1].date)
    # loaded to and fro: what a revision is called is what it counts by
    assert [one["number"] for one in rows] == [4, 3, 2, 1]
    assert rows[1]["revision"] == before.revision
    assert rows[0]["revision"] == rows[2]["revision"] == now.revision
    assert [one["year"] for one in notices] == [2025, 2026]


def test_what_would_be_is_what_comes(world: World) -> None:
    last = YEARS[-1]
    corrected = replace(last, work=last.work[:-1])
    with world.reading() as connection:
        ahead = calendar_table.calendar_with(connection, corrected)
        assert calendar_table.read_calendar(connection).revision != ahead.revision
    with world.writing() as connection:
        calendar_table.load_years(connection, [corrected], world.now_us)
    with world.reading() as connection:
        assert calendar_table.read_calendar(connection).revision == ahead.revision


def test_other_holidays_of_the_law_are_another_revision(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release of the program may know a later decree: years without a notice are then counted otherwise."""
    with world.reading() as connection:
        before = calendar_table.read_calendar(connection)
    law = load_statutory_holidays()
    fewer = {**law.rules[-1].fixed, "元旦": ()}
    other = replace(law, rules=(*law.rules[:-1], replace(law.rules[-1], fixed=fewer)))
    monkeypatch.setattr(calendar_table, "load_statutory_holidays", lambda: other)
    with world.writing() as connection:
        assert calendar_table.load_years(connection, YEARS, world.now_us) == []
    new_year = date(2027, 1, 1)
    with world.reading() as connection:
        after = calendar_table.read_calendar(connection)
        again = calendar_table.calendar_of(connection, before.revision)
    assert after.revision != before.revision
    assert after.is_working_day(new_year)
    assert again is not None
    assert not again.is_working_day(new_year)


def test_each_clock_keeps_the_revision_it_was_counted_by(world: World) -> None:
    loan = world.start()
    with world.reading() as connection:
        revision = calendar_table.revision(connection)
    assert [clock.calendar for clock in world.standing(loan).clocks] == [revision]


def test_an_empty_table_is_said_plainly(world: World) -> None:
    with world.writing() as connection:
        connection.execute(delete(tables.calendar_notice))
        connection.execute(delete(tables.calendar_revision))
    with world.reading() as connection, pytest.raises(CalendarError, match="cli init"):
        calendar_table.read_calendar(connection)
