"""`init` creates or migrates the database and loads what every installation needs."""

from __future__ import annotations

from itertools import groupby

import click

from complaints.app import build_services
from complaints.commands.parts import Parts, json_option, opened, tell
from complaints.dossier.search_filling import fill
from complaints.migrations import head, migrate
from complaints.reference.calendar_loading import load_calendar
from complaints.reference.loading import load_reference_data
from workflows.runtime.definitions import record_definitions
from workflows.runtime.recount import recount
from workflows.runtime.rule_records import record_rule_sets


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
        years = load_calendar(session, parts.clock.now_us(), rolls_weekends=parts.settings.roll_weekends)
        engine = build_services(parts.settings, parts.clock, parts.database).engine
        versions = record_definitions(session.connection(), engine.library, parts.clock.now_us())
        rules = record_rule_sets(session.connection(), engine.library.rule_book, parts.clock.now_us())
    filled = fill(parts.database)
    parts.database.refresh_statistics()
    moved = groupby(recount(engine, parts.writing_connection), lambda one: one.instance_id)
    return {
        "revision": head(),
        "new regions": regions,
        "new categories": categories,
        "new calendar years": len(years),
        "matters whose due dates moved": sum(1 for _matter in moved),
        "new procedure versions": len(versions),
        "new rule sets": len(rules),
        "rows made findable": filled,
    }
