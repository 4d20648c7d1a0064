"""Everything a guard may know of an instance, read for one step or one page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.engine import RowMapping

from workflows.definition import Procedure
from workflows.guards import Actor, ChildFact, ClockFact, Facts, HandoverFact
from workflows.projection import ClockRow, Projection
from workflows.runtime.tables import instance
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
    return Facts(
        procedure=row["procedure"],
        state=before.state,
        unit_path=before.unit_path,
        owner_id=before.owner_id,
        first_responder_id=before.first_responder_id,
        vars=before.vars,
        actor=actor,
        today=today,
        payload=payload,
        children=_children(connection, row["id"]) if _has_children(procedure) else (),
        clocks={clock.clock: _clock(clock) for clock in before.clocks},
        handover=_offer(before),
        items=time.rules.codes(today),
        clock_time=clock_time,
        version=before.row_version,
        work=procedure.work,
    )


def _has_children(procedure: Procedure) -> bool:
    return any(action.child for action in procedure.actions.values())


def _children(connection: Connection, instance_id: int) -> tuple[ChildFact, ...]:
    return tuple(
        ChildFact(one["id"], one["procedure"], one["state"], one["ended"], json.loads(one["vars"]))
        for one in connection.execute(_CHILDREN, {"of": instance_id}).mappings()
    )


def _clock(row: ClockRow) -> ClockFact:
    """Return a clock's latest run as guards see it; rows come oldest first, so the latest run stays."""
    return ClockFact(
        row.clock, row.alert_due, row.legal_due, row.open, row.met_on, row.extended, row.open and row.paused
    )


def _offer(before: Projection) -> HandoverFact | None:
    if before.handover_to is None:
        return None
    return HandoverFact(before.owner_id, before.handover_to, before.handover_unit or before.unit_path)
