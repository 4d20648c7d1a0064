"""A connection to PostgreSQL that is cut at COMMIT: told at once, sent again, done once."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from complaints.app import build_services
from complaints.dossier import progress
from complaints.dossier.progress import Submitted
from complaints.foundation.database import Database
from complaints.organisation.models import Person, Unit
from complaints.web.services import install
from tests import bureau
from tests.bureau import SetClock, SignIn, csrf_token
from tests.conftest import FIELD_KEY
from tests.durability import auditing
from tests.durability.cutting import Cut, Wire
from tests.durability.serving import Place
from tests.factories import Matters
from workflows.runtime.tables import event

CUTS = int(os.environ.get("DURABILITY_CUTS", "500"))
OVER_HTTP = 12
"""How many of the cuts are made under a whole request."""


@dataclass
class Cutting:
    """The bureau behind a wire, with a matter to write notes about, and a way past the wire to look."""

    app: Flask
    wire: Wire
    matters: Matters
    direct: Database
    number: str
    version: int

    @property
    def notes(self) -> int:
        """How many notes stand in the log."""
        asked = select(func.count()).select_from(event).where(event.c.action == "add_note")
        with self.direct.reading() as session:
            return int(session.execute(asked).scalar_one())

    def note(self, words: str, key: str) -> None:
        """Add a note as the handler, past the pages."""
        with self.matters.work("handler") as work:
            here = progress.standing(work, self.number)
            progress.act(work, here, "add_note", {"note": words}, Submitted(key))

    def post(self, browser: FlaskClient, token: str, words: str, key: str) -> int:
        """Add a note by its form; return the status of the answer."""
        data = {"note": words, "idempotency_key": key, "form_version": self.version, "csrf_token": token}
        return browser.post(f"/matters/{self.number}/do/add_note", data=data).status_code


@pytest.fixture
def cutting(postgresql_place: Place, application: Flask) -> Iterator[Cutting]:
    """The application with its database behind a wire."""
    direct = Database(postgresql_place.url)
    wire = Wire(make_url(postgresql_place.url))
    behind, clock = Database(wire.url), SetClock()
    clock.at = bureau.START
    settings = bureau.settings(postgresql_place.url, postgresql_place.folder, FIELD_KEY)
    parts = build_services(settings, clock, behind)
    install(application, parts)
    with direct.reading() as session:
        people = {one.username: one.id for one in session.scalars(select(Person))}
        units = {one.path: one.id for one in session.scalars(select(Unit))}
    city = bureau.Bureau(behind, clock, units, people)
    matters = Matters(city, parts.engine)
    number = matters.in_state("accepted")
    yield Cutting(application, wire, matters, direct, number, matters.standing(number).row["row_version"])
    behind.dispose()
    wire.close()
    direct.dispose()


def _key(one: int) -> str:
    """Return a form's key; shorter ones are none of ours."""
    return f"key-of-a-cut-form-{one:04}"


def _chosen(number: int) -> Iterator[tuple[int, Cut]]:
    chance, cuts = random.Random(9), get_args(Cut)
    for one in range(number):
        yield one, chance.choice(cuts)


def _cut_again_and_again(cutting: Cutting, number: int, *, keyed: bool = True) -> Counter[str]:
    """Write so many notes, each cut once at its commit and then sent again; count what each cut left."""
    found = Counter[str]()
    for one, cut in _chosen(number):
        key, before = (_key(one) if keyed else ""), cutting.notes
        cutting.wire.next_cut = cut
        try:
            cutting.note(f"第{one}条", key)
        except OperationalError:
            found[cut] += 1
        cutting.note(f"第{one}条", key)
        found["lost" if cutting.notes == before else "twice" if cutting.notes > before + 1 else "once"] += 1
    return found


def test_a_few_cuts_at_the_commit(cutting: Cutting) -> None:
    found = _cut_again_and_again(cutting, 12)
    assert found["once"] == 12
    assert found["before"] + found["after"] == 12
    assert auditing.faults(cutting.direct, [_key(one) for one in range(12)]) == []


@pytest.mark.slow
def test_what_is_cut_at_the_commit_and_sent_again_is_done_once(cutting: Cutting) -> None:
    found = _cut_again_and_again(cutting, CUTS)
    assert found["once"] == CUTS
    assert found["before"] > CUTS // 3
    assert found["after"] > CUTS // 3
    assert auditing.faults(cutting.direct, [_key(one) for one in range(CUTS)]) == []


def test_without_keys_the_same_cuts_do_things_twice(cutting: Cutting) -> None:
    found = _cut_again_and_again(cutting, 12, keyed=False)
    assert found["twice"] == found["after"] > 0


def test_a_request_that_is_cut_is_told_with_503_and_the_next_one_works(cutting: Cutting) -> None:
    browser = SignIn(cutting.app, cutting.matters.city)("handler")
    token = csrf_token(browser, "/password")
    for one, cut in _chosen(OVER_HTTP):
        before = cutting.notes
        cutting.wire.next_cut = cut
        assert cutting.post(browser, token, f"第{one}条", _key(one)) == 503
        assert browser.get("/healthz").status_code == 200
        assert cutting.post(browser, token, f"第{one}条", _key(one)) == 303
        assert cutting.notes == before + 1
