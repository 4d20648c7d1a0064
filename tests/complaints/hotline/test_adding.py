"""Who calls again about an open complaint is added to it; its owner is shown that this waits to be read."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.bureau import Bureau, SignIn, post
from tests.factories import DISPATCH, PHONE, Matters, matters_of

SAID = "商家今天又说要等到下个月，答应的退款没有到账。"


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


def _to_add(client: FlaskClient, number: str, phone: str = PHONE) -> str:
    answer = post(client, "/hotline/add", phone=phone, facts=SAID, add_to=number)
    assert answer.status_code == 303
    return str(answer.location)


def _key(page: str) -> str:
    found = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_the_words_go_into_the_file_and_the_owner_sees_them(client_as: SignIn, matters: Matters) -> None:
    number = matters.a_complaint()
    matters.walk(number, DISPATCH)
    operator, handler = client_as("operator"), client_as("handler")
    assert 'name="add_to"' in post(operator, "/hotline/caller", phone=PHONE).text
    address = _to_add(operator, number)
    page = operator.get(address).text
    assert SAID in page
    assert "另行登记" in page or "Nothing new" in page
    said = {"said": SAID, "phone": PHONE, "idempotency_key": _key(page)}
    for _click in range(2):
        answer = post(operator, address, **said)
        assert answer.status_code == 303, answer.text
    assert number in operator.get(answer.location).text
    assert operator.get("/hotline").text.count(SAID) == 0, "the draft is gone"
    page = handler.get(f"/matters/{number}").text
    assert page.count(f"<dd>{SAID}</dd>") == 1, "once, however often it was clicked"
    assert "read_additions" in page
    assert "tag is-soon" in handler.get("/mediation").text
    matters.walk(number, ("handler", "read_additions", {}))
    assert "read_additions" not in handler.get(f"/matters/{number}").text


def test_what_one_person_tells_never_goes_into_anothers_file(client_as: SignIn, matters: Matters) -> None:
    number, operator = matters.a_complaint(), client_as("operator")
    for phone in ("13900139000", ""):
        assert operator.get(_to_add(operator, number, phone)).status_code == 404
        assert post(operator, f"/hotline/add/{number}", said=SAID, phone=phone).status_code == 404
    assert 'name="add_to"' not in post(operator, "/hotline/similar", phone="13900139000", facts=SAID).text


def test_a_complaint_that_is_over_takes_nothing_more(client_as: SignIn, matters: Matters) -> None:
    number, operator = matters.in_state("closed"), client_as("operator")
    assert 'name="add_to"' not in post(operator, "/hotline/caller", phone=PHONE).text
    answer = post(operator, f"/hotline/add/{number}", said=SAID, phone=PHONE)
    assert answer.status_code == 409
    assert SAID in answer.text


def test_nothing_said_is_nothing_added(client_as: SignIn, matters: Matters) -> None:
    number, operator = matters.a_complaint(), client_as("operator")
    assert post(operator, f"/hotline/add/{number}", said="  ", phone=PHONE).status_code == 422


@pytest.mark.parametrize("who", ["handler", "station", "supervisor"])
def test_only_whoever_takes_calls(client_as: SignIn, matters: Matters, who: str) -> None:
    assert post(client_as(who), f"/hotline/add/{matters.a_complaint()}", said=SAID).status_code == 403
