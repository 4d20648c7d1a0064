from __future__ import annotations

import pytest
from sqlalchemy import select

from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.organisation import sign_ins
from complaints.organisation.accounts import (
    check_new_password,
    disable_account,
    need_person,
    open_account,
    reset_password,
)
from complaints.organisation.models import Person, SecurityEvent, SignInSession, Unit
from tests.bureau import OFFICE, PASSWORD, Bureau, cheap_passwords
from tests.complaints.organisation.test_sign_ins import LIFETIME


def opened(city: Bureau, username: str) -> str:
    with city.database.writing() as session:
        unit = session.get_one(Unit, city.unit_ids[OFFICE])
        return open_account(
            session, username=username, name="李四", unit=unit, password_hash="x", now=city.clock.now()
        ).username


def test_user_names_are_kept_small_and_unique(city: Bureau) -> None:
    assert opened(city, " Li.Si-2 ") == "li.si-2"
    with pytest.raises(Conflict):
        opened(city, "LI.SI-2")


@pytest.mark.parametrize("username", ["", "a", "1li", "li si", "李四", "x" * 41, "li/si", "li\n"])
def test_user_names_that_cannot_be_typed_easily(city: Bureau, username: str) -> None:
    if username == "li\n":
        assert opened(city, username) == "li"
        return
    with pytest.raises(Invalid) as refused:
        opened(city, username)
    assert refused.value.field == "username"


def test_disabling_and_resetting_end_every_sign_in(city: Bureau) -> None:
    now, person_id = city.clock.now(), city.person_ids["handler"]
    for change in (
        lambda session, person: disable_account(session, person, now),
        lambda session, person: reset_password(session, person, "hash", now),
    ):
        with city.database.writing() as session:
            sign_ins.open_session(session, person_id, now, LIFETIME)
        with city.database.writing() as session:
            change(session, need_person(session, "handler"))
        with city.database.reading() as session:
            assert session.scalars(select(SignInSession)).all() == []
    with city.database.reading() as session:
        person = session.get_one(Person, person_id)
        assert person.must_change_password
        assert person.disabled_at is None
        kinds = session.scalars(select(SecurityEvent.kind).where(SecurityEvent.person_id == person_id)).all()
        assert kinds[-2:] == ["account_disable", "password_reset"]


def test_new_passwords(city: Bureau) -> None:
    passwords = cheap_passwords()
    with city.database.reading() as session:
        person = need_person(session, "HANDLER")
    for old, new, field in (
        ("wrong", "Another-good-1", "old"),
        (PASSWORD, PASSWORD, "new"),
        (PASSWORD, "short", "new"),
    ):
        with pytest.raises(Invalid) as refused:
            check_new_password(passwords, person, old, new)
        assert refused.value.field == field
    check_new_password(passwords, person, PASSWORD, "Another-good-1")


def test_an_unknown_account(city: Bureau) -> None:
    with city.database.reading() as session, pytest.raises(NotFound):
        need_person(session, "nobody")
