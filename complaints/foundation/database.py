"""Two doors to the database: `reading` and `writing`, with sessions for the application's own models.

How a transaction begins, waits for its turn and becomes durable is the engine's affair as much as ours, and
stands in `workflows.runtime.store`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, MetaData, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import DeclarativeBase, Session

from workflows.runtime.store import Store

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
        self._store = Store(url)
        self.url, self.is_sqlite = self._store.url, self._store.is_sqlite
        self.reader, self.writer = self._store.reader, self._store.writer

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads; what it changed by mistake is rolled back."""
        session = Session(self.reader, expire_on_commit=False)
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a connection that reads one state of the database throughout, whoever writes meanwhile."""
        with self.reader.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session in one write transaction: commit at the end, roll back on any error."""
        with self._store.turn(), Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

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
        self._store.dispose()
