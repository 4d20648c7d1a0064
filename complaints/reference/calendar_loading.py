"""Load the published working calendars into the database, from where alone they are read."""

from __future__ import annotations

from sqlalchemy.orm import Session

from workflows.calendars.holiday_files import load_holiday_files
from workflows.runtime.calendar_table import load_years


def load_calendar(session: Session, now_us: int, *, rolls_weekends: bool = False) -> list[int]:
    """Load every year whose notice this distribution holds; return the years that were new or changed.

    `now_us` is the present instant in microseconds since 1970 (UTC), kept beside each year; `rolls_weekends`
    is how the office reads article 45 of SAMR Order 121 (docs/adr/0005).
    """
    return load_years(session.connection(), load_holiday_files(), now_us, rolls_weekends=rolls_weekends)
