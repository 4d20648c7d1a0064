"""Idempotency keys: the same form sent twice is done once and answered twice.

A step claims its key before it is judged and gives it back where it is refused. So one statement both asks
for an earlier outcome and reserves the key, whichever of two equal requests comes first.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text, update

from workflows.runtime import event_log
from workflows.runtime.prepared import Change
from workflows.runtime.requests import KeyReused, Outcome
from workflows.runtime.tables import submission

_BY_KEY = select(submission).where(submission.c.key == bindparam("of"))
_CLAIM = Change(
    text(
        "INSERT INTO wf_submission (key, actor_id, fingerprint, instance_id, seq)"
        " VALUES (:key, :actor_id, :fingerprint, :instance_id, :seq) ON CONFLICT (key) DO NOTHING"
    )
)
_GIVE_BACK = delete(submission).where(submission.c.key == bindparam("of"))
_BLANK = (
    update(submission)
    .where(
        submission.c.instance_id == bindparam("of"), submission.c.seq.in_(bindparam("steps", expanding=True))
    )
    .values(fingerprint="")
)
_WAIT_FOR_KEY = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr)


def content_of(action: str, instance_id: int, payload: Mapping[str, Any]) -> str:
    """Return what was submitted as one ASCII text; it is digested before it is checked."""
    said = {str(name): value for name, value in payload.items()}
    return _ENCODER.encode([action, instance_id, said])


def claim(
    connection: Connection, key: str, actor_id: int, fingerprint: str, instance_id: int, seq: int
) -> Outcome | None:
    """Reserve the key for event `seq`, or return the outcome of an equal submission that came first.

    Without a key nothing is reserved. Raises KeyReused for another content or person.
    """
    if not key:
        return None
    values = {
        "key": key,
        "actor_id": actor_id,
        "fingerprint": fingerprint,
        "instance_id": instance_id,
        "seq": seq,
    }
    if _CLAIM.execute(connection, values) == 1:
        return None
    return earlier(connection, key, actor_id, fingerprint)


def give_back(connection: Connection, key: str) -> None:
    """Free a key that this transaction claimed: its step was refused, so the form may be sent again."""
    if key:
        connection.execute(_GIVE_BACK, {"of": key})


def blank(connection: Connection, instance_id: int, steps: Collection[int]) -> None:
    """Take away the fingerprints of what was submitted in these steps: whoever has the key of the digest
    could try guesses against them. The form keys stay, so that nothing is done twice.
    """
    connection.execute(_BLANK, {"of": instance_id, "steps": sorted(steps)})


def earlier(connection: Connection, key: str, actor_id: int, fingerprint: str) -> Outcome | None:
    """Return the outcome of an equal submission under this key, or None.

    Raises KeyReused for another content or person.
    """
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
    """Let only one transaction at a time begin something under a key (SQLite has one writer anyway)."""
    if key and connection.dialect.name == "postgresql":
        connection.execute(_WAIT_FOR_KEY, {"key": key})
