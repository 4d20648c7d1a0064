from __future__ import annotations

import dataclasses
import re

from flask.testing import FlaskClient

from complaints.app import create_app
from complaints.foundation.database import Database
from config import Settings
from tests.bureau import SetClock, SignIn


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for path in ("/sign-in", "/", "/none", "/healthz", "/static/css/tokens.css"):
        with client.get(path) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert rule in policy, path
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]


def test_the_nonce_is_new_each_time_and_on_every_script(client: FlaskClient) -> None:
    seen = set()
    for _page in range(2):
        answer = client.get("/sign-in")
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert nonce is not None
        seen.add(nonce[1])
        assert set(re.findall(r'<script nonce="([^"]*)"', answer.text)) == {nonce[1]}
        assert answer.text.count("<script") == answer.text.count("<script nonce=")
    assert len(seen) == 2


def test_pages_are_never_kept_and_named_assets_long(client: FlaskClient, client_as: SignIn) -> None:
    assert client_as("handler").get("/password").headers["Cache-Control"] == "no-store"
    page = client.get("/sign-in")
    sheet = re.search(r'href="(/static/css/tokens.css\?v=[0-9a-f]{12})"', page.text)
    assert sheet is not None
    for path, kept in (
        (sheet[1], "public, immutable, max-age=31536000"),
        ("/static/css/base.css", "public, max-age=0"),
    ):
        with client.get(path) as answer:
            assert answer.headers["Cache-Control"] == kept


def test_cookies(client: FlaskClient, settings: Settings, clock: SetClock, database: Database) -> None:
    plain = client.get("/sign-in").headers["Set-Cookie"]
    assert plain.startswith("fangxin=")
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    secure = create_app(dataclasses.replace(settings, cookie_secure=True), clock, database).test_client()
    answer = secure.get("/sign-in", base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith("__Host-fangxin=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_only_listed_hosts(settings: Settings, clock: SetClock, database: Database) -> None:
    app = create_app(dataclasses.replace(settings, trusted_hosts=("12315.example",)), clock, database)
    assert app.test_client().get("/sign-in", base_url="http://12315.example").status_code == 200
    refused = app.test_client().get("/sign-in", base_url="http://evil.example")
    assert refused.status_code == 400
    assert "evil.example" not in refused.text
