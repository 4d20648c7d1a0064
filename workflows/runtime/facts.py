"""Everything a guard may know of an instance, read for one step or one page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, overload

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.engine import RowMapping

from workflows.counting import TimeRules
from workflows.definition import Procedure
from workflows.guards import Actor, ChildFact, Facts
from workflows.projection import Projection
from workflows.runtime.tables import instance
from workflows.seen import facts_from

_CHILDREN = (
    select(
        instance.c.id,
        instance.c.procedure,
        instance.c.state,
        instance.c.ended,
        instance.c.vars,
        instance.c.seq,
    )
    .where(instance.c.parent_id == bindparam("of"))
    .order_by(instance.c.id)
)


def facts_of(
    connection: Connection,
    row: RowMapping,
    procedure: Procedure,
    before: Projection,
    actor: Actor,
    today: date,
    payload: Mapping[str, Any],
    time: TimeRules,
    clock_time: str = "",
) -> Facts:
    """Return the facts on a day (Asia/Shanghai), at a time of it as HH:MM where that is known.

    Children are looked up when the first guard asks for them: few do.
    """
    children = Children(connection, row["id"]) if _has_children(procedure) else ()
    return facts_from(procedure, before, actor, today, payload, time, children, clock_time)


def _has_children(procedure: Procedure) -> bool:
    return any(action.child for action in procedure.actions.values())


class Children(Sequence[ChildFact]):
    """The instances that this one started, read in the step's transaction once somebody looks.

    `looked_at` tells up to which event each stood when somebody did, by its id; empty where nobody has.
    """

    def __init__(self, connection: Connection, instance_id: int) -> None:
        """Read nothing yet."""
        self._connection, self._instance_id = connection, instance_id
        self._found: tuple[ChildFact, ...] | None = None
        self.looked_at: Mapping[str, int] = {}

    def _read(self) -> tuple[ChildFact, ...]:
        if self._found is None:
            rows = self._connection.execute(_CHILDREN, {"of": self._instance_id}).mappings().all()
            self.looked_at = {str(one["id"]): one["seq"] for one in rows}
            self._found = tuple(
                ChildFact(one["id"], one["procedure"], one["state"], one["ended"], json.loads(one["vars"]))
                for one in rows
            )
        return self._found

    def __len__(self) -> int:
        return len(self._read())

    @overload
    def __getitem__(self, at: int) -> ChildFact: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[ChildFact]: ...
    def __getitem__(self, at: int | slice) -> ChildFact | Sequence[ChildFact]:
        return self._read()[at]

    def __iter__(self) -> Iterator[ChildFact]:
        return iter(self._read())
