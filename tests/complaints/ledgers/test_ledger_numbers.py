"""Which numbers a record may bear in full, and which are somebody's."""

from __future__ import annotations

import pytest

from complaints.foundation.masking import mask_text
from complaints.ledgers.ledger_numbers import is_personal, masked_number

SOMEBODYS = (
    "13800138000",
    "138-0013-8000",
    "138.0013.8000",
    "8613800138000",
    "+86-138-0013-8000",
    "008613800138000",
    "电话13800138000",
    "2023/13800138000",
    "2019-13800138000",
    "2019050613800138000",
    "20190506-001/13800138000",
    "13800138000-20190506001",
    "20231380013800012",
    "19911225123",
    "١٣٨٠٠١٣٨٠٠٠",
    "0710-3512345",
    "07103512345",
    "0710-3512345转8",
    "010-12345678",
    "420602199003071235",
    "42060219900307123x",
    "11010519491231002X",
    "420602-19900307-1235",
    "420602-2003-07123512",
    "420602900307123",
    "6222021234567890123",
    "6222-0212-3456-7890",
    "4206002019000123",
)
OF_MATTERS = (
    "1",
    "1001",
    "2023-0001",
    "2019字第0042号",
    "鄂襄市监投字〔2019〕42号",
    "(2019)0710-0042",
    "12315-0042",
    "20190506001",
    "201905060001",
    "20190506-0001",
    "20190506_000123",
    "2019-05-06-0001",
    "2019-0506-00012",
    "2019-00000042",
    "15-2023-00001",
    "12315-2019-0001234",
    "420600-2019-000123",
    "420600-20190506-00012-3",
    "420600-20261124-00001-7",
    "1420602002024010512345678",
    "WX20190506123456",
    "投字201905060001号",
    "0000000042",
    "TS-0042/2019",
)


@pytest.mark.parametrize("number", SOMEBODYS)
def test_a_number_that_may_be_somebodys_is_told_and_masked(number: str) -> None:
    assert is_personal(number)
    assert mask_text(number) != number
    assert masked_number(number) != number


@pytest.mark.parametrize("number", OF_MATTERS)
def test_a_number_of_a_matter_stands_in_full(number: str) -> None:
    assert not is_personal(number)
    assert masked_number(number) == number


def test_what_stands_beside_the_number_of_a_matter_is_masked() -> None:
    assert masked_number("201905060001，电话13800138000") == "201905060001，电话138****8000"
