"""Personal words beside the log: the log keeps a salted digest, so erasing the words breaks no chain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from workflows.canonical import digest
from workflows.definition import Action
from workflows.runtime.event_log import Event
from workflows.runtime.prepared import Change
from workflows.runtime.tables import private_text

ERASE = "erase"
"""Kind of an event that erases private texts; `erased` of its changes names event and field of each."""

_INSERT = Change(insert(private_text))
_DELETE = delete(private_text).where(
    private_text.c.instance_id == bindparam("of"),
    private_text.c.seq == bindparam("at"),
    private_text.c.field == bindparam("under"),
)
_OF_INSTANCE = (
    select(private_text.c.seq, private_text.c.field, private_text.c.salt, private_text.c.text)
    .where(private_text.c.instance_id == bindparam("of"))
    .order_by(private_text.c.seq, private_text.c.field)
)

Sealed = list[dict[str, Any]]


def split(
    action: Action | None,
    payload: Mapping[str, Any],
    hash_alg: str,
    seal: Callable[[str], str],
    fresh_salt: Callable[[], str],
    besides: frozenset[str] = frozenset(),
) -> tuple[dict[str, Any], Sealed]:
    """Return the payload for the log, and the private texts to be kept beside it, sealed.

    Private are the fields that the action calls so, and those `besides`.
    """
    logged, private = dict(payload), []
    names = [one.name for one in action.fields if one.private] if action else []
    for name in (*names, *sorted(besides)):
        if logged.get(name) is not None:
            salt, words = fresh_salt(), str(logged[name])
            logged[name] = {"digest": digest(salt + words, hash_alg)}
            private.append({"field": name, "salt": salt, "text": seal(words)})
    return logged, private


def keep(connection: Connection, instance_id: int, seq: int, private: Sealed) -> None:
    """Store the private texts of one event."""
    if private:
        _INSERT.execute_many(connection, [{**one, "instance_id": instance_id, "seq": seq} for one in private])


def sealed(connection: Connection, instance_id: int) -> list[tuple[int, str, str, str]]:
    """Return event, field, salt and sealed words of each private text that has not been erased."""
    return [tuple(row) for row in connection.execute(_OF_INSTANCE, {"of": instance_id})]


def read(
    connection: Connection, instance_id: int, unseal: Callable[[str], str]
) -> dict[tuple[int, str], str]:
    """Return the private texts by event and field. The caller has checked who may read them."""
    return {(seq, field): unseal(words) for seq, field, _, words in sealed(connection, instance_id)}


def remove(connection: Connection, instance_id: int, places: Iterable[tuple[int, str]]) -> None:
    """Remove texts with their salts. The caller writes the event that says so in the same transaction."""
    connection.execute(_DELETE, [{"of": instance_id, "at": seq, "under": name} for seq, name in places])


def told_of(events: Iterable[Event]) -> set[tuple[int, str]]:
    """Return event and field of each private text whose digest the events carry."""
    return {
        (event.seq, name)
        for event in events
        if '"digest"' in event.payload
        for name, value in event.typed.items()
        if isinstance(value, dict) and "digest" in value
    }


def erased_of(events: Iterable[Event]) -> set[tuple[int, str]]:
    """Return event and field of each private text that a later event has erased."""
    return {
        (seq, name)
        for event in events
        if event.kind == ERASE
        for seq, name in event.effects.get("erased", ())
    }


def fits(event: Event, field: str, salt: str, words: str) -> bool:
    """Tell whether the words beside the log are the ones whose digest the event carries."""
    logged = event.typed.get(field)
    return isinstance(logged, dict) and logged.get("digest") == digest(salt + words, event.hash_alg)
