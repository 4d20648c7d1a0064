"""The revisions make what the models say, go up and down on both databases, and the head is marked."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Date, bindparam, inspect, text

from complaints.dossier import search_words, text_signatures
from complaints.dossier.search_words import is_word_table
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict
from complaints.foundation.masking import mask_text
from complaints.migrations import FOLDER, configuration, downgrade, head, migrate, present, target_metadata
from complaints.payouts import triggers as ledger_triggers
from workflows.runtime import calendar_table
from workflows.runtime import triggers as engine_triggers

FROZEN = {"sqlalchemy", "alembic", "complaints.migrations.released_triggers", *sys.stdlib_module_names}
"""What a revision may import. Rooms and dossier change, and a released revision must not change with them."""


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


def living(source: str) -> set[str]:
    """Return the modules that a revision imports and that may change after its release."""
    return {name for name in _imported(ast.parse(source)) if not _frozen(name)}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def _frozen(name: str) -> bool:
    return name in FROZEN or name.split(".")[0] in FROZEN


def test_no_revision_imports_code_that_changes() -> None:
    frozen = sorted((FOLDER / "versions").glob("*.py"))
    assert len(frozen) >= 8
    found = {path.name: living(path.read_text(encoding="utf-8")) for path in frozen}
    assert {name: modules for name, modules in found.items() if modules} == {}
    assert living((FOLDER / "released_triggers.py").read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "source",
    [
        "from complaints.dossier.search_words import create_words",
        "import complaints.payouts.triggers as t",
        "from complaints import dossier",
        "def upgrade():\n    from workflows.runtime import triggers",
        "from complaints.migrations import target_metadata",
        "from .. import target_metadata",
        "from config import Settings",
    ],
)
def test_a_planted_import_is_caught(source: str) -> None:
    assert len(living(source)) == 1


def test_the_revisions_make_the_triggers_and_words_that_the_code_has(database: Database) -> None:
    """What no model describes is written twice: frozen in the revisions, and as it has to be today."""
    with database.writing() as session:
        connection = session.connection()
        migrated = _beyond_models(connection)
        for module in (ledger_triggers, engine_triggers):
            module.drop_triggers(connection)
        search_words.drop_words(connection)
        assert _beyond_models(connection) == []
        for module in (engine_triggers, ledger_triggers):
            module.create_triggers(connection)
        search_words.create_words(connection)
        assert migrated == _beyond_models(connection)
    assert len(migrated) > 8


def _beyond_models(connection: Connection) -> list[str]:
    """Return how the database keeps triggers, their functions and the table of words; blanks do not count."""
    if connection.dialect.name == "sqlite":
        statement = "SELECT sql FROM sqlite_master WHERE type = 'trigger' OR name = 'search_words'"
    else:
        statement = """
            SELECT pg_get_triggerdef(t.oid) FROM pg_trigger AS t WHERE NOT t.tgisinternal
            UNION ALL SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p
            WHERE p.pronamespace = 'public'::regnamespace
            UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename = 'search_words'
            UNION ALL SELECT concat_ws(' ', a.attname, a.atttypid::regtype, a.attnotnull, a.attstorage)
            FROM pg_attribute AS a WHERE a.attrelid = to_regclass('search_words') AND a.attnum > 0
            UNION ALL SELECT array_to_string(c.reloptions, ' ') FROM pg_class AS c
            WHERE c.oid = to_regclass('search_words')"""
    return sorted(" ".join(one.split()) for one in connection.exec_driver_sql(statement).scalars())


TOLD = (
    "酸奶开封后发现霉斑，店家拒绝退款，要求退一赔三",
    "２０２６年１１月在Ｅ超市买的电视，电话 138 0000 8000，身份证 42060219800101123X，至今未送货",
    "退款",
)
A_COMPLAINT = """
    INSERT INTO matter (id, number, kind, region_code, channel, received_at, received_on, registered_at,
        registered_by, source_path, title, facts, category_code, problem_code, demands, evidence, detail,
        consent_publish, consent_entrust, notice_version)
    VALUES (:id, :number, 'complaint', '420600', 'hotline', '2026-11-24 02:00:00', '2026-11-24',
        '2026-11-24 02:00:00', 1, '/1/', 'x', :facts, '', '', '[]', '[]', '{}', false, false, '')"""


def test_complaints_of_before_get_the_signatures_that_a_registration_gives(database_url: str) -> None:
    database = Database(database_url)
    migrate(database, "0004")
    with database.writing() as session:
        for place, facts in enumerate(TOLD, 1):
            session.execute(text(A_COMPLAINT), {"id": place, "number": str(place), "facts": facts})
    migrate(database, "0005")
    with database.reading() as session:
        rows = session.execute(text("SELECT matter_id, value FROM text_signature")).all()
    database.dispose()
    signed = [
        (place, value)
        for place, facts in enumerate(TOLD, 1)
        for value in text_signatures.signature(text_signatures.pairs_of(mask_text(facts)))
    ]
    assert sorted(map(tuple, rows)) == sorted(signed)
    assert len(signed) == 2 * text_signatures.BANDS


def test_a_loaded_calendar_goes_on_under_its_name(database_url: str) -> None:
    """Clocks keep the name of the revision they were counted by: it must be found again, up and down."""
    database = Database(database_url)
    said = '[2026,[["2026-01-01","元旦",true]],[["2026-01-04","元旦"]]]'
    named = hashlib.sha256(said.encode()).hexdigest()
    migrate(database, "0014")
    with database.writing() as session:
        values = {"y": 2026, "d": named}
        session.execute(text("INSERT INTO wf_calendar_year VALUES (:y, '通知', '国办', :d, 5)"), values)
        days = "INSERT INTO wf_calendar_day VALUES (:y, :day, :worked, :statutory, :name)"
        for day, worked, statutory, name in (
            (date(2026, 1, 1), 0, 1, "元旦"),
            (date(2026, 1, 4), 1, 0, "元旦"),
        ):
            given = {
                "y": 2026,
                "day": day,
                "worked": bool(worked),
                "statutory": bool(statutory),
                "name": name,
            }
            session.execute(text(days).bindparams(bindparam("day", type_=Date)), given)
    migrate(database)
    kept = hashlib.sha256(f'[[2026,"{named}"]]'.encode()).hexdigest()[:16]
    with database.reading() as session:
        calendar = calendar_table.calendar_of(session.connection(), kept)
    assert calendar is not None
    assert calendar.is_working_day(date(2026, 1, 4))
    assert calendar.is_statutory_holiday(date(2026, 1, 1))
    downgrade(database, "0014")
    with database.reading() as session:
        rows = session.execute(text("SELECT name, worked FROM wf_calendar_day ORDER BY day")).all()
        assert [(name, bool(worked)) for name, worked in rows] == [("元旦", False), ("元旦", True)]
        assert session.execute(text("SELECT title, digest FROM wf_calendar_year")).all() == [("通知", named)]
    database.dispose()
