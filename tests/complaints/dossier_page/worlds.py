"""One small bureau with everybody signed in, and as many copies of its database as there are acts to try.

An accepted act changes its matter, so each is done in a copy of its own: of the file on SQLite, of the
template on PostgreSQL. The cookies hold in every copy.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, func, select
from sqlalchemy.engine import URL, make_url

from complaints.app import build_services
from complaints.dossier.models import Matter, MatterRelation
from complaints.dossier_page.queries import handover_candidates
from complaints.foundation.database import Base, Database
from complaints.organisation.accounts import grant_role, open_account
from complaints.organisation.models import Unit
from complaints.organisation.roles import Role
from complaints.payouts.ledger import Cause, put_into_fund
from complaints.web.services import install
from config import Settings
from tests import bureau, postgresql
from tests.bureau import (
    CITY,
    DESK,
    OFFICE,
    OTHER_COUNTY,
    PASSWORD,
    START,
    Bureau,
    SetClock,
    csrf_token,
)
from tests.complaints.dossier_page.scene import COLLEAGUE, Scene
from tests.factories import matters_of
from workflows.runtime import tables

INSIDE = (*(role.value for role in Role), COLLEAGUE, "other_handler", "other_station")
OUTSIDE = tuple(f"neighbour_{role.value}" for role in Role)
"""One person for each role whose grant lies with the neighbouring county."""
PEOPLE = (*INSIDE, *OUTSIDE)

_SECOND_INTAKE = "second_intake"
_NEWCOMER = "newcomer"
"""A third handler of the office, who may still be named where the colleague helps already."""
_HIRED = (
    (COLLEAGUE, Role.HANDLER, OFFICE, OFFICE),
    (_NEWCOMER, Role.HANDLER, OFFICE, OFFICE),
    (_SECOND_INTAKE, Role.INTAKE, DESK, CITY),
    *((name, role, OTHER_COUNTY, OTHER_COUNTY) for name, role in zip(OUTSIDE, Role, strict=True)),
)

_BUREAU, _WALKED = "bureau", "walked"

RECORDS = frozenset(
    {"wf_denial", "security_event", "draft", "sign_in_session", "sign_in_attempt", "worker_heartbeat"}
)
"""Tables that a refusal may write: who tried what in vain, and what that person typed."""
REFERENCE = frozenset({"wf_calendar_notice", "wf_calendar_revision", "wf_definition", "region", "category"})
"""Tables that no page writes and that are too long to be read after each person."""

_TABLES: dict[str, Table] = {
    name: table
    for metadata in (Base.metadata, tables.metadata)
    for name, table in sorted(metadata.tables.items())
    if name not in RECORDS
}


class Shelf(Protocol):
    """Keeps copies of one database by name; nobody is connected to it meanwhile."""

    @property
    def url(self) -> URL:
        """The database that is worked in."""

    def keep(self, name: str) -> None:
        """Keep its present content under that name."""

    def take(self, name: str) -> None:
        """Put back what was kept."""


class FileShelf:
    """Copies of a SQLite file, beside it."""

    def __init__(self, template: Path, folder: Path) -> None:
        """Begin with a copy of the template."""
        self._work, self._folder = folder / "work.db", folder
        shutil.copyfile(template, self._work)
        self.url = make_url(f"sqlite:///{self._work}")

    def keep(self, name: str) -> None:
        """Copy the file; the last connection that closed has emptied its log."""
        shutil.copyfile(self._work, self._folder / f"{name}.db")

    def take(self, name: str) -> None:
        """Copy it back."""
        shutil.copyfile(self._folder / f"{name}.db", self._work)


class ServerShelf:
    """Copies of a PostgreSQL database, on the same server."""

    def __init__(self, template: str, server: URL) -> None:
        """Begin with a copy of the template."""
        self._server, self._kept = server, dict[str, URL]()
        self.url = postgresql.create_database(server, template)

    def keep(self, name: str) -> None:
        """Make a database that serves as template."""
        if name in self._kept:
            postgresql.drop_database(self._kept[name])
        self._kept[name] = postgresql.create_database(self._server, str(self.url.database))

    def take(self, name: str) -> None:
        """Make the database that is worked in anew, under its old name."""
        postgresql.drop_database(self.url)
        postgresql.create_database(self._server, str(self._kept[name].database), str(self.url.database))

    def close(self) -> None:
        """Drop all of them."""
        for url in (self.url, *self._kept.values()):
            postgresql.drop_database(url)


@dataclass(frozen=True, slots=True)
class Present:
    """Where the matter stands in an opened copy."""

    scene: Scene
    number: str
    database: Database
    instance_id: int
    version: int
    somebody: str
    newcomer: str
    head: str
    others: tuple[str, str]
    """Numbers of an earlier complaint, and of the one it is linked to; empty where there is none."""

    def whom(self, action: str) -> str:
        """Return the person that the action's form may name, as its list offers one."""
        named = {"name_co_handler": self.newcomer, "start_appraisal": self.head}
        return named.get(action, self.somebody)

    def events(self, action: str) -> int:
        """Return how often the action stands in the matter's history."""
        event = tables.event
        asked = (
            select(func.count())
            .select_from(event)
            .where(event.c.instance_id == self.instance_id, event.c.action == action)
        )
        with self.database.reading() as session:
            return int(session.execute(asked).scalar_one())

    def fingerprint(self, *, whole: bool = False) -> dict[str, str]:
        """Return a digest of the rows of each table; `whole` with those that no page writes."""
        found = {}
        with self.database.reading() as session:
            for name, table in _TABLES.items():
                if whole or name not in REFERENCE:
                    rows = sorted(repr(tuple(row)) for row in session.execute(select(table)))
                    found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found


