"""Signs of life: written by each worker, read by `cli health` and the outbox page."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from complaints.administration.models import WorkerHeartbeat

ALIVE = timedelta(minutes=3)
"""A worker not seen for longer counts as gone."""
FORGOTTEN = timedelta(days=1)
"""After so long the row of a killed worker is removed."""


def beat(session: Session, name: str, now: datetime, fired: int, settled: int) -> None:
    """Write that the worker lives, with what it has done since it started."""
    row = session.get(WorkerHeartbeat, name)
    if row is None:
        row = WorkerHeartbeat(name=name, started_at=now)
        session.add(row)
    row.seen_at, row.fired, row.settled = now, fired, settled


def end(session: Session, name: str) -> None:
    """Take the worker's row away: it ended in order."""
    session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.name == name))


def forget_old(session: Session, now: datetime) -> None:
    """Remove what killed workers left behind long ago, or by a clock that ran ahead."""
    seen = WorkerHeartbeat.seen_at
    session.execute(delete(WorkerHeartbeat).where((seen < now - FORGOTTEN) | (seen > now + FORGOTTEN)))


def last_seen(session: Session) -> datetime | None:
    """Return when any worker was last seen, or None where none ever was."""
    return session.scalars(
        select(WorkerHeartbeat.seen_at).order_by(WorkerHeartbeat.seen_at.desc()).limit(1)
    ).first()


def alive(session: Session, now: datetime) -> int:
    """Return how many workers are alive. A sign from far ahead is that of a clock that was set back since."""
    statement = select(func.count()).where(WorkerHeartbeat.seen_at.between(now - ALIVE, now + ALIVE))
    return session.execute(statement).scalar_one()
