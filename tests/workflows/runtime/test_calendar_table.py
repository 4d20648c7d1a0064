"""The calendar is loaded once, read from the table only, and a new notice reaches running processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection, delete, select, update

from tests.conftest import ReadCalendar
from tests.workflows.runtime.world import World
from workflows.calendars.statutory_holidays import load_statutory_holidays
from workflows.calendars.working_calendar import CalendarError, calendar_from, load_holiday_files
from workflows.canonical import digest
from workflows.runtime import calendar_table, tables, triggers

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


def day_moved(connection: Connection) -> None:
    notice = tables.calendar_notice
    days = connection.execute(select(notice.c.days).where(notice.c.year == 2026)).scalar_one()
    values = {"days": days.replace("2026-10-01", "2026-10-11")}
    connection.execute(update(notice).where(notice.c.year == 2026).values(**values))


def moved_with_a_digest_of_its_own(connection: Connection) -> None:
    """The notice fits its digest, and the revision names it; the revision's own name tells."""
    day_moved(connection)
    notice, revision = tables.calendar_notice, tables.calendar_revision
    row = connection.execute(select(notice).where(notice.c.year == 2026)).mappings().one()
    other = digest(row["days"], "sha256")
    connection.execute(update(notice).where(notice.c.year == 2026).values(digest=other))
    years = connection.execute(select(revision.c.years)).scalar_one()
    connection.execute(update(revision).values(years=years.replace(row["digest"], other)))


def holidays_of_the_law_changed(connection: Connection) -> None:
    revision = tables.calendar_revision
    kept = connection.execute(select(revision.c.statutory)).scalar_one()
    connection.execute(update(revision).values(statutory=kept.replace("10-01", "10-11")))


def weekends_made_to_roll(connection: Connection) -> None:
    connection.execute(update(tables.calendar_revision).values(rolls_weekends=True))


def notice_gone(connection: Connection) -> None:
    connection.execute(delete(tables.calendar_notice).where(tables.calendar_notice.c.year == 2026))


@pytest.mark.parametrize(
    "tamper",
    [
        day_moved,
        moved_with_a_digest_of_its_own,
        holidays_of_the_law_changed,
        weekends_made_to_roll,
        notice_gone,
    ],
)
def test_what_does_not_bear_its_digest_counts_nothing(
    world: World, tamper: Callable[[Connection], None]
) -> None:
    with world.reading() as connection:
        named = calendar_table.revision(connection)
        assert calendar_table.changed(connection) == []
    with world.writing() as connection:
        triggers.drop_triggers(connection)
        tamper(connection)
    with world.reading() as connection:
        with pytest.raises(CalendarError, match="changed in the database"):
            calendar_table.calendar_of(connection, named)
        (sentence,) = calendar_table.changed(connection)
    assert sentence.startswith("revision 1 of the calendar cannot be used: The ")


def test_a_calendar_by_which_clocks_were_counted_must_be_there(world: World) -> None:
    world.start()
    with world.writing() as connection:
        assert calendar_table.missing(connection) == []
        triggers.drop_triggers(connection)
        connection.execute(delete(tables.calendar_revision))
        calendar_table.load_years(connection, YEARS[:-1], world.now_us)
        assert "which is gone" in calendar_table.missing(connection)[0]


def test_a_revision_from_before_the_holidays_of_the_law_were_kept(world: World) -> None:
    """Such a one was named by its notices alone, and those before it are gone rightly."""
    world.start()
    table = tables.calendar_revision
    with world.writing() as connection:
        years = connection.execute(select(table.c.years)).scalar_one()
        name = digest(years, "sha256")[:16]
        connection.execute(update(table).values(statutory="", revision=name))
        assert calendar_table.changed(connection) == calendar_table.missing(connection) == []
        assert calendar_table.calendar_of(connection, name) is not None
