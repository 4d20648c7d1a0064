"""Everything a guard may know of an instance, read for one step or one page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.engine import RowMapping

from workflows.definition import Procedure
from workflows.guards import Actor, ChildFact, Facts
from workflows.projection import Projection
from workflows.runtime.tables import instance
from workflows.seen import facts_from
from workflows.steps import TimeRules

_CHILDREN = (
    select(instance.c.id, instance.c.procedure, instance.c.state, instance.c.ended, instance.c.vars)
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

    Children are looked up only where the procedure starts any.
    """
    children = _children(connection, row["id"]) if _has_children(procedure) else ()
    return facts_from(procedure, before, actor, today, payload, time, children, clock_time)


def _has_children(procedure: Procedure) -> bool:
    return any(action.child for action in procedure.actions.values())


def _children(connection: Connection, instance_id: int) -> tuple[ChildFact, ...]:
    return tuple(
        ChildFact(one["id"], one["procedure"], one["state"], one["ended"], json.loads(one["vars"]))
        for one in connection.execute(_CHILDREN, {"of": instance_id}).mappings()
    )
