"""A handover has two steps: until the receiver accepts on the desk, the giver owns the matter."""

from __future__ import annotations

from datetime import date

from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Person, Unit
from complaints.organisation.roles import Role
from tests.bureau import OFFICE, Bureau, SignIn, post
from tests.complaints.mediation.pages import fields, hidden
from tests.complaints.mediation.test_desk import OFFER, numbers
from tests.factories import AGREE, CLOSE, TELL_RESULT, Matters


def offered(matters: Matters) -> str:
    """Return a matter that the handler has offered to a colleague."""
    city = matters.city
    with city.database.writing() as session:
        colleague = session.get_one(Person, city.person_ids["other_handler"])
        unit = session.get_one(Unit, city.unit_ids[OFFICE])
        grant_role(session, colleague, Role.HANDLER, unit, day=date(2026, 1, 1), now=city.clock.now())
    number = matters.in_state("mediating")
    matters.do("handler", number, "offer_handover", **OFFER)
    return number


def test_the_receiver_accepts_on_the_desk(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = offered(matters)
    client = client_as("other_handler")
    page = client.get("/mediation?tab=offered").text
    assert numbers(page) == [number]
    answer = post(client, f"/mediation/{number}/handover", **fields(page), answer="accept")
    assert (answer.status_code, answer.location) == (303, f"/matters/{number}")
    assert matters.standing(number).row["owner_id"] == city.person_ids["other_handler"]


def test_a_declined_matter_stays_with_its_owner(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = offered(matters)
    client = client_as("other_handler")
    page = client.get("/mediation?tab=offered").text
    assert post(client, f"/mediation/{number}/handover", **fields(page), answer="decline").status_code == 303
    row = matters.standing(number).row
    assert (row["owner_id"], row["handover_to"]) == (city.person_ids["handler"], None)


def test_an_offer_ends_with_the_matter(matters: Matters) -> None:
    number = offered(matters)
    matters.walk(number, AGREE, TELL_RESULT, CLOSE)
    assert matters.standing(number).row["handover_to"] is None


def test_somebody_else_cannot_answer(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = offered(matters)
    page = client_as("other_handler").get("/mediation?tab=offered").text
    for who in ("handler", "head"):
        post(client_as(who), f"/mediation/{number}/handover", **fields(page), answer="accept")
    assert matters.standing(number).row["owner_id"] == city.person_ids["handler"]


def test_an_answer_from_an_old_page_is_told(matters: Matters, client_as: SignIn) -> None:
    number = offered(matters)
    client = client_as("other_handler")
    page = client.get("/mediation?tab=offered").text
    matters.walk(number, AGREE)
    answer = client.post(
        f"/mediation/{number}/handover",
        data={**fields(page), "answer": "accept", "csrf_token": hidden(page, "csrf_token")},
        follow_redirects=True,
    )
    assert "承办2" in answer.text
    assert matters.standing(number).row["handover_to"] is not None
