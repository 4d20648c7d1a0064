"""A new notice moves the due dates that were provisional, once, by an event of each matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.workflows.runtime.world import KEEPER, World, holiday_years
from workflows.holiday_years import DayOff, HolidayYear, MakeUpDay
from workflows.runtime import calendar_table, event_log
from workflows.runtime.recount import recount


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
    assert loan in recount(world.engine, world.writing)
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


def test_counting_again_changes_nothing_more(world: World) -> None:
    world.at(date(2027, 1, 28))
    loan = world.start(1)
    load_2027(world)
    assert recount(world.engine, world.writing) == [loan]
    assert recount(world.engine, world.writing) == []
    world.lend(loan)
    world.act(loan, "renew", KEEPER)
    assert recount(world.engine, world.writing) == []


def test_an_earlier_year_moves_nothing(world: World) -> None:
    world.start(1)
    load_2027(world)
    assert recount(world.engine, world.writing) == []
    assert world.row(1)["seq"] == 1
