"""Two doors to the database: `reading` and `writing`.

SQLite: WAL with synchronous=FULL (a commit that was answered survives a power cut), foreign keys on, and
every writer takes a lock file before BEGIN IMMEDIATE. Without the lock file SQLite lets a busy writer starve
the others; with it they take turns. Readers never take the write lock. PostgreSQL: the same two doors on one
pool.

What a statement was given is hidden in its error message: such messages reach the log, and what people told
does not belong there.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import DeclarativeBase, Session

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of the application's own tables. The engine's tables (`wf_…`) have their own metadata."""

    metadata = MetaData(naming_convention=NAMING)


class Database:
    """A database with a door for reading and one for writing. One object serves all threads of a process."""

    def __init__(self, url: str | URL) -> None:
        """Open the database at the URL; nothing is created or migrated here."""
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.reader = _sqlite_engine(self.url, "BEGIN")
            self.writer = _sqlite_engine(self.url, "BEGIN IMMEDIATE")
        else:
            self.reader = self.writer = create_engine(
                self.url, pool_pre_ping=True, pool_size=10, max_overflow=10, hide_parameters=True
            )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads; what it changed by mistake is rolled back."""
        session = Session(self.reader, expire_on_commit=False)
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session in one write transaction: commit at the end, roll back on any error."""
        with self._turn(), Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for this writer's turn (SQLite only)."""
        if not self.is_sqlite or self.url.database in (None, "", ":memory:"):
            yield
            return
        handle = os.open(f"{self.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def refresh_statistics(self) -> None:
        """Let SQLite take samples of its indexes, by which it chooses among them; PostgreSQL does by itself.

        Without these SQLite walks through years of matters for those of today. A second at 200,000.
        """
        if self.is_sqlite:
            with self.writing() as session:
                session.execute(text("PRAGMA analysis_limit=1000"))
                session.execute(text("ANALYZE"))

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.reader.dispose()
        self.writer.dispose()


def _sqlite_engine(url: URL, begin: str) -> Engine:
    """Make a SQLite engine whose transactions start with the given statement."""
    engine = create_engine(
        url, pool_size=10, max_overflow=20, hide_parameters=True, connect_args={"timeout": 30}
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
