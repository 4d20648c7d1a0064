"""Rebuilds every row from its events, checks the chain, and names the first event that does not fit.

Any difference between a row and the fold of its events is an incident: the row was written by somebody else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from workflows.canonical import canonical, digest
from workflows.definition import Procedure
from workflows.projection import Projection, apply
from workflows.runtime import event_log, store
from workflows.runtime.event_log import GENESIS, Event, event_hash
from workflows.runtime.tables import instance, private_text
from workflows.versions import Library


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that does not fit: where, and in one sentence what. `seq` 0 means the row itself."""

    instance_id: int
    seq: int
    sentence: str


def replay(connection: Connection, instance_id: int, upto: int | None = None) -> Projection:
    """Return the instance as its events tell it, up to and including event `upto` (all of them by default)."""
    found = Projection()
    for event in event_log.events_of(connection, instance_id):
        if upto is not None and event.seq > upto:
            break
        found = apply(found, event.effects)
    return found


def verify(connection: Connection, library: Library, instance_id: int) -> Trouble | None:
    """Check one instance: chain, moves, private texts, row. Return the first trouble, or None."""
    events = event_log.events_of(connection, instance_id)
    head, seen = GENESIS, Projection()
    texts = _private_digests(connection, instance_id)
    for position, event in enumerate(events, start=1):
        sentence = _misfit(event, position, head, seen, library)
        if sentence is None:
            sentence = _private_misfit(event, texts)
        if sentence is not None:
            return Trouble(instance_id, position, sentence)
        head, seen = event.hash, apply(seen, event.effects)
        if seen.state != event.to_state:
            return Trouble(
                instance_id, event.seq, f"its changes lead to {seen.state!r}, not to {event.to_state!r}"
            )
    return _row_misfit(connection, library, instance_id, seen, head)


def verify_all(connection: Connection, library: Library) -> Iterator[tuple[int, Trouble | None]]:
    """Check every instance in turn; yield its id and its first trouble."""
    for instance_id in list(connection.execute(select(instance.c.id).order_by(instance.c.id)).scalars()):
        yield instance_id, verify(connection, library, instance_id)


def _misfit(event: Event, position: int, head: str, seen: Projection, library: Library) -> str | None:
    """Say what is wrong with one event in its place, or None."""
    if event.seq != position:
        return f"event {position} is missing; event {event.seq} stands in its place"
    if event.prev_hash != head:
        return "it does not follow on the event before it"
    if event_hash(asdict(event)) != event.hash:
        return "its content differs from its hash"
    if event.from_state != seen.state:
        return f"it starts from {event.from_state!r}, but the matter was in {seen.state!r}"
    if event.kind == "act":
        return _unlawful(event, library.get(event.procedure, event.version).procedure)
    return None


def _unlawful(event: Event, procedure: Procedure) -> str | None:
    action = procedure.actions.get(event.action)
    if action is None:
        return f"{procedure.name} version {procedure.version} has no action {event.action!r}"
    if event.from_state not in action.sources or event.to_state != (action.target or event.from_state):
        return f"{event.action!r} does not lead from {event.from_state!r} to {event.to_state!r}"
    return None


def _private_digests(connection: Connection, instance_id: int) -> dict[tuple[int, str], str]:
    """Return the salts of the kept private texts by event and field; an erased text has none and is not checked."""
    rows = connection.execute(select(private_text).where(private_text.c.instance_id == instance_id))
    return {(row.seq, row.field): row.salt for row in rows}


def _private_misfit(event: Event, salts: dict[tuple[int, str], str]) -> str | None:
    typed = event.typed
    for seq, name in salts:
        if seq == event.seq and not (isinstance(typed.get(name), dict) and "digest" in typed[name]):
            return f"a private text stands beside it under {name!r}, which it does not name"
    return None


def _row_misfit(
    connection: Connection, library: Library, instance_id: int, seen: Projection, head: str
) -> Trouble | None:
    row = store.instance_row(connection, instance_id)
    if row is None:
        return Trouble(instance_id, 0, "the events have no row")
    if row["head_hash"] != head or row["seq"] != seen.seq:
        return Trouble(
            instance_id, seen.seq + 1, f"the row ends with event {row['seq']}, the log with event {seen.seq}"
        )
    found = store.projection_of(connection, row, whole=True)
    for name in Projection.__dataclass_fields__:
        if name == "vars":
            same = canonical(dict(seen.vars)) == canonical(json.loads(row["vars"]))
        else:
            same = getattr(found, name) == getattr(seen, name)
        if not same:
            return Trouble(instance_id, 0, f"{name} of the row differs from what its events tell")
    due = seen.next_due
    if (row["next_clock"], row["next_alert_due"]) != ((due.clock, due.alert_due) if due else (None, None)):
        return Trouble(instance_id, 0, "the next due date of the row differs from what its events tell")
    if row["ended"] is library.get(row["procedure"], row["version"]).procedure.is_open(seen.state):
        return Trouble(instance_id, 0, "the row is marked ended otherwise than its state says")
    return None


def private_text_fits(event: Event, name: str, salt: str, words: str) -> bool:
    """Tell whether the words beside the log are the ones whose digest the event carries."""
    typed = event.typed.get(name)
    return isinstance(typed, dict) and typed.get("digest") == digest(salt + words, event.hash_alg)
