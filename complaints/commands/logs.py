"""`log`: whether the event log is whole, whether every row is what its events tell, and its anchors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Connection, func, select

from complaints.administration.anchoring import read_file
from complaints.app import build_services
from complaints.commands.anchoring import anchor, anchor_key
from complaints.commands.erasing import erase
from complaints.commands.parts import json_option, opened, print_json
from complaints.dossier.models import Matter
from complaints.foundation.database import Database
from complaints.foundation.errors import Invalid, NotFound
from workflows.anchoring import signing_keys
from workflows.anchoring.anchor_statements import AnchorFile
from workflows.anchoring.signing_keys import SigningKeyError
from workflows.runtime import anchors, replay, shared_check
from workflows.runtime.engine import Engine
from workflows.runtime.replay import Trouble
from workflows.runtime.tables import instance

A_LINE_EVERY = 10_000
"""Matters between two lines of progress in a pipe."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to: how many instances, how many anchors of the table, and every trouble found."""

    instances: int
    anchors: int
    troubles: tuple[Trouble, ...]


@click.group(help="The event log: check its chain and replay it, sign and check its anchors.")
def log() -> None:
    """Hold the commands on the log."""


log.add_command(anchor)
log.add_command(anchor_key)
log.add_command(erase)


@log.command(
    help="Check the hash chain of every matter and replay it against its rows. Names the first bad event and "
    "ends with 1 where something does not fit. Against an anchor kept elsewhere it also finds cut tails, "
    "lost matters and chains that were written anew."
)
@click.option("--instance", "instance_id", type=int, help="Check only this one.")
@click.option(
    "--anchor",
    "anchor_files",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="File of an anchor to hold the log against; may be given several times.",
)
@click.option(
    "--public-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The key that must have signed the anchors, kept apart from them; without it a file's own is taken.",
)
@click.option("--all", "every", is_flag=True, help="Go on after the first bad matter and name each.")
@json_option
def verify(
    instance_id: int | None,
    anchor_files: tuple[Path, ...],
    public_key: Path | None,
    every: bool,
    as_json: bool,
) -> None:
    """Verify all or one."""
    kept = [_trusted(path, _public_key(public_key)) for path in anchor_files]
    if kept and public_key is None:
        click.echo(
            "Warning: each anchor is believed by the key in its own file; give --public-key to be sure "
            "that it is yours.",
            err=True,
        )
    with opened() as parts:
        engine = build_services(parts.settings, parts.clock, parts.database).engine
        found = verify_log(parts.database, engine, instance_id, quiet=as_json, against=kept, every=every)
        told = [told_of(parts.database, one) for one in found.troubles]
    if as_json:
        first = found.troubles[0] if found.troubles else None
        print_json(
            {
                "checked": found.instances,
                "anchors": found.anchors,
                "whole": first is None,
                "instance": first.instance_id if first else None,
                "event": first.seq if first else None,
                "trouble": told[0] if told else None,
                "troubles": told,
            }
        )
    if told:
        for one in told[:-1]:
            click.echo(f"Error: {one}", err=True)
        raise click.ClickException(told[-1])
    if not as_json:
        click.echo(
            f"{found.instances} matters checked: every chain is whole, every row is what its events tell; "
            f"{_on_anchors(found, len(kept))}"
        )


def verify_log(
    database: Database,
    engine: Engine,
    instance_id: int | None = None,
    *,
    quiet: bool = False,
    against: list[AnchorFile] | None = None,
    every: bool = False,
) -> Checked:
    """Check one instance or all in turn, up to the first trouble or, with `every`, to the end.

    Raises NotFound where there is no such instance. Unless quiet, progress goes to standard error.
    """
    checked, found = 0, []
    with database.snapshot() as connection:
        for is_instance, trouble in _findings(connection, engine, instance_id, against or [], quiet=quiet):
            checked += is_instance
            if trouble is not None:
                found.append(trouble)
                if not every:
                    break
        return Checked(checked, anchors.how_many(connection), tuple(found))


def told_of(database: Database, trouble: Trouble) -> str:
    """Say in one sentence which event of which matter does not fit, and what to do."""
    advice = "Keep the database as it is, and compare it with the last backup."
    if not trouble.instance_id:
        return f"The log as a whole: {trouble.sentence}. {advice}"
    with database.reading() as session:
        number = session.scalars(
            select(Matter.number)
            .join(instance, instance.c.subject_id == Matter.id)
            .where(instance.c.id == trouble.instance_id)
        ).first()
    where = f"event {trouble.seq}" if trouble.seq else "the rows"
    matter = f"matter {number or 'unknown'}"
    return f"Instance {trouble.instance_id} ({matter}), {where}: {trouble.sentence}. {advice}"


def _findings(
    connection: Connection,
    engine: Engine,
    instance_id: int | None,
    against: list[AnchorFile],
    *,
    quiet: bool,
) -> Iterator[tuple[bool, Trouble | None]]:
    """Yield what each check finds, and whether it was the check of one instance."""
    if instance_id is None:
        for _id, trouble in _with_progress(connection, engine, quiet=quiet):
            yield True, trouble
        _n, sentence = anchors.check_kept(connection)
        if sentence is not None:
            yield False, Trouble(0, 0, sentence)
        for trouble in shared_check.troubles(connection):
            yield False, trouble
    else:
        if connection.execute(select(instance.c.id).where(instance.c.id == instance_id)).first() is None:
            raise NotFound(f"There is no instance {instance_id}: write the number of one that exists.")
        yield True, replay.verify(connection, engine.library, instance_id, engine.settings.unseal)
    for kept in against:
        told = kept.anchor.statement
        for trouble in anchors.check_against(connection, kept):
            if instance_id in (None, trouble.instance_id):
                yield False, trouble
        if instance_id is None and not anchors.is_kept(connection, kept.anchor):
            sentence = f"anchor {told.number} of {told.day} is not among the anchors that the database has"
            yield False, Trouble(0, 0, sentence)


def _trusted(path: Path, public_key: str | None) -> AnchorFile:
    """Read an anchor's file. Raises Invalid where it was not signed, or not by the key that must have."""
    kept = read_file(path)
    if not kept.anchor.signed:
        raise Invalid(f"The anchor {path} is not signed by the key it names: it was changed.")
    if public_key not in (None, kept.anchor.public_key):
        raise Invalid(f"The anchor {path} was signed by another key than the one given.")
    return kept


def _public_key(path: Path | None) -> str | None:
    try:
        return None if path is None else signing_keys.load_public(path)
    except SigningKeyError as error:
        raise Invalid(str(error)) from error


def _on_anchors(found: Checked, n: int) -> str:
    if n:
        return f"all that {n} anchor{'s' if n > 1 else ''} named still stands"
    return f"{found.anchors} anchors follow on each other and are signed"


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
