"""The security log: sign-ins, refusals, changes to accounts and roles, full numbers seen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from complaints.organisation.models import SecurityEvent

LONGEST = 2_000
"""Characters of a subject: the numbers of all matters that one look can show, and room to spare."""


def record(
    session: Session,
    at: datetime,
    kind: str,
    *,
    success: bool,
    actor_id: int | None = None,
    person_id: int | None = None,
    subject: str = "",
    address: str = "",
) -> None:
    """Add a line. `subject` is numbers of matters, a path or a permission, never a personal value.

    Line breaks are taken out.
    """
    session.add(
        SecurityEvent(
            at=at,
            kind=kind,
            actor_id=actor_id,
            person_id=person_id,
            subject=_one_line(subject)[:LONGEST],
            address=_one_line(address)[:45],
            success=success,
        )
    )


def last_subject(session: Session, kind: str, actor_id: int, since: datetime, until: datetime) -> str:
    """Return the subject of the person's latest line of the kind between two instants (UTC), or nothing."""
    found = session.scalars(
        select(SecurityEvent.subject)
        .where(
            SecurityEvent.kind == kind,
            SecurityEvent.actor_id == actor_id,
            SecurityEvent.at.between(since, until),
        )
        .order_by(SecurityEvent.at.desc(), SecurityEvent.id.desc())
        .limit(1)
    ).first()
    return found or ""


def how_many(session: Session, kind: str, actor_id: int, since: datetime, until: datetime) -> int:
    """Count the person's successful lines of the kind between two instants (UTC)."""
    statement = select(func.count()).where(
        SecurityEvent.kind == kind,
        SecurityEvent.actor_id == actor_id,
        SecurityEvent.at.between(since, until),
        SecurityEvent.success,
    )
    return int(session.execute(statement).scalar_one())


def _one_line(text: str) -> str:
    """Take out what could pretend to be another line of a log."""
    return "".join(one if one.isprintable() else " " for one in text)