class Worlds:
    """Walks scenes in copies of the bureau, and opens copies of those.

    One database is worked in, whose content is put back each time: its connections and the statements that
    were compiled for them are worth keeping.
    """

    def __init__(self, app: Flask, settings: Settings, shelf: Shelf, people: Sequence[str] = PEOPLE) -> None:
        """Found the bureau with its neighbours in the shelf's empty database, and sign those people in."""
        self.app, self.shelf, self.clock = app, shelf, SetClock()
        self.database = Database(shelf.url)
        self.settings = replace(settings, idle_minutes=60 * 24 * 30, absolute_hours=24 * 30)
        self.city = bureau.found(self.database, self.clock)
        _hire(self.city)
        self.install()
        self.cookies: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        for who in people:
            self._sign_in(who)
        self._keep(_BUREAU)

    def install(self) -> None:
        """Give the application this database and clock, with the guards as they are now."""
        install(self.app, build_services(self.settings, self.clock, self.database))
        self.matters = matters_of(self.app, self.city)

    def walk(self, scene: Scene) -> None:
        """Walk the scene in a fresh bureau and keep it to be copied by `again`."""
        self._take(_BUREAU)
        self.clock.at = START
        number = scene.walk(self.matters)
        here = self.matters.standing(number)
        assert here.state == scene.state, scene.name
        with self.matters.reading("supervisor") as work:
            takers = handover_candidates(work, here, (Role.HANDLER, Role.INTAKE))
            complaints = select(Matter.number).where(Matter.kind == "complaint", Matter.number != number)
            earlier = work.session.scalar(complaints.order_by(Matter.id).limit(1)) or ""
            linked = complaints.join(MatterRelation, MatterRelation.matter_id == Matter.id)
            others = (earlier, work.session.scalar(linked.where(MatterRelation.kind == "link")) or earlier)
        somebody = f"{takers[0].id}@{takers[0].unit_path}" if takers else ""
        newcomer = f"{self.city.person_ids[_NEWCOMER]}@{OFFICE}"
        self.present = Present(
            scene,
            number,
            self.database,
            here.instance_id,
            here.row["row_version"],
            somebody,
            newcomer,
            f"{self.city.person_ids['head']}@{OFFICE}",
            others,
        )
        self._at = self.clock.at
        self._keep(_WALKED)

    def again(self) -> Present:
        """Put the database back to the end of the walk."""
        self._take(_WALKED)
        self.clock.at = self._at
        return self.present

    def browser(self, who: str) -> FlaskClient:
        """Return a browser in which that person is signed in, as it was left at the start."""
        client = self.app.test_client()
        client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self.cookies[who])
        return client

    def _sign_in(self, who: str) -> None:
        client = self.app.test_client()
        token = csrf_token(client)
        answer = client.post("/sign-in", data={"username": who, "password": PASSWORD, "csrf_token": token})
        assert answer.status_code == 303, answer.text
        self.tokens[who] = csrf_token(client, "/password")  # signing in has made the session anew
        cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        self.cookies[who] = cookie.value

    def _keep(self, name: str) -> None:
        self.database.dispose()
        self.shelf.keep(name)

    def _take(self, name: str) -> None:
        self.database.dispose()
        self.shelf.take(name)


def _hire(city: Bureau) -> None:
    now, today = city.clock.now(), city.clock.today()
    with city.database.writing() as session:
        units = {unit.path: unit for unit in session.scalars(select(Unit))}
        hashed = bureau.cheap_passwords().hash(PASSWORD)
        for username, role, home, where in _HIRED:
            person = open_account(
                session,
                username=username,
                name=username,
                unit=units[home],
                password_hash=hashed,
                now=now,
                must_change_password=False,
            )
            grant_role(session, person, role, units[where], day=today - timedelta(days=9999), now=now)
            city.person_ids[username] = person.id
        put_into_fund(session, 5_000_000, Cause(0, now, today))
