"""The transaction edge: one reading session a request, and a door for the one write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from flask import Flask, g
from sqlalchemy.orm import Session

from complaints.web.services import services


def reading() -> Session:
    """Return the request's reading session.

    It sees the database as of its first query and is closed with the request.
    """
    if "reading" not in g:
        g.reading_stack = ExitStack()
        g.reading = g.reading_stack.enter_context(services().database.reading())
    session: Session = g.reading
    return session


def read_again() -> Session:
    """Return a fresh reading session, for a page that shows what this very request has written."""
    _close_reading(None)
    return reading()


@contextmanager
def writing() -> Iterator[Session]:
    """Open the one write transaction of a request: commit at the end, roll back on any error.

    The reading session stays as it is. After a refusal that somebody writes down (`Services.recorders`), it
    is written in a transaction of its own and then raised as before.
    """
    try:
        with services().database.writing() as session:
            yield session
    except BaseException as refusal:
        _record(refusal)
        raise


def _record(refusal: BaseException) -> None:
    """Write a refusal down where its type has a recorder."""
    recorder = next((one for kind, one in services().recorders.items() if isinstance(refusal, kind)), None)
    if recorder is not None:
        with services().database.writing() as session:
            recorder(session, refusal)


def _close_reading(_error: BaseException | None) -> None:
    """Close the reading session where one was opened."""
    stack: ExitStack | None = g.pop("reading_stack", None)
    g.pop("reading", None)
    if stack is not None:
        stack.close()


def install(app: Flask) -> None:
    """Close the reading session at the end of each request."""
    app.teardown_appcontext(_close_reading)
