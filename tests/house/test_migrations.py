"""The revisions make what the models say, go up and down on both databases, and the head is marked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from complaints.dossier.search_index import is_word_table
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict
from complaints.migrations import configuration, downgrade, head, migrate, present, target_metadata


def test_the_head_marker_names_the_one_head() -> None:
    scripts = ScriptDirectory.from_config(configuration())
    assert scripts.get_heads() == [head()]
    numbers = sorted(one.revision for one in scripts.walk_revisions())
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_the_revisions_make_what_the_models_say(database: Database) -> None:
    with database.reading() as session:
        opts = {"compare_type": True, "include_name": lambda name, *_more: not is_word_table(name or "")}
        context = MigrationContext.configure(session.connection(), opts=opts)
        assert compare_metadata(context, target_metadata()) == []  # type: ignore[arg-type]  # a list is taken


def test_up_down_and_up_again(database_url: str) -> None:
    database = Database(database_url)
    migrate(database)
    migrate(database)
    with database.reading() as session:
        assert present(session.connection()) == head()
        tables = set(inspect(session.connection()).get_table_names())
    downgrade(database)
    with database.reading() as session:
        assert set(inspect(session.connection()).get_table_names()) <= {"alembic_version"}
    migrate(database)
    with database.reading() as session:
        assert set(inspect(session.connection()).get_table_names()) == tables
    database.dispose()


def test_a_database_of_an_unreleased_state_is_named_as_such(database_url: str) -> None:
    """Its first revision had made every table: nothing is changed, and the sentence says what to do."""
    database = Database(database_url)
    migrate(database)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    for _time in range(2):
        with pytest.raises(Conflict, match=r"earlier, unreleased state .* remove the folder INSTANCE_DIR"):
            migrate(database)
    with database.reading() as session:
        assert present(session.connection()) == "0001"
    database.dispose()


def test_a_database_that_stopped_at_the_first_revision_goes_on(database_url: str) -> None:
    database = Database(database_url)
    migrate(database, "0001")
    migrate(database)
    with database.reading() as session:
        assert present(session.connection()) == head()
    database.dispose()


def test_the_revisions_keep_every_check_and_condition(tmp_path: Path) -> None:
    """Beyond what alembic compares: check constraints and the conditions of indexes, word for word."""
    made, migrated = (Database(f"sqlite:///{tmp_path / name}.db") for name in ("made", "migrated"))
    with made.writing() as session:
        for metadata in target_metadata():
            metadata.create_all(session.connection())
    migrate(migrated)
    assert _written(made) == _written(migrated)
    made.dispose()
    migrated.dispose()


def _written(database: Database) -> dict[str, list[str]]:
    """Return the parts by which SQLite keeps each table and index, in no order.

    A column that was added later stands in the line of the last column before it.
    """
    statement = "SELECT name, sql FROM sqlite_master WHERE type <> 'trigger' AND sql IS NOT NULL"
    with database.reading() as session:
        rows = session.execute(text(statement)).all()
    return {
        name: sorted(one for part in re.split(r"\n|, (?=\w)", sql) if (one := part.strip(" ,\t")))
        for name, sql in rows
        if name != "alembic_version" and not is_word_table(name)
    }
