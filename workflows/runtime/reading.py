"""Reads an instance's rows into a projection.

All statements are built once: building one per call doubles the cost of a step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, exists, select
from sqlalchemy.engine import RowMapping

from workflows.projection import Projection
from workflows.rows import AssignmentRow, ClockRow, CoHandlerRow, PauseRow, TaskRow, WorkRow
from workflows.runtime.tables import assignment, co_handler, deadline, instance, pause, task, work

_INSTANCE = select(instance).where(instance.c.id == bindparam("of"))
_INSTANCE_LOCKED = _INSTANCE.with_for_update()
_INSTANCE_LOCKED_IF_FREE = _INSTANCE.with_for_update(skip_locked=True)
_OF_A_RUN = (
    deadline.c.id.label("run_id"),
    *(column for column in deadline.c if column.name != "id"),
    pause.c.id.label("pause_id"),
    pause.c.since,
    pause.c.until,
    pause.c.paper,
    pause.c.approved_by,
    pause.c.reason,
    pause.c.limited_by,
    pause.c.end_paper,
    exists()
    .where(
        task.c.instance_id == deadline.c.instance_id,
        task.c.clock == deadline.c.clock,
        task.c.done_seq.is_(None),
    )
    .label("reminded"),
)
_PAUSE_OF_RUN = (
    (pause.c.instance_id == deadline.c.instance_id)
    & (pause.c.clock == deadline.c.clock)
    & (pause.c.opened_seq == deadline.c.opened_seq)
)
_RUNS_IN_ORDER = (deadline.c.opened_seq, deadline.c.id, pause.c.id)
_ANY_DEADLINES = (
    select(*_OF_A_RUN).select_from(deadline.outerjoin(pause, _PAUSE_OF_RUN)).order_by(*_RUNS_IN_ORDER)
)
_INSTANCE_WITH_DEADLINES = (
    select(instance, *_OF_A_RUN)
    .select_from(
        instance.outerjoin(deadline, deadline.c.instance_id == instance.c.id).outerjoin(pause, _PAUSE_OF_RUN)
    )
    .where(instance.c.id == bindparam("of"))
    .order_by(*_RUNS_IN_ORDER)
)
_PAUSES_BETWEEN = (
    select(pause)
    .where(pause.c.instance_id.between(bindparam("first"), bindparam("last")))
    .order_by(pause.c.instance_id, pause.c.id)
)
_DEADLINES = _ANY_DEADLINES.where(deadline.c.instance_id == bindparam("of"))
_DEADLINES_OF_MANY = _ANY_DEADLINES.where(deadline.c.instance_id.in_(bindparam("of", expanding=True)))
_ASSIGNMENTS = (
    select(assignment).where(assignment.c.instance_id == bindparam("of")).order_by(assignment.c.from_seq)
)
_TASKS = select(task).where(task.c.instance_id == bindparam("of")).order_by(task.c.seq, task.c.id)
_WORK = select(work).where(work.c.instance_id == bindparam("of")).order_by(work.c.number)
_CO_HANDLERS = (
    select(co_handler)
    .where(co_handler.c.instance_id == bindparam("of"))
    .order_by(co_handler.c.from_seq, co_handler.c.person_id)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """An instance as it was read under its lock: the row's id, version and head, and what the row says."""

    instance_id: int
    version: int
    head_hash: str
    before: Projection
    reminded: frozenset[str] = frozenset()
    """Clocks about which somebody still has an open task."""


@dataclass(frozen=True, slots=True)
class Locked:
    """An instance that this transaction holds: its row, and its clocks where they were read with it."""

    row: RowMapping
    clocks: Sequence[RowMapping] | None = None

    def standing(self, connection: Connection) -> Standing:
        """Return the row with its clocks; see `standing_of`."""
        if self.clocks is None:
            return standing_of(connection, self.row)
        return _standing(self.row, self.clocks)


def locked(connection: Connection, instance_id: int) -> Locked | None:
    """Lock an instance for a step and return it, or None where there is none.

    A SQLite writer holds the one lock already, and reads the clocks in the same statement. PostgreSQL may
    have waited for the row: what it read beside it would be of before the wait, so the clocks are read after.
    """
    if connection.dialect.name != "sqlite":
        row = instance_row(connection, instance_id, lock=True)
        return None if row is None else Locked(row)
    rows = connection.execute(_INSTANCE_WITH_DEADLINES, {"of": instance_id}).mappings().all()
    if not rows:
        return None
    return Locked(rows[0], [one for one in rows if one["run_id"] is not None])


def instance_row(
    connection: Connection, instance_id: int, *, lock: bool = False, skip_locked: bool = False
) -> RowMapping | None:
    """Return the instance's row, locked for this transaction where asked, or None where there is none.

    PostgreSQL locks the row; a SQLite writer already holds the one lock. With `skip_locked` a row that
    another transaction holds is None as well.
    """
    statement = _INSTANCE_LOCKED_IF_FREE if skip_locked else _INSTANCE_LOCKED if lock else _INSTANCE
    return connection.execute(statement, {"of": instance_id}).mappings().first()


def standing_of(connection: Connection, row: RowMapping) -> Standing:
    """Return the row with its clocks, as a step needs it.

    Without assignments, tasks, work and co-handlers: a step appends to them or closes them by name, and what
    guards ask of the last two stands in the variables.
    """
    return _standing(row, connection.execute(_DEADLINES, {"of": row["id"]}).mappings().all())


