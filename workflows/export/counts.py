"""How many instances stand in each state of a version now."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, func, select

from workflows.runtime.tables import instance


def counts_by_state(
    connection: Connection, procedure: str, version: int, *conditions: ColumnElement[bool]
) -> dict[str, int]:
    """Return the number of instances by state, of those that meet the conditions on `instance`; a state in
    which nothing stands is not among them. One question, whatever the number.
    """
    statement = (
        select(instance.c.state, func.count().label("number"))
        .where(instance.c.procedure == procedure, instance.c.version == version, *conditions)
        .group_by(instance.c.state)
    )
    return {row.state: row.number for row in connection.execute(statement)}
