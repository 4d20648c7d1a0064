from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from wtforms import StringField

from complaints.web import drafts
from complaints.web.models import Draft
from complaints.web.submissions import ActForm
from complaints.web.transaction import writing
from tests.bureau import PASSWORD, Bureau, SignIn, csrf_token, post

FORM = "/drafts/hotline.call"


def kept(city: Bureau, username: str = "operator", form: str = "hotline.call") -> str | None:
    with city.database.reading() as session:
        draft = session.get(Draft, (city.person_ids[username], form))
        return draft.fields if draft else None


def save(client: FlaskClient, path: str = FORM, **fields: str) -> int:
    answer = client.post(path, data=fields, headers={"X-CSRFToken": csrf_token(client, "/password")})
    return answer.status_code


def test_what_is_typed_is_kept_encrypted_and_by_person(client_as: SignIn, city: Bureau) -> None:
    operator, handler = client_as("operator"), client_as("handler")
    assert save(operator, phone="13800138000", password="never", csrf_token_x="1") == 200
    assert save(handler, phone="other") == 200
    assert save(operator, phone="13800138000", facts="酸奶过期 & <b>") == 200
    assert kept(city) == '[["phone", "13800138000"], ["facts", "酸奶过期 & <b>"]]'
    assert kept(city, "handler") == '[["phone", "other"]]'
    with city.database.reading() as session:
        assert "13800138000" not in "".join(session.scalars(text("SELECT fields FROM draft")))


def test_the_answer_is_the_local_time(client_as: SignIn) -> None:
    client = client_as("operator")
    answer = client.post(FORM, data={"a": "b"}, headers={"X-CSRFToken": csrf_token(client, "/password")})
    assert answer.json == {"saved_at": "10:00:00"}


def test_nothing_without_sign_in_or_token(client: FlaskClient, client_as: SignIn) -> None:
    answer = client.post(FORM, data={"a": "b"}, headers={"X-CSRFToken": csrf_token(client)})
    assert (answer.status_code, answer.content_type) == (401, "application/json")
    refused = client_as("operator").post(FORM, data={"a": "b"})
    assert (refused.status_code, refused.content_type) == (400, "application/json")


@pytest.mark.parametrize(
    "form", ["x", "Hotline.call", "hotline.ca%20ll", "hotline." + "x" * 130, "hotline..a"]
)
def test_names_that_no_form_has(client_as: SignIn, form: str) -> None:
    assert save(client_as("operator"), f"/drafts/{form}", a="b") == 422


def test_more_than_a_draft_holds(client_as: SignIn, city: Bureau) -> None:
    assert save(client_as("operator"), a="x" * 200_001) == 422
    assert kept(city) is None


class CallForm(ActForm):
    phone = StringField()
    facts = StringField()


def test_a_form_opens_with_its_draft_until_it_is_sent(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    save(client, phone="13800138000", facts="x")
    with client:
        client.get("/password")
        form = CallForm.opened("hotline.call", version="7-12", phone="other")
        assert isinstance(form, CallForm)
        assert (form.phone.data, form.facts.data, form.saved_at) == ("13800138000", "x", "10:00:00")
        assert (form.draft.data, form.version) == ("hotline.call", 7)
        fresh = CallForm.opened("hotline.other", phone="other")
        assert isinstance(fresh, CallForm)
        assert (fresh.phone.data, fresh.saved_at, fresh.version) == ("other", "", None)
        assert fresh.idempotency_key.data != form.idempotency_key.data
        with writing() as session:
            drafts.forget(session, city.person_ids["operator"], "hotline.call")
    assert kept(city) is None


def test_old_drafts_are_swept(client_as: SignIn, city: Bureau) -> None:
    save(client_as("operator"), a="b")
    city.clock.move(days=31)
    save(client_as("handler"), a="b")
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 1


def test_c47_a_form_sent_after_the_sign_in_ended_is_kept(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    token = csrf_token(client, "/password")
    city.clock.at += timedelta(hours=9)
    answer = client.post(
        "/password",
        data={
            "csrf_token": token,
            "draft": "hotline.call",
            "facts": "typed over night",
            "idempotency_key": "k" * 20,
        },
        headers={"Referer": "http://localhost/hotline?x=1"},
    )
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/hotline?x%3D1&kept=1")
    assert kept(city) == '[["facts", "typed over night"]]'
    page = client.get(answer.location)
    assert page.status_code == 200
    back = post(client, "/sign-in", username="operator", password=PASSWORD, next="/hotline?x=1")
    assert back.location == "/hotline?x=1"


def test_c47_a_stranger_keeps_nothing(client: FlaskClient, city: Bureau) -> None:
    answer = post(client, "/password", draft="hotline.call", facts="typed")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert kept(city) is None
