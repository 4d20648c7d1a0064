"""`attachments check`: whether every file that a matter names is there, and what lies there for nobody."""

from __future__ import annotations

import click

from complaints.commands.parts import json_option, opened, tell
from complaints.dossier.file_upkeep import look, sweep
from complaints.gateways.choose import file_store


@click.group(help="The files of matters: whether all are there.")
def attachments() -> None:
    """Group the commands on files."""


@attachments.command(
    help="Compare the store with the matters. Ends with 1 where a file is missing or, with --digests, is not "
    "what was once put there; each is named. Files that no matter names are counted; --sweep removes those "
    "that are an hour old, as a worker does every hour."
)
@click.option("--digests", is_flag=True, help="Read every file and compare its SHA-256.")
@click.option("--sweep", "sweeps", is_flag=True, help="Remove what no matter names.")
@json_option
@click.pass_context
def check(context: click.Context, digests: bool, sweeps: bool, as_json: bool) -> None:
    """Compare, name, and sweep where asked."""
    with opened() as parts:
        store = file_store(parts.settings)
        with parts.database.reading() as session:
            found = look(session, store, parts.clock.now(), digests=digests)
        removed = sweep(parts.database, store, parts.clock.now) if sweeps else 0
    facts = {
        "files": found.files,
        "missing": [one.words for one in found.missing],
        "damaged": [one.words for one in found.damaged] if digests else "not compared",
        "without a matter": len(found.without_row),
        "unfinished": len(found.unfinished),
        "removed": removed,
    }
    tell(facts if as_json else {name: _plain(value) for name, value in facts.items()}, as_json=as_json)
    if not found.is_sound:
        context.exit(1)


def _plain(value: object) -> object:
    """Return a list as words."""
    return "; ".join(value) or "none" if isinstance(value, list) else value
