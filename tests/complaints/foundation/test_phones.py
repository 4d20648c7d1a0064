from __future__ import annotations

import pytest

from complaints.foundation.errors import Invalid
from complaints.foundation.phones import callers_number, normalise_phone


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("0086 13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("13800138000\n", "13800138000"),
        ("0710-3512345", "0710-3512345"),
        ("(0710)3512345", "0710-3512345"),
        ("07103512345", "0710-3512345"),
        ("0710-3512345 转 8", "0710-3512345-8"),
        ("0710-3512345-8", "0710-3512345-8"),
        ("0710-3512345 ext. 8", "0710-3512345-8"),
        ("010-12345678", "010-12345678"),
        ("400-800-1234", "4008001234"),
        ("12315", "12315"),
        ("110", "110"),
        ("95588", "95588"),
        ("00852 2345 6789", "+85223456789"),
    ],
)
def test_c27_one_written_form(typed: str, written: str) -> None:
    assert normalise_phone(typed) == written
    assert normalise_phone(written) == written


@pytest.mark.parametrize(
    "typed", ["", "abc", "1380013800", "138001380001", "²", "138 0013 8000 or so", "1" * 5000, "0710"]
)
def test_c27_no_number(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalise_phone(typed, "phone")
    assert refused.value.field == "phone"


@pytest.mark.parametrize(
    "typed", ["12345", "12315", "110", "１２３４５", "95588", "400-800-1234", "8008101234"]
)
def test_a_service_is_no_caller(typed: str) -> None:
    with pytest.raises(Invalid, match="not the caller's own") as refused:
        callers_number(typed, "phone")
    assert refused.value.field == "phone"


@pytest.mark.parametrize(
    "typed", ["13800138000", "0710-3512345", "07103512345 转 8", "010-12345678", "+85223456789"]
)
def test_whole_numbers_are_callers(typed: str) -> None:
    assert callers_number(typed) == normalise_phone(typed)


def test_what_is_no_number_is_no_callers_number() -> None:
    with pytest.raises(Invalid, match="no telephone number"):
        callers_number("1380013800")
