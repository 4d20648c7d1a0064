"""`procedures`: what runs here, whether it holds, and how it looks."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from complaints.app import build_services
from complaints.commands.parts import Parts, json_option, opened, print_json
from complaints.foundation.errors import NotFound
from workflows.definition import Procedure
from workflows.export.mermaid import mermaid
from workflows.export.svg import svg
from workflows.versions import Library

PICTURES = {"mermaid": mermaid, "svg": svg}


@click.group(help="The workflow definitions: list them, check them, draw them.")
def procedures() -> None:
    """Hold the commands on procedures."""


@procedures.command("list", help="List every version of every procedure, and from which day it governs.")
@json_option
def list_procedures(as_json: bool) -> None:
    """List the versions."""
    with opened(migrated=False) as parts:
        library, today = _library(parts), parts.clock.today()
    facts = [_facts(library, one, today) for one in library.procedures]
    if as_json:
        print_json(facts)
        return
    for one in facts:
        mark = "in force" if one["in_force"] else "not in force today"
        click.echo(
            f"{one['procedure']} {one['version']}  from {one['effective_from']}  {mark}  "
            f"{one['label']}  {one['fingerprint'][:12]}"
        )


@procedures.command(
    help="Check every procedure: unreachable states, dead ends, waits without a clock, unknown guards, "
    "roles, rules and messages. Ends with 1 where there is a fault, and names each."
)
@json_option
def verify(as_json: bool) -> None:
    """Verify them all; building the library does it, and raises with every finding."""
    with opened(migrated=False) as parts:
        library = _library(parts)
    checked = [
        {
            "procedure": one.name,
            "version": one.version,
            "states": len(one.states),
            "actions": len(one.actions),
            "clocks": len(one.clocks),
        }
        for one in library.procedures
    ]
    unused = sorted(library.unused_guards)
    if as_json:
        print_json({"verified": checked, "unused_guards": unused})
        return
    for one in checked:
        click.echo(
            f"{one['procedure']} {one['version']}: ok "
            f"({one['states']} states, {one['actions']} actions, {one['clocks']} clocks)"
        )
    if unused:
        click.echo(f"guards that no procedure names: {', '.join(unused)}")


@procedures.command(help="Draw a procedure, as Mermaid text or as an SVG picture.")
@click.argument("name")
@click.option("--version", type=int, help="Which version; without it, the one in force today.")
@click.option(
    "--format", "kind", type=click.Choice(sorted(PICTURES)), default="mermaid", help="mermaid or svg."
)
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="Language of the labels.")
def graph(name: str, version: int | None, kind: str, language: str) -> None:
    """Draw one version."""
    with opened(migrated=False) as parts:
        library, today = _library(parts), parts.clock.today()
    click.echo(PICTURES[kind](_chosen(library, name, version, today), language))


def _library(parts: Parts) -> Library:
    """Return the verified procedures. Raises DefinitionError with every finding."""
    return build_services(parts.settings, parts.clock, parts.database).engine.library


def _facts(library: Library, one: Procedure, today: date) -> dict[str, Any]:
    in_force = one.effective_from <= today and library.version_for(one.name, today).procedure is one
    return {
        "procedure": one.name,
        "version": one.version,
        "label": one.label.zh,
        "effective_from": one.effective_from.isoformat(),
        "in_force": in_force,
        "fingerprint": one.fingerprint,
    }


def _chosen(library: Library, name: str, version: int | None, today: date) -> Procedure:
    known = [one for one in library.procedures if one.name == name]
    if not known:
        names = ", ".join(sorted({one.name for one in library.procedures}))
        raise NotFound(f"There is no procedure {name!r}: write one of {names}.")
    if version is None:
        return library.version_for(name, today).procedure
    for one in known:
        if one.version == version:
            return one
    versions = ", ".join(str(one.version) for one in known)
    raise NotFound(f"The procedure {name!r} has no version {version}: write one of {versions}.")
