"""A session keeps both offers with its event; the agreement begins with the last of them."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from complaints.mediation.models import MediationSession
from tests.bureau import SignIn, post
from tests.complaints.mediation.pages import fields
from tests.factories import Matters


def hold(client, number: str, **given: str):
    """Send the form of a session as its page shows it."""
    page = client.get(f"/mediation/{number}/session").text
    said = {
        "held_on": "2026-11-24",
        "place": "米公所调解室",
        "outcome": "adjourned",
        "notes": "双方各让一步",
        "consumer_offer": "1,000",
        "merchant_offer": "600.50",
    }
    return post(client, f"/mediation/{number}/session", **(fields(page) | said | given))


def sessions(matters: Matters) -> list[tuple[int, int | None, int | None]]:
    """Return event, and both offers of every session."""
    with matters.reading("handler") as work:
        rows = work.session.scalars(select(MediationSession).order_by(MediationSession.seq))
        return [(row.seq, row.consumer_offer_fen, row.merchant_offer_fen) for row in rows]


def test_a_session_keeps_its_offers_with_its_event(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    client = client_as("handler")
    answer = hold(client, number)
    assert answer.status_code == 303, answer.text
    assert sessions(matters) == [(matters.standing(number).row["seq"], 100_000, 60_050)]
    with matters.reading("handler") as work:
        row = work.session.scalars(select(MediationSession)).one()
    assert (row.held_on, row.gap_fen) == (date(2026, 11, 24), 39_950)
    assert "399.50" in client.get(f"/mediation/{number}/session").text


def test_a_double_click_holds_one_session(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    client = client_as("handler")
    page = client.get(f"/mediation/{number}/session").text
    said = {"held_on": "2026-11-24", "place": "电话", "outcome": "offer", "notes": "商家愿退一半"}
    for _ in range(2):
        assert post(client, f"/mediation/{number}/session", **fields(page), **said).status_code == 303
    assert len(sessions(matters)) == 1


def test_a_refused_session_leaves_nothing(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    answer = hold(client_as("handler"), number, held_on="2026-12-24")
    assert answer.status_code == 422
    assert "米公所调解室" in answer.text
    assert 'id="held_on-e"' in answer.text
    assert sessions(matters) == []


@pytest.mark.parametrize("path", ["/mediation/{}/session", "/matters/{}/do/hold_session"])
def test_no_session_was_held_before_the_complaint_was_accepted(
    matters: Matters, client_as: SignIn, path: str
) -> None:
    """Accepted on 2026-11-24; both ways into the file say so with that day."""
    number = matters.in_state("mediating")
    client = client_as("handler")
    page = client.get(f"/mediation/{number}/session").text
    said = {"held_on": "2026-11-23", "place": "电话", "outcome": "offer", "notes": "商家愿退一半"}
    answer = post(client, path.format(number), **fields(page), **said)
    assert answer.status_code == 422
    assert "投诉是2026-11-24受理的，调解日期不能早于这一天" in answer.text
    assert sessions(matters) == []


def test_a_stale_page_says_who_was_faster(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    client = client_as("handler")
    page = client.get(f"/mediation/{number}/session").text
    hold(client, number)
    said = {"held_on": "2026-11-24", "place": "视频", "outcome": "offer", "notes": "又谈了一次"}
    answer = post(client, f"/mediation/{number}/session", **fields(page), **said)
    assert answer.status_code == 409
    assert "又谈了一次" in answer.text
    assert "您本人已于" in answer.text
    assert "记录一次调解" in answer.text
    again = post(client, f"/mediation/{number}/session", **fields(answer.text), **said)
    assert again.status_code == 303
    assert len(sessions(matters)) == 2


def test_a_wrong_state_shows_no_form(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    page = client_as("handler").get(f"/mediation/{number}/session").text
    assert 'name="place"' not in page
    assert f"/matters/{number}" in page


def test_the_agreement_begins_with_the_last_offer(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    client = client_as("handler")
    hold(client, number)
    page = client.get(f"/mediation/{number}/agreement").text
    assert 'value="600.50"' in page
    answer = post(
        client,
        f"/mediation/{number}/agreement",
        **fields(page),
        amount="700",
        agreement="performed",
        terms="当场退款七百元",
    )
    assert answer.status_code == 303, answer.text
    here = matters.standing(number)
    assert here.state == "mediated"
    assert '"amount":70000' in here.row["vars"]
