"""What came by letter or visit: the day it arrived counts, and who was reached first depends on how."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Person, SecurityEvent
from complaints.organisation.roles import Role
from complaints.organisation.units import unit_by_path
from tests.bureau import COUNTY_DESK, DESK, Bureau, SignIn, post
from tests.complaints.registering import CALL, form_key, matters_in
from workflows.runtime.tables import deadline, instance

LETTER = {name: value for name, value in CALL.items() if name != "notice_read"} | {
    "channel": "letter",
    "received_on": "2026-11-20",
}


def register(client: FlaskClient, **changed: Any) -> TestResponse:
    key = form_key(client, "/intake/register")
    return post(client, "/intake/register", **(LETTER | {"idempotency_key": key} | changed))


def test_a_letter_counts_from_the_day_it_arrived(client_as: SignIn, city: Bureau) -> None:
    answer = register(client_as("intake"), received_time="09:30", outside_number="襄信〔2026〕18")
    assert answer.status_code == 303, answer.text
    [matter] = matters_in(city.database)
    assert matter.received_at.isoformat() == "2026-11-20T01:30:00+00:00"
    assert matter.registered_at == city.clock.now()
    assert (matter.channel, matter.notice_version) == ("letter", "")
    assert matter.detail == {"outside_number": "襄信〔2026〕18"}
    with city.database.reading() as session:
        [due] = session.scalars(select(deadline.c.legal_due)).all()
    assert due.isoformat() == "2026-12-01"


@pytest.mark.parametrize(
    ("channel", "who"), [("letter", "intake"), ("hotline_12345", "intake"), ("visit", "head")]
)
def test_who_was_reached_first(client_as: SignIn, city: Bureau, channel: str, who: str) -> None:
    with city.database.writing() as session:
        person, desk = session.get(Person, city.person_ids["head"]), unit_by_path(session, DESK)
        assert person is not None
        assert desk is not None
        person.unit = desk
        grant_role(session, person, Role.INTAKE, desk, day=city.clock.today(), now=city.clock.now())
    assert register(client_as("head"), channel=channel).status_code == 303
    with city.database.reading() as session:
        row = session.execute(select(instance)).mappings().one()
    assert (row["first_responder_id"], row["owner_id"]) == (city.person_ids[who],) * 2
    assert row["unit_path"] == DESK


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("received_on", ""),
        ("received_on", "2026-11-25"),
        ("received_on", "1996-03-14"),
        ("received_on", "2005-06-30"),
        ("received_on", "上周"),
        ("received_time", "25:00"),
        ("channel", "phone"),
        ("phone", "12"),
    ],
)
def test_what_cannot_be_comes_back_with_a_sentence(
    client_as: SignIn, city: Bureau, field: str, typed: str
) -> None:
    answer = register(client_as("intake"), **{field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-e"' in answer.text
    assert CALL["facts"] in answer.text
    assert not matters_in(city.database)


@pytest.mark.parametrize(
    ("arrived", "version", "rule_set", "due"),
    [
        ("2011-03-07", 1, "order-51", "2011-03-12"),
        ("2016-03-07", 1, "order-62", "2016-03-16"),
        ("2023-03-07", 2, "order-20", "2023-03-16"),
        ("2026-04-14", 2, "order-20-and-778", "2026-04-23"),
        ("2026-04-15", 3, "order-121", "2026-04-24"),
    ],
)
def test_what_arrived_earlier_runs_under_the_rules_of_its_day(
    client_as: SignIn, city: Bureau, arrived: str, version: int, rule_set: str, due: str
) -> None:
    answer = register(client_as("intake"), received_on=arrived)
    assert answer.status_code == 303
    with city.database.reading() as session:
        (row,) = session.execute(select(instance.c.version, instance.c.state)).all()
        clock = session.execute(select(deadline.c.rule_set, deadline.c.legal_due)).one()
    assert (row.version, clock.rule_set, clock.legal_due.isoformat()) == (version, rule_set, due)


def test_a_double_click_registers_once(client_as: SignIn, city: Bureau) -> None:
    client = client_as("intake")
    key = form_key(client, "/intake/register")
    first, second = register(client, idempotency_key=key), register(client, idempotency_key=key)
    assert first.location == second.location
    assert len(matters_in(city.database)) == 1


def test_the_form_is_back_after_a_crash(client_as: SignIn) -> None:
    client = client_as("intake")
    post(client, "/drafts/intake.register", facts="信里写着", received_on="2026-11-20")
    page = client.get("/intake/register").text
    assert "信里写着" in page
    assert 'value="2026-11-20"' in page


def test_a_suggestion_that_names_the_same_caller_is_a_look(client_as: SignIn, city: Bureau) -> None:
    operator = client_as("operator")
    post(operator, "/hotline", **(CALL | {"idempotency_key": form_key(operator, "/hotline")}))
    [theirs] = matters_in(city.database)
    with city.database.writing() as session:
        person, desk = session.get(Person, city.person_ids["head"]), unit_by_path(session, COUNTY_DESK)
        assert person is not None
        assert desk is not None
        grant_role(session, person, Role.INTAKE, desk, day=city.clock.today(), now=city.clock.now())
    client = client_as("head")
    for _time in range(2):
        answer = post(client, "/intake/similar", phone=CALL["phone"], facts=CALL["facts"]).text
        assert theirs.number in answer
        assert f'href="/matters/{theirs.number}"' not in answer
    post(client_as("intake"), "/intake/similar", phone=CALL["phone"], facts=CALL["facts"])
    with city.database.reading() as session:
        looks = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "caller_history")).all()
    assert [(one.actor_id, one.subject) for one in looks] == [
        (city.person_ids["head"], f"1: {theirs.number}")
    ], "the desk that may open it looks at its own"
