"""`search`: whether the text index and the matters agree, and making it anew."""

from __future__ import annotations

import click

from complaints.commands.parts import json_option, opened, tell
from complaints.dossier.search_filling import differences, rebuild


@click.group(help="The text index of matters and historical records.")
def search() -> None:
    """Hold the commands on the text index."""


@search.command(help="Compare the text index with every matter and record; ends with 1 where they differ.")
@json_option
def check(as_json: bool) -> None:
    """Compare."""
    with opened() as parts, parts.database.reading() as session:
        found = differences(session)
    tell(found, as_json=as_json)
    if any(count for name, count in found.items() if name != "checked"):
        raise click.ClickException("The text index differs from the matters: run cli search rebuild.")


@search.command("rebuild", help="Make the text index anew. Until it ends, search finds less.")
@json_option
def make_anew(as_json: bool) -> None:
    """Make it anew."""
    with opened() as parts:
        tell({"indexed": rebuild(parts.database)}, as_json=as_json)
