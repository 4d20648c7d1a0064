"""Anchors of the log: made from the heads of all chains, kept one after the other, and held against the log.

Any number may be made on a day; the same state is anchored once a day, so that every day has its own even
when nothing happened. A head that an anchor names must stand in its chain for good: an event that is gone or
another one in its place tells of a cut tail, a lost instance or a log that was written anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from workflows.anchoring.anchor_statements import (
    NONE_BEFORE,
    Anchor,
    AnchorFile,
    Head,
    Statement,
    heads_digest,
    sign,
)
from workflows.anchoring.merkle import Growing
from workflows.runtime.misfits import Trouble
from workflows.runtime.tables import anchor, event, instance

FIRST, STANDS, BROKEN, UNCHECKED = "first", "stands", "broken", "unchecked"
PORTION = 500
"""Heads looked up at a time."""

_HEADS = (
    select(instance.c.id, instance.c.seq, instance.c.head_hash)
    .order_by(instance.c.id)
    .execution_options(yield_per=5_000)
)
_LAST = select(anchor).order_by(anchor.c.number.desc()).limit(1)
_LATEST = select(anchor).order_by(anchor.c.number.desc()).limit(bindparam("up_to")).offset(bindparam("skip"))
_ALL = select(anchor).order_by(anchor.c.number)
_NUMBERED = select(anchor).where(anchor.c.number == bindparam("number"))
_INSERT = insert(anchor)
_COUNTS = select(func.count(), func.sum(instance.c.seq)).select_from(instance)
_ENDS = (
    select(event.c.instance_id, event.c.seq, event.c.hash)
    .where(event.c.instance_id >= bindparam("first"), event.c.instance_id <= bindparam("last"))
    .order_by(event.c.instance_id, event.c.seq)
)


class Overtaken(Exception):  # noqa: N818 - a refusal is no error of the program
    """Somebody else has made the next anchor meanwhile."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An anchor with its heads as a file keeps them. `fresh` tells that it has yet to be kept."""

    anchor: Anchor
    heads: tuple[str, ...]
    fresh: bool


def draft(
    connection: Connection,
    key: Ed25519PrivateKey,
    algorithm: str,
    *,
    day: date,
    at_us: int,
    prior_check: str = UNCHECKED,
) -> Draft:
    """Return the anchor of this moment, or the last one where it was made today of the very same state.

    `day` is that of Asia/Shanghai. Nothing is written: the caller keeps it, in a transaction of its own.
    """
    before = last(connection)
    heads, events, tree = [], 0, Growing(algorithm)
    for row in connection.execute(_HEADS):
        one = Head(*row)
        heads.append(one.short)
        events += one.seq
        tree.add(one.leaf)
    root = tree.root
    public_key = key.public_key().public_bytes_raw().hex()
    if before is not None:
        told = before.statement
        if (told.day, told.algorithm, told.heads_root, before.public_key) == (
            day,
            algorithm,
            root,
            public_key,
        ):
            return Draft(before, tuple(heads), fresh=False)
    statement = Statement(
        number=before.statement.number + 1 if before else 1,
        day=day,
        at_us=at_us,
        algorithm=algorithm,
        instances=len(heads),
        events=events,
        heads_root=root,
        heads_digest=heads_digest(heads, algorithm),
        previous=before.statement.root if before else NONE_BEFORE,
        prior_check=prior_check if before else FIRST,
    )
    return Draft(sign(statement, key), tuple(heads), fresh=True)


def keep(connection: Connection, one: Anchor) -> None:
    """Add the anchor as the last. Raises Overtaken where another has its number; the caller rolls back."""
    told = {name: getattr(one.statement, name) for name in Statement.__dataclass_fields__}
    values = {**told, "root": one.statement.root, "public_key": one.public_key, "signature": one.signature}
    try:
        connection.execute(_INSERT, values)
    except IntegrityError as error:
        raise Overtaken(str(one.statement.number)) from error


def last(connection: Connection) -> Anchor | None:
    """Return the latest anchor, or None."""
    row = connection.execute(_LAST).mappings().first()
    return None if row is None else _anchor(row)


def how_many(connection: Connection) -> int:
    """Return how many anchors there are."""
    return int(connection.execute(select(func.count()).select_from(anchor)).scalar_one())


