"""A machine whose clock is set forth and back, and edges of the calendar: nothing twice, no negative time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.workflows.runtime.world import LI, World
from workflows.runtime import event_log
from workflows.runtime.moments import SHANGHAI, at_local_time, day_in_shanghai, microseconds


def test_a_clock_set_forth_and_back_fires_each_timer_once_and_keeps_the_order(world: World) -> None:
    """A day ahead, a day behind, right again, while the worker runs: the order is that of the sequence."""
    loans = [world.start(number) for number in (1, 2, 3)]
    for loan in loans[:2]:
        world.lend(loan)
    start, fired = world.now, 0
    for days in (0, 9, 8, 10, 9, 7, 12, 11, 40, 39, 41):
        world.now = start + timedelta(days=days)
        fired += world.fire()
        world.act(loans[2], "remark", LI, text="正常工作")
    assert fired == world.count("wf_timer", "status = 'fired'")
    assert world.fire() == 0
    for loan in loans:
        with world.reading() as connection:
            events = event_log.events_of(connection, loan)
        assert [one.seq for one in events] == list(range(1, len(events) + 1))
        told = [(one.action, one.effects.get("late_by_seconds", 0)) for one in events if one.kind == "timer"]
        assert len(told) == len(set(told))
        assert all(late >= 0 for _action, late in told)
    assert world.troubles() == []


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2028, 2, 29, 23, 59, 58, tzinfo=SHANGHAI),
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=SHANGHAI),
        datetime(2027, 6, 1, 0, 0, 0, tzinfo=SHANGHAI),
    ],
    ids=["leap_day", "year_end", "year_not_announced"],
)
def test_work_across_an_edge_of_the_calendar(world: World, moment: datetime) -> None:
    world.now = moment.astimezone(UTC)
    today = world.today
    loan = world.start()
    world.now += timedelta(seconds=2)
    world.lend(loan)
    rows = world.standing(loan).clocks
    assert all(row.start in (today, today + timedelta(days=1)) for row in rows)
    assert all(row.legal_due >= row.nominal > row.start for row in rows)
    assert all(row.provisional == (row.legal_due.year > 2026) for row in rows)
    world.wait(60)
    assert world.fire() > 0
    assert world.troubles() == []


def test_the_summer_time_of_1986_shifts_no_day() -> None:
    """China kept summer time from 1986 to 1991: half past eight was half past seven of the other months."""
    assert at_local_time(date(1986, 7, 1), time(8, 30)) == at_utc(1986, 6, 30, 23, 30)
    assert at_local_time(date(1986, 12, 1), time(8, 30)) == at_utc(1986, 12, 1, 0, 30)
    assert day_in_shanghai(datetime(1986, 7, 1, 15, 0, tzinfo=UTC)) == date(1986, 7, 2)
    assert day_in_shanghai(datetime(1986, 12, 1, 15, 59, tzinfo=UTC)) == date(1986, 12, 1)


def at_utc(*parts: int) -> int:
    return microseconds(datetime(*parts, tzinfo=UTC))  # type: ignore[misc, arg-type]  # the parts of a moment
