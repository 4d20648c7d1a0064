"""The database's history: numbered revisions, run by `migrate`.

`HEAD` names the last, so that two new ones collide in git.

A revision says by itself what it does and imports nothing that may change later: a database made today and
one that was migrated year by year are the same.

A new revision, after the models have changed (the database named by DATABASE_URL must be at the head):
`.venv/bin/alembic -c setup.cfg revision --autogenerate --rev-id 0002 -m "what it is for"`, then write its
number into HEAD.
"""

from __future__ import annotations

import logging
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, text

from complaints.foundation.database import Base, Database
from complaints.foundation.errors import Conflict

FOLDER = Path(__file__).resolve().parent
_LOCK = 7_300_412_315
"""PostgreSQL advisory lock: of two processes that migrate at once, one waits."""


def target_metadata() -> list[MetaData]:
    """Return what the database should look like: the application's tables and the engine's."""
    for module in sorted(FOLDER.parent.glob("*/models.py")):
        import_module(f"complaints.{module.parent.name}.models")
    return [Base.metadata, import_module("workflows.runtime.tables").metadata]


def head() -> str:
    """Return the newest revision's number."""
    return files("complaints.migrations").joinpath("HEAD").read_text(encoding="ascii").strip()


def present(connection: Connection) -> str | None:
    """Return the database's revision, or None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the database to the revision, in one transaction. Running it twice does nothing."""
    with database.writing() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        if revision == "head" and present(connection) == head():
            return
        _refuse_unreleased(connection)
        command.upgrade(configuration(connection), revision)


_FIRST, _MADE_LATER = "0001", "person"
"""A table of the second revision. Earlier states of 0.1.0, never released, made all tables in the first."""


def _refuse_unreleased(connection: Connection) -> None:
    """Raise Conflict for a database of an earlier, unreleased state: what its revisions made is unknown."""
    if present(connection) == _FIRST and inspect(connection).has_table(_MADE_LATER):
        raise Conflict(
            "This database was made by an earlier, unreleased state of the program and cannot be taken over. "
            "Begin with a new one; for the demonstration: remove the folder INSTANCE_DIR."
        )


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the database back to a revision. The data of what is removed is lost: make a backup first."""
    with database.writing() as session:
        command.downgrade(configuration(session.connection()), revision)


def configuration(connection: Connection | None = None) -> Config:
    """Return alembic's settings for a connection whose transaction the caller owns."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
