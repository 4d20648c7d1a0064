"""Instants as the tables keep them: microseconds since 1970-01-01 UTC; days are those of Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """Return an aware instant in whole microseconds, without a detour over floating point."""
    since = instant.astimezone(UTC) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def day_in_shanghai(instant: datetime) -> date:
    """Return the calendar day on which an aware instant falls there."""
    return instant.astimezone(SHANGHAI).date()


def time_in_shanghai(us: int) -> str:
    """Return the time of day there of an instant in UTC microseconds, as HH:MM."""
    there = (_EPOCH + timedelta(microseconds=us)).astimezone(SHANGHAI)
    return f"{there.hour:02}:{there.minute:02}"


def at_local_time(day: date, of_day: time) -> int:
    """Return that time of that day, Asia/Shanghai, in UTC microseconds."""
    return microseconds(datetime.combine(day, of_day, SHANGHAI))
