"""How much a request may carry, and what: forms of text, nothing else."""

from __future__ import annotations

import pytest

from tests.bureau import SignIn, csrf_token, post


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "application/x+json"]
)
def test_json_is_not_read_however_deep_it_is(standing_as: SignIn, kind: str) -> None:
    client = standing_as("operator")
    token = csrf_token(client, "/password")
    deep = "[" * 100_000 + "]" * 100_000
    answer = client.post("/hotline", data=deep, content_type=kind, headers={"X-CSRFToken": token})
    assert answer.status_code == 415


def test_nul_is_left_out_of_forms_of_both_kinds(standing_as: SignIn) -> None:
    client = standing_as.app.test_client()
    token = csrf_token(client)
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        typed = {"csrf_token": token, "username": "nobo\0dy", "password": "x\0"}
        answer = client.post("/sign-in", data=typed, content_type=kind)
        assert answer.status_code == 422
        assert 'value="nobody"' in answer.text


@pytest.mark.parametrize("address", ["/matters/%00", "/intake/%00", "/%00"])
def test_a_path_with_nul_leads_nowhere(standing_as: SignIn, address: str) -> None:
    assert standing_as("intake").get(address).status_code == 404


@pytest.mark.parametrize("asked", ["tab=ne%00w", "%00=1", "page=%00", "ta%00b=returned&n=%00&n=1"])
def test_nul_is_left_out_of_questions(standing_as: SignIn, asked: str) -> None:
    client = standing_as("intake")
    for page in ("/intake", "/intake/dispatched"):
        assert client.get(f"{page}?{asked}").status_code == 200


def test_a_form_of_text_comes_as_it_was_typed(standing_as: SignIn) -> None:
    client = standing_as.app.test_client()
    answer = post(client, "/sign-in", username="两 个 名 字", password="x")
    assert 'value="两 个 名 字"' in answer.text
