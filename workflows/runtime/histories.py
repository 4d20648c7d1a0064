"""Instances with everything that belongs to them, read in portions: a check of all needs no more memory than
one of a few.

A portion is a range of ids, and each table is asked for the range. So rows that belong to no instance any
more come to light as well: they stand in a range like all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, select
from sqlalchemy.engine import RowMapping

from workflows.runtime.event_log import Event
from workflows.runtime.tables import (
    assignment,
    co_handler,
    deadline,
    event,
    instance,
    outbox,
    pause,
    private_text,
    task,
    timer,
    work,
)

PORTION = 500
"""Instances read at a time."""
_BEYOND = 2**62
"""More than any id."""


@dataclass(frozen=True, slots=True)
class History:
    """One instance: its row if it has one, its events in order, and the rows beside them."""

    instance_id: int
    row: RowMapping | None = None
    events: Sequence[Event] = ()
    deadlines: Sequence[RowMapping] = ()
    pauses: Sequence[RowMapping] = ()
    assignments: Sequence[RowMapping] = ()
    tasks: Sequence[RowMapping] = ()
    work: Sequence[RowMapping] = ()
    co_handlers: Sequence[RowMapping] = ()
    timers: Sequence[RowMapping] = ()
    private_texts: Sequence[RowMapping] = ()
    messages: Sequence[RowMapping] = ()


@dataclass(slots=True)
class _Portion:
    """The rows of a range, by instance."""

    kept: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add(self, instance_id: int, name: str, one: object) -> None:
        self.kept.setdefault(instance_id, {}).setdefault(name, []).append(one)


def _of_range(table: Table, *order: Any) -> Select[Any]:
    of = table.c.instance_id
    return select(table).where(of > bindparam("low"), of <= bindparam("high")).order_by(of, *order)


_NEXT = (
    select(instance.c.id)
    .where(instance.c.id > bindparam("low"))
    .order_by(instance.c.id)
    .offset(bindparam("before_last"))
    .limit(1)
)
_INSTANCES = (
    select(instance)
    .where(instance.c.id > bindparam("low"), instance.c.id <= bindparam("high"))
    .order_by(instance.c.id)
)
_EVENTS = _of_range(event, event.c.seq)
_BESIDE = {
    "deadlines": _of_range(deadline, deadline.c.opened_seq, deadline.c.id),
    "pauses": _of_range(pause, pause.c.id),
    "assignments": _of_range(assignment, assignment.c.from_seq),
    "tasks": _of_range(task, task.c.seq, task.c.id),
    "work": _of_range(work, work.c.number),
    "co_handlers": _of_range(co_handler, co_handler.c.from_seq, co_handler.c.person_id),
    "timers": _of_range(timer, timer.c.id),
    "private_texts": _of_range(private_text, private_text.c.seq, private_text.c.field),
    "messages": _of_range(outbox, outbox.c.seq, outbox.c.id),
}


def history_of(connection: Connection, instance_id: int) -> History:
    """Return one instance with everything that belongs to it; empty where there is nothing of it."""
    found = list(_between(connection, instance_id - 1, instance_id))
    return found[0] if found else History(instance_id)


def histories(connection: Connection, portion: int = PORTION) -> Iterator[History]:
    """Yield every instance in the order of ids, and whatever belongs to none.

    The caller reads one state of the database throughout: a snapshot, where others write meanwhile.
    """
    for some in portions(connection, portion):
        yield from some


def portions(connection: Connection, portion: int = PORTION) -> Iterator[list[History]]:
    """Yield the same in portions, for whoever looks up something of each."""
    low = 0
    while True:
        last = connection.execute(_NEXT, {"low": low, "before_last": portion - 1}).scalar()
        yield list(_between(connection, low, _BEYOND if last is None else last))
        if last is None:
            return
        low = last


def _between(connection: Connection, low: int, high: int) -> Iterator[History]:
    found, limits = _Portion(), {"low": low, "high": high}
    for row in connection.execute(_EVENTS, limits):
        found.add(row[0], "events", Event(*row))
    for name, statement in _BESIDE.items():
        for one in connection.execute(statement, limits).mappings():
            found.add(one["instance_id"], name, one)
    for one in connection.execute(_INSTANCES, limits).mappings():
        found.kept.setdefault(one["id"], {})["row"] = one
    for instance_id in sorted(found.kept):
        yield History(instance_id, **found.kept[instance_id])
