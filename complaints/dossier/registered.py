"""What the log tells of a matter when it is registered, and whether the matter's row still says so.

Number, kind, day of receipt and instant of registration stand in the start event; title and facts, which hold
words about people, as a salted digest. None of them is ever changed: what a call left out is added by events
of its own, and stands in other columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, func, select
from sqlalchemy.engine import RowMapping

from complaints.dossier.models import Matter
from complaints.foundation.encryption import cipher
from workflows.canonical import canonical, digest
from workflows.runtime.event_log import Event
from workflows.runtime.histories import History
from workflows.runtime.misfits import Trouble
from workflows.runtime.moments import microseconds
from workflows.runtime.private_texts import erased_of
from workflows.runtime.tables import event, instance

Columns = Mapping[str, Any] | RowMapping
SUBJECT = "matter"
TITLE_AND_FACTS = "title_and_facts"
"""The private text of the start event: the digest of both, so that no words are kept twice."""

_MATTER = cast("Table", Matter.__table__)
_COLUMNS = ("id", "number", "kind", "received_on", "registered_at", "title", "facts")
_ROWS = select(*(_MATTER.c[name] for name in _COLUMNS)).where(
    _MATTER.c.id.in_(bindparam("ids", expanding=True))
)
_WITHOUT_LOG = (
    select(_MATTER.c.number)
    .where(
        ~select(instance.c.id)
        .where(instance.c.subject_id == _MATTER.c.id, instance.c.subject_type == SUBJECT)
        .exists()
    )
    .order_by(_MATTER.c.id)
)
_UNTOLD = (
    select(func.count())
    .select_from(event)
    .where(event.c.seq == 1, event.c.payload.not_like(f'%"{TITLE_AND_FACTS}"%'))
)
_UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What reading an event raises that the engine never wrote so; the engine's own check names it."""


def columns_of(matter: Matter) -> Columns:
    """Return of a matter what the log tells, by the names of the columns."""
    return {
        "number": matter.number,
        "kind": matter.kind,
        "received_on": matter.received_on,
        "registered_at": matter.registered_at,
        "title": matter.title,
        "facts": matter.facts_in_full,
    }


def told_of(row: Columns) -> dict[str, Any]:
    """Return what the start event tells in the open of a matter with these columns."""
    return {
        "number": row["number"],
        "kind": row["kind"],
        "received_on": row["received_on"].isoformat(),
        "registered_at_us": microseconds(row["registered_at"]),
    }


def private_of(row: Columns) -> dict[str, str]:
    """Return what the start event tells as a salted digest only."""
    return {TITLE_AND_FACTS: digest(canonical([row["title"], row["facts"]]), "sha256")}


def troubles(connection: Connection, histories: Sequence[History]) -> Iterator[Trouble]:
    """Yield each instance whose matter is gone, or is not what the log tells of it."""
    subjects = dict(_subjects(histories))
    found = connection.execute(_ROWS, {"ids": sorted(set(subjects.values()))}).mappings()
    rows = {row["id"]: row for row in found}
    for history in histories:
        if history.instance_id in subjects:
            row = rows.get(subjects[history.instance_id])
            sentence = "its matter's row is gone" if row is None else _differs(history, row)
            if sentence:
                yield Trouble(history.instance_id, 0, sentence)


def without_log(connection: Connection) -> Iterator[Trouble]:
    """Yield each matter that has no instance: its log is gone as a whole."""
    for number in connection.execute(_WITHOUT_LOG).scalars():
        yield Trouble(0, 0, f"matter {number} has no log")


def untold(connection: Connection) -> int:
    """Return how many start events tell nothing of title and facts: those of earlier releases."""
    return int(connection.execute(_UNTOLD).scalar_one())


def subject_of(history: History) -> int | None:
    """Return the matter that the start event names, or None where it cannot be read."""
    try:
        started = history.events[0].effects["started"]
        return int(started["subject_id"]) if started["subject_type"] == SUBJECT else None
    except _UNREADABLE:
        return None


def _subjects(histories: Sequence[History]) -> Iterator[tuple[int, int]]:
    for history in histories:
        subject_id = subject_of(history)
        if subject_id is not None:
            yield history.instance_id, subject_id


def _differs(history: History, row: RowMapping) -> str:
    """Name the first column that is not as the start event tells, or nothing."""
    first = history.events[0]
    try:
        received, told = first.effects["vars"].get("received_on"), first.typed
        if received not in (None, row["received_on"].isoformat()):
            return "received_on of its matter differs from what its events tell"
        for name, value in told_of(row).items():
            if name in told and told[name] != value:
                return f"{name} of its matter differs from what its events tell"
        return _other_words(history, first, row)
    except _UNREADABLE as error:
        return f"what its matter's row says cannot be read ({type(error).__name__})"


def _other_words(history: History, first: Event, row: RowMapping) -> str:
    """Say that title or facts were changed, or nothing. Of erased words nothing can be said."""
    if TITLE_AND_FACTS not in first.typed or (1, TITLE_AND_FACTS) in erased_of(history.events):
        return ""
    kept = [one for one in history.private_texts if (one["seq"], one["field"]) == (1, TITLE_AND_FACTS)]
    if not kept:
        return "the digest of its matter's title and facts is gone"
    if cipher().decrypt(kept[0]["text"]) != private_of(row)[TITLE_AND_FACTS]:
        return "title or facts of its matter differ from what its events tell"
    return ""
