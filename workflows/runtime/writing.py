"""Writes the difference between two projections of an instance into its rows.

All statements are built once: building one per call doubles the cost of a step.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from workflows.canonical import canonical
from workflows.projection import ClockRow, Projection, TaskRow
from workflows.runtime.prepared import Change
from workflows.runtime.tables import assignment, deadline, instance, pause, task

MOVING = (
    "version",
    "state",
    "ended",
    "seq",
    "row_version",
    "head_hash",
    "owner_id",
    "unit_path",
    "vars",
    "handover_to",
    "handover_unit",
    "next_clock",
    "next_alert_due",
    "next_legal_due",
    "changed_at_us",
)
"""The columns of an instance that steps move."""
_UPDATE_INSTANCE = Change(
    update(instance)
    .where(instance.c.id == bindparam("of"), instance.c.seq == bindparam("before_seq"))
    .values({name: bindparam(f"new_{name}") for name in MOVING})
)
_END_ASSIGNMENT = Change(
    update(assignment)
    .where(assignment.c.instance_id == bindparam("of"), assignment.c.to_seq.is_(None))
    .values(to_seq=bindparam("at_seq"))
)
_DEADLINE_COLUMNS = (
    "rule_set",
    "n",
    "unit",
    "calendar",
    "nominal",
    "alert_due",
    "legal_due",
    "provisional",
    "extended",
    "met_seq",
    "met_on",
    "cancelled_seq",
)
_UPDATE_DEADLINE = Change(
    update(deadline)
    .where(
        deadline.c.instance_id == bindparam("of"),
        deadline.c.clock == bindparam("of_clock"),
        deadline.c.opened_seq == bindparam("of_opened"),
    )
    .values(
        {name: bindparam(f"new_{name}") for name in _DEADLINE_COLUMNS}
        | {"start_date": bindparam("new_start")}
    )
)
_END_PAUSE = (
    update(pause)
    .where(
        pause.c.instance_id == bindparam("of"),
        pause.c.clock == bindparam("of_clock"),
        pause.c.opened_seq == bindparam("of_opened"),
        pause.c.until.is_(None),
    )
    .values(until=bindparam("new_until"), end_paper=bindparam("new_end_paper"))
)
_END_TASKS = (
    update(task)
    .where(
        task.c.instance_id == bindparam("of"),
        task.c.clock == bindparam("of_clock"),
        task.c.done_seq.is_(None),
    )
    .values(done_seq=bindparam("at_seq"))
)
_INSERT_ASSIGNMENT, _INSERT_DEADLINE = Change(insert(assignment)), Change(insert(deadline))
_INSERT_PAUSE, _INSERT_TASK = insert(pause), insert(task)


def write_instance(
    connection: Connection,
    instance_id: int,
    before: Projection,
    after: Projection,
    *,
    version: int,
    ended: bool,
    head: str,
    at_us: int,
) -> bool:
    """Move the row from one projection to the next. Return False where somebody else moved it in between."""
    due = after.next_due
    moved = _UPDATE_INSTANCE.execute(
        connection,
        {
            "of": instance_id,
            "before_seq": before.seq,
            "new_version": version,
            "new_state": after.state,
            "new_ended": ended,
            "new_seq": after.seq,
            "new_row_version": after.row_version,
            "new_head_hash": head,
            "new_owner_id": after.owner_id,
            "new_unit_path": after.unit_path,
            "new_vars": canonical(dict(after.vars)),
            "new_handover_to": after.handover_to,
            "new_handover_unit": after.handover_unit,
            "new_next_clock": due.clock if due else None,
            "new_next_alert_due": due.alert_due if due else None,
            "new_next_legal_due": due.legal_due if due else None,
            "new_changed_at_us": at_us,
        },
    )
    return moved == 1


def write_rest(
    connection: Connection, instance_id: int, before: Projection, after: Projection, over: Collection[str]
) -> None:
    """Write what changed in assignments, clocks, pauses and tasks.

    `over` names the clocks whose open tasks are done.
    """
    if (after.owner_id, after.unit_path) != (before.owner_id, before.unit_path):
        _write_assignment(connection, instance_id, before, after)
    known = {(row.clock, row.opened_seq): row for row in before.clocks}
    fresh = [row for row in after.clocks if (row.clock, row.opened_seq) not in known]
    changed = [
        (known[key], row)
        for row in after.clocks
        if (key := (row.clock, row.opened_seq)) in known and known[key] != row
    ]
    if fresh:
        _INSERT_DEADLINE.execute_many(connection, [_deadline_values(instance_id, row) for row in fresh])
    for old, row in changed:
        _write_clock(connection, instance_id, old, row)
    if over:
        ends = [{"of": instance_id, "of_clock": name, "at_seq": after.seq} for name in sorted(over)]
        connection.execute(_END_TASKS, ends)
    new_tasks = [row for row in after.tasks if row.seq == after.seq]
    if new_tasks:
        connection.execute(_INSERT_TASK, [_task_values(instance_id, row) for row in new_tasks])


def _write_assignment(
    connection: Connection, instance_id: int, before: Projection, after: Projection
) -> None:
    if before.seq:
        _END_ASSIGNMENT.execute(connection, {"of": instance_id, "at_seq": after.seq})
    row = after.assignments[-1]
    _INSERT_ASSIGNMENT.execute(
        connection,
        {
            "instance_id": instance_id,
            "person_id": row.person_id,
            "unit_path": row.unit_path,
            "from_seq": row.from_seq,
            "to_seq": None,
            "why": row.why,
        },
    )


def _write_clock(connection: Connection, instance_id: int, old: ClockRow, row: ClockRow) -> None:
    where = {"of": instance_id, "of_clock": row.clock, "of_opened": row.opened_seq}
    values = {f"new_{name}": getattr(row, name) for name in (*_DEADLINE_COLUMNS, "start")}
    if any(getattr(old, name) != getattr(row, name) for name in (*_DEADLINE_COLUMNS, "start")):
        _UPDATE_DEADLINE.execute(connection, {**where, **values})
    if old.paused and (ended := row.pauses[len(old.pauses) - 1]).to is not None:
        how = {"new_until": ended.to, "new_end_paper": ended.end_paper}
        connection.execute(_END_PAUSE, {**where, **how})
    for one in row.pauses[len(old.pauses) :]:
        connection.execute(
            _INSERT_PAUSE,
            {
                "instance_id": instance_id,
                "clock": row.clock,
                "opened_seq": row.opened_seq,
                "since": one.since,
                "until": one.to,
                "paper": one.paper,
                "approved_by": one.approved_by,
                "reason": one.reason,
                "limited_by": one.limited_by,
                "end_paper": one.end_paper,
            },
        )


def _deadline_values(instance_id: int, row: ClockRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in (*_DEADLINE_COLUMNS, "clock", "opened_seq")}
    return {**values, "instance_id": instance_id, "start_date": row.start}


def _task_values(instance_id: int, row: TaskRow) -> dict[str, Any]:
    return {
        "instance_id": instance_id,
        "seq": row.seq,
        "kind": row.kind,
        "name": row.name,
        "clock": row.clock,
        "person_id": row.person_id,
        "done_seq": row.done_seq,
    }
