"""A new notice moves the due dates that were provisional, once, by an event of each matter."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, update

from tests.workflows.runtime.world import HERE, KEEPER, World, holiday_years
from workflows.calendars.holiday_years import DayOff, HolidayYear, MakeUpDay
from workflows.calendars.working_calendar import WorkingCalendar
from workflows.counting import TimeRules
from workflows.rule_files import load_rule_set
from workflows.rule_sets import RuleBook
from workflows.runtime import calendar_table, event_log, triggers
from workflows.runtime.engine import Engine
from workflows.runtime.planned_moves import planned
from workflows.runtime.recount import counting, recount
from workflows.runtime.tables import instance


def notice_for_2027() -> HolidayYear:
    """Return an invented notice: the eighth to the tenth of February off, the Sunday before made up."""
    model = holiday_years()[-1]
    off = [DayOff(date(2027, 1, 1), "元旦", True)]
    off += [DayOff(date(2027, 2, day), "春节", True) for day in (5, 6, 7, 8)]
    off += [DayOff(date(2027, 2, 9), "春节", False), DayOff(date(2027, 2, 10), "春节", False)]
    off += [DayOff(date(2027, 4, 5), "清明节", True), DayOff(date(2027, 5, 1), "劳动节", True)]
    off += [DayOff(date(2027, 5, 2), "劳动节", True), DayOff(date(2027, 6, 9), "端午节", True)]
    off += [DayOff(date(2027, 9, 15), "中秋节", True)]
    off += [DayOff(date(2027, 10, day), "国庆节", True) for day in (1, 2, 3)]
    work = (MakeUpDay(date(2027, 1, 31), "春节"),)
    return replace(model, year=2027, off=tuple(sorted(off, key=lambda one: one.date)), work=work)


def load_2027(world: World) -> None:
    with world.writing() as connection:
        calendar_table.load_years(connection, [*holiday_years(), notice_for_2027()], world.now_us)
    world.wait(0.01)


def moved(world: World) -> list[int]:
    """Count again, and return the loans that moved."""
    return [one.instance_id for one in recount(world.engine, world.writing)]


def test_a_notice_moves_provisional_dates_by_an_event(world: World) -> None:
    world.at(date(2027, 1, 28))
    loan, ended, paused = world.start(1), world.start(2), world.start(3)
    world.act(ended, "refuse", ground="1")
    world.lend(paused)
    world.act(paused, "tell", told_on=world.today.isoformat(), proof="当面")
    world.act(paused, "send_to_binder", paper="1")
    before = world.standing(loan).clocks[0]
    assert before.provisional
    assert world.row(loan)["next_alert_due"] == before.alert_due
    load_2027(world)
    assert loan in moved(world)
    after = world.standing(loan).clocks[0]
    assert not after.provisional
    assert after.nominal != before.nominal
    assert after.calendar != before.calendar
    assert world.row(loan)["next_alert_due"] == after.alert_due
    assert world.row(loan)["row_version"] == 1
    with world.reading() as connection:
        last = event_log.events_of(connection, loan)[-1]
    assert (last.kind, last.actor_id) == ("calendar", 0)
    assert not world.standing(ended).clocks[0].open
    due = world.standing(paused).latest("due")
    assert due is not None
    assert due.calendar == before.calendar
    assert world.troubles() == []


def test_a_broken_matter_holds_up_no_other(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.at(date(2027, 1, 28))
    broken, whole = world.start(1), world.start(2)
    with world.writing() as connection:
        triggers.drop_triggers(connection)
        connection.execute(update(instance).where(instance.c.id == broken).values(vars="{"))
    load_2027(world)
    with caplog.at_level(logging.CRITICAL):
        assert moved(world) == [whole]
    assert not world.standing(whole).clocks[0].provisional


def calendar_ahead(world: World) -> TimeRules:
    """Return the rules as they would be with the notice for 2027; nothing is written."""
    with world.reading() as connection:
        return replace(
            world.time_rules(connection), calendar=calendar_table.calendar_with(connection, notice_for_2027())
        )


def test_a_clock_for_which_no_rule_is_found_is_named_stays_and_holds_up_no_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.at(date(2027, 1, 28))
    lent, asked = world.start(1), world.start(2)
    world.lend(lent)
    rules = (HERE / "rules" / "reading-room.yaml").read_text(encoding="utf-8")
    assert "  answer:" in rules
    unruled = RuleBook([load_rule_set(rules.replace("  answer:", "  reply:", 1), "reading-room.yaml")])
    with world.reading() as connection:
        shown = list(planned(connection, replace(calendar_ahead(world), rules=unruled)))
    faults = {(one.instance_id, one.clock): one.fault for one in shown if one.fault is not None}
    assert {(asked, "answer"), (lent, "answer")} == set(faults)
    [why] = set(faults.values())
    assert "No limit for the clock 'answer' is in force" in why.en
    assert "没有“answer”的时限" in why.zh
    before = world.standing(asked).clocks[0]
    load_2027(world)
    engine = Engine(world.library, with_rules(world, unruled), lambda: world.now, world.settings)
    with caplog.at_level(logging.ERROR):
        done = [(one.instance_id, one.clock) for one in recount(engine, world.writing)]
    assert done == [(lent, "due")]
    assert f"The clock answer of instance {asked}: No limit" in caplog.text
    assert world.standing(asked).clocks[0] == before


def with_rules(world: World, rules: RuleBook) -> Callable[[Connection], TimeRules]:
    return lambda connection: replace(world.time_rules(connection), rules=rules)


def test_what_is_said_beforehand_is_what_happens_row_by_row(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loans that move, that only become final, that stay, that stand still; in small portions."""
    for number, day in enumerate((date(2026, 12, 1), date(2027, 1, 4), date(2027, 1, 28), date(2027, 2, 1))):
        world.at(day)
        loan, paused, ended = (world.start(3 * number + one) for one in (1, 2, 3))
        world.lend(paused)
        world.act(paused, "send_to_binder", paper="1")
        world.act(ended, "refuse", ground="1")
        assert loan
    ahead = calendar_ahead(world)
    monkeypatch.setattr("workflows.runtime.recount.PORTION", 3)
    with world.reading() as connection:
        shown = list(planned(connection, ahead, portion=2))
    load_2027(world)
    done = list(recount(world.engine, world.writing))
    assert [one for one in shown if not one.paused] == done
    assert {one.settled and not one.moves for one in done} == {True, False}
    still = [one for one in shown if one.paused]
    assert still
    for one in still:
        clock = world.standing(one.instance_id).running(one.clock)
        assert clock is not None
        assert clock.legal_due == one.before.legal_due, "a clock that stands still keeps its day"
        world.act(one.instance_id, "back_from_binder")
        clock = world.standing(one.instance_id).running(one.clock)
        assert clock is not None
        assert clock.calendar == ahead.calendar.revision, "and is counted by the new notice when it goes on"
    with world.reading() as connection:
        assert list(planned(connection, ahead)) == []
    assert world.troubles() == []


