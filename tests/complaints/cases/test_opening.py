"""A lead from every state, by whoever sees the breach: never nobody's, and with somebody to verify it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from complaints.dossier.models import Matter
from complaints.dossier.progress import Standing
from complaints.organisation.accounts import grant_role, name_for_duty
from complaints.organisation.models import Duty, Person, Unit
from complaints.organisation.roles import Role
from tests.bureau import CITY, OFFICE, Bureau, SignIn, post
from tests.complaints.registering import form_key
from tests.factories import PATHS, Matters, matters_of

CLUE = "货架上另有三十一盒过期酸奶"


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


def lead_of(matters: Matters, complaint: str) -> Standing:
    """Return the lead of the complaint."""
    with matters.city.database.reading() as session:
        parent = select(Matter.id).where(Matter.number == complaint).scalar_subquery()
        [number] = session.scalars(select(Matter.number).where(Matter.parent_id == parent))
    return matters.standing(number)


def at_city(city: Bureau, username: str, duty: Duty | None = None, role: Role | None = None) -> None:
    """Give the person a duty or a role at the city's bureau."""
    with city.database.writing() as session:
        person, unit = session.get(Person, city.person_ids[username]), session.get(Unit, city.unit_ids[CITY])
        assert person is not None
        assert unit is not None
        if duty:
            name_for_duty(session, unit, duty, person, city.clock.today())
        if role:
            grant_role(session, person, role, unit, day=city.clock.today(), now=city.clock.now())


def test_the_intake_officer_opens_one_from_any_state(matters: Matters) -> None:
    for state in PATHS:
        number = matters.in_state(state)
        matters.do("intake", number, "open_lead", clue=CLUE)
        assert matters.standing(number).state == state
        assert lead_of(matters, number).state == "verifying", state


def test_what_the_desk_refused_is_verified_at_the_bureau_by_its_receiver(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    at_city(city, "handler", role=Role.HEAD)
    at_city(city, "other_handler", duty=Duty.RECEIVER)
    number, client = matters.a_complaint(), client_as("intake")
    refusal = {"item": "1", "reason": "不属于职责", "remedies_told": "y"}
    version = {"form_version": str(matters.standing(number).row["row_version"])}
    assert post(client, f"/matters/{number}/do/refuse", **refusal, **version).status_code == 303
    page = client.get(f"/matters/{number}").text
    assert f'href="/matters/{number}/do/open_lead"' in page
    form = {"idempotency_key": form_key(client, f"/matters/{number}/do/open_lead")}
    form |= {"form_version": str(matters.standing(number).row["row_version"]), "clue": CLUE}
    assert post(client, f"/matters/{number}/do/open_lead", **form).location == f"/matters/{number}"
    lead = lead_of(matters, number)
    assert (lead.row["unit_path"], lead.row["owner_id"]) == (CITY, city.person_ids["other_handler"])
    assert matters.standing(number).state == "refused"


def test_without_a_receiver_the_head_of_the_bureau_has_it(matters: Matters, city: Bureau) -> None:
    at_city(city, "head", role=Role.HEAD)
    number = matters.a_complaint()
    matters.do("intake", number, "open_lead", clue=CLUE)
    lead = lead_of(matters, number)
    assert (lead.row["unit_path"], lead.row["owner_id"]) == (CITY, city.person_ids["head"])


def test_where_the_bureau_has_nobody_it_stays_the_officers(matters: Matters, city: Bureau) -> None:
    number = matters.a_complaint()
    matters.do("intake", number, "open_lead", clue=CLUE)
    lead = lead_of(matters, number)
    assert (lead.row["unit_path"], lead.row["owner_id"]) == (CITY, city.person_ids["intake"])


def test_a_units_complaint_gives_its_handler_the_lead(matters: Matters, city: Bureau) -> None:
    number = matters.in_state("accepted")
    matters.do("intake", number, "open_lead", clue=CLUE)
    lead = lead_of(matters, number)
    assert (lead.row["unit_path"], lead.row["owner_id"]) == (OFFICE, city.person_ids["handler"])


def test_whoever_can_verify_keeps_what_was_found(matters: Matters, city: Bureau) -> None:
    number = matters.in_state("accepted")
    matters.do("head", number, "open_lead", clue=CLUE)
    assert lead_of(matters, number).row["owner_id"] == city.person_ids["head"]


def test_who_reads_no_leads_sees_the_step_and_not_the_clue(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    clue = f"{CLUE}，店主电话 13900139000"
    matters.do("handler", number, "open_lead", clue=clue)
    for who in ("operator", "intake"):
        client = client_as(who)
        page = client.get(f"/matters/{number}").text
        assert "移交线索" in page
        assert CLUE not in page, who
        assert CLUE not in post(client, f"/matters/{number}/reveal/texts", reason="核对店主的电话").text, who
    for who in ("handler", "head"):
        client = client_as(who)
        assert CLUE in client.get(f"/matters/{number}").text, who
        assert clue in post(client, f"/matters/{number}/reveal/texts", reason="核对店主的电话").text, who


def test_an_operator_opens_none(matters: Matters, client_as: SignIn) -> None:
    number = matters.a_complaint()
    answer = client_as("operator").get(f"/matters/{number}/do/open_lead")
    assert answer.status_code == 409
    assert "岗位不能在这里办理" in answer.text
