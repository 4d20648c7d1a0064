"""Loading a holiday notice from a page: one transaction; the worker then moves the clocks, an event each."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from complaints.foundation.clock import Clock
from complaints.foundation.errors import Conflict
from complaints.organisation.people import SignedInActor
from complaints.organisation.security_log import record
from workflows.calendars.holiday_years import HolidayYear
from workflows.runtime.calendar_table import load_years, read_calendar, revision


def load_notice(
    session: Session, clock: Clock, actor: SignedInActor, year: HolidayYear, *, base: str, address: str
) -> bool:
    """Load the year; `base` is the revision of the calendar that the preview was made from.

    Return False, with nothing written, where these days are loaded already: a double click, or somebody was
    faster. Raises Conflict where another notice came since the preview, and HolidayFileError where the years
    would have a gap or contradict each other.
    """
    connection = session.connection()
    before = revision(connection)
    if not load_years(connection, [year], clock.now_us()):
        return False
    if before != base:
        raise Conflict(
            _(
                "Another notice was loaded meanwhile: nothing was changed. Look at what moves now, "
                "then load it."
            )
        )
    read_calendar(connection)
    note_loading(session, clock, year, actor.id, address)
    return True


def note_loading(
    session: Session, clock: Clock, year: HolidayYear, actor_id: int | None = None, address: str = ""
) -> None:
    """Write into the security log that the year was loaded; the command line knows nobody by name."""
    record(
        session,
        clock.now(),
        "calendar_loaded",
        success=True,
        actor_id=actor_id,
        subject=f"calendar {year.year} {revision(session.connection())}",
        address=address,
    )
