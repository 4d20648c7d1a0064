from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from complaints.organisation.accounts import disable_account
from complaints.organisation.models import Person, SecurityEvent, SignInSession
from tests.bureau import PASSWORD, Bureau, SignIn, csrf_token, post

NEW = "Quite-new-word-8"


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/password").status_code == 200


def test_start_leads_to_the_sign_in_page(client: FlaskClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    page = client.get("/sign-in")
    assert page.status_code == 200
    assert 'autocomplete="current-password"' in page.text


def test_signing_in_leads_to_the_desk_and_out_again(client_as: SignIn) -> None:
    client = client_as("handler")
    assert client.get("/", follow_redirects=True).status_code == 200
    assert is_signed_in(client)
    answer = post(client, "/sign-out", page="/password")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert not is_signed_in(client)


def test_a_person_signed_in_needs_no_sign_in_page(client_as: SignIn) -> None:
    answer = client_as("handler").get("/sign-in?next=/password")
    assert (answer.status_code, answer.location) == (303, "/password")


def test_wrong_password_keeps_the_name_and_says_the_same_for_all(client: FlaskClient, city: Bureau) -> None:
    pages = []
    for username in ("handler", "nobody"):
        answer = post(client, "/sign-in", username=username, password="wrong")
        assert answer.status_code == 422
        assert f'value="{username}"' in answer.text
        assert 'value="wrong"' not in answer.text
        sent = re.sub(r'nonce[^ ]+|value="[^"]*"|content="[^"]*"|hx-headers=[^ ]+ [^ ]+', "", answer.text)
        pages.append(sent)
    assert pages[0] == pages[1]


def test_empty_fields_are_named(client: FlaskClient) -> None:
    answer = post(client, "/sign-in", username="", password="")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 2


def test_c59_after_five_failures_the_page_says_how_long(client: FlaskClient, city: Bureau) -> None:
    for username in ("handler", "nobody"):
        for _try in range(5):
            answer = post(client, "/sign-in", username=username, password="wrong")
        assert answer.status_code == 429
        assert post(client, "/sign-in", username=username, password=PASSWORD).status_code == 429
    city.clock.move(minutes=1)
    assert post(client, "/sign-in", username="handler", password=PASSWORD).status_code == 303


def test_c56_a_form_without_its_token_is_refused(app: Flask, client_as: SignIn) -> None:
    client = client_as("handler")
    assert client.post("/sign-out").status_code == 400
    assert is_signed_in(client)
    stranger = app.test_client()
    token_of_another = csrf_token(stranger)
    assert client.post("/sign-out", data={"csrf_token": token_of_another}).status_code == 400
    assert client.get("/sign-out").status_code == 405
    as_text = client.post("/sign-out", data='{"csrf_token": "x"}', content_type="text/plain")
    assert as_text.status_code == 400
    assert is_signed_in(client)
    assert (
        app.test_client().post("/sign-in", data={"username": "handler", "password": PASSWORD}).status_code
        == 400
    )


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("fangxin")
    assert found is not None
    return found.value


def test_c57_the_cookie_before_signing_in_is_worth_nothing_after(app: Flask, city: Bureau) -> None:
    victim = app.test_client()
    victim.get("/sign-in")
    planted = cookie(victim)
    assert post(victim, "/sign-in", username="handler", password=PASSWORD).status_code == 303
    assert cookie(victim) != planted
    attacker = app.test_client()
    attacker.set_cookie("fangxin", planted)
    assert not is_signed_in(attacker)


def test_c57_signing_in_gives_a_new_csrf_token(client: FlaskClient, city: Bureau) -> None:
    before = csrf_token(client)
    post(client, "/sign-in", username="handler", password=PASSWORD)
    assert client.post("/sign-out", data={"csrf_token": before}).status_code == 400


def test_c57_a_cookie_kept_over_sign_out_is_dead(app: Flask, client_as: SignIn) -> None:
    client = client_as("handler")
    kept = cookie(client)
    post(client, "/sign-out", page="/password")
    replay = app.test_client()
    replay.set_cookie("fangxin", kept)
    assert not is_signed_in(replay)


def test_c57_a_new_password_ends_every_other_sign_in(client_as: SignIn) -> None:
    here, elsewhere = client_as("handler"), client_as("handler")
    kept = cookie(here)
    answer = post(here, "/password", page="/password", old=PASSWORD, new=NEW, again=NEW)
    assert answer.status_code == 303
    assert is_signed_in(here)
    assert cookie(here) != kept
    assert not is_signed_in(elsewhere)
    fresh = client_as.app.test_client()
    assert post(fresh, "/sign-in", username="handler", password=PASSWORD).status_code == 422
    assert post(fresh, "/sign-in", username="handler", password=NEW).status_code == 303


def test_c57_a_disabled_person_is_out_at_once(client_as: SignIn, city: Bureau) -> None:
    client = client_as("handler")
    with city.database.writing() as session:
        disable_account(session, session.get_one(Person, city.person_ids["handler"]), city.clock.now())
    assert not is_signed_in(client)
    assert post(client, "/sign-in", username="handler", password=PASSWORD).status_code == 422


@pytest.mark.parametrize(
    "wish",
    [
        "//evil.com",
        "/\\evil.com",
        "/\t/evil.com",
        "\t//evil.com",
        "https:evil.com",
        "https://evil.com/",
        "http:///evil.com",
        "javascript:alert(1)",
        "evil.com",
        "/%0d%0aSet-Cookie:x=1\r\nX: y",
        "",
    ],
)
def test_c58_no_way_out_of_the_house(client: FlaskClient, city: Bureau, wish: str) -> None:
    answer = post(client, "/sign-in", username="handler", password=PASSWORD, next=wish)
    assert (answer.status_code, answer.location) == (303, "/")
    again = client.get("/sign-in", query_string={"next": wish})
    assert (again.status_code, again.location) == (303, "/")


def test_after_signing_in_the_page_that_was_asked_for_opens(client: FlaskClient, city: Bureau) -> None:
    answer = client.get("/password?x=1")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/password?x%3D1")
    page = client.get(answer.location)
    assert 'value="/password?x=1"' in page.text
    answer = post(client, "/sign-in", username="handler", password=PASSWORD, next="/password?x=1")
    assert answer.location == "/password?x=1"


def test_idle_and_absolute_timeout(client_as: SignIn, city: Bureau) -> None:
    client = client_as("handler")
    for _page in range(24):
        city.clock.move(minutes=29)
        assert is_signed_in(client)
    city.clock.move(minutes=25)
    assert not is_signed_in(client)
    idle = client_as("handler")
    city.clock.move(minutes=31, seconds=1)
    assert not is_signed_in(idle)


def test_a_clock_set_back_signs_nobody_out(client_as: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cookie was signed later than now is; Flask by itself drops it."""
    with monkeypatch.context() as patch:
        ahead = time.time() + 60
        patch.setattr(time, "time", lambda: ahead)
        client = client_as("handler")
    assert is_signed_in(client)


def test_a_cookie_of_another_signature_is_nobodys(client: FlaskClient, city: Bureau) -> None:
    client.set_cookie("fangxin", "eyJfdXNlcl9pZCI6IjEifQ.Zm9v.YmFy")
    assert not is_signed_in(client)


def test_not_every_page_costs_a_write(client_as: SignIn, city: Bureau) -> None:
    client = client_as("handler")
    city.clock.move(seconds=59)
    assert is_signed_in(client)
    with city.database.reading() as session:
        seen = session.scalars(select(SignInSession.last_seen_at)).one()
    assert seen == city.clock.now() - timedelta(seconds=59)


def test_a_given_password_opens_only_the_page_to_change_it(client: FlaskClient, city: Bureau) -> None:
    with city.database.writing() as session:
        session.get_one(Person, city.person_ids["auditor"]).must_change_password = True
    post(client, "/sign-in", username="auditor", password=PASSWORD)
    answer = client.get("/welcome")
    assert (answer.status_code, answer.location) == (303, "/password")
    for new, again in (("short", "short"), (NEW, NEW + "x"), (PASSWORD, PASSWORD), ("", "")):
        assert (
            post(client, "/password", page="/password", old=PASSWORD, new=new, again=again).status_code == 422
        )
    assert post(client, "/password", page="/password", old="wrong", new=NEW, again=NEW).status_code == 422
    assert post(client, "/password", page="/password", old=PASSWORD, new=NEW, again=NEW).status_code == 303
    assert client.get("/welcome").status_code == 200


def test_the_language_survives_signing_in(client: FlaskClient, city: Bureau) -> None:
    answer = post(client, "/language", language="en", next="/sign-in")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert 'lang="en"' in client.get("/sign-in").text
    post(client, "/sign-in", username="auditor", password=PASSWORD)
    assert 'lang="en"' in client.get("/welcome").text
    assert post(client, "/language", language="xx", page="/password").status_code == 400


def test_sign_ins_are_in_the_security_log(client_as: SignIn, city: Bureau) -> None:
    client = client_as("handler")
    post(client, "/sign-out", page="/password")
    with city.database.reading() as session:
        actor = city.person_ids["handler"]
        kinds = session.scalars(select(SecurityEvent.kind).where(SecurityEvent.actor_id == actor)).all()
        assert kinds == ["sign_in", "sign_out"]
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 0
