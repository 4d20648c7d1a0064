from __future__ import annotations

import logging
import re

import pytest
from flask.testing import FlaskClient

from complaints.app import create_app
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict, Invalid
from config import Settings
from tests.bureau import PASSWORD, Bureau, SetClock, csrf_token, post


@pytest.fixture
def browser(settings: Settings, clock: SetClock, database: Database) -> FlaskClient:
    app = create_app(settings, clock, database)

    def fail(kind: str) -> str:
        if kind == "conflict":
            raise Conflict("Somebody <b>else</b> was faster.")
        if kind == "invalid":
            raise Invalid("This is no amount.")
        raise RuntimeError("13800138000 must not be told")

    app.add_url_rule("/fail/<kind>", "fail", fail)
    app.add_url_rule("/api/fail/<kind>", "api_fail", fail)
    return app.test_client()


@pytest.mark.parametrize(
    ("path", "status"), [("/none", 404), ("/fail/conflict", 409), ("/fail/invalid", 422)]
)
def test_every_refusal_has_a_page(browser: FlaskClient, path: str, status: int) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert answer.content_type == "text/html; charset=utf-8"


def test_sentences_are_escaped(browser: FlaskClient) -> None:
    text = browser.get("/fail/conflict").text
    assert "Somebody &lt;b&gt;else&lt;/b&gt; was faster." in text


def test_the_unexpected_has_a_number_and_tells_nothing(
    browser: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="complaints"):
        answer = browser.get("/fail/unexpected")
    assert answer.status_code == 500
    assert "13800138000" not in answer.text
    number = re.search(r"[0-9a-f]{8}(?=</p>)", answer.text)
    assert number is not None
    assert number[0] in caplog.text


@pytest.mark.parametrize(
    ("path", "status"), [("/api/none", 404), ("/api/fail/conflict", 409), ("/api/fail/unexpected", 500)]
)
def test_programs_get_json(browser: FlaskClient, path: str, status: int) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["error"]


def test_c60_wrong_methods(browser: FlaskClient) -> None:
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "BREW"):
        answer = browser.open("/sign-in", method=method)
        assert answer.status_code in (400, 405)
        if answer.status_code == 405:
            assert "GET" in answer.headers["Allow"]
    assert browser.head("/sign-in").status_code == 200


def test_c60_more_than_anyone_sends(browser: FlaskClient, city: Bureau) -> None:
    token = csrf_token(browser)
    large = browser.post("/sign-in", data={"csrf_token": token, "username": "x" * 3_000_000})
    assert large.status_code == 413
    parts = dict.fromkeys((f"field{number}" for number in range(1001)), "x")
    parts["csrf_token"] = token
    many = browser.post("/sign-in", data=parts, content_type="multipart/form-data")
    assert many.status_code == 413
    assert post(browser, "/sign-in", username="handler", password=PASSWORD).status_code == 303


def test_c43_nothing_of_the_address_is_shown_unescaped(browser: FlaskClient) -> None:
    for path in ("/none/<script>alert(1)</script>", "/sign-in?next=/<script>alert(1)</script>"):
        assert "<script>alert" not in browser.get(path).text
