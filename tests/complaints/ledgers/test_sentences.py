"""What a sentence shows of a cell: masked first and cut afterwards, for no mask knows half a number."""

from __future__ import annotations

import re

import pytest

from complaints.ledgers.ledger_numbers import masked_number
from complaints.ledgers.sentences import beginning, shown

NUMBERS = (
    "13800138000",
    "138 0013 8000",
    "138-0013-8000",
    "１３８００１３８０００",
    "0710-3512345",
    "420602199003071235",
    "42060219900307123X",
    "420602 19900307 1235",
    "6222021234567890123",
)


@pytest.mark.parametrize("number", NUMBERS)
def test_of_a_number_across_the_cut_no_more_is_seen_than_its_mask_shows(number: str) -> None:
    whole = shown(number)
    assert whole != number
    for before in range(45):
        said = shown("甲" * before + number + "乙" * 9)
        assert len(said) <= 41
        assert whole.startswith(said.strip("甲乙…")), said
        kept = beginning("甲" * before + number, 20, masked_number)
        assert whole.startswith(kept.strip("甲…")), kept


@pytest.mark.parametrize("before", range(3980, 4001))
def test_of_a_very_long_cell_no_half_number_is_masked(before: int) -> None:
    """Its end is not looked at; what masks make short must not bring a number that is cut there to light."""
    digits = "9 " * (before // 2)
    said = shown(f"{digits}甲13800138000")
    assert re.fullmatch(r"\*{4}9999 ?(甲?…|甲138\*{4}8000…?)|…", said), said


def test_a_number_that_a_spreadsheet_keeps_as_one_is_masked_as_its_digits() -> None:
    assert shown(4.20602199003071e17) == "420602********0976"
    assert shown(13800138000.0) == "138****8000"
    assert shown(1.5) == "1.5"


def test_a_short_text_stays_and_a_long_one_says_that_it_goes_on() -> None:
    assert shown("第一行\n第二行") == "第一行 第二行"
    assert shown("甲" * 41) == "甲" * 41
    assert shown("甲" * 42) == "甲" * 40 + "…"
