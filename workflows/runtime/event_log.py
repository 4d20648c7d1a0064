"""The append-only log: each event carries the hash of the one before it, so none can be changed unnoticed.

The hash covers everything the event says: integers and text only, in one canonical order. (Clocks finer than
the column, floats and mappings without order never verify again.)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from workflows.canonical import digest, flat, template_of
from workflows.runtime.prepared import Change
from workflows.runtime.tables import event

GENESIS = "0" * 64
_COVERED = tuple(sorted(column.name for column in event.c if column.name != "hash"))
_TEMPLATE = template_of(_COVERED)
_SAID = attrgetter(*_COVERED)

_INSERT = Change(insert(event))
_EVENT = select(event).where(event.c.instance_id == bindparam("of"), event.c.seq == bindparam("at"))
_OF_KIND = (
    select(event)
    .where(event.c.instance_id == bindparam("of"), event.c.kind == bindparam("kind"))
    .order_by(event.c.seq)
)
_EVENTS_AFTER = (
    select(event)
    .where(event.c.instance_id == bindparam("of"), event.c.seq > bindparam("seen"))
    .order_by(event.c.seq)
)
_EVENTS = select(event).where(event.c.instance_id == bindparam("of")).order_by(event.c.seq)


@dataclass(frozen=True)
class Event:
    """One thing that happened to an instance. `at_us` is UTC microseconds; `actor_id` 0 is the system.

    Without slots, so that what it changed is read from its text once: a check asks several times.
    """

    instance_id: int
    seq: int
    kind: str
    action: str
    from_state: str
    to_state: str
    actor_id: int
    grant_id: int | None
    at_us: int
    procedure: str
    version: int
    payload: str
    changes: str
    hash_alg: str
    prev_hash: str
    hash: str

    @cached_property
    def effects(self) -> Mapping[str, Any]:
        """What the event changed, as canonical values."""
        effects: Mapping[str, Any] = json.loads(self.changes)
        return effects

    @cached_property
    def typed(self) -> Mapping[str, Any]:
        """What was typed; a private text is replaced by its salted digest."""
        typed: Mapping[str, Any] = json.loads(self.payload)
        return typed


def event_hash(values: Mapping[str, Any]) -> str:
    """Return the hash of an event's columns without `hash` itself, by the algorithm the event names.

    Raises ValueError for an unknown one.
    """
    return digest(flat(_TEMPLATE, [values[name] for name in _COVERED]), values["hash_alg"])


def hash_of(kept: Event) -> str:
    """Return what the event's hash must be by all else it says. Raises ValueError for an unknown method."""
    return digest(flat(_TEMPLATE, _SAID(kept)), kept.hash_alg)


def append(connection: Connection, values: dict[str, Any]) -> str:
    """Insert the event, completed with its hash, and return the hash.

    The caller holds the instance's lock.
    """
    values["hash"] = event_hash(values)
    _INSERT.execute(connection, values)
    return str(values["hash"])


def events_of(connection: Connection, instance_id: int) -> list[Event]:
    """Return all events of an instance in order."""
    return [Event(**row) for row in connection.execute(_EVENTS, {"of": instance_id}).mappings()]


def events_after(connection: Connection, instance_id: int, seq: int) -> list[Event]:
    """Return the events of an instance that came after one of them, in order."""
    rows = connection.execute(_EVENTS_AFTER, {"of": instance_id, "seen": seq}).mappings()
    return [Event(**row) for row in rows]


def events_of_kind(connection: Connection, instance_id: int, kind: str) -> list[Event]:
    """Return the instance's events of one kind in order."""
    rows = connection.execute(_OF_KIND, {"of": instance_id, "kind": kind}).mappings()
    return [Event(**row) for row in rows]


def event_at(connection: Connection, instance_id: int, seq: int) -> Event:
    """Return one event. Raises LookupError where there is none."""
    row = connection.execute(_EVENT, {"of": instance_id, "at": seq}).mappings().first()
    if row is None:
        raise LookupError(f"instance {instance_id} has no event {seq}")
    return Event(**row)
