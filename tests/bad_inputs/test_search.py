"""c54 and c55 where they touch search: wildcards, operators, quotes, endless questions, impossible pages."""

from __future__ import annotations

import time

import pytest

from tests.bureau import SignIn, post
from tests.complaints.search.conftest import filled_ground, ground, signed_in
from tests.complaints.search.searching import Ground, ask, items

__all__ = ["filled_ground", "ground", "signed_in"]

SIGNS = (
    "%",
    "_",
    "\\",
    "'",
    '"',
    "'; DROP TABLE matter; --",
    "*",
    "^",
    "(",
    ")",
    ":",
    "-",
    "|",
    "&",
    "!",
    "<->",
    "~",
)
OPERATORS = (
    "AND",
    "OR",
    "NOT",
    "NEAR",
    "NEAR(冰箱 退款, 2)",
    "冰箱 OR 手机",
    "words:冰箱",
    "冰箱*",
    '"冰箱',
    "^冰箱",
    "{冰箱}",
    "冰箱:*",
    "!冰箱",
    "冰箱 & 手机",
    "冰\x00箱",
    "\x00",
)
LITERAL = {"冰箱*": 0, '"冰箱': 0, "100%": 1, "1%0": 0, "100_": 0, "冰%": 0, "%冰": 0, "冰箱，": 1}
"""What stands between other signs is taken as it is written: how many texts have it."""


@pytest.mark.parametrize("typed", [*SIGNS, *OPERATORS])
def test_c54_signs_and_operators_mean_nothing(ground: Ground, signed_in: SignIn, typed: str) -> None:
    client = signed_in("handler")
    answer = ask(client, typed)
    assert answer.status_code in (303, 422)
    if answer.status_code == 303:
        assert client.get(answer.location).status_code == 200
    assert post(client, "/search/suggestions", q=typed).status_code == 200


@pytest.mark.parametrize(("typed", "many"), LITERAL.items())
def test_c54_wildcards_are_taken_literally(ground: Ground, typed: str, many: int) -> None:
    assert len(ground.find("supervisor", typed)) == many


def test_c54_words_of_two_characters_and_one(ground: Ground) -> None:
    assert {line.number for line in ground.find("handler", "跑路")} == {ground.numbers["fridge"]}
    assert {line.number for line in ground.find("handler", "㛃")} == {ground.numbers["rare"]}


def test_c54_ten_thousand_characters_are_refused_with_the_limit(ground: Ground, signed_in: SignIn) -> None:
    for typed in ("冰" * 10_000, "a" * 10_000, "冰 " * 5_000, "(a+)+$" * 2_000):
        began = time.perf_counter()
        answer = ask(signed_in("handler"), typed)
        assert answer.status_code == 422
        assert "100" in answer.text
        assert time.perf_counter() - began < 5


def test_c54_as_many_words_as_fit_are_searched(ground: Ground) -> None:
    assert (
        ground.find("handler", " ".join("冰箱不制冷要求退款商家跑路买了和冷藏室"[at] for at in range(19)))
        != []
    )
    assert ground.find("handler", "龘" * 100) == []


@pytest.mark.parametrize(
    "page",
    ["(select 1)", "unknown", "-1", "0", "99999999999999999999", "１", "1000000", "1&page=2"],
)
def test_c55_impossible_pages_are_the_first(ground: Ground, signed_in: SignIn, page: str) -> None:
    client = signed_in("supervisor")
    where = ask(client, "退款").location
    for more in (f"page={page}", f"page={page}&sort=(select 1)&dir=x&size=1000000&status=a&status=b"):
        answer = client.get(f"{where}?{more}")
        assert answer.status_code == 200
        assert len(items(answer.text)) == 5


@pytest.mark.parametrize("key", ["0", "-1", "../../etc/passwd", "%00", "' OR 1=1 --", "x" * 500])
def test_c55_addresses_of_no_search_are_not_there(ground: Ground, signed_in: SignIn, key: str) -> None:
    assert signed_in("handler").get(f"/search/{key}").status_code == 404
