"""Personal words beside the log: the log keeps a salted digest, so erasing the words breaks no chain."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from workflows.canonical import digest
from workflows.definition import Action
from workflows.runtime.event_log import Event
from workflows.runtime.tables import private_text

_INSERT = insert(private_text)
_OF_INSTANCE = (
    select(private_text.c.seq, private_text.c.field, private_text.c.salt, private_text.c.text)
    .where(private_text.c.instance_id == bindparam("of"))
    .order_by(private_text.c.seq, private_text.c.field)
)

Sealed = list[dict[str, Any]]


def split(
    action: Action | None, payload: Mapping[str, Any], hash_alg: str, seal: Callable[[str], str]
) -> tuple[dict[str, Any], Sealed]:
    """Return the payload for the log, and the private texts to be kept beside it, sealed."""
    logged, private = dict(payload), []
    for one in action.fields if action else ():
        if one.private and logged.get(one.name) is not None:
            salt, words = secrets.token_hex(16), str(logged[one.name])
            logged[one.name] = {"digest": digest(salt + words, hash_alg)}
            private.append({"field": one.name, "salt": salt, "text": seal(words)})
    return logged, private


def keep(connection: Connection, instance_id: int, seq: int, private: Sealed) -> None:
    """Store the private texts of one event."""
    if private:
        connection.execute(_INSERT, [{**one, "instance_id": instance_id, "seq": seq} for one in private])


def sealed(connection: Connection, instance_id: int) -> list[tuple[int, str, str, str]]:
    """Return event, field, salt and sealed words of each private text that has not been erased."""
    return [tuple(row) for row in connection.execute(_OF_INSTANCE, {"of": instance_id})]


def read(
    connection: Connection, instance_id: int, unseal: Callable[[str], str]
) -> dict[tuple[int, str], str]:
    """Return the private texts by event and field. The caller has checked who may read them."""
    return {(seq, field): unseal(words) for seq, field, _, words in sealed(connection, instance_id)}


def fits(event: Event, field: str, salt: str, words: str) -> bool:
    """Tell whether the words beside the log are the ones whose digest the event carries."""
    logged = event.typed.get(field)
    return isinstance(logged, dict) and logged.get("digest") == digest(salt + words, event.hash_alg)
