from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Flask
from flask_babel import force_locale

from complaints.foundation.clock import microseconds
from complaints.organisation.permissions import TABLE
from complaints.web.pages import asset, day, moment, yuan
from tests.bureau import SignIn

AT = datetime(2026, 11, 24, 8, 40, tzinfo=UTC)


def test_dates_and_money_in_both_languages(app: Flask) -> None:
    with app.test_request_context("/"):
        with force_locale("en"):
            assert day(date(2026, 11, 24)) == "2026-11-24 (Tue)"
            assert moment(AT) == moment(microseconds(AT)) == "2026-11-24 (Tue) 16:40"
            assert yuan(123_450) == "1,234.50 yuan"
        assert day(None) == moment(None) == yuan(None) == ""


def test_a_missing_asset_has_no_digest(app: Flask) -> None:
    with app.test_request_context("/"):
        assert asset("css/none.css") == "/static/css/none.css"
        assert asset("css/tokens.css").startswith("/static/css/tokens.css?v=")


def test_the_frame_shows_rooms_by_permission(client_as: SignIn) -> None:
    shown = [
        room for room in client_as.services.rooms if room.label is not None and room.permission is not None
    ]
    assert shown
    for username in ("auditor", "system_admin", "cashier"):
        page = client_as(username).get("/welcome")
        assert page.status_code == 200
        for room in shown:
            assert room.permission is not None
            may_enter = username in {role.value for role in TABLE[room.permission].roles}
            assert (f'<a href="{room.url}"' in page.text) == may_enter, (username, room.url)
