"""`init` creates or migrates the database; `health` says whether this installation can work."""

from __future__ import annotations

import shutil

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from complaints.app import build_services
from complaints.commands.parts import Parts, json_option, opened, tell
from complaints.migrations import head, migrate, present
from complaints.reference.calendar_loading import load_calendar
from complaints.reference.loading import load_reference_data
from workflows.runtime.definitions import record_definitions

LEAST_FREE_BYTES = 500 * 1024 * 1024


@click.command(
    help="Create or migrate the database and load reference data. Running it again changes nothing."
)
@json_option
def init(as_json: bool) -> None:
    """Bring the database to this program's revision."""
    with opened(migrated=False) as parts:
        tell(prepare(parts), as_json=as_json)


def prepare(parts: Parts) -> dict[str, object]:
    """Migrate and load; return what was done."""
    migrate(parts.database)
    with parts.database.writing() as session:
        regions, categories = load_reference_data(session)
        years = load_calendar(session, parts.clock.now_us())
        library = build_services(parts.settings, parts.clock, parts.database).engine.library
        versions = record_definitions(session.connection(), library, parts.clock.now_us())
    return {
        "revision": head(),
        "new regions": regions,
        "new categories": categories,
        "new calendar years": len(years),
        "new procedure versions": len(versions),
    }


@click.command(
    help="Say whether database, disk and keys are fit for work. Ends with 1 where something is not."
)
@json_option
def health(as_json: bool) -> None:
    """Check and print, each line with ok or what is wrong."""
    with opened(migrated=False) as parts:
        found = {"database": _database(parts), "disk": _disk(parts)}
    tell(found, as_json=as_json)
    if any(state != "ok" for state in found.values()):
        raise SystemExit(1)


def _database(parts: Parts) -> str:
    """Say whether the database answers and has the right revision."""
    try:
        with parts.database.reading() as session:
            session.execute(text("SELECT 1"))
            found = present(session.connection())
    except SQLAlchemyError as error:
        return f"unreachable: {type(error).__name__}"
    return "ok" if found == head() else f"at revision {found or 'none'}, needed {head()}: run cli init"


def _disk(parts: Parts) -> str:
    """Say whether there is room in the instance folder."""
    free = shutil.disk_usage(parts.settings.instance_dir).free
    return "ok" if free >= LEAST_FREE_BYTES else f"only {free // (1024 * 1024)} MiB free"
