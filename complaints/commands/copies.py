"""How each database is dumped while it serves, and brought back as a copy that is proved before it takes the
place.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import URL

from complaints.commands.postgresql_copies import PostgresqlCopy, dump_postgresql
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict, Invalid


class Copy(Protocol):
    """A restored database beside the one in use."""

    database: Database

    def replace(self, stamp: str) -> str:
        """Take the place of the database in use, and return the name under which that one is kept; "" for
        none.
        """
        ...

    def discard(self) -> None:
        """Remove the copy, unless it has taken the place."""
        ...


def dump(database: Database, target: Path) -> None:
    """Write a consistent dump of the database as of one moment; nobody is held up."""
    if database.is_sqlite:
        source = sqlite3.connect(f"file:{database.url.database}?mode=ro", uri=True, timeout=30)
        with closing(source), closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
        return
    dump_postgresql(database.url, target)


def restored(url: URL, source: Path, stamp: str) -> Copy:
    """Bring a dump back as a copy beside the database of that URL."""
    if url.get_backend_name() == "sqlite":
        return SqliteCopy(Path(url.database or ""), source, stamp)
    return PostgresqlCopy(url, source, stamp)


class SqliteCopy:
    """A file beside the file in use."""

    def __init__(self, place: Path, source: Path, stamp: str) -> None:
        """Put the file there and check its pages."""
        self._place = place
        self._path = place.with_name(f"{place.name}.restoring-{stamp}")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, self._path)
        self._path.chmod(0o600)
        self.database = Database(f"sqlite:///{self._path}")
        try:
            self._check()
        except Invalid:
            self.discard()
            raise

    def _check(self) -> None:
        try:
            with closing(sqlite3.connect(self._path)) as connection:
                (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            raise Invalid(
                f"The backup's database cannot be read ({error}): take another copy of it."
            ) from error
        if answer != "ok":
            raise Invalid(f"The backup's database is damaged ({answer}): take another copy of it.")

    def replace(self, stamp: str) -> str:
        """Put the copy in the place of the file in use; that one is kept beside it."""
        self.database.dispose()
        # out of WAL: the file alone is then the whole database
        _leave_wal(self._path)
        kept = self._place.with_name(f"{self._place.name}.before-{stamp}")
        handle = os.open(f"{self._place}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if self._place.exists():
                _leave_wal(self._place)
                os.link(self._place, kept)
            os.replace(self._path, self._place)
            _sync(self._place.parent)
        finally:
            os.close(handle)
        return str(kept) if kept.exists() else ""

    def discard(self) -> None:
        """Remove the copy and what SQLite keeps beside it."""
        self.database.dispose()
        for ending in ("", "-wal", "-shm", ".lock"):
            Path(f"{self._path}{ending}").unlink(missing_ok=True)


def _leave_wal(path: Path) -> None:
    """Write the log back into the file. SQLite allows it only where no other connection is open, which is
    the question.
    """
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        mode = ""
        with suppress(sqlite3.OperationalError):
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    if mode != "delete":
        raise Conflict(
            f"The database {path.name} is in use: stop cli serve and every cli worker, then restore again."
        )


def _sync(folder: Path) -> None:
    """Make the new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
