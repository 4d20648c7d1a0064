"""`procedures`: what runs here, whether it holds, and how it looks."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import click

from complaints.commands.parts import json_option, opened, print_json
from complaints.commands.procedure_choice import check_versions, chosen, engine_of
from complaints.commands.procedure_diff import diff
from complaints.commands.procedure_moves import migrate
from complaints.migrations import head, present
from workflows.export.counts import counts_by_state
from workflows.export.mermaid import mermaid
from workflows.export.petri import net_of, pnml
from workflows.export.svg import svg
from workflows.proving.model_report import ALWAYS_LEFT_OUT
from workflows.rule_files import RULES
from workflows.rule_releases import load_rule_releases, rule_fingerprint
from workflows.rule_sets import RuleSet
from workflows.runtime.tables import instance
from workflows.runtime.version_facts import VersionFacts, version_facts

PICTURES = {"mermaid": mermaid, "svg": svg}
NET = "pnml"


@click.group(
    help="The workflow definitions: list, check, draw and compare them; move matters between versions."
)
def procedures() -> None:
    """Hold the commands on procedures."""


procedures.add_command(diff)
procedures.add_command(migrate)


@procedures.command(
    "list",
    help="List every version of every procedure: which days of receipt it governs, by which instrument, and "
    "how many matters run on it.",
)
@json_option
def list_procedures(as_json: bool) -> None:
    """List the versions; without a database of this revision, without the matters."""
    with opened(migrated=False) as parts:
        library, today = engine_of(parts).library, parts.clock.today()
        with parts.database.reading() as session:
            connection = session.connection()
            ready = present(connection) == head()
            known = version_facts(library, today, connection if ready else None)
    facts = [_facts(one) for one in known]
    if as_json:
        print_json(facts)
        return
    for one in facts:
        mark = "in force" if one["in_force"] else "not in force today"
        until = f" to {one['effective_to']}" if one["effective_to"] else ""
        runs = "" if one["open_matters"] is None else f"  {one['open_matters']} matters run on it"
        click.echo(
            f"{one['procedure']} {one['version']}  from {one['effective_from']}{until}  {mark}{runs}  "
            f"{one['label']}  {one['instrument']}  {one['fingerprint'][:12]}"
        )


@procedures.command(
    help="Check every procedure: unreachable states, dead ends, waits without a clock, unknown guards, "
    "roles, rules and messages; then walk every situation and say which rules always hold, and what the walk "
    "leaves out. Ends with 1 where there is a fault, and names each."
)
@json_option
def verify(as_json: bool) -> None:
    """Verify them all; building the library does it, and raises with every finding. A database that is
    there is asked whether what its matters run by is unchanged.
    """
    with opened(migrated=False) as parts:
        library = engine_of(parts).library
        with parts.database.reading() as session:
            ready = present(session.connection()) == head()
        if ready:
            check_versions(parts)
    released = {one.rule_set for one in load_rule_releases(RULES)}
    rules = [_rule_facts(one, released) for one in library.rule_book.all]
    checked: list[dict[str, Any]] = [
        {
            "procedure": one.name,
            "version": one.version,
            "states": len(one.states),
            "actions": len(one.actions),
            "clocks": len(one.clocks),
            "proof": library.proof(one.name, one.version).facts(),
        }
        for one in library.procedures
    ]
    unused = sorted(library.unused_guards)
    if as_json:
        print_json({"verified": checked, "rule_sets": rules, "unused_guards": unused})
        return
    for one in checked:
        click.echo(
            f"{one['procedure']} {one['version']}: ok "
            f"({one['states']} states, {one['actions']} actions, {one['clocks']} clocks)"
        )
        _show_proof(one["proof"])
    for one in rules:
        until = f" to {one['valid_to']}" if one["valid_to"] else " on"
        click.echo(
            f"rule set {one['rule_set']}: ok (from {one['valid_from']}{until}, "
            f"{'released' if one['released'] else 'draft'}, fingerprint {one['fingerprint']})"
        )
    click.echo("always left out:")
    for label in ALWAYS_LEFT_OUT:
        click.echo(f"  {label.zh} {label.en}")
    if unused:
        click.echo(f"guards that no procedure names: {', '.join(unused)}")


def _rule_facts(one: RuleSet, released: Collection[str]) -> dict[str, Any]:
    """Return what is said of one rule set."""
    return {
        "rule_set": one.id,
        "valid_from": str(one.valid_from),
        "valid_to": str(one.valid_to) if one.valid_to else None,
        "released": one.id in released,
        "fingerprint": rule_fingerprint(one),
    }


def _show_proof(proof: dict[str, Any]) -> None:
    click.echo(
        f"  walked {proof['situations']} situations and {proof['moves']} steps "
        f"in {proof['seconds']:.3f} s; always holds:"
    )
    for one in proof["invariants"]:
        click.echo(f"    {one['name']}: {one['zh']} {one['en']}")
    left = proof["abstracted"]
    for what, name in (
        ("guards asked by their own function", "asked_guards"),
        ("guards taken as free choices", "free_guards"),
        ("variables followed", "variables"),
        ("child procedures followed", "children"),
        ("actions that change nothing followed", "idle_actions"),
    ):
        click.echo(f"  {what}: {', '.join(left[name]) or 'none'}")


@procedures.command(
    help="Draw a procedure as Mermaid text or as an SVG picture, or write it as a Petri net (PNML) on which "
    "mining tools replay an exported log."
)
@click.argument("name")
@click.option("--version", type=int, help="Which version; without it, the one in force today.")
@click.option(
    "--format",
    "kind",
    type=click.Choice([*sorted(PICTURES), NET]),
    default="mermaid",
    help="mermaid, svg or pnml.",
)
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", help="Language of the labels.")
@click.option("--counts", is_flag=True, help="Write into each state how many matters stand there now.")
def graph(name: str, version: int | None, kind: str, language: str, counts: bool) -> None:
    """Draw one version."""
    with opened(migrated=counts) as parts:
        library, today = engine_of(parts).library, parts.clock.today()
        procedure, found = chosen(library, name, version, today), None
        if counts:
            with parts.database.reading() as session:
                everywhere = counts_by_state(session.connection(), instance.c.procedure == procedure.name)
                found = everywhere.get((procedure.name, procedure.version), {})
    if kind == NET:
        click.echo(pnml(net_of(procedure, unfinished=True)), nl=False)
    else:
        click.echo(PICTURES[kind](procedure, language, found), nl=False)


def _facts(one: VersionFacts) -> dict[str, Any]:
    return {
        "procedure": one.procedure.name,
        "version": one.procedure.version,
        "label": one.procedure.label.zh,
        "effective_from": one.procedure.effective_from.isoformat(),
        "effective_to": one.effective_to.isoformat() if one.effective_to else None,
        "instrument": one.instrument.zh if one.instrument else "",
        "in_force": one.in_force,
        "released": one.released,
        "open_matters": one.open_matters,
        "fingerprint": one.procedure.fingerprint,
    }
