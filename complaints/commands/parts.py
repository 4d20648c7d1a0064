"""What a command works with: settings, database, clock, and facts printed for people or programs."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import click
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from complaints.foundation import encryption
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict, Invalid
from complaints.migrations import head, present
from complaints.organisation.models import Unit
from complaints.organisation.passwords import Passwords, Rules
from complaints.organisation.units import need_unit
from config import Settings

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Parts:
    """Settings, database and clock of this process."""

    settings: Settings
    database: Database
    clock: Clock

    @contextmanager
    def writing_connection(self) -> Iterator[Connection]:
        """Open a write transaction and give its connection, as the engine wants it."""
        with self.database.writing() as session:
            yield session.connection()

    @property
    def passwords(self) -> Passwords:
        """Password rules and cost as set."""
        chosen = self.settings.passwords
        rules = Rules(chosen.min_length, chosen.classes, chosen.max_age_days)
        return Passwords(rules, chosen.hash_time, chosen.hash_memory_kib)


def spare_the_collector() -> None:
    """Let Python's cyclic collector leave alone what stands for good: modules, mappings, the routes.

    To go through all of that held every request up for a tenth of a second, now and then.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def opened(*, migrated: bool = True) -> Iterator[Parts]:
    """Open what a command needs. Raises Conflict where the database is not at this program's revision."""
    settings = Settings.from_environment()
    encryption.configure(encryption.FieldCipher(settings.field_key))
    database = Database(settings.database_url)
    try:
        if migrated:
            check_revision(database)
        yield Parts(settings, database, Clock())
    finally:
        database.dispose()


def check_revision(database: Database) -> None:
    """Raise Conflict where the database has another revision than this program needs."""
    with database.reading() as session:
        found = present(session.connection())
    if found != head():
        raise Conflict(
            f"The database is at revision {found or 'none'}, this program needs {head()}: run cli init."
        )


def path_of_unit(session: Session, unit: str) -> str:
    """Return the path of the unit named by path or code; empty for an empty one.

    Raises NotFound, and Invalid where a code is not enough.
    """
    if not unit:
        return ""
    paths = session.scalars(select(Unit.path).where(Unit.code == unit).order_by(Unit.path)).all()
    if len(paths) > 1:
        raise Invalid(f"There are several units {unit}: give one of the paths {', '.join(paths)}.")
    return paths[0] if paths else need_unit(session, unit).path


def with_progress(
    items: Iterable[Item], total: int, label: str, *, every: int = 10_000, quiet: bool = False
) -> Iterator[Item]:
    """Yield the items; how far it is goes to standard error: a bar on a terminal, plain lines in a pipe."""
    if quiet:
        yield from items
    elif sys.stderr.isatty():
        with click.progressbar(items, length=total, label=label, file=sys.stderr) as bar:
            yield from bar
    else:
        for done, one in enumerate(items, start=1):
            yield one
            if done % every == 0:
                click.echo(f"{label}: {done} of {total}", err=True)


def tell(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print facts: one a line for people, one object for programs."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")


def print_json(facts: Any) -> None:
    """Print facts of any shape for programs; days and instants in ISO 8601."""
    click.echo(json.dumps(facts, ensure_ascii=False, default=str))


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
