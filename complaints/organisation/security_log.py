"""The security log: sign-ins, refusals, changes to accounts and roles, full numbers seen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from complaints.organisation.models import SecurityEvent


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
    """Add a line. `subject` is a number, a path or a permission, never a personal value.

    Line breaks are taken out.
    """
    session.add(
        SecurityEvent(
            at=at,
            kind=kind,
            actor_id=actor_id,
            person_id=person_id,
            subject=_one_line(subject)[:200],
            address=_one_line(address)[:45],
            success=success,
        )
    )


def _one_line(text: str) -> str:
    """Take out what could pretend to be another line of a log."""
    return "".join(one if one.isprintable() else " " for one in text)
