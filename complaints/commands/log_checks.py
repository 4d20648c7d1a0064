"""Checks the whole log, or one instance: with progress on standard error, up to the first trouble or all."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import click
from sqlalchemy import Connection, func, select

from complaints.dossier import registered
from complaints.dossier.models import Matter
from complaints.foundation.database import Database
from complaints.foundation.errors import NotFound
from complaints.mediation import session_check
from complaints.payouts import ledger_check
from workflows.anchoring.anchor_statements import AnchorFile
from workflows.runtime import anchors, replay, shared_check
from workflows.runtime.engine import Engine
from workflows.runtime.replay import Trouble
from workflows.runtime.tables import instance
from workflows.versioning.versions import Library

A_LINE_EVERY = 10_000
"""Matters between two lines of progress in a pipe."""

BESIDE = (registered.troubles, session_check.troubles)
"""What the application keeps of a matter in tables of its own."""
OF_EACH = (
    "the rows of the engine; number, kind, day of receipt, instant of registration, title and facts of the "
    "matter; day, place and outcome of its sessions of mediation"
)
"""What is held against the events of each matter."""
OF_ALL = "the postings and sums of payouts; calendar, procedures and rule sets bear their own digests"
"""What is held besides, of no matter in particular."""
NOT_COVERED = (
    "both sides, sums and codes of a matter, what was offered in sessions, files, links",
    "money put into the fund",
    "how far messages have come",
    "form keys, refusals, the security log, people and their roles, historical records",
)
"""What no event tells, or nothing holds against it: whoever changes it past the program is not found here."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to: how many instances, of how many of all the log tells neither title nor
    facts, how many anchors the table has, and every trouble found.
    """

    instances: int
    untold: int
    anchors: int
    troubles: tuple[Trouble, ...]


def verify_log(
    database: Database,
    engine: Engine,
    instance_id: int | None = None,
    *,
    quiet: bool = False,
    against: list[AnchorFile] | None = None,
    keys: Collection[str] = (),
    every: bool = False,
) -> Checked:
    """Check one instance or all in turn, up to the first trouble or, with `every`, to the end.

    One of the public `keys`, if any, must have signed each anchor of the table. Unless quiet, progress goes
    to standard error. Raises NotFound where there is no such instance.
    """
    checked, found = 0, []
    with database.snapshot() as connection:
        for is_instance, trouble in _findings(
            connection, engine, instance_id, against or [], keys, quiet=quiet
        ):
            checked += is_instance
            if trouble is not None:
                found.append(trouble)
                if not every:
                    break
        return Checked(checked, registered.untold(connection), anchors.how_many(connection), tuple(found))


def whole(connection: Connection, library: Library) -> Iterator[Trouble]:
    """Yield what is wrong with what belongs to no matter in particular."""
    yield from shared_check.troubles(connection, library)
    yield from registered.without_log(connection)
    yield from ledger_check.troubles(connection)


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
    keys: Collection[str],
    *,
    quiet: bool,
) -> Iterator[tuple[bool, Trouble | None]]:
    """Yield what each check finds, and whether it was the check of one instance."""
    if instance_id is None:
        for _id, trouble in _with_progress(connection, engine, quiet=quiet):
            yield True, trouble
        _n, sentence = anchors.check_kept(connection, keys)
        if sentence is not None:
            yield False, Trouble(0, 0, sentence)
        for trouble in whole(connection, engine.library):
            yield False, trouble
    else:
        if connection.execute(select(instance.c.id).where(instance.c.id == instance_id)).first() is None:
            raise NotFound(f"There is no instance {instance_id}: write the number of one that exists.")
        yield True, replay.verify(connection, engine.library, instance_id, engine.settings.unseal, BESIDE)
    for kept in against:
        told = kept.anchor.statement
        for trouble in anchors.check_against(connection, kept):
            if instance_id in (None, trouble.instance_id):
                yield False, trouble
        if instance_id is None and not anchors.is_kept(connection, kept.anchor):
            sentence = f"anchor {told.number} of {told.day} is not among the anchors that the database has"
            yield False, Trouble(0, 0, sentence)


def _with_progress(
    connection: Connection, engine: Engine, *, quiet: bool
) -> Iterator[tuple[int, Trouble | None]]:
    """Yield what verify_all finds, with a bar on a terminal and plain lines in a pipe."""
    found = replay.verify_all(connection, engine.library, engine.settings.unseal, BESIDE)
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
