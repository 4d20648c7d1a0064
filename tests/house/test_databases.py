"""Both databases are really there, and one test's data never reaches the next."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

from tests import postgresql


@pytest.mark.parametrize("_round", [1, 2])
def test_each_test_gets_an_empty_database(database_url: str, _round: int) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE visit (id INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO visit VALUES (1)"))
    engine.dispose()


def test_copies_of_a_template_are_apart(postgresql_server: URL) -> None:
    def fill(url: URL) -> None:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE note AS SELECT '放心' AS words"))
        engine.dispose()

    name = postgresql.template_of(postgresql_server, fill, "t_template_of_notes")
    assert name == postgresql.template_of(postgresql_server, fill, "t_template_of_notes")
    with (
        postgresql.database(postgresql_server, name) as one,
        postgresql.database(postgresql_server, name) as two,
    ):
        first, second = create_engine(one), create_engine(two)
        with first.begin() as connection:
            connection.execute(text("DELETE FROM note"))
        with second.begin() as connection:
            assert connection.execute(text("SELECT words FROM note")).scalars().all() == ["放心"]
        first.dispose()
        second.dispose()
