"""Accounts and grants: opening, disabling, resetting, changing a password.

Every change is a line of the security log.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.organisation.models import Duty, DutyRoster, Person, RoleGrant, Unit
from complaints.organisation.passwords import Passwords
from complaints.organisation.roles import Role
from complaints.organisation.security_log import record
from complaints.organisation.sign_ins import end_all

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


def open_account(
    session: Session,
    *,
    username: str,
    name: str,
    unit: Unit,
    password_hash: str,
    now: datetime,
    actor_id: int | None = None,
    must_change_password: bool = True,
) -> Person:
    """Open an account. The password is hashed by the caller, before the write transaction begins.

    Raises Invalid for a name that cannot be typed easily and Conflict for one that is taken.
    """
    folded = username.strip().casefold()
    if not USERNAME.fullmatch(folded):
        raise Invalid(
            _("A user name begins with a letter and has 2 to 40 small letters, digits, dots or dashes."),
            "username",
        )
    if session.scalars(select(Person.id).where(Person.username == folded)).first() is not None:
        raise Conflict(_("There already is an account %(username)s.", username=folded))
    person = Person(
        username=folded,
        name=name.strip(),
        unit=unit,
        password_hash=password_hash,
        password_set_at=now,
        must_change_password=must_change_password,
        created_at=now,
        disabled_at=None,
    )
    session.add(person)
    session.flush()
    record(session, now, "account_open", success=True, actor_id=actor_id, person_id=person.id)
    return person


def grant_role(
    session: Session,
    person: Person,
    role: Role,
    unit: Unit,
    *,
    day: date,
    now: datetime,
    actor_id: int | None = None,
) -> RoleGrant:
    """Grant a role on a unit from the day on."""
    grant = RoleGrant(person_id=person.id, role=role.value, unit=unit, valid_from=day, valid_to=None)
    session.add(grant)
    session.flush()
    subject = f"{role.value} {unit.path}"
    record(session, now, "role_grant", success=True, actor_id=actor_id, person_id=person.id, subject=subject)
    return grant


def end_grant(
    session: Session, grant: RoleGrant, *, day: date, now: datetime, actor_id: int | None = None
) -> None:
    """End a grant: the day before is its last. It bites at the person's next page."""
    grant.valid_to = day - timedelta(days=1)
    subject = f"{grant.role} {grant.unit.path}"
    record(
        session, now, "role_end", success=True, actor_id=actor_id, person_id=grant.person_id, subject=subject
    )


def name_for_duty(session: Session, unit: Unit, duty: Duty, person: Person, day: date) -> DutyRoster:
    """Name the person who has the unit's duty from the day on."""
    row = DutyRoster(unit_id=unit.id, duty=duty.value, person_id=person.id, valid_from=day, valid_to=None)
    session.add(row)
    session.flush()
    return row


def need_person(session: Session, username: str) -> Person:
    """Return the person of the user name. Raises NotFound."""
    person = session.scalars(select(Person).where(Person.username == username.strip().casefold())).first()
    if person is None:
        raise NotFound(_("There is no account %(username)s.", username=username))
    return person


def disable_account(session: Session, person: Person, now: datetime, actor_id: int | None = None) -> None:
    """Disable the account and end all its sign-ins; what it did keeps its name."""
    person.disabled_at = person.disabled_at or now
    end_all(session, person.id)
    record(session, now, "account_disable", success=True, actor_id=actor_id, person_id=person.id)


def reset_password(
    session: Session, person: Person, password_hash: str, now: datetime, actor_id: int | None = None
) -> None:
    """Give a new first password, enable the account again and end all its sign-ins."""
    person.password_hash, person.password_set_at = password_hash, now
    person.must_change_password, person.disabled_at = True, None
    end_all(session, person.id)
    record(session, now, "password_reset", success=True, actor_id=actor_id, person_id=person.id)


def check_new_password(passwords: Passwords, person: Person, old: str, new: str) -> None:
    """Raise Invalid where the old password is wrong or the new one breaks a rule. Slow.

    No transaction may be open.
    """
    if not passwords.fits(old, person.password_hash):
        raise Invalid(_("This is not the present password."), "old")
    if new == old:
        raise Invalid(_("Choose a password that differs from the present one."), "new")
    passwords.check_rules(new, person.username, "new")


def change_password(
    session: Session, person_id: int, password_hash: str, now: datetime, address: str
) -> None:
    """Set the person's own new password and end all sign-ins, this one too: the caller opens a new one."""
    person = session.get_one(Person, person_id)
    person.password_hash, person.password_set_at = password_hash, now
    person.must_change_password = False
    end_all(session, person_id)
    record(session, now, "password_change", success=True, actor_id=person_id, address=address)
