"""Erases private texts of an ended instance: words and salt go, the log keeps a digest that tells nothing.

A digest of few words can be guessed as long as its salt is known; without the salt it tells nothing. What was
submitted under a form's key has a fingerprint, in which the words could be guessed as well: those of the
steps whose texts go, and of the start, go along. That
texts were erased, which, by whom and why is an event of the instance itself, so a text that is missing
without one was taken away.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, text

from workflows.runtime import event_log, private_texts, reading, submissions
from workflows.runtime.engine import Engine
from workflows.runtime.private_texts import ERASE
from workflows.runtime.requests import UnknownInstance


class StillOpen(Exception):  # noqa: N818 - a refusal is no error of the program
    """The instance has not ended: its texts are still needed."""


def erase(
    engine: Engine,
    connection: Connection,
    instance_id: int,
    fields: Collection[str],
    *,
    actor_id: int,
    reason: str,
) -> list[tuple[int, str]]:
    """Erase the texts of these fields and return event and field of each; none that is there writes nothing.

    `reason` is a code, never words about a person. Raises UnknownInstance and StillOpen.
    """
    row = reading.instance_row(connection, instance_id, lock=True)
    if row is None:
        raise UnknownInstance(str(instance_id))
    if not row["ended"]:
        raise StillOpen(str(instance_id))
    places = [
        (seq, name) for seq, name, _, _ in private_texts.sealed(connection, instance_id) if name in fields
    ]
    if connection.dialect.name == "sqlite":
        # the bytes are overwritten, not only given free
        connection.execute(text("PRAGMA secure_delete = ON"))
    before = private_texts.erased_of(event_log.events_of_kind(connection, instance_id, ERASE))
    gone = {seq for seq, _name in before.union(places)}
    if gone:
        submissions.blank(connection, instance_id, {1, *gone})
    if not places:
        return []
    private_texts.remove(connection, instance_id, places)
    changes = {"erased": [list(place) for place in places]}
    engine.system_event(connection, row, ERASE, ERASE, changes, actor_id=actor_id, payload={"reason": reason})
    return places
