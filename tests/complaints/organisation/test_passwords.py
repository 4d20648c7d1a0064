from __future__ import annotations

from datetime import timedelta

import pytest

from complaints.foundation.errors import Invalid
from complaints.organisation.passwords import Passwords, Rules, random_password
from tests.bureau import START, cheap_passwords

PASSWORDS = cheap_passwords()


def test_a_password_fits_exactly_as_typed() -> None:
    stored = PASSWORDS.hash(" Pass word 1 ")
    assert PASSWORDS.fits(" Pass word 1 ", stored)
    for typed in ("Pass word 1", " pass word 1 ", " Pass word 1", "", " Pass word 1 \n"):
        assert not PASSWORDS.fits(typed, stored)
    assert not PASSWORDS.fits("anything", None)
    assert not PASSWORDS.fits("anything", "not a hash")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "Short-1",
        "onlysmallletters",
        "ONLYCAPITALS123",
        "My-password-1",
        "Xy-handler-77",
        "A1-" + "x" * 126,
    ],
)
def test_rules(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        PASSWORDS.check_rules(password, "handler", "new")
    assert refused.value.field == "new"


def test_a_good_password_and_chinese_signs() -> None:
    PASSWORDS.check_rules("Kx7-correct-staple", "handler")
    PASSWORDS.check_rules("放心消费Kx7放心消费", "handler")


def test_rules_can_be_turned_off() -> None:
    Passwords(Rules(8, 0, 0), 1, 8).check_rules("onlysmallletters", "handler")


def test_first_passwords_are_random_and_lawful() -> None:
    made = {random_password() for _number in range(50)}
    assert len(made) == 50
    for one in made:
        PASSWORDS.check_rules(one, "handler")
        assert not set(one) & set("0O1lI")


def test_age() -> None:
    old = Passwords(Rules(10, 3, 90), 1, 8)
    assert not old.is_too_old(START, START + timedelta(days=90))
    assert old.is_too_old(START, START + timedelta(days=90, seconds=1))
    assert not PASSWORDS.is_too_old(START, START + timedelta(days=9999))


def test_a_cheaper_hash_is_made_anew() -> None:
    dearer = Passwords(Rules(10, 3, 0), 2, 16)
    stored = PASSWORDS.hash("Kx7-correct-staple")
    again = dearer.rehashed("Kx7-correct-staple", stored)
    assert again is not None
    assert dearer.fits("Kx7-correct-staple", again)
    assert dearer.rehashed("Kx7-correct-staple", again) is None
