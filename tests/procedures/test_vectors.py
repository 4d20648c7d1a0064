"""Due dates that were worked out beforehand, each by the rule set of its own day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

from tests.procedures.office import rules
from workflows.calendars.working_calendar import calendar_from, load_holiday_files
from workflows.counting import TimeRules, recounted
from workflows.rows import ClockRow, PauseRow


@cache
def time(roll_weekends: bool = False) -> TimeRules:
    calendar = calendar_from(load_holiday_files(), "test", rolls_weekends=roll_weekends)
    return TimeRules(rules(), calendar)


VECTORS = [
    # clock, start, the days of each limit that binds, the day that counts (nominal)
    ("accept_decision", date(2026, 9, 17), date(2026, 9, 28)),
    ("verify", date(2026, 9, 17), date(2026, 10, 14)),
    ("accept_decision", date(2026, 2, 10), date(2026, 2, 26)),
    ("verify", date(2026, 2, 10), date(2026, 3, 9)),
    ("accept_decision", date(2026, 11, 24), date(2026, 12, 3)),
    ("verify", date(2026, 11, 24), date(2026, 12, 15)),
    ("mediation", date(2026, 11, 24), date(2027, 1, 23)),
    # 45 working days from 2026-02-10 end on 04-21, sixty days on 04-11: the earlier binds
    ("mediation", date(2026, 2, 10), date(2026, 4, 11)),
    ("mediation", date(2026, 4, 15), date(2026, 6, 14)),
    ("mediation", date(2026, 4, 14), date(2026, 6, 13)),
    ("accept_decision", date(2026, 9, 25), date(2026, 10, 12)),
    ("verify", date(2026, 9, 25), date(2026, 10, 22)),
    ("mediation", date(2026, 9, 17), date(2026, 11, 16)),
]


@pytest.mark.parametrize(("clock", "start", "end"), VECTORS)
def test_a_limit_ends_on_the_day_that_was_worked_out(clock, start, end):
    due, _limit = time().first_of(rules().limit(clock, start), start)
    assert due.nominal == end


def test_forty_five_working_days_where_they_stand_alone():
    limit = rules().limit("mediation", date(2026, 2, 10))
    assert [time().due(date(2026, 2, 10), one.n, one.unit).nominal for one in limit.all_binding] == [
        date(2026, 4, 21),
        date(2026, 4, 11),
    ]
    limit = rules().limit("mediation", date(2026, 4, 14))
    assert [time().due(date(2026, 4, 14), one.n, one.unit).nominal for one in limit.all_binding] == [
        date(2026, 6, 18),
        date(2026, 6, 13),
    ]


def test_sixty_days_that_end_on_a_sunday():
    """The default keeps the Sunday; an office may set that the last day moves on."""
    start = date(2026, 4, 15)
    limit = rules().limit("mediation", start)
    due, rolled = (one.first_of(limit, start)[0] for one in (time(), time(roll_weekends=True)))
    assert (due.nominal, due.alert_due, due.legal_due) == (
        start.replace(month=6, day=14),
        date(2026, 6, 12),
        date(2026, 6, 14),
    )
    assert rolled.legal_due == date(2026, 6, 15)


def test_testing_of_ten_days_is_not_counted():
    start = date(2026, 9, 17)
    pause = PauseRow(date(2026, 10, 1), date(2026, 10, 10), "paper", 1)
    due, _limit = time().first_of(rules().limit("mediation", start), start, [pause])
    assert due.nominal == date(2026, 11, 26)


def test_a_pause_may_change_which_of_two_limits_binds():
    """Testing through Spring Festival stops many days but few working days, which then may end first."""
    start = date(2025, 1, 2)
    limit = rules().limit("mediation", start)
    assert time().first_of(limit, start)[1].unit == "day"
    pause = PauseRow(date(2025, 1, 25), date(2025, 2, 8), "paper", 1)
    due, first = time().first_of(limit, start, [pause])
    ends = {str(one.unit): time().due(start, one.n, one.unit, [pause]).nominal for one in limit.all_binding}
    assert due.nominal == min(ends.values()) == ends[str(first.unit)]


def test_an_extended_run_keeps_its_extension_where_two_limits_bind() -> None:
    """Counted again, by a notice or after a pause, it is not cut back to the shorter of the two."""
    start = date(2025, 3, 3)
    due, first = time().first_of(rules().limit("mediation", start), start)
    row = ClockRow("mediation", 1, first.rule_set, start, first.n + 15, str(first.unit), "earlier", *due)
    longer = replace(row, extended=True)
    assert recounted(row, row.n, (), time())["n"] == first.n
    again = recounted(longer, longer.n, (), time())
    assert (again["n"], again["nominal"]) == (first.n + 15, str(due.nominal + timedelta(days=15)))
