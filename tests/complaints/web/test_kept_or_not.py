"""What an error page says was kept is held against the database: never more, never less."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints.app import create_app
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict
from complaints.web.models import Draft
from config import Settings
from tests.bureau import PASSWORD, Bureau, SetClock, SignIn, csrf_token, post
from tests.complaints.payouts.test_views import hidden

HOTLINE = "/hotline"
SAID = "酸奶过期十余天，要求退一赔十"
KEPT = "已存为草稿"
NOT_KEPT = "没有保存"


def drafts_of(city: Bureau) -> dict[tuple[int, str], str]:
    with city.database.reading() as session:
        return {(one.person_id, one.form): one.fields for one in session.scalars(select(Draft))}


def old_page(client: FlaskClient) -> dict[str, str]:
    """Return the hidden fields of the hotline's form as the page has them now."""
    page = client.get(HOTLINE).text
    return {name: hidden(page, name) for name in ("csrf_token", "draft", "idempotency_key")}


def send(client: FlaskClient, fields: dict[str, str], referer: str = f"http://localhost{HOTLINE}") -> str:
    answer = client.post(HOTLINE, data={**fields, "facts": SAID}, headers={"Referer": referer})
    assert answer.status_code == 400
    return answer.text


def test_an_old_form_after_signing_out_and_in_again_is_kept(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    fields = old_page(client)
    assert post(client, "/sign-out").status_code == 303
    assert post(client, "/sign-in", username="operator", password=PASSWORD).status_code == 303
    told = send(client, fields)
    assert KEPT in told
    assert f'href="{HOTLINE}"' in told
    assert SAID in drafts_of(city)[(city.person_ids["operator"], fields["draft"])]
    assert SAID in client.get(HOTLINE).text, "the page leads back to the form that shows it"


def test_whoever_signed_out_in_another_tab_is_not_told_of_a_draft(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    fields = old_page(client)
    assert post(client, "/sign-out").status_code == 303
    told = send(client, fields)
    assert KEPT not in told
    assert NOT_KEPT in told
    assert drafts_of(city) == {}
    assert f'href="/sign-in?next={HOTLINE}"' in told


def test_an_expired_sign_in_keeps_an_old_form_too(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    fields = old_page(client)
    city.clock.at += timedelta(hours=9)
    told = send(client, {**fields, "csrf_token": "of another day"})
    assert KEPT in told
    assert f'href="/sign-in?next={HOTLINE}&amp;kept=1"' in told
    post(client, "/sign-in", username="operator", password=PASSWORD)
    assert SAID in client.get(HOTLINE).text


def test_another_site_puts_nothing_into_anyones_drafts(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    fields = {**old_page(client), "csrf_token": "forged"}
    for referer in ("https://evil.example/hotline", ""):
        assert KEPT not in send(client, fields, referer)
    assert drafts_of(city) == {}


@pytest.mark.parametrize("name", ["", "x", "../hotline"])
def test_a_form_without_a_draft_is_not_said_to_have_one(client_as: SignIn, city: Bureau, name: str) -> None:
    client = client_as("operator")
    told = send(client, {**old_page(client), "csrf_token": "old", "draft": name})
    assert KEPT not in told
    assert drafts_of(city) == {}


def test_what_is_too_much_was_not_read_and_the_page_says_so(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    fields = old_page(client)
    saved = post(client, f"/drafts/{fields['draft']}", facts=SAID)
    assert saved.status_code == 200
    before = drafts_of(city)
    answer = client.post(
        HOTLINE,
        data={**fields, "facts": "长" * 3_000_000},
        headers={"Referer": f"http://localhost{HOTLINE}"},
    )
    assert answer.status_code == 413
    assert KEPT not in answer.text
    assert "没有读取" in answer.text
    assert "草稿还在" in answer.text
    assert drafts_of(city) == before
    assert SAID in client.get(HOTLINE).text


@pytest.mark.parametrize("name", ["hotline.call", ""])
def test_who_was_outrun_keeps_the_words_where_the_page_says_so(
    settings: Settings, clock: SetClock, database: Database, city: Bureau, name: str
) -> None:
    def outrun() -> str:
        raise Conflict("Somebody else was faster.")

    app = create_app(settings, clock, database)
    app.add_url_rule("/outrun", "outrun", outrun, methods=["POST"])
    client = SignIn(app, city)("operator")
    answer = post(client, "/outrun", draft=name, facts=SAID)
    assert answer.status_code == 409
    assert (KEPT in answer.text) == bool(name)
    assert bool(drafts_of(city)) == bool(name)


def test_no_page_promises_what_does_not_exist(client_as: SignIn) -> None:
    told = client_as("operator").get("/none")
    assert told.status_code == 404
    assert "搜索" not in told.text
    assert "查找" not in told.text


def test_the_token_itself_is_needed_as_before(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    assert csrf_token(client, HOTLINE)
    answer = client.post("/drafts/hotline.call", data={"facts": SAID})
    assert (answer.status_code, answer.content_type) == (400, "application/json")
    assert drafts_of(city) == {}
