"""Idempotency keys: the same form sent twice is done once and answered twice."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, text

from workflows.runtime import event_log
from workflows.runtime.requests import KeyReused, Outcome
from workflows.runtime.tables import submission

_BY_KEY = select(submission).where(submission.c.key == bindparam("of"))
_INSERT = insert(submission)
_WAIT_FOR_KEY = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


def earlier(connection: Connection, key: str, actor_id: int, fingerprint: str) -> Outcome | None:
    """Return the outcome of an equal submission under this key, or None. Raises KeyReused for another content or person."""
    if not key:
        return None
    row = connection.execute(_BY_KEY, {"of": key}).mappings().first()
    if row is None:
        return None
    if row["fingerprint"] != fingerprint or row["actor_id"] != actor_id:
        raise KeyReused(key)
    done = event_log.event_at(connection, row["instance_id"], row["seq"])
    return Outcome(row["instance_id"], row["seq"], done.from_state, done.to_state, replayed=True)


def wait_for_key(connection: Connection, key: str) -> None:
    """Let only one transaction at a time begin something under a key (PostgreSQL; SQLite has one writer anyway)."""
    if key and connection.dialect.name == "postgresql":
        connection.execute(_WAIT_FOR_KEY, {"key": key})


def remember(
    connection: Connection, key: str, actor_id: int, fingerprint: str, instance_id: int, seq: int
) -> None:
    """Keep the outcome under the key, in the transaction of the step itself."""
    if key:
        values = {
            "key": key,
            "actor_id": actor_id,
            "fingerprint": fingerprint,
            "instance_id": instance_id,
            "seq": seq,
        }
        connection.execute(_INSERT, values)
