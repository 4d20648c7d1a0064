"""How many matters run on each version of each procedure, and in which states and by which clocks.

A matter runs while its state is no end, or while a clock still runs on it (a closed one that is to be called
back). Those that ended for good are many, and are not counted. Whoever says how many run says it by these
counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, bindparam, distinct, func, select

from workflows.runtime.tables import deadline, instance
from workflows.versioning.differences import Difference

_OPEN = instance.c.ended.is_(False)
_BY_STATE = (
    select(instance.c.procedure, instance.c.version, instance.c.state, func.count())
    .where(_OPEN)
    .group_by(instance.c.procedure, instance.c.version, instance.c.state)
)
_RUNS = deadline.c.met_seq.is_(None) & deadline.c.cancelled_seq.is_(None)
_WITH_CLOCK = deadline.join(instance, instance.c.id == deadline.c.instance_id)
_CLOSED_BY_STATE = (
    select(
        instance.c.procedure,
        instance.c.version,
        instance.c.state,
        func.count(distinct(deadline.c.instance_id)),
    )
    .select_from(_WITH_CLOCK)
    .where(_RUNS, instance.c.ended.is_(True))
    .group_by(instance.c.procedure, instance.c.version, instance.c.state)
)
_BY_CLOCK = (
    select(deadline.c.clock, func.count(distinct(deadline.c.instance_id)))
    .select_from(_WITH_CLOCK)
    .where(_RUNS, instance.c.procedure == bindparam("of"), instance.c.version == bindparam("at"))
    .group_by(deadline.c.clock)
)


@dataclass(frozen=True, slots=True)
class Running:
    """The running matters of one version, by state and by running clock."""

    by_state: Mapping[str, int]
    by_clock: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many matters run."""
        return sum(self.by_state.values())

    def touched(self, one: Difference) -> int:
        """Return how many running matters a difference touches."""
        by_state = sum(self.by_state.get(name, 0) for name in one.states)
        return by_state + max((self.by_clock.get(name, 0) for name in one.clocks), default=0)


def running_by_state(
    connection: Connection, *conditions: ColumnElement[bool]
) -> Mapping[tuple[str, int], Mapping[str, int]]:
    """Return, for each procedure and version on which matters run, how many stand in which state; of those
    that meet the conditions on `instance`.
    """
    found: dict[tuple[str, int], dict[str, int]] = {}
    for statement in (_BY_STATE, _CLOSED_BY_STATE):
        for procedure, version, state, number in connection.execute(statement.where(*conditions)):
            states = found.setdefault((procedure, version), {})
            states[state] = states.get(state, 0) + number
    return found


def running(connection: Connection, procedure: str, version: int) -> Running:
    """Return the running matters of one version. Three queries, however many matters."""
    by_clock = connection.execute(_BY_CLOCK, {"of": procedure, "at": version})
    return Running(
        running_by_state(connection).get((procedure, version), {}),
        {clock: number for clock, number in by_clock},  # noqa: C416 - rows are no pairs to mypy
    )
