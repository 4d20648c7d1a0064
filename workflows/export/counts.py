"""How many instances stand in each state of each version now."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, func, select

from workflows.runtime.tables import instance

Counts = Mapping[tuple[str, int], Mapping[str, int]]


def counts_by_state(connection: Connection, *conditions: ColumnElement[bool]) -> Counts:
    """Return, by procedure and version, the number of instances in each state, ended ones too, of those that
    meet the conditions on `instance`. A state in which nothing stands is not among them. One question,
    whatever the number.
    """
    columns = (instance.c.procedure, instance.c.version, instance.c.state)
    statement = select(*columns, func.count().label("number")).where(*conditions).group_by(*columns)
    found: dict[tuple[str, int], dict[str, int]] = {}
    for row in connection.execute(statement):
        found.setdefault((row.procedure, row.version), {})[row.state] = row.number
    return found
