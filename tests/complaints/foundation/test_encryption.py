from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from complaints.foundation.database import Database
from complaints.foundation.encryption import FieldCipher, UnreadableError
from complaints.organisation.models import Person
from complaints.web.models import Draft
from tests.bureau import Bureau

CIPHER = FieldCipher(b"k" * 32)


@given(st.text())
def test_what_goes_in_comes_out(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    assert CIPHER.decrypt(CIPHER.encrypt(value)) == value


def test_equal_values_look_different_and_hash_the_same() -> None:
    assert CIPHER.encrypt("13800138000") != CIPHER.encrypt("13800138000")
    assert CIPHER.keyed_hash("13800138000") == CIPHER.keyed_hash("13800138000")
    assert CIPHER.keyed_hash("13800138000") != FieldCipher(b"o" * 32).keyed_hash("13800138000")


def test_another_key_is_told_from_damage() -> None:
    stored = CIPHER.encrypt("13800138000")
    with pytest.raises(UnreadableError, match="field key"):
        FieldCipher(b"o" * 32).decrypt(stored)
    changed = stored[:-4] + ("AAA=" if stored[-4:] != "AAA=" else "BBB=")
    with pytest.raises(UnreadableError, match="damaged"):
        CIPHER.decrypt(changed)


def test_key_length() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        FieldCipher(b"short")


def test_an_encrypted_column_reaches_the_database_only_encrypted(database: Database, city: Bureau) -> None:
    with database.writing() as session:
        person = session.get_one(Person, city.person_ids["operator"])
        session.add(
            Draft(person_id=person.id, form="hotline.call", fields="13800138000", saved_at=city.clock.now())
        )
    with database.reading() as session:
        stored = session.execute(text("SELECT fields FROM draft")).scalar_one()
        assert "13800138000" not in stored
        assert session.get_one(Draft, (city.person_ids["operator"], "hotline.call")).fields == "13800138000"
