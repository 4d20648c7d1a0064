from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import func, select

from complaints.organisation import sign_ins
from complaints.organisation.accounts import disable_account
from complaints.organisation.models import Person, SecurityEvent, SignInAttempt, SignInSession
from complaints.organisation.sign_ins import Door, Lifetime, Refused, SignedIn
from tests.bureau import PASSWORD, Bureau, cheap_passwords

HERE, THERE = "10.0.0.1", "10.0.0.2"
LIFETIME = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12))


@pytest.fixture
def door(city: Bureau) -> Door:
    return Door(city.database, city.clock, cheap_passwords(), LIFETIME)


def test_signing_in_opens_a_session_and_keeps_only_the_tokens_hash(door: Door, city: Bureau) -> None:
    answer = sign_ins.sign_in(door, " Handler ", PASSWORD, HERE)
    assert isinstance(answer, SignedIn)
    with city.database.reading() as session:
        row = sign_ins.find_session(session, answer.token)
        assert row is not None
        assert row.person.username == "handler"
        assert answer.token not in (row.token_hash, str(row.id))
        assert sign_ins.find_session(session, row.token_hash) is None


@pytest.mark.parametrize(
    ("username", "password"), [("handler", "wrong"), ("nobody", PASSWORD), ("", ""), ("handler", "")]
)
def test_wrong_name_and_wrong_password_are_answered_alike(door: Door, username: str, password: str) -> None:
    assert sign_ins.sign_in(door, username, password, HERE) == Refused(None)


def test_c59_an_unknown_name_costs_a_hash_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    def verify(_self: PasswordHasher, stored: str, _typed: str) -> bool:
        verified.append(stored)
        raise VerifyMismatchError

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    for username in ("nobody", "handler"):
        sign_ins.sign_in(door, username, "wrong", HERE)
    assert len(verified) == 2
    assert len({stored.split("$")[3] for stored in verified}) == 1, "both at the same cost"


@pytest.mark.parametrize("username", ["handler", "nobody"])
def test_c59_five_failures_lock_known_and_unknown_names_alike(
    door: Door, city: Bureau, username: str
) -> None:
    answers = [sign_ins.sign_in(door, username, "wrong", HERE) for _try in range(5)]
    assert [isinstance(one, Refused) and one.locked_until is not None for one in answers] == [False] * 4 + [
        True
    ]
    locked = sign_ins.sign_in(door, username, PASSWORD, HERE)
    assert locked == Refused(city.clock.now() + timedelta(minutes=1))


def test_c59_the_right_password_opens_after_the_lock(door: Door, city: Bureau) -> None:
    for _try in range(5):
        sign_ins.sign_in(door, "handler", "wrong", HERE)
    city.clock.move(minutes=1)
    assert isinstance(sign_ins.sign_in(door, "handler", PASSWORD, HERE), SignedIn)
    assert sign_ins.sign_in(door, "handler", "wrong", HERE) == Refused(None)


def test_c59_each_further_lock_lasts_twice_as_long_up_to_half_an_hour(door: Door, city: Bureau) -> None:
    for _try in range(5):
        answer = sign_ins.sign_in(door, "handler", "wrong", HERE)
    lasted = []
    for _lock in range(7):
        assert isinstance(answer, Refused)
        assert answer.locked_until is not None
        lasted.append((answer.locked_until - city.clock.now()).total_seconds() / 60)
        city.clock.at = answer.locked_until
        answer = sign_ins.sign_in(door, "handler", "wrong", HERE)
    assert lasted == [1, 2, 4, 8, 16, 30, 30]


def test_c59_a_colleague_is_not_locked_out_from_another_desk(door: Door) -> None:
    for _try in range(10):
        sign_ins.sign_in(door, "handler", "wrong", THERE)
    assert isinstance(sign_ins.sign_in(door, "handler", PASSWORD, HERE), SignedIn)


def test_c59_guessing_from_many_addresses_is_locked_too(door: Door) -> None:
    for number in range(30):
        sign_ins.sign_in(door, "handler", "wrong", f"10.1.0.{number}")
    answer = sign_ins.sign_in(door, "handler", PASSWORD, HERE)
    assert isinstance(answer, Refused)
    assert answer.locked_until is not None


