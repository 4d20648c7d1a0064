"""A statement that goes to the driver as it is binds and fails as one that SQLAlchemy executes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.event import listen
from sqlalchemy.exc import IntegrityError

from tests.workflows.runtime.world import World
from workflows.runtime.prepared import Change

metadata = MetaData()
shelf = Table(
    "shelf",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(20), nullable=False),
    Column("since", Date),
    Column("open", Boolean, nullable=False),
)
guessed = Table(
    "guessed", MetaData(), Column("id", Integer, primary_key=True), Column("n", Integer, default=7)
)
numbered = Table("numbered", MetaData(), Column("id", Integer, primary_key=True), Column("n", Integer))
PUT = Change(insert(shelf))
CLOSE = Change(
    update(shelf)
    .where(shelf.c.id == bindparam("of"), shelf.c.open == True)  # noqa: E712 - SQL
    .values(open=False, since=bindparam("day"))
)
ATLAS = {"id": 1, "name": "地图集 100%", "since": date(2026, 3, 2), "open": True}
ESSAYS = {"id": 2, "name": "Essays :of", "since": None, "open": False}


@pytest.fixture
def connection(world: World) -> Iterator[Connection]:
    """Open a transaction with a table of its own."""
    with world.database.writing() as connection:
        metadata.create_all(connection)
        yield connection
        metadata.drop_all(connection)


def test_days_and_truths_come_back_as_they_were_given(connection: Connection) -> None:
    PUT.execute_many(connection, [ATLAS, ESSAYS])
    found = connection.execute(select(shelf).order_by(shelf.c.id)).mappings()
    assert [dict(row) for row in found] == [ATLAS, ESSAYS]


def test_it_says_how_many_rows_it_changed_and_binds_its_own_constants(connection: Connection) -> None:
    PUT.execute_many(connection, [ATLAS, ESSAYS])
    day = date(2026, 3, 9)
    assert [CLOSE.execute(connection, {"of": one, "day": day}) for one in (1, 2, 3)] == [1, 0, 0]
    assert CLOSE.execute(connection, {"of": 1, "day": day}) == 0, "it is closed already"
    assert connection.scalar(select(shelf.c.since).where(shelf.c.id == 1)) == day


def test_an_insert_asks_for_no_new_id(connection: Connection) -> None:
    said: list[str] = []
    listen(connection, "before_cursor_execute", lambda _c, _cursor, text, *_rest: said.append(text))
    numbered.create(connection)
    Change(insert(numbered)).execute(connection, {"n": 7})
    numbered.drop(connection)
    [put] = [text for text in said if text.startswith("INSERT")]
    assert "RETURNING" not in put


def test_an_error_comes_as_sqlalchemys_and_keeps_the_values_to_itself(connection: Connection) -> None:
    with pytest.raises(IntegrityError) as caught, connection.begin_nested():
        PUT.execute(connection, ATLAS | {"open": None})
    assert "[SQL parameters hidden" in str(caught.value)


def test_a_default_of_pythons_own_is_refused_and_not_left_out(connection: Connection) -> None:
    with pytest.raises(TypeError, match="default"):
        Change(insert(guessed)).execute(connection, {"id": 1})
