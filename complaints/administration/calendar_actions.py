"""Loading a holiday notice from a page: one transaction; the worker then moves the clocks, an event each."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.foundation.clock import Clock, local_moment
from complaints.foundation.errors import Conflict
from complaints.organisation.models import SecurityEvent
from complaints.organisation.people import SignedInActor, person_names
from complaints.organisation.security_log import record
from workflows.calendars.holiday_years import HolidayYear
from workflows.runtime.calendar_table import load_years, locked_latest, read_calendar, revision, revisions

LOADED = "calendar_loaded"
"""The security log's word for it."""


def load_notice(
    session: Session, clock: Clock, actor: SignedInActor, year: HolidayYear, *, base: str, address: str
) -> bool:
    """Load the year; `base` is the revision of the calendar that the preview was made from.

    Return False, with nothing written, where these days are loaded already: a double click, or somebody was
    faster. Raises Conflict where another notice came since the preview, and HolidayFileError where the years
    would have a gap or contradict each other.
    """
    connection = session.connection()
    locked_latest(connection)  # who loads at this moment is waited for, and seen
    before = revision(connection)
    words = last_loading(session)
    if not load_years(connection, [year], clock.now_us()):
        return False
    if before != base:
        raise Conflict(
            _(
                "Another notice was loaded meanwhile (%(by)s): nothing was changed. Look at what moves now, "
                "then load it.",
                by=words,
            )
        )
    read_calendar(connection)
    note_loading(session, clock, year, actor.id, address)
    return True


def last_loading(session: Session) -> str:
    """Say who loaded the present calendar and when, such as `林静, 2026-11-24 16:40`."""
    connection = session.connection()
    made_at = local_moment(revisions(connection)[0]["made_at_us"])
    loader = session.scalars(
        select(SecurityEvent.actor_id)
        .where(
            SecurityEvent.kind == LOADED,
            SecurityEvent.subject.endswith(f" {revision(connection)}"),
        )
        .order_by(SecurityEvent.id.desc())
        .limit(1)
    ).first()
    who = person_names(session, [loader])[loader] if loader else _("from the command line")
    return _("%(who)s, %(at)s", who=who, at=f"{made_at:%Y-%m-%d %H:%M}")


def note_loading(
    session: Session, clock: Clock, year: HolidayYear, actor_id: int | None = None, address: str = ""
) -> None:
    """Write into the security log that the year was loaded; the command line knows nobody by name."""
    record(
        session,
        clock.now(),
        LOADED,
        success=True,
        actor_id=actor_id,
        subject=f"calendar {year.year} {revision(session.connection())}",
        address=address,
    )
