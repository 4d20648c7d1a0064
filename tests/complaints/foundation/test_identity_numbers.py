from __future__ import annotations

import pytest

from complaints.foundation.errors import Invalid
from complaints.foundation.identity_numbers import credit_code_warning, normalise_citizen_number


@pytest.mark.parametrize("typed", ["11010519491231002X", "11010519491231002x", " 110105 19491231 002Ｘ "])
def test_c28_citizen_numbers(typed: str) -> None:
    assert normalise_citizen_number(typed) == "11010519491231002X"


@pytest.mark.parametrize(
    "typed",
    ["110105194912310021", "110105491231002", "110105199002310021", "", "11010519491231002", "E12345678"],
)
def test_c28_numbers_that_cannot_be_right(typed: str) -> None:
    with pytest.raises(Invalid):
        normalise_citizen_number(typed, "identity_number")


@pytest.mark.parametrize("code", ["", "9144030071526726XG", "914403001922038216", "91330100799655058b"])
def test_c29_right_codes_pass(code: str) -> None:
    assert credit_code_warning(code) is None


@pytest.mark.parametrize("code", ["9144030071526726XI", "914403001922038217", "420600123456789", "91"])
def test_c29_wrong_codes_only_warn(code: str) -> None:
    assert credit_code_warning(code)