def test_the_event_tells_old_and_new_dates(world: World) -> None:
    world.at(date(2027, 1, 28))
    loan = world.start(1)
    before = world.standing(loan).clocks[0]
    load_2027(world)
    moved(world)
    with world.reading() as connection:
        told = event_log.events_of(connection, loan)[-1].effects["moved"][0]
    assert told["was"]["legal_due"] == before.legal_due.isoformat()
    assert told["was"]["provisional"] is True
    assert told["legal_due"] == world.standing(loan).clocks[0].legal_due.isoformat()


def test_whoever_comes_next_goes_on_where_one_was_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.at(date(2027, 1, 28))
    loans = [world.start(number) for number in range(1, 8)]
    load_2027(world)
    monkeypatch.setattr("workflows.runtime.recount.PORTION", 2)
    with monkeypatch.context() as patch:
        patch.setattr(world.engine, "system_event", stopping_after(3, world.engine.system_event))
        with pytest.raises(KeyboardInterrupt):
            moved(world)
    with world.reading() as connection:
        assert counting(connection).left == 5, "the second portion is begun again"
    assert moved(world) == loans[3:], "and what had moved in it does not move twice"
    with world.reading() as connection:
        how = counting(connection)
    assert (how.moved, how.left) == (7, 0)
    assert how.counted_at_us is not None
    assert world.troubles() == []


def stopping_after(number: int, real: Callable[..., Any]) -> Callable[..., Any]:
    """Write so many events, then end in the midst of the next transaction, as a Ctrl-C would."""
    left = iter(range(number))

    def write(*given: Any) -> Any:
        after = real(*given)
        if next(left, None) is None:
            raise KeyboardInterrupt
        return after

    return write


def test_what_another_process_counted_by_the_calendar_before_is_found_later(world: World) -> None:
    """A process remembers its calendar for a minute; what it opens in it is found by the second pass."""
    world.at(date(2027, 1, 28))
    early = world.start(1)
    with world.reading() as connection:
        world.time_rules(connection)
    with world.writing() as connection:
        calendar_table.load_years(connection, [notice_for_2027()], world.now_us)
    assert moved(world) == [], "this very process still remembers the calendar before"
    late = world.start(2)
    world.now += timedelta(seconds=61)
    assert moved(world) == [early, late]
    other = World(world.url)
    other.now = world.now - timedelta(seconds=61)
    other.calendars._calendar = calendar_before(world)
    other.calendars._checked_us = other.now_us
    stray = other.start(3)
    other.database.dispose()
    assert moved(world) == [], "too early for the second pass"
    world.now += timedelta(seconds=60)
    assert moved(world) == [stray]
    assert moved(world) == []
    assert world.troubles() == []


def calendar_before(world: World) -> WorkingCalendar:
    with world.reading() as connection:
        first = calendar_table.revisions(connection)[-1]
        found = calendar_table.calendar_of(connection, first["revision"])
    assert found is not None
    return found


def test_counting_again_changes_nothing_more(world: World) -> None:
    world.at(date(2027, 1, 28))
    loan = world.start(1)
    load_2027(world)
    assert moved(world) == [loan]
    assert moved(world) == []
    world.lend(loan)
    world.act(loan, "renew", KEEPER)
    assert moved(world) == []


def test_an_earlier_year_moves_nothing(world: World) -> None:
    world.start(1)
    load_2027(world)
    assert moved(world) == []
    assert world.row(1)["seq"] == 1
