"""Moves running matters to another version of their procedure, each in a transaction with its event.

A rehearsal reads and changes nothing; the move plans each matter again under its lock, by the same function.
Whoever stops it, or kills it, begins it again: what has moved already is not on the old version any more. Any
number may run at once. What the plan cannot carry over stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import ColumnElement, Connection, bindparam, func, select
from sqlalchemy.engine import RowMapping

from workflows.compiled import Compiled
from workflows.counting import TimeRules
from workflows.definition import Procedure, StateKind
from workflows.definition_files import DefinitionError
from workflows.projection import Projection, apply
from workflows.proving.invariants import first_broken
from workflows.proving.situations import Move as Step
from workflows.proving.situations import situation_of
from workflows.runtime import reading
from workflows.runtime.engine import Engine
from workflows.runtime.tables import instance, task
from workflows.versioning import migration_reasons
from workflows.versioning.migration import Move, plan_move
from workflows.versioning.migration_plans import MigrationPlan
from workflows.versioning.plan_checks import check_plan
from workflows.versioning.versions import Library

KIND = "migrate"
"""Kind and name of the event."""
BATCH = 200
"""How many matters are read at a time."""

_WAITING = (
    select(instance)
    .where(
        instance.c.procedure == bindparam("of"),
        instance.c.version == bindparam("at"),
        instance.c.state.in_(bindparam("states", expanding=True)),
        instance.c.id > bindparam("after"),
    )
    .order_by(instance.c.id)
    .limit(bindparam("up_to"))
)
_STAYING = select(func.count()).where(
    instance.c.procedure == bindparam("of"),
    instance.c.version == bindparam("at"),
    instance.c.state.not_in(bindparam("states", expanding=True)),
)
_CONCERNED = select(func.count()).where(
    instance.c.procedure == bindparam("of"),
    instance.c.version == bindparam("at"),
    instance.c.state.in_(bindparam("states", expanding=True)),
)
_OPEN_TASKS = (
    select(task.c.instance_id, func.count())
    .where(task.c.instance_id.in_(bindparam("of", expanding=True)), task.c.done_seq.is_(None))
    .group_by(task.c.instance_id)
)

Writing = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One matter as the move would leave it, and what it carries along unchanged."""

    row: RowMapping
    move: Move
    open_tasks: int

    @property
    def instance_id(self) -> int:
        """Id of the engine's instance."""
        return int(self.row["id"])

    @property
    def handover_waits(self) -> bool:
        """Tell whether somebody was offered the matter and has not answered."""
        return self.row["handover_to"] is not None


def versions_of(library: Library, plan: MigrationPlan) -> tuple[Procedure, Procedure]:
    """Return both versions, the plan checked against them. Raises DefinitionError with every finding."""
    old = library.get(plan.procedure, plan.from_version).procedure
    new = library.get(plan.procedure, plan.to_version).procedure
    check_plan(plan, old, new)
    return old, new


def staying(connection: Connection, library: Library, plan: MigrationPlan) -> int:
    """Return how many matters of the old version the plan leaves alone: those ended, or in other states."""
    old, _new = versions_of(library, plan)
    return int(connection.execute(_STAYING, _asked(plan, old)).scalar_one())


def concerned(connection: Connection, library: Library, plan: MigrationPlan) -> int:
    """Return how many matters of the old version the plan concerns."""
    old, _new = versions_of(library, plan)
    return int(connection.execute(_CONCERNED, _asked(plan, old)).scalar_one())


def rehearse(
    connection: Connection,
    engine: Engine,
    plan: MigrationPlan,
    after: int = 0,
    up_to: int = BATCH,
    among: ColumnElement[bool] | None = None,
) -> list[Rehearsed]:
    """Return what would become of the next matters, by id after `after`. Three queries, however many.

    `among` is a condition on `wf_instance` that narrows them to those a reader may see. Raises
    DefinitionError where the plan leaves something without an answer.
    """
    old, new = versions_of(engine.library, plan)
    rows = _waiting(connection, plan, old, after, up_to, among)
    today, time = engine.today(), engine.time_rules(connection)
    tasks: dict[int, int] = {}
    if rows:
        counted = connection.execute(_OPEN_TASKS, {"of": [row["id"] for row in rows]})
        tasks = {one[0]: one[1] for one in counted}
    compiled, standings = engine.library.get(new.name, new.version), reading.standings_of(connection, rows)
    return [
        Rehearsed(row, _planned(plan, old, compiled, one.before, today, time), tasks.get(row["id"], 0))
        for row, one in zip(rows, standings, strict=True)
    ]


