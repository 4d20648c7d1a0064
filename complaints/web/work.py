"""A request's piece of work: who is signed in, the engine, and a session to read with or to write with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from complaints.dossier.progress import Submitted
from complaints.dossier.work import Work
from complaints.web.access import current_actor
from complaints.web.services import services
from complaints.web.transaction import reading, writing

NO_VERSION = -1
"""No matter has this version: a form that brings none is told what the matter looks like now."""


def reading_work() -> Work:
    """Return a piece of work that only reads, on the request's reading session."""
    return _work(reading())


@contextmanager
def writing_work() -> Iterator[Work]:
    """Open a piece of work in the one write transaction of the request: all is committed, or nothing."""
    with writing() as session:
        yield _work(session)


def submitted(key: str | None, version: str | int | None) -> Submitted:
    """Return what a form carried besides its fields. Without a version, or with none that can be read, it is
    stale.
    """
    text = str(version or "")
    return Submitted(
        key or "", int(text) if text.isascii() and text.isdigit() and len(text) < 10 else NO_VERSION
    )


def _work(session: Session) -> Work:
    parts = services()
    return Work(session, current_actor(), parts.engine, parts.clock)
