"""A small bureau for tests: a city, a county, an office, a station, one person for each role.

And how they sign in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.organisation.accounts import grant_role, name_for_duty, open_account
from complaints.organisation.models import Duty, Person, Unit, UnitKind
from complaints.organisation.passwords import Passwords, Rules
from complaints.organisation.people import SignedInActor, actor_by_username
from complaints.organisation.roles import LABELS, Role
from complaints.organisation.units import found_unit
from complaints.web.services import Services
from config import PasswordRules, Settings

START = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PASSWORD = "Kx7-correct-staple"

CITY = "/420600/"
DESK = "/420600/desk/"
COUNCIL = "/420600/council/"
COUNTY = "/420600/420606/"
COUNTY_DESK = "/420600/420606/desk/"
OFFICE = "/420600/420606/07/"
OTHER_OFFICE = "/420600/420606/08/"
STATION = "/420600/420606/07/s01/"
OTHER_STATION = "/420600/420606/08/s02/"
OTHER_COUNTY = "/420600/420602/"

_UNITS = (
    ("420600", "襄阳市市场监督管理局", UnitKind.CITY_BUREAU, "/"),
    ("desk", "12315 指挥中心", UnitKind.INTAKE_DESK, CITY),
    ("council", "襄阳市消费者委员会", UnitKind.CONSUMER_COUNCIL, CITY),
    ("420606", "樊城区市场监督管理局", UnitKind.COUNTY_BUREAU, CITY),
    ("desk", "樊城区受理台", UnitKind.INTAKE_DESK, COUNTY),
    ("07", "米公市场监管所", UnitKind.OFFICE, COUNTY),
    ("08", "柿铺市场监管所", UnitKind.OFFICE, COUNTY),
    ("s01", "人民商场消费维权服务站", UnitKind.STATION, OFFICE),
    ("s02", "柿铺市场消费维权服务站", UnitKind.STATION, OTHER_OFFICE),
    ("420602", "襄城区市场监督管理局", UnitKind.COUNTY_BUREAU, CITY),
)

HOMES = {
    Role.OPERATOR: DESK,
    Role.INTAKE: DESK,
    Role.HANDLER: OFFICE,
    Role.HEAD: OFFICE,
    Role.STATION: STATION,
    Role.CASHIER: COUNTY,
    Role.PAYOUT_APPROVER: COUNTY,
    Role.SUPERVISOR: CITY,
    Role.AUDITOR: CITY,
    Role.SYSTEM_ADMIN: CITY,
    Role.SECURITY_ADMIN: CITY,
    Role.AUDIT_ADMIN: CITY,
}
"""Where each role's person sits. The user name is the role.

