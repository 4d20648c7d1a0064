"""`procedures migrate`: rehearses, and makes, the move of running matters to another version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from complaints.commands.parts import Parts, json_option, opened, print_json, with_progress
from complaints.commands.procedure_choice import chosen, engine_of
from complaints.commands.procedure_diff import language_option
from complaints.dossier.procedure_versions import RehearsedMatter, all_rehearsed, numbered
from complaints.foundation.errors import Invalid
from complaints.organisation.security_log import record
from workflows.definition import Label, Procedure
from workflows.runtime import migration
from workflows.runtime.engine import Engine
from workflows.versioning.migration_plans import MigrationPlan, read_plan
from workflows.versioning.migration_words import move_lines, state_words

KIND = "procedure_migrated"
"""The security log's word for it."""
LONGEST_REASON = 200


@click.command(
    help="Move the matters that run on version A of a procedure to version B by a checked plan: each in "
    "one step with an event of its own. Stopped or killed, the same command goes on with the rest. With "
    "--dry-run it only says, matter by matter, what becomes of state, clocks and actions, and what stays."
)
@click.argument("name")
@click.argument("a", type=int)
@click.argument("b", type=int)
@click.option(
    "--plan",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The plan; without it, the shipped one: workflows/plans/NAME.A-B.yaml.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would happen; write nothing.")
@click.option(
    "--reason",
    default="",
    help="Why matters are moved, kept with each event and in the security log; no names of people.",
)
@language_option
@json_option
def migrate(
    name: str, a: int, b: int, file: Path | None, dry_run: bool, reason: str, language: str, as_json: bool
) -> None:
    """Rehearse or move."""
    said = " ".join(reason.split())
    if not dry_run and not said:
        raise Invalid("Say why the matters are moved: --reason TEXT. Or look first, with --dry-run.")
    if len(said) > LONGEST_REASON:
        raise Invalid(f"The reason is longer than {LONGEST_REASON} characters: shorten it.")
    with opened() as parts:
        engine, today = engine_of(parts), parts.clock.today()
        for version in (a, b):
            chosen(engine.library, name, version, today)
        plan = read_plan(name, a, b, file)
        versions = migration.versions_of(engine.library, plan)
        found = _rehearsed(parts, engine, plan) if dry_run else _moved(parts, engine, plan, said)
        rows = []
        for one in with_progress(found, _waiting(parts, engine, plan), "matters", every=1_000, quiet=as_json):
            rows.append(_row(one, versions, language))
            if not as_json:
                _say(rows[-1])
        with parts.database.reading() as session:
            others = migration.staying(session.connection(), engine.library, plan)
    facts = {
        "procedure": name,
        "from": a,
        "to": b,
        "dry_run": dry_run,
        "moved": sum(not one["stays"] for one in rows),
        "stay": sum(one["stays"] for one in rows),
        "not_concerned": others,
    }
    if as_json:
        print_json({**facts, "matters": rows})
    else:
        click.echo(_summary(facts).in_language(language))


def _rehearsed(parts: Parts, engine: Engine, plan: MigrationPlan) -> Iterator[RehearsedMatter]:
    with parts.database.reading() as session:
        yield from all_rehearsed(session, engine, plan)


def _moved(parts: Parts, engine: Engine, plan: MigrationPlan, reason: str) -> Iterator[RehearsedMatter]:
    """Move matter by matter; that it was begun stands in the security log before the first of them."""
    moves = migration.migrate(engine, parts.writing_connection, plan, reason)
    with parts.database.writing() as session:
        what = f"{plan.procedure} {plan.from_version} to {plan.to_version}: {reason}"
        record(session, parts.clock.now(), KIND, success=True, subject=what)
    for one in moves:
        with parts.database.reading() as session:
            found = numbered(session, one)
        yield found


def _waiting(parts: Parts, engine: Engine, plan: MigrationPlan) -> int:
    with parts.database.reading() as session:
        return migration.concerned(session.connection(), engine.library, plan)


def _row(one: RehearsedMatter, versions: tuple[Procedure, Procedure], language: str) -> dict[str, Any]:
    move, (old, new) = one.rehearsed.move, versions
    return {
        "matter": one.number,
        "stays": bool(move.reasons),
        "reasons": [why.code for why in move.reasons],
        "state": move.state,
        "new_state": move.target,
        "clocks": [
            {
                "clock": clock.clock,
                "what": clock.what,
                "from": clock.before.legal_due if clock.before else None,
                "to": clock.after.legal_due if clock.after else None,
                "days": clock.days,
            }
            for clock in move.clocks
        ],
        "lost": [action.name for action in move.lost],
        "gained": [action.name for action in move.gained],
        "handover_waits": one.rehearsed.handover_waits,
        "open_tasks": one.rehearsed.open_tasks,
        "text": [
            state_words(move, old, new, language),
            *move_lines(move, old, new, language),
            *(label.in_language(language) for label in _carried(one)),
        ],
    }


def _carried(one: RehearsedMatter) -> Iterator[Label]:
    if one.rehearsed.handover_waits:
        yield Label("有等待答复的移交，随事项保留", "a handover waits for its answer, and goes on waiting")
    if one.rehearsed.open_tasks:
        number = one.rehearsed.open_tasks
        yield Label(f"未完成的待办{number}项，随事项保留", f"{number} open tasks, which stay open")


def _say(row: dict[str, Any]) -> None:
    state, *lines = row["text"]
    click.echo(f"{row['matter']}  {state}")
    for line in lines:
        click.echo(f"  {line}")


def _summary(facts: dict[str, Any]) -> Label:
    moved = Label("将变更" if facts["dry_run"] else "已变更", "would move" if facts["dry_run"] else "moved")
    return Label(
        f"{moved.zh}{facts['moved']}件；留在第{facts['from']}版{facts['stay']}件；"
        f"方案不涉及（已经结束或者其他状态）{facts['not_concerned']}件",
        f"{moved.en}: {facts['moved']}; stay on version {facts['from']}: {facts['stay']}; "
        f"not concerned (ended, or in other states): {facts['not_concerned']}",
    )
