"""A database for the engine: one door for reading, one for writing, with the rules that make a step durable.

SQLite: WAL with synchronous=FULL (a commit that was answered survives a power cut), foreign keys on, and
every writer takes a lock file before BEGIN IMMEDIATE. Without the lock file SQLite lets a busy writer starve
the others; with it they take turns. Readers never take the write lock. A database in memory has one
connection, which reads and writes in turn. PostgreSQL: the same two doors on one pool.

What a statement was given is hidden in its error message: such messages reach the log, and what people told
does not belong there.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import PoolProxiedConnection

from workflows.calendars.working_calendar import HolidayYear, load_holiday_files
from workflows.runtime import calendar_table, tables, triggers
from workflows.runtime.moments import microseconds

POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_pre_ping": True}
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "secure_delete=ON",
)


class Store:
    """A database with a door for reading and one for writing. One object serves all threads of a process."""

    def __init__(self, url: str | URL) -> None:
        """Open the database at the URL; nothing is created or migrated here."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._in_memory = self.is_sqlite and self.url.database in (None, "", ":memory:")
        if self._in_memory:
            self.reader = self.writer = _sqlite(
                self.url, "BEGIN IMMEDIATE", {"check_same_thread": False}, poolclass=StaticPool
            )
        elif self.is_sqlite:
            self.reader = _sqlite(self.url, "BEGIN", {}, pool_size=10, max_overflow=20)
            self.writer = _sqlite(self.url, "BEGIN IMMEDIATE", {}, pool_size=10, max_overflow=20)
        else:
            self.reader = self.writer = create_engine(self.url, hide_parameters=True, **POOL)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection that only reads; what it changed by mistake is rolled back."""
        with self.reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one write transaction: commit at the end, roll back on any error."""
        with self.turn(), self.writer.begin() as connection:
            yield connection

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this writer's turn (a SQLite file only; elsewhere there is nothing to wait for)."""
        if not self.is_sqlite or self._in_memory:
            yield
            return
        handle = os.open(f"{self.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def create(self, now: datetime, years: Iterable[HolidayYear] | None = None) -> None:
        """Make the engine's tables with their triggers and load the working calendar, once: where the tables
        stand, nothing is done, so that a program may ask at every start.

        `years` are the holiday notices to count by, all that are shipped unless given. A database that an
        application migrates has its tables from there.
        """
        with self.writing() as connection:
            # all come in one transaction, so one stands for all
            if inspect(connection).has_table(tables.instance.name):
                return
            tables.metadata.create_all(connection)
            triggers.create_triggers(connection)
            known = load_holiday_files() if years is None else years
            calendar_table.load_years(connection, known, microseconds(now))

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.reader.dispose()
        self.writer.dispose()


def _sqlite(url: URL, begin: str, connect: dict[str, Any], **pool: Any) -> Engine:
    """Make a SQLite engine whose transactions start with the given statement."""
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, **connect}, **pool)

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def _begin(connection: PoolProxiedConnection) -> None:
        connection.cursor().execute(begin)

    # Not by a listener for "begin", SQLAlchemy's own recipe: with any listener on the engine it goes the
    # longer way at every statement, and a transaction of twelve took 295 microseconds of CPU instead of 241.
    # Nor by `autocommit=False`, which Python 3.11 lacks and which begins without IMMEDIATE.
    engine.dialect.do_begin = _begin  # type: ignore[assignment]
    return engine
