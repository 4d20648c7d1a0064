from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from complaints.foundation.database import Database
from complaints.organisation.models import SecurityEvent, SignInAttempt, Unit
from complaints.organisation.security_log import record
from tests.bureau import START


def test_writing_commits_at_the_end_or_not_at_all(database: Database) -> None:
    with database.writing() as session:
        record(session, START, "kept", success=True)
    with pytest.raises(IntegrityError):
        _write_and_fail(database)
    with database.reading() as session:
        assert session.scalars(select(SecurityEvent.kind)).all() == ["kept"]


def _write_and_fail(database: Database) -> None:
    with database.writing() as session:
        record(session, START, "lost", success=True)
        session.flush()
        session.execute(text("INSERT INTO category SELECT * FROM category"))


def test_what_a_reader_changes_by_mistake_is_gone(database: Database) -> None:
    with database.reading() as session:
        record(session, START, "mistake", success=True)
        session.flush()
    with database.reading() as session:
        assert session.scalars(select(SecurityEvent.kind)).all() == []


def test_what_people_told_stands_in_no_error_message(database: Database) -> None:
    told = "13800138000"
    orphan = Unit(code="x", name=told, kind="office", parent_id=999, path="/x/", valid_from=date(2026, 1, 1))
    with pytest.raises(IntegrityError) as refused, database.writing() as session:
        session.add(orphan)
    assert told not in str(refused.value)


def test_foreign_keys_hold(database: Database) -> None:
    orphan = Unit(code="x", name="x", kind="office", parent_id=999, path="/x/", valid_from=date(2026, 1, 1))
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(orphan)


def test_writers_take_turns_and_lose_nothing(database: Database) -> None:
    with database.writing() as session:
        session.add(SignInAttempt(key_hash="one", failures=0, last_at=START, locked_until=None))

    def count() -> None:
        for _round in range(5):
            with database.writing() as session:
                row = session.get_one(SignInAttempt, "one", with_for_update=True)
                row.failures += 1

    threads = [threading.Thread(target=count) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.get_one(SignInAttempt, "one").failures == 20


def test_sqlite_learns_how_its_tables_have_grown(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("CREATE TABLE told (day INTEGER)"))
        session.execute(text("CREATE INDEX ix_told_day ON told (day)"))
        session.execute(text("INSERT INTO told VALUES (1), (1), (2)"))
    database.refresh_statistics()
    if database.is_sqlite:
        with database.reading() as session:
            known = session.execute(text("SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_told_day'"))
            assert known.scalar_one() == "3 2"
