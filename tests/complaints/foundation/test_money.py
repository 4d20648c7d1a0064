from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from complaints.foundation.errors import Invalid
from complaints.foundation.money import LARGEST_FEN, format_yuan, parse_yuan, split_evenly


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("8", 800),
        ("12.5", 1250),
        ("1,000.00", 100_000),
        ("￥100", 10_000),
        ("¥ 1,234.50 元", 123_450),
        ("１２.５", 1250),
        ("  0.01 ", 1),
        ("10000000000.00", LARGEST_FEN),
    ],
)
def test_c22_amounts_people_write(typed: str, fen: int) -> None:
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "-1",
        "0.001",
        "1.005",
        "19.995",
        "1e400",
        "NaN",
        "Infinity",
        "1_000",
        "壹佰元",
        "1,00",
        "²",
        "0x1",
        "1.",
        "+1",
    ],
)
def test_c22_anything_else_is_refused_never_rounded(typed: str) -> None:
    with pytest.raises(Invalid):
        parse_yuan(typed)


@pytest.mark.parametrize("typed", ["99999999999.99", str(2**63), "9" * 5000, "10000000000.01"])
def test_c23_larger_than_anyone_means(typed: str) -> None:
    with pytest.raises(Invalid):
        parse_yuan(typed)


@pytest.mark.parametrize("typed", ["-1", "-12.50 元", "－3", "\u22121,000", "¥-5", "-￥5", "- 5"])
def test_c22_a_sum_below_nothing_is_said_to_be_so(application: Flask, typed: str) -> None:
    with application.test_request_context("/"), pytest.raises(Invalid, match="金额不能为负数") as refused:
        parse_yuan(typed, "amount")
    assert refused.value.field == "amount"


def test_least_amount_and_field() -> None:
    with pytest.raises(Invalid) as refused:
        parse_yuan("0", "amount", least=1)
    assert refused.value.field == "amount"


@given(st.integers(0, LARGEST_FEN))
def test_written_amounts_are_read_back(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen


def test_format() -> None:
    assert format_yuan(123_450) == "1,234.50"
    assert format_yuan(-5) == "-0.05"


@given(st.integers(0, LARGEST_FEN), st.integers(1, 50))
def test_c24_parts_add_up(fen: int, parts: int) -> None:
    split = split_evenly(fen, parts)
    assert sum(split) == fen
    assert max(split) - min(split) <= 1


def test_c24_hundred_by_three() -> None:
    assert split_evenly(10_000, 3) == (3334, 3333, 3333)
