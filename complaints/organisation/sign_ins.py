"""Signing in and out. The rows here are the sign-in; the browser's cookie only names one.

Failed attempts are counted by what was typed, whether or not such an account exists: five from one address
lock that name for that address, thirty from anywhere lock it everywhere for a while. Each further lock lasts
twice as long, up to thirty minutes. So nobody learns whether a name exists, and a colleague is hard to lock
out on purpose.

Instants come from the machine's clock, which may be set back: what lies further ahead than it can have been
written was written by a clock that ran ahead. No sign-in lives for longer by that, and no lock.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.foundation.encryption import keyed_hash
from complaints.organisation.models import Person, SignInAttempt, SignInSession
from complaints.organisation.passwords import Passwords
from complaints.organisation.security_log import record

FAILURES_FROM_ONE_ADDRESS = 5
FAILURES_FROM_ANYWHERE = 30
FIRST_LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(minutes=30)
FORGET_FAILURES_AFTER = timedelta(days=1)
FIRST_PASSWORD_LASTS = timedelta(days=14)
"""A password that was given out and never used opens nothing after this."""
SEEN_TO_THE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a sign-in lasts."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class SignedIn:
    """It worked: the token for the cookie."""

    token: str
    person_id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """It did not: wrong, or locked until an instant. Which of name and password was wrong is not told."""

    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in needs from the application."""

    database: Database
    clock: Clock
    passwords: Passwords
    lifetime: Lifetime


def sign_in(door: Door, username: str, password: str, address: str) -> SignedIn | Refused:
    """Check name and password and open a sign-in. The slow hash runs outside of every write transaction."""
    now = door.clock.now()
    name = username.strip().casefold()
    keys = _keys(name, address)
    with door.database.reading() as session:
        locked_until = _locked_until(session, keys, now)
        person = session.scalars(select(Person).where(Person.username == name)).first()
    fits = door.passwords.fits(password, person.password_hash if person else None)
    if person is None or locked_until or not fits or not _may_enter(person, now):
        with door.database.writing() as session:
            if locked_until is None:
                locked_until = _count_failure(session, keys, now)
            record(
                session,
                now,
                "sign_in",
                success=False,
                person_id=person.id if person else None,
                address=address,
            )
        return Refused(locked_until)
    new_hash = door.passwords.rehashed(password, person.password_hash)
    with door.database.writing() as session:
        token = open_session(session, person.id, now, door.lifetime)
        session.execute(delete(SignInAttempt).where(SignInAttempt.key_hash.in_([key for key, _most in keys])))
        row = session.get_one(Person, person.id)
        if new_hash:
            row.password_hash = new_hash
        if door.passwords.is_too_old(row.password_set_at, now):
            row.must_change_password = True
        record(session, now, "sign_in", success=True, actor_id=person.id, address=address)
    return SignedIn(token, person.id)


def open_session(session: Session, person_id: int, now: datetime, lifetime: Lifetime) -> str:
    """Open a sign-in and return its new random token, which is stored nowhere but in the browser."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(SignInSession).where(SignInSession.expires_at < now - timedelta(days=1)))
    session.add(
        SignInSession(
            token_hash=token_hash(token),
            person_id=person_id,
            created_at=now,
            last_seen_at=now,
            expires_at=now + lifetime.absolute,
        )
    )
    return token


def sign_out(session: Session, token: str, now: datetime, address: str) -> None:
    """End the sign-in of the token: the cookie is worth nothing from now on."""
    row = session.scalars(select(SignInSession).where(SignInSession.token_hash == token_hash(token))).first()
    if row is not None:
        record(session, now, "sign_out", success=True, actor_id=row.person_id, address=address)
        session.delete(row)


def end_all(session: Session, person_id: int) -> None:
    """End every sign-in of the person: after a new password, and when the account is disabled."""
    session.execute(delete(SignInSession).where(SignInSession.person_id == person_id))


def find_session(session: Session, token: str) -> SignInSession | None:
    """Return the sign-in of the token with its person and unit, timed out ones included.

    None where there is none.
    """
    return session.scalars(
        select(SignInSession)
        .options(joinedload(SignInSession.person).joinedload(Person.unit))
        .where(SignInSession.token_hash == token_hash(token))
    ).first()


def is_alive(row: SignInSession, now: datetime, lifetime: Lifetime) -> bool:
    """Tell whether the sign-in has neither timed out nor lost its account.

    A clock that was set back a little ends none; one that was set back by more than the idle time ends all.
    """
    return (
        row.person.disabled_at is None
        and now < row.expires_at
        and abs(now - row.last_seen_at) < lifetime.idle + SEEN_TO_THE
    )


def needs_touch(row: SignInSession, now: datetime) -> bool:
    """Tell whether the last page is so long ago that it is worth a write."""
    return abs(now - row.last_seen_at) >= SEEN_TO_THE


def touch(session: Session, session_id: int, now: datetime) -> None:
    """Note that the person was here."""
    row = session.get(SignInSession, session_id)
    if row is not None:
        row.last_seen_at = now


def token_hash(token: str) -> str:
    """Return the SHA-256 of a token; it is random enough to need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def _may_enter(person: Person, now: datetime) -> bool:
    """Tell whether the account is enabled and its first password, if never changed, is not too old."""
    if person.disabled_at is not None:
        return False
    return not (person.must_change_password and now - person.password_set_at > FIRST_PASSWORD_LASTS)


def _keys(name: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    """Return under which hashes failures are counted, each with the number that locks."""
    return (
        (keyed_hash(f"sign-in {name} from {address}"), FAILURES_FROM_ONE_ADDRESS),
        (keyed_hash(f"sign-in {name}"), FAILURES_FROM_ANYWHERE),
    )


def _locked_until(session: Session, keys: tuple[tuple[str, int], ...], now: datetime) -> datetime | None:
    """Return until when one of the keys is locked, or None."""
    hashes = [key for key, _most in keys]
    rows = session.scalars(select(SignInAttempt).where(SignInAttempt.key_hash.in_(hashes)))
    ends = (row.locked_until for row in rows if row.locked_until)
    return max((end for end in ends if now < end <= now + LONGEST_LOCK), default=None)


def _count_failure(session: Session, keys: tuple[tuple[str, int], ...], now: datetime) -> datetime | None:
    """Count a failure under each key; return until when that locks, or None."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.last_at < now - FORGET_FAILURES_AFTER))
    locks = []
    for key, most in keys:
        row = session.get(SignInAttempt, key)
        if row is None:
            row = SignInAttempt(key_hash=key, failures=0, last_at=now, locked_until=None)
            session.add(row)
        row.failures += 1
        row.last_at = now
        if row.failures >= most:
            row.locked_until = now + min(FIRST_LOCK * 2 ** min(row.failures - most, 10), LONGEST_LOCK)
            locks.append(row.locked_until)
    return max(locks, default=None)
