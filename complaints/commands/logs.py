"""`log`: whether the event log is whole, and whether every row is what its events tell."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click
from sqlalchemy import Connection, func, select

from complaints.app import build_services
from complaints.commands.parts import json_option, opened, print_json
from complaints.dossier.models import Matter
from complaints.foundation.database import Database
from complaints.foundation.errors import NotFound
from workflows.runtime import replay
from workflows.runtime.engine import Engine
from workflows.runtime.replay import Trouble
from workflows.runtime.tables import instance

A_LINE_EVERY = 10_000
"""Matters between two lines of progress in a pipe."""


@click.group(help="The event log: check its chain and replay it.")
def log() -> None:
    """Hold the commands on the log."""


@log.command(
    help="Check the hash chain of every matter and replay it against its rows. Names the first bad event and "
    "ends with 1 where something does not fit."
)
@click.option("--instance", "instance_id", type=int, help="Check only this one.")
@json_option
def verify(instance_id: int | None, as_json: bool) -> None:
    """Verify all or one."""
    with opened() as parts:
        engine = build_services(parts.settings, parts.clock, parts.database).engine
        checked, trouble = verify_log(parts.database, engine, instance_id, quiet=as_json)
        told = told_of(parts.database, trouble) if trouble else ""
    if as_json:
        print_json(
            {
                "checked": checked,
                "whole": trouble is None,
                "instance": trouble.instance_id if trouble else None,
                "event": trouble.seq if trouble else None,
                "trouble": told or None,
            }
        )
    if trouble is not None:
        raise click.ClickException(told)
    if not as_json:
        click.echo(f"{checked} matters checked: every chain is whole, every row is what its events tell")


def verify_log(
    database: Database, engine: Engine, instance_id: int | None = None, *, quiet: bool = False
) -> tuple[int, Trouble | None]:
    """Check one instance or all in turn; return how many were checked and the first trouble.

    Raises NotFound where there is no such instance. Unless quiet, progress goes to standard error.
    """
    with database.reading() as session:
        connection = session.connection()
        if instance_id is not None:
            if connection.execute(select(instance.c.id).where(instance.c.id == instance_id)).first() is None:
                raise NotFound(f"There is no instance {instance_id}: write the number of one that exists.")
            trouble = replay.verify(connection, engine.library, instance_id, engine.settings.unseal)
            return 1, trouble
        checked = 0
        for _id, trouble in _with_progress(connection, engine, quiet=quiet):
            checked += 1
            if trouble is not None:
                return checked, trouble
        return checked, None


def told_of(database: Database, trouble: Trouble) -> str:
    """Say in one sentence which event of which matter does not fit, and what to do."""
    with database.reading() as session:
        number = session.scalars(
            select(Matter.number)
            .join(instance, instance.c.subject_id == Matter.id)
            .where(instance.c.id == trouble.instance_id)
        ).first()
    where = f"event {trouble.seq}" if trouble.seq else "the rows"
    return (
        f"Instance {trouble.instance_id} (matter {number or 'unknown'}), {where}: {trouble.sentence}. "
        "Keep the database as it is, and compare it with the last backup."
    )


def _with_progress(
    connection: Connection, engine: Engine, *, quiet: bool
) -> Iterator[tuple[int, Trouble | None]]:
    """Yield what verify_all finds, with a bar on a terminal and plain lines in a pipe."""
    found = replay.verify_all(connection, engine.library, engine.settings.unseal)
    if quiet:
        yield from found
        return
    total = connection.execute(select(func.count()).select_from(instance)).scalar_one()
    if sys.stderr.isatty():
        with click.progressbar(found, length=total, label="Checking", file=sys.stderr) as bar:
            yield from bar
        return
    for done, one in enumerate(found, start=1):
        yield one
        if done % A_LINE_EVERY == 0:
            click.echo(f"checked {done} of {total}", err=True)