def projection_of(connection: Connection, row: RowMapping) -> Projection:
    """Return the whole projection of a row, with all assignments, tasks, work and co-handlers."""
    of = {"of": row["id"]}
    return replace(
        _projection(row, clocks_of(connection, row["id"])),
        assignments=tuple(_assignment(one) for one in connection.execute(_ASSIGNMENTS, of).mappings()),
        tasks=tuple(_task(one) for one in connection.execute(_TASKS, of).mappings()),
        work=work_of(connection, row["id"]),
        co_handlers=tuple(_co_handler(one) for one in connection.execute(_CO_HANDLERS, of).mappings()),
    )


def work_of(connection: Connection, instance_id: int) -> tuple[WorkRow, ...]:
    """Return all work ever asked for in the instance, by number."""
    return tuple(_work(one) for one in connection.execute(_WORK, {"of": instance_id}).mappings())


def standings_of(connection: Connection, rows: Sequence[RowMapping]) -> list[Standing]:
    """Return what `standing_of` returns of each row, with one query for all of them."""
    clocks: dict[int, list[RowMapping]] = {row["id"]: [] for row in rows}
    if rows:
        for one in connection.execute(_DEADLINES_OF_MANY, {"of": list(clocks)}).mappings():
            clocks[one["instance_id"]].append(one)
    return [_standing(row, clocks[row["id"]]) for row in rows]


def _standing(row: RowMapping, clocks: Sequence[RowMapping]) -> Standing:
    reminded = frozenset(one["clock"] for one in clocks if one["reminded"])
    return Standing(row["id"], row["version"], row["head_hash"], _projection(row, _clocks(clocks)), reminded)


def projection_from(
    row: RowMapping,
    deadlines: Iterable[RowMapping],
    pauses: Iterable[RowMapping],
    assignments: Iterable[RowMapping],
    tasks: Iterable[RowMapping],
    pieces: Iterable[RowMapping],
    co_handlers: Iterable[RowMapping],
) -> Projection:
    """Return the whole projection of rows that were read beforehand, each table in its order."""
    held: dict[tuple[str, int], list[PauseRow]] = {}
    for one in pauses:
        held.setdefault((one["clock"], one["opened_seq"]), []).append(_pause(one))
    clocks = tuple(clock_row(one, held.get((one["clock"], one["opened_seq"]), ())) for one in deadlines)
    return replace(
        _projection(row, clocks),
        assignments=tuple(_assignment(one) for one in assignments),
        tasks=tuple(_task(one) for one in tasks),
        work=tuple(_work(one) for one in pieces),
        co_handlers=tuple(_co_handler(one) for one in co_handlers),
    )


def _projection(row: RowMapping, clocks: tuple[ClockRow, ...]) -> Projection:
    return Projection(
        state=row["state"],
        seq=row["seq"],
        row_version=row["row_version"],
        owner_id=row["owner_id"],
        first_responder_id=row["first_responder_id"],
        unit_path=row["unit_path"],
        vars=json.loads(row["vars"]),
        handover_to=row["handover_to"],
        handover_unit=row["handover_unit"],
        clocks=clocks,
    )


def clocks_of(connection: Connection, instance_id: int) -> tuple[ClockRow, ...]:
    """Return all runs of the instance's clocks, oldest first, with their pauses."""
    return _clocks(connection.execute(_DEADLINES, {"of": instance_id}).mappings())


def _clocks(rows: Iterable[RowMapping]) -> tuple[ClockRow, ...]:
    runs: dict[int, tuple[RowMapping, list[PauseRow]]] = {}
    for row in rows:
        pauses = runs.setdefault(row["run_id"], (row, []))[1]
        if row["pause_id"] is not None:
            pauses.append(_pause(row))
    return tuple(clock_row(row, pauses) for row, pauses in runs.values())


def pauses_between(
    connection: Connection, first: int, last: int
) -> dict[tuple[int, str, int], list[PauseRow]]:
    """Return the pauses of the instances from one id to another, by instance, clock and the run's event."""
    found: dict[tuple[int, str, int], list[PauseRow]] = {}
    for row in connection.execute(_PAUSES_BETWEEN, {"first": first, "last": last}).mappings():
        key = (row["instance_id"], row["clock"], row["opened_seq"])
        found.setdefault(key, []).append(_pause(row))
    return found


def _pause(row: RowMapping) -> PauseRow:
    kept = row["paper"], row["approved_by"], row["reason"], row["limited_by"], row["end_paper"]
    return PauseRow(row["since"], row["until"], *kept)


def clock_row(row: RowMapping, pauses: Sequence[PauseRow] = ()) -> ClockRow:
    """Return the clock of a row of `wf_deadline`, with the pauses that were read beside it."""
    return ClockRow(
        clock=row["clock"],
        opened_seq=row["opened_seq"],
        rule_set=row["rule_set"],
        start=row["start_date"],
        n=row["n"],
        unit=row["unit"],
        calendar=row["calendar"],
        nominal=row["nominal"],
        alert_due=row["alert_due"],
        legal_due=row["legal_due"],
        provisional=row["provisional"],
        met_seq=row["met_seq"],
        met_on=row["met_on"],
        cancelled_seq=row["cancelled_seq"],
        extended=row["extended"],
        pauses=tuple(pauses),
    )


def _assignment(row: RowMapping) -> AssignmentRow:
    return AssignmentRow(row["person_id"], row["unit_path"], row["from_seq"], row["to_seq"], row["why"])


def _work(row: RowMapping) -> WorkRow:
    return WorkRow(**{name: row[name] for name in WorkRow.__dataclass_fields__})


def _co_handler(row: RowMapping) -> CoHandlerRow:
    return CoHandlerRow(row["person_id"], row["from_seq"], row["to_seq"])


def _task(row: RowMapping) -> TaskRow:
    return TaskRow(row["seq"], row["kind"], row["name"], row["clock"], row["person_id"], row["done_seq"])