def migrate(engine: Engine, writing: Writing, plan: MigrationPlan, reason: str) -> Iterator[Rehearsed]:
    """Move every matter that the plan concerns; yield each as it was moved, or was left, with why.

    `reason` is kept with each event. Raises DefinitionError at once, before anything is done.
    """
    old, new = versions_of(engine.library, plan)
    if engine.today() < new.effective_from:
        raise DefinitionError(
            f"Version {new.version} of {new.name!r} is not in force before {new.effective_from}: "
            "rehearse the move now, and make it on that day.",
            f"{new.name}第{new.version}版自{new.effective_from}起施行：现在可以预演，到当日再转换。",
        )
    return _moves(engine, writing, plan, old, reason)


def _moves(
    engine: Engine, writing: Writing, plan: MigrationPlan, old: Procedure, reason: str
) -> Iterator[Rehearsed]:
    after = 0
    while True:
        with writing() as connection:
            waiting = [row["id"] for row in _waiting(connection, plan, old, after, BATCH)]
        for instance_id in waiting:
            with writing() as connection:
                done = migrate_one(engine, connection, plan, instance_id, reason)
            if done is not None:
                yield done
        if len(waiting) < BATCH:
            return
        after = waiting[-1]


def migrate_one(
    engine: Engine, connection: Connection, plan: MigrationPlan, instance_id: int, reason: str
) -> Rehearsed | None:
    """Move one matter under its lock; None where somebody else moved it, or it went on, in between.

    The caller owns the transaction.
    """
    old, new = versions_of(engine.library, plan)
    row = reading.instance_row(connection, instance_id, lock=True)
    if row is None or (row["procedure"], row["version"]) != (plan.procedure, plan.from_version):
        return None
    if row["state"] not in _states(plan, old):
        return None
    before = reading.standing_of(connection, row).before
    compiled = engine.library.get(new.name, new.version)
    move = _planned(plan, old, compiled, before, engine.today(), engine.time_rules(connection))
    if move.changes is not None:
        said = {"reason": reason}
        engine.system_event(
            connection, row, KIND, KIND, dict(move.changes), version=new.version, payload=said
        )
    return Rehearsed(row, move, 0)


def _planned(
    plan: MigrationPlan, old: Procedure, new: Compiled, before: Projection, today: date, time: TimeRules
) -> Move:
    """Plan the move of one matter; what would break a promise of the new version stays where it is."""
    move = plan_move(plan, old, new.procedure, before, today, time)
    if move.changes is None:
        return move
    after = situation_of(apply(before, move.changes), rules=time.rules)
    step = Step(situation_of(before, rules=time.rules), None, after)
    broken = first_broken(new.invariants, new.procedure, step)
    if broken is None:
        return move
    return replace(move, clocks=(), reasons=(migration_reasons.promise_broken(broken.label),), changes=None)


def _waiting(
    connection: Connection,
    plan: MigrationPlan,
    old: Procedure,
    after: int,
    up_to: int,
    among: ColumnElement[bool] | None = None,
) -> Sequence[RowMapping]:
    asked = {**_asked(plan, old), "after": after, "up_to": up_to}
    statement = _WAITING if among is None else _WAITING.where(among)
    return connection.execute(statement, asked).mappings().all()


def _asked(plan: MigrationPlan, old: Procedure) -> dict[str, object]:
    return {"of": plan.procedure, "at": plan.from_version, "states": list(_states(plan, old))}


def _states(plan: MigrationPlan, old: Procedure) -> tuple[str, ...]:
    return tuple(name for name in plan.concerned(old) if old.states[name].kind is not StateKind.FINAL)