"other_handler" and "other_station" sit elsewhere.
"""


GRANTED_ON = {Role.OPERATOR: CITY, Role.INTAKE: CITY}
"""Where a role is granted that reaches beyond the desk its people sit at."""


class SetClock(Clock):
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at
        super().__init__(lambda: self.at)

    def move(self, **how_far: float) -> None:
        """Move on, in the words of timedelta: move(days=1, hours=2)."""
        self.at += timedelta(**how_far)


def settings(url: str, folder: Path, field_key: bytes, **changed: Any) -> Settings:
    """Settings for tests: cheap hashes, passwords that do not age."""
    values: dict[str, Any] = {
        "database_url": url,
        "instance_dir": folder,
        "secret_key": "a secret of the tests, long enough for anyone",
        "field_key": field_key,
        "passwords": PasswordRules(max_age_days=0, hash_time=1, hash_memory_kib=8),
    }
    return Settings(**(values | changed))


def cheap_passwords() -> Passwords:
    """Password rules with the cheapest hash."""
    return Passwords(Rules(min_length=10, classes=3, max_age_days=0), hash_time=1, hash_memory_kib=8)


_HASH = cheap_passwords().hash(PASSWORD)


@dataclass(frozen=True, slots=True)
class Bureau:
    """The bureau of a test."""

    database: Database
    clock: SetClock
    unit_ids: dict[str, int]
    person_ids: dict[str, int]

    def actor(self, username: str) -> SignedInActor:
        """Return the person as the engine's actor, with today's grants."""
        with self.database.reading() as session:
            found = actor_by_username(session, username, self.clock.today())
        assert found is not None
        return found


def found(database: Database, clock: SetClock) -> Bureau:
    """Found the bureau in an empty database."""
    now, today = clock.now(), clock.today()
    units: dict[str, Unit] = {}
    people: dict[str, Person] = {}
    with database.writing() as session:
        for code, name, kind, parent in _UNITS:
            unit = found_unit(session, code, name, kind, units.get(parent), today - timedelta(days=9999))
            units[unit.path] = unit
        names = [(role.value, role, home) for role, home in HOMES.items()]
        names += [
            ("other_handler", Role.HANDLER, OTHER_OFFICE),
            ("other_station", Role.STATION, OTHER_STATION),
        ]
        for username, role, home in names:
            person = open_account(
                session,
                username=username,
                name=f"{LABELS[role].zh[:2]}{len(people)}",
                unit=units[home],
                password_hash=_HASH,
                now=now,
                must_change_password=False,
            )
            where = units[GRANTED_ON.get(role, home)]
            grant_role(session, person, role, where, day=today - timedelta(days=9999), now=now)
            people[username] = person
        first = today - timedelta(days=9999)
        name_for_duty(session, units[DESK], Duty.OFFICER, people["intake"], first)
        name_for_duty(session, units[COUNTY_DESK], Duty.OFFICER, people["intake"], first)
        name_for_duty(session, units[OFFICE], Duty.RECEIVER, people["handler"], first)
        name_for_duty(session, units[OTHER_OFFICE], Duty.RECEIVER, people["other_handler"], first)
    return Bureau(
        database,
        clock,
        {path: unit.id for path, unit in units.items()},
        {username: person.id for username, person in people.items()},
    )


def at_bureau(city: Bureau, username: str, role: Role) -> None:
    """Give the person a role at the city's bureau."""
    with city.database.writing() as session:
        person, unit = session.get(Person, city.person_ids[username]), session.get(Unit, city.unit_ids[CITY])
        assert person is not None
        assert unit is not None
        grant_role(session, person, role, unit, day=city.clock.today(), now=city.clock.now())


def founded(database: Database, clock: SetClock) -> Bureau | None:
    """Return the bureau where the database was copied from one in which it is founded, else None."""
    with database.reading() as session:
        units = dict(session.execute(select(Unit.path, Unit.id)).all())
        people = dict(session.execute(select(Person.username, Person.id)).all())
    return Bureau(database, clock, units, people) if units else None


class SignIn:
    """Signs people in through the real page."""

    def __init__(self, app: Flask, city: Bureau) -> None:
        self.app, self.city = app, city

    def __call__(self, username: str) -> FlaskClient:
        """Return a browser in which the person of that user name is signed in."""
        client = self.app.test_client()
        answer = post(client, "/sign-in", username=username, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return client

    @property
    def services(self) -> Services:
        """The application's parts."""
        parts: Services = self.app.extensions["fangxin"]
        return parts


NOWHERE = "/no-such-page"
"""An address that is none: its small page carries the CSRF token and asks nothing of the database."""


def csrf_token(client: FlaskClient, page: str = NOWHERE) -> str:
    """Return the CSRF token of this browser, as a page shows it."""
    answer = client.get(page, follow_redirects=True)
    found_token = re.search(r'name="csrf-token" content="([^"]+)"', answer.text)
    assert found_token is not None, answer.text
    return found_token[1]


def post(client: FlaskClient, path: str, *, page: str = "", **fields: Any) -> TestResponse:
    """Post a form as the page at `page`, or any page, would: with the browser's CSRF token."""
    fields.setdefault("csrf_token", csrf_token(client, page or NOWHERE))
    return client.post(path, data=fields)
