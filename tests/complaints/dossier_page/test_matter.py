"""The page of one matter."""

from __future__ import annotations

import pytest

from tests.bureau import SignIn
from tests.factories import PATHS, Matters


@pytest.mark.parametrize("state", [*PATHS, "transferred"])
def test_the_page_shows_every_state(matters: Matters, client_as: SignIn, state: str) -> None:
    number = matters.in_state(state)
    answer = client_as("handler" if state != "registered" else "intake").get(f"/matters/{number}")
    if answer.status_code == 404:
        answer = client_as("intake").get(f"/matters/{number}")
    assert answer.status_code == 200, answer.text
    assert number in answer.text
