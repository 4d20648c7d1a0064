"""The model's own calendar: limits counted day by day with an independent list of working days.

Only the part of 2026 in which the machine moves. Nothing of it is shared with the engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import chinese_calendar

ONE = timedelta(days=1)
FIRST, LAST = date(2026, 6, 8), date(2026, 8, 31)
"""The days between which the machine acts; every limit it opens ends within the year."""

STATUTORY = {date(2026, 6, 19), date(2026, 9, 25), date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3)}
"""The statutory holidays themselves from June on: 端午, 中秋, 国庆 (not the days around them)."""


class Due(NamedTuple):
    """The day a limit ends by plain counting, the last working day within it, and the legal end."""

    nominal: date
    alert: date
    legal: date


@cache
def is_workday(day: date) -> bool:
    """Tell whether offices work on that day of 2026, by a calendar that is not ours."""
    return bool(chinese_calendar.is_workday(day))


def due(start: date, n: int, unit: str, pauses: Iterable[tuple[date, date]] = ()) -> Due:
    """Count `n` days of `unit` after `start`, leaving out the pauses (first and last day included)."""
    gaps = list(pauses)
    day, counted = start, 0
    while counted < n:
        day += ONE
        if any(first <= day <= last for first, last in gaps):
            continue
        counted += unit == "day" or is_workday(day)
    alert = day
    while not is_workday(alert):
        alert -= ONE
    legal = day
    while legal in STATUTORY:
        legal += ONE
    return Due(day, alert, legal)
