"""Statements of the hot path that change rows: compiled once a kind of database, then given to the driver as
they are.

A step writes five to ten rows, each by a statement that never changes. SQLAlchemy finds such a statement in
its cache and works out anew how its values are bound at every execution, which costs several times what the
database takes for the row. Values go through the same processors of the columns' types here, and errors come
as SQLAlchemy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.expression import Insert, TextClause, Update

Values = Mapping[str, Any]
Bound = Sequence[Any] | Mapping[str, Any]
Bind = Callable[[Values], Bound]


class Change:
    """An INSERT or UPDATE without RETURNING.

    Whoever executes it gives every value, under the same names every time: no default of Python's is filled
    in. Raises TypeError for a column that has one.
    """

    def __init__(self, statement: Insert | Update | TextClause) -> None:
        """Take the statement; it is compiled when a connection first executes it."""
        # inline: on PostgreSQL an INSERT would ask for the new row's id, which nobody reads
        self._statement = statement.inline() if isinstance(statement, Insert) else statement
        self._ready: dict[tuple[str, str], tuple[str, Bind]] = {}

    def execute(self, connection: Connection, values: Values) -> int:
        """Execute it once and return how many rows it changed."""
        text, bind = self._prepared(connection, values)
        return connection.exec_driver_sql(text, bind(values)).rowcount

    def execute_many(self, connection: Connection, rows: Sequence[Values]) -> None:
        """Execute it for each of the rows, of which there is at least one."""
        text, bind = self._prepared(connection, rows[0])
        connection.exec_driver_sql(text, [bind(one) for one in rows])

    def _prepared(self, connection: Connection, values: Values) -> tuple[str, Bind]:
        dialect = connection.dialect
        ready = self._ready.get((dialect.name, dialect.driver))
        if ready is None:
            ready = self._ready[dialect.name, dialect.driver] = self._compiled(connection, values)
        return ready

    def _compiled(self, connection: Connection, values: Values) -> tuple[str, Bind]:
        dialect = connection.dialect
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=list(values))
        if compiled.insert_prefetch or compiled.update_prefetch:
            raise TypeError(f"{self._statement} has a column with a default of Python's own")
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        names = tuple(compiled.positiontup or binds)
        fixed = {name: value for name, value in compiled.params.items() if name not in values}
        processors = [
            (at, process)
            for at, name in enumerate(names)
            if (process := binds[name].type.dialect_impl(dialect).bind_processor(dialect)) is not None
        ]

        def in_order(given: Values) -> tuple[Any, ...]:
            all_of_them = {**fixed, **given} if fixed else given
            bound = [all_of_them[name] for name in names]
            for at, process in processors:
                bound[at] = process(bound[at])
            return tuple(bound)

        if compiled.positional:
            return compiled.string, in_order
        return compiled.string, lambda given: dict(zip(names, in_order(given), strict=True))
