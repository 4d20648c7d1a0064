"""The place of a session is free words: numbers of people in it are masked before anything keeps them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from complaints.mediation.models import MediationSession
from tests.bureau import SignIn, post
from tests.complaints.mediation.pages import fields
from tests.factories import ARRANGE, Matters
from workflows.runtime.event_log import events_of
from workflows.runtime.tables import outbox

PLACE, NUMBER, MASKED = "张三家 13812345678", "13812345678", "张三家 138****5678"
WHEN = {"session_on": "2026-11-26", "session_at": "14:30", "session_way": "on_site", "session_place": PLACE}
TOLD = {"told_complainant": "phone", "told_respondent": "phone"}
TYPED = {
    "arrange_session": WHEN | TOLD,
    "change_session": WHEN | TOLD | {"change": "moved", "reason": "商家有检查"},
    "hold_session": {
        "held_on": "2026-11-24",
        "place": PLACE,
        "outcome": "adjourned",
        "notes": "双方各让一步",
    },
}
OWN = {"arrange_session": "arrange", "change_session": "change", "hold_session": "session"}


@pytest.mark.parametrize("general", [False, True])
@pytest.mark.parametrize("action", TYPED)
def test_no_number_of_a_place_is_kept_or_shown(
    matters: Matters, client_as: SignIn, action: str, general: bool
) -> None:
    number = matters.in_state("mediating")
    if action == "change_session":
        matters.walk(number, ARRANGE)
    client = client_as("handler")
    page = f"/mediation/{number}/{OWN[action]}"
    path = f"/matters/{number}/do/{action}" if general else page
    answer = post(client, path, **(fields(client.get(page).text) | TYPED[action]))
    assert answer.status_code == 303, answer.text
    here = matters.standing(number)
    with matters.reading("supervisor") as work:
        kept = [str(one.typed) for one in events_of(work.connection, here.instance_id)]
        kept += work.session.scalars(select(MediationSession.place)).all()
        letter = work.session.scalars(select(outbox.c.id).order_by(outbox.c.id.desc())).first()
    kept.append(here.row["vars"])
    shown = [client.get(path).text for path in (f"/matters/{number}", "/mediation")]
    shown.append(client.get(f"/mediation/{number}/change").text)
    sent = client_as("system_admin").get(f"/admin/outbox/{letter}").text
    assert NUMBER not in "".join((*kept, *shown, sent))
    assert any(MASKED in one for one in kept)
    assert (MASKED in sent) is (action != "hold_session")


def test_a_place_that_masking_lengthens_still_fits(matters: Matters, client_as: SignIn) -> None:
    """`0086` before a mobile gains a blank: the list keeps what it has room for, on both databases."""
    number = matters.in_state("mediating")
    client = client_as("handler")
    page = f"/mediation/{number}/session"
    said = TYPED["hold_session"] | {"place": f"{'楼' * 185}008613812345678"}
    assert post(client, page, **(fields(client.get(page).text) | said)).status_code == 303
