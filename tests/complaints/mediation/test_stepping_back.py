"""Who had to step back after a challenge mediates the matter no more, whatever happens to the next mediator.

SAMR Order 121, art. 21.
"""

from __future__ import annotations

import json
from datetime import date

import pytest

from complaints.dossier import progress
from complaints.dossier.refusals import Denied
from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Person, Unit
from complaints.organisation.roles import Role
from tests.bureau import OFFICE, SignIn, post
from tests.complaints.mediation.pages import fields
from tests.factories import AGREE, Matters, Step
from workflows.runtime.replay import replay, verify

FIRST, SECOND = "handler", "other_handler"
OFFER_SECOND = {"unit": OFFICE, "receiver": SECOND, "reason": "原承办人已经回避"}
OFFER_FIRST = OFFER_SECOND | {"receiver": FIRST}


def challenged(who: str, *, upheld: bool) -> tuple[Step, ...]:
    """Return the steps of a challenge of that mediator and of the head's decision."""
    return (
        (who, "challenge", {"reason": "与一方有亲属关系"}),
        ("head", "decide_challenge", {"upheld": upheld, "reason": "已经核实"}),
    )


@pytest.fixture
def number(matters: Matters) -> str:
    """A complaint whose first mediator stepped back; the second one was challenged and stayed."""
    city = matters.city
    with city.database.writing() as session:
        colleague = session.get_one(Person, city.person_ids[SECOND])
        unit = session.get_one(Unit, city.unit_ids[OFFICE])
        grant_role(session, colleague, Role.HANDLER, unit, day=date(2026, 1, 1), now=city.clock.now())
    found = matters.in_state("mediating")
    matters.walk(
        found,
        *challenged(FIRST, upheld=True),
        ("head", "offer_handover", OFFER_SECOND),
        (SECOND, "accept_handover", {}),
        *challenged(SECOND, upheld=False),
    )
    return found


def codes(refused: pytest.ExceptionInfo[Denied]) -> list[str]:
    """Return why an action was refused."""
    return [one.code for one in refused.value.reasons]


def test_the_list_is_rebuilt_from_the_events(matters: Matters, number: str) -> None:
    engine = matters.engine
    here, removed = matters.standing(number), [matters.city.person_ids[FIRST]]
    assert json.loads(here.row["vars"])["removed"] == removed
    with matters.reading("supervisor") as work:
        assert replay(work.connection, here.instance_id).vars["removed"] == removed
        assert verify(work.connection, engine.library, here.instance_id, engine.settings.unseal) is None


def test_the_second_mediator_goes_on(matters: Matters, number: str) -> None:
    matters.walk(number, (SECOND, *AGREE[1:]))
    assert matters.standing(number).state == "mediated"


def test_the_matter_is_not_offered_back(matters: Matters, number: str, client_as: SignIn) -> None:
    with pytest.raises(Denied) as refused:
        matters.do(SECOND, number, "offer_handover", **OFFER_FIRST)
    assert codes(refused) == ["receiver_must_step_back"]
    client, path = client_as("head"), f"/matters/{number}/do/offer_handover"
    page = client.get(path).text
    chosen = f"{matters.city.person_ids[FIRST]}@{OFFICE}"
    assert f'value="{chosen}"' not in page
    answer = post(client, path, **fields(page), receiver=chosen, reason="请他接着办")
    assert answer.status_code == 422
    assert matters.standing(number).row["handover_to"] is None


def test_an_offer_from_before_the_decision_is_not_taken(matters: Matters, client_as: SignIn) -> None:
    """The matter went to a colleague while the decision was open, who offers it back before it is made."""
    city = matters.city
    with city.database.writing() as session:
        colleague = session.get_one(Person, city.person_ids[SECOND])
        unit = session.get_one(Unit, city.unit_ids[OFFICE])
        grant_role(session, colleague, Role.HANDLER, unit, day=date(2026, 1, 1), now=city.clock.now())
    found = matters.in_state("suspended")
    matters.walk(
        found,
        ("head", "offer_handover", OFFER_SECOND),
        (SECOND, "accept_handover", {}),
        (SECOND, "offer_handover", OFFER_FIRST),
        ("head", "decide_challenge", {"upheld": True, "reason": "已经核实"}),
    )
    client = client_as(FIRST)
    page = client.get("/mediation?tab=offered").text
    answer = post(client, f"/mediation/{found}/handover", **fields(page), answer="accept")
    assert answer.status_code == 303
    assert matters.standing(found).row["owner_id"] == city.person_ids[SECOND]
    with matters.reading(FIRST) as work:
        verdict = progress.explain(work, progress.standing(work, found))["accept_handover"]
    assert [why.code for why in verdict.reasons] == ["must_step_back"]


def test_the_desk_says_hand_it_over(matters: Matters, client_as: SignIn) -> None:
    found = matters.in_state("mediating")
    matters.walk(found, *challenged(FIRST, upheld=True))
    assert f"/matters/{found}/do/offer_handover" in client_as(FIRST).get("/mediation").text
    with pytest.raises(Denied) as refused:
        matters.do(FIRST, found, "terminate", item="3", reason="双方谈不拢")
    assert codes(refused) == ["must_step_back"]
