from __future__ import annotations

import pytest

from complaints.foundation.masking import (
    mask_account,
    mask_address,
    mask_email,
    mask_identity_number,
    mask_name,
    mask_phone,
)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800138000", "138****8000"),
        ("0710-3512345", "0710-****345"),
        ("0710-3512345-8", "0710-****345"),
        ("12315", "12315"),
        ("4008001234", "4008001234"),
        ("+85223456789", "+85****89"),
        ("", ""),
        ("1380", "1380"),
        ("138001", "****"),
    ],
)
def test_phones(number: str, masked: str) -> None:
    assert mask_phone(number) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("zhouhuimin@qq.com", "z***@qq.com"),
        ("z@qq.com", "***@qq.com"),
        ("", ""),
        ("no address", "****"),
        ("@qq.com", "****"),
    ],
)
def test_email_keeps_first_letter_and_domain(address: str, masked: str) -> None:
    assert mask_email(address) == masked


def test_identity_numbers_keep_region_and_end() -> None:
    assert mask_identity_number("420602199001011234") == "420602********1234"
    assert mask_identity_number("E12345678") == "E****78"
    assert mask_identity_number("E123") == "****"


def test_accounts_keep_four_places() -> None:
    assert mask_account("6222021234567890123") == "****0123"
    assert mask_account("1234567") == "****"


def test_names_do_not_tell_their_length() -> None:
    assert mask_name("张三") == mask_name("张小三丰") == "张**"
    assert mask_name("") == ""


def test_addresses_keep_the_district() -> None:
    assert mask_address("襄阳市樊城区人民路1号") == "襄阳市樊城区****"
    assert mask_address("樊城") == "****"
