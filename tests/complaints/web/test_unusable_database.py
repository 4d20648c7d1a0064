"""A database that cannot be used is told in words, with a number; reading goes on, and writing resumes."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from complaints.foundation.database import Database
from complaints.web import transaction
from tests.bureau import Bureau, SetClock, SignIn, csrf_token
from tests.factories import Matters, matters_of


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


@contextmanager
def _full(database: Database) -> Iterator[None]:
    """Let the database have no room for another page (SQLite), or its disk none (PostgreSQL)."""

    def refuse(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO wf_event"):
            raise OperationalError(statement, {}, Exception("could not extend file: No space left on device"))

    def no_room(connection: object, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA max_page_count=1")
        cursor.close()

    def room(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA max_page_count=4294967294")
        cursor.close()

    if not database.is_sqlite:
        event.listen(database.writer, "before_cursor_execute", refuse)
        yield
        event.remove(database.writer, "before_cursor_execute", refuse)
        return
    event.listen(database.writer, "checkout", no_room)
    event.listen(database.writer, "checkin", room)
    yield
    event.remove(database.writer, "checkout", no_room)
    event.remove(database.writer, "checkin", room)


def _note(browser: FlaskClient, number: str, words: str, key: str, version: int) -> TestResponse:
    fields = {"note": words, "idempotency_key": key, "form_version": version}
    data = fields | {"csrf_token": csrf_token(browser, "/password")}
    return browser.post(f"/matters/{number}/do/add_note", data=data)


def test_a_full_disk_is_told_and_nothing_is_half_done(
    matters: Matters, client_as: SignIn, database: Database, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    number = matters.in_state("accepted")
    version, seq = matters.standing(number).row["row_version"], matters.standing(number).row["seq"]
    browser = client_as("handler")
    long = "很长的备注。" * 3_000
    with _full(database), caplog.at_level(logging.ERROR, logger="complaints"):
        clock.move(minutes=5)  # so that being here would be noted, too
        assert browser.get(f"/matters/{number}").status_code == 200
        answer = _note(browser, number, long, "the-key-of-this-form", version)
        assert answer.status_code == 503
        assert "Retry-After" in answer.headers
        told = re.search(r"[0-9a-f]{8}(?=</p>)", answer.text)
        assert told is not None
        assert told[0] in caplog.text
        assert browser.get(f"/matters/{number}").status_code == 200
    assert matters.standing(number).row["seq"] == seq
    assert _note(browser, number, long, "the-key-of-this-form", version).status_code == 303
    assert matters.standing(number).row["seq"] == seq + 1


def test_without_any_database_plain_words_do(
    client: FlaskClient, city: Bureau, client_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client_as("handler")

    def gone() -> NoReturn:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr(transaction, "reading", gone)
    monkeypatch.setattr("complaints.sign_in.visitors.reading", gone)
    answer = browser.get("/mediation")
    assert answer.status_code == 503
    assert re.search(r"[0-9a-f]{8}$", answer.text.strip())
    assert "connection refused" not in answer.text
    monkeypatch.undo()
    assert browser.get("/mediation").status_code == 200
