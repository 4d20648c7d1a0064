from __future__ import annotations

from datetime import UTC, date, datetime

from complaints.foundation.clock import SHANGHAI, Clock, local_moment, microseconds


def test_the_day_is_shanghais() -> None:
    clock = Clock(lambda: datetime(2026, 11, 24, 16, 30, tzinfo=UTC))
    assert clock.today() == date(2026, 11, 25)
    assert clock.now() == datetime(2026, 11, 25, 0, 30, tzinfo=SHANGHAI)


def test_microseconds_and_back() -> None:
    moment = datetime(2028, 2, 29, 23, 59, 59, 999999, tzinfo=SHANGHAI)
    assert local_moment(microseconds(moment)) == moment


def test_the_machines_clock_is_aware() -> None:
    assert Clock().now().tzinfo is UTC