def latest(connection: Connection, up_to: int, skip: int = 0) -> list[tuple[Anchor, str]]:
    """Return anchors, the latest first, each with what is wrong with its row, empty where nothing is."""
    rows = connection.execute(_LATEST, {"up_to": up_to + 1, "skip": skip}).mappings().all()
    found = []
    for place, row in enumerate(rows[:up_to]):
        earlier = rows[place + 1] if place + 1 < len(rows) else None
        found.append((_anchor(row), _wrong(row, earlier)))
    return found


def has_shrunk(connection: Connection, one: Anchor) -> bool:
    """Tell whether there are fewer instances or events now than the anchor counted."""
    instances, events = connection.execute(_COUNTS).one()
    return instances < one.statement.instances or (events or 0) < one.statement.events


def check_kept(connection: Connection, keys: Collection[str] = ()) -> tuple[int, str | None]:
    """Check all anchors of the table against each other; return how many and the first sentence, or None.

    One of the public keys must have signed each; with none, whatever key an anchor names itself is believed.
    Whoever owns the database can sign with a key of his own.
    """
    earlier, n = None, 0
    for row in connection.execute(_ALL).mappings():
        n += 1
        sentence = _wrong(row, earlier)
        if not sentence and keys and row["public_key"] not in keys:
            sentence = "it was signed by another key than the one given or set"
        if sentence:
            return n, f"anchor {row['number']}: {sentence}"
        earlier = row
    return n, None


def is_kept(connection: Connection, one: Anchor) -> bool:
    """Tell whether the database still has this anchor."""
    row = connection.execute(_NUMBERED, {"number": one.statement.number}).mappings().first()
    return row is not None and _anchor(row) == one


def check_against(connection: Connection, kept: AnchorFile) -> Iterator[Trouble]:
    """Yield what of an anchor does not stand in the log any more, instance by instance.

    Instance 0 tells that every head seems to stand and the root yet differs. That the signature is good, and
    whose it is, the caller has asked.
    """
    statement = kept.anchor.statement
    troubles, tree = 0, Growing(statement.algorithm)
    for portion in _portions(kept.heads):
        ends = _ends(connection, portion)
        for head in portion:
            whole, end = ends.get((head.instance_id, head.seq)), ends.get((head.instance_id, 0))
            sentence = _fallen(head, whole, end)
            if sentence is not None:
                troubles += 1
                yield Trouble(head.instance_id, head.seq, sentence)
            tree.add(Head(head.instance_id, head.seq, whole or "").leaf)
    if not troubles and tree.root != statement.heads_root:
        yield Trouble(0, 0, "every head seems to stand, but their root is not the one that was signed")


def _fallen(head: Head, whole: str | None, end: str | None) -> str | None:
    """Say why a head does not stand, given the hash of its event and the chain's length as text, or None."""
    if end is None:
        return f"it is gone with all of its {head.seq} events"
    if whole is None:
        return f"its events after {end} are gone, up to event {head.seq} that was anchored"
    if not whole.startswith(head.hash):
        return f"event {head.seq} is not the one that was anchored: it or one before it was written anew"
    return None


def _ends(connection: Connection, portion: list[Head]) -> dict[tuple[int, int], str]:
    """Return the hashes of the events that the heads name, and under event 0 each chain's length."""
    wanted = {(one.instance_id, one.seq) for one in portion}
    limits = {"first": portion[0].instance_id, "last": portion[-1].instance_id}
    found: dict[tuple[int, int], str] = {}
    for instance_id, seq, kept in connection.execute(_ENDS, limits):
        found[instance_id, 0] = str(seq)
        if (instance_id, seq) in wanted:
            found[instance_id, seq] = kept
    return found


def _portions(heads: Iterable[Head]) -> Iterator[list[Head]]:
    waiting = iter(heads)
    while portion := list(islice(waiting, PORTION)):
        yield portion


def _anchor(row: RowMapping) -> Anchor:
    told: dict[str, Any] = {name: row[name] for name in Statement.__dataclass_fields__}
    return Anchor(Statement(**told), row["public_key"], row["signature"])


def _wrong(row: RowMapping, earlier: RowMapping | None) -> str:
    """Say what is wrong with an anchor's row, given the one before it, or nothing."""
    one = _anchor(row)
    number, previous = (earlier["number"], earlier["root"]) if earlier else (0, NONE_BEFORE)
    if one.statement.number != number + 1:
        return "an anchor before it is missing"
    if one.statement.previous != previous:
        return "it does not follow on the anchor before it"
    if one.statement.root != row["root"]:
        return "its root is not that of what it says"
    if not one.signed:
        return "its signature is not that of its key"
    return ""
