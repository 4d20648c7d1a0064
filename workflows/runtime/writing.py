"""Writes the difference between two projections of an instance into its rows.

All statements are built once: building one per call doubles the cost of a step. An UPDATE names only the
columns that differ, because SQLite writes every index anew that holds a named column, whatever its value.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from workflows.canonical import canonical
from workflows.projection import Projection
from workflows.rows import ClockRow, TaskRow
from workflows.runtime.prepared import Change
from workflows.runtime.reading import Standing
from workflows.runtime.tables import assignment, deadline, instance, pause, task

_IN_EVERY_STEP = ("seq", "row_version", "head_hash", "vars", "changed_at_us")
_STATE = ("version", "state", "ended")
_OWNER = ("owner_id", "unit_path")
_HANDOVER = ("handover_to", "handover_unit")
_NEXT_DUE = ("next_clock", "next_alert_due", "next_legal_due")
MOVING = (*_IN_EVERY_STEP, *_STATE, *_OWNER, *_HANDOVER, *_NEXT_DUE)
"""The columns of an instance that steps move."""
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
_OF_A_RUN = (*_DEADLINE_COLUMNS, "start")
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


@cache
def _update_instance(names: tuple[str, ...]) -> Change:
    """Return the statement that moves these columns of an instance."""
    return Change(
        update(instance)
        .where(instance.c.id == bindparam("of"), instance.c.seq == bindparam("before_seq"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


@cache
def _update_deadline(names: tuple[str, ...]) -> Change:
    """Return the statement that moves these columns of a clock's run."""
    return Change(
        update(deadline)
        .where(
            deadline.c.instance_id == bindparam("of"),
            deadline.c.clock == bindparam("of_clock"),
            deadline.c.opened_seq == bindparam("of_opened"),
        )
        .values({("start_date" if name == "start" else name): bindparam(f"new_{name}") for name in names})
    )


def write_instance(
    connection: Connection,
    standing: Standing,
    after: Projection,
    *,
    version: int,
    ended: bool,
    head: str,
    at_us: int,
) -> bool:
    """Move the row from where it stood to the next projection.

    `ended` follows from version and state. Return False where somebody else moved the row in between.
    """
    before, due, was_due = standing.before, after.next_due, standing.before.next_due
    values: dict[str, Any] = {
        "of": standing.instance_id,
        "before_seq": before.seq,
        "new_seq": after.seq,
        "new_row_version": after.row_version,
        "new_head_hash": head,
        "new_vars": canonical(dict(after.vars)),
        "new_changed_at_us": at_us,
    }
    names: tuple[str, ...] = _IN_EVERY_STEP
    if (standing.version, before.state) != (version, after.state):
        names += _STATE
        values |= {"new_version": version, "new_state": after.state, "new_ended": ended}
    if (before.owner_id, before.unit_path) != (after.owner_id, after.unit_path):
        names += _OWNER
        values |= {"new_owner_id": after.owner_id, "new_unit_path": after.unit_path}
    if (before.handover_to, before.handover_unit) != (after.handover_to, after.handover_unit):
        names += _HANDOVER
        values |= {"new_handover_to": after.handover_to, "new_handover_unit": after.handover_unit}
    if _dates(was_due) != _dates(due):
        names += _NEXT_DUE
        values |= {f"new_{name}": value for name, value in zip(_NEXT_DUE, _dates(due), strict=True)}
    return _update_instance(names).execute(connection, values) == 1


def _dates(due: ClockRow | None) -> tuple[str | None, date | None, date | None]:
    """Return the values of _NEXT_DUE."""
    return (due.clock, due.alert_due, due.legal_due) if due else (None, None, None)


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
    names = tuple(name for name in _OF_A_RUN if getattr(old, name) != getattr(row, name))
    if names:
        values = {f"new_{name}": getattr(row, name) for name in names}
        _update_deadline(names).execute(connection, {**where, **values})
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
