"""Counts running clocks again when the calendar has changed: a notice came out, or was corrected.

Until the State Council's notice for a year is out, due dates in it are provisional. Loading the notice moves
them, each by an event of its own matter, so that the log tells which calendar gave which date.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection, bindparam, select

from workflows.runtime import reading
from workflows.runtime.engine import Engine
from workflows.runtime.tables import deadline
from workflows.steps import TimeRules, recounted

KIND = "calendar"
"""Kind and name of the event."""

_OTHERWISE_COUNTED = (
    select(deadline.c.instance_id)
    .where(
        deadline.c.met_seq.is_(None),
        deadline.c.cancelled_seq.is_(None),
        deadline.c.calendar != bindparam("revision"),
    )
    .distinct()
    .order_by(deadline.c.instance_id)
)


def recount(engine: Engine, writing: Callable[[], AbstractContextManager[Connection]]) -> list[int]:
    """Count every running clock again by the present calendar; return the instances whose dates moved.

    Each instance is a transaction of its own, so this may be stopped and begun again. A clock that stands
    still is counted when its pause ends.
    """
    with writing() as connection:
        revision = engine.time_rules(connection).calendar.revision
        waiting = list(connection.execute(_OTHERWISE_COUNTED, {"revision": revision}).scalars())
    moved = []
    for instance_id in waiting:
        with writing() as connection:
            if _recount_one(engine, connection, instance_id):
                moved.append(instance_id)
    return moved


def _recount_one(engine: Engine, connection: Connection, instance_id: int) -> bool:
    row = reading.instance_row(connection, instance_id, lock=True)
    if row is None:
        return False
    changes = _moves(connection, instance_id, engine.time_rules(connection))
    if changes:
        engine.system_event(connection, row, KIND, KIND, {"moved": changes})
    return bool(changes)


def _moves(connection: Connection, instance_id: int, time: TimeRules) -> list[dict[str, object]]:
    """Return the `moved` entries of the clocks whose dates, or whose being provisional, differ now."""
    found = []
    for row in reading.clocks_of(connection, instance_id):
        if not row.open or row.paused:
            continue
        due = time.due(row.start, row.n, row.unit, row.pauses)
        if due != (row.nominal, row.alert_due, row.legal_due, row.provisional):
            found.append(recounted(row, row.n, row.pauses, time))
    return found