def test_old_failures_are_forgotten(door: Door, city: Bureau) -> None:
    sign_ins.sign_in(door, "nobody", "wrong", HERE)
    city.clock.move(days=2)
    sign_ins.sign_in(door, "handler", "wrong", HERE)
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 2


def test_every_attempt_is_a_line_of_the_log_without_what_was_typed(door: Door, city: Bureau) -> None:
    sign_ins.sign_in(door, "my-password-by-mistake", "wrong", HERE)
    sign_ins.sign_in(door, "handler", "wrong", HERE)
    sign_ins.sign_in(door, "handler", PASSWORD, HERE)
    with city.database.reading() as session:
        lines = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "sign_in")).all()
        handler = city.person_ids["handler"]
        assert [(one.success, one.actor_id, one.person_id) for one in lines] == [
            (False, None, None),
            (False, None, handler),
            (True, handler, None),
        ]
        assert {one.address for one in lines} == {HERE}
        assert not any("mistake" in one.subject for one in lines)


def test_disabled_and_long_unused_first_passwords_open_nothing(door: Door, city: Bureau) -> None:
    with city.database.writing() as session:
        disable_account(session, session.get_one(Person, city.person_ids["handler"]), city.clock.now())
        session.get_one(Person, city.person_ids["head"]).must_change_password = True
    assert sign_ins.sign_in(door, "handler", PASSWORD, HERE) == Refused(None)
    assert isinstance(sign_ins.sign_in(door, "head", PASSWORD, HERE), SignedIn)
    city.clock.move(days=15)
    assert sign_ins.sign_in(door, "head", PASSWORD, HERE) == Refused(None)


def test_idle_and_absolute_end(door: Door, city: Bureau) -> None:
    def enter() -> str:
        answer = sign_ins.sign_in(door, "handler", PASSWORD, HERE)
        assert isinstance(answer, SignedIn)
        return answer.token

    def alive(token: str) -> bool:
        with city.database.writing() as session:
            row = sign_ins.find_session(session, token)
            assert row is not None
            if sign_ins.is_alive(row, city.clock.now(), LIFETIME):
                sign_ins.touch(session, row.id, city.clock.now())
                return True
            return False

    token = enter()
    for _page in range(24):
        city.clock.move(minutes=29)
        assert alive(token)
    city.clock.move(minutes=25)
    assert not alive(token), "twelve hours are over"
    token = enter()
    city.clock.move(minutes=32)
    assert not alive(token), "idle for half an hour"


def test_a_clock_set_back_a_little_ends_no_sign_in(door: Door, city: Bureau) -> None:
    answer = sign_ins.sign_in(door, "handler", PASSWORD, HERE)
    assert isinstance(answer, SignedIn)
    city.clock.move(minutes=-10)
    with city.database.writing() as session:
        row = sign_ins.find_session(session, answer.token)
        assert row is not None
        assert sign_ins.is_alive(row, city.clock.now(), LIFETIME)
        assert sign_ins.needs_touch(row, city.clock.now())
        sign_ins.touch(session, row.id, city.clock.now())
        city.clock.move(minutes=32)
        assert not sign_ins.is_alive(row, city.clock.now(), LIFETIME), "idle counts from the last page"


@pytest.mark.parametrize("ahead", [{"hours": 1}, {"days": 1}, {"days": 365}])
def test_a_clock_that_ran_ahead_leaves_no_sign_in_and_no_lock_behind(
    door: Door, city: Bureau, ahead: dict[str, float]
) -> None:
    now = city.clock.now()
    city.clock.move(**ahead)
    answer = sign_ins.sign_in(door, "handler", PASSWORD, HERE)
    assert isinstance(answer, SignedIn)
    for _try in range(5):
        sign_ins.sign_in(door, "head", "wrong", HERE)
    city.clock.at = now
    with city.database.reading() as session:
        row = sign_ins.find_session(session, answer.token)
        assert row is not None
        assert not sign_ins.is_alive(row, now, LIFETIME)
    assert isinstance(sign_ins.sign_in(door, "head", PASSWORD, HERE), SignedIn)


def test_long_ended_sessions_are_swept(door: Door, city: Bureau) -> None:
    sign_ins.sign_in(door, "handler", PASSWORD, HERE)
    city.clock.move(days=2)
    sign_ins.sign_in(door, "head", PASSWORD, HERE)
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 1
