"""The station: a dispute in a minute, settled on the spot or passed up whole; its own venue only."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from complaints.dossier.models import Matter, MatterKind
from complaints.mediation.dispute_page import Proposal
from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Person, Unit
from complaints.organisation.roles import Role
from complaints.reference.privacy_notices import privacy_notice
from tests.bureau import DESK, OTHER_STATION, STATION, Bureau, SignIn, post
from tests.complaints.mediation.pages import fields, hidden, queries_of
from tests.factories import Matters

GIVEN = {
    "name": "赵慧",
    "phone": "138 7220 1234",
    "shop": "小禾苗童鞋",
    "place": "B 座 2 层",
    "facts": "童鞋穿 6 天开胶，要求退货。11-18 购买，小票在。",
    "amount": "268",
    "happened_on": "2026-11-18",
    "demands": ["return_goods", "refund"],
    "notice_read": "y",
}
SETTLED = {"amount": "240", "kind": "refund", "terms": "退货，退款二百四十元", "told": "y"}


def register(client: FlaskClient, **changed: Any) -> TestResponse:
    """Send the form of a dispute as its page shows it."""
    page = client.get("/station/register").text
    kept = {"notice_version": hidden(page, "notice_version"), "station": hidden(page, "station")}
    key = {"idempotency_key": hidden(page, "idempotency_key")}
    return post(client, "/station/register", **(key | kept | GIVEN | changed))


def a_dispute(client: FlaskClient) -> str:
    """Return the number of a dispute that was just registered."""
    answer = register(client)
    assert answer.status_code == 303, answer.text
    return str(answer.location).rsplit("/", 1)[1]


def send(client: FlaskClient, path: str, **said: Any) -> TestResponse:
    """Send the form of the page at the path."""
    return post(client, path, **fields(client.get(path).text), **said)


def offers(client: FlaskClient, number: str, consumer: str = "268", merchant: str = "200") -> TestResponse:
    """Record both offers as the page of the dispute shows them."""
    said = {"consumer_offer": consumer, "merchant_offer": merchant}
    return post(client, f"/station/{number}/offers", **fields(client.get(f"/station/{number}").text), **said)


def complaints_of(matters: Matters) -> list[Matter]:
    """Return all complaints."""
    with matters.reading("supervisor") as work:
        return list(
            work.session.scalars(
                select(Matter).where(Matter.kind == MatterKind.COMPLAINT.value).order_by(Matter.id)
            )
        )


def test_a_dispute_is_registered_in_one_form(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = a_dispute(client_as("station"))
    here = matters.standing(number)
    assert here.matter.title == "童鞋穿 6 天开胶，要求退货"
    assert (here.matter.amount_fen, here.matter.happened_on) == (26_800, date(2026, 11, 18))
    assert (here.matter.channel, here.matter.source_path) == ("station", STATION)
    assert here.matter.demands == ["return_goods", "refund"]
    assert here.matter.notice_version == privacy_notice(city.clock.today()).version
    assert here.row["unit_path"] == STATION
    assert here.row["owner_id"] == here.row["first_responder_id"] == city.person_ids["station"]
    assert here.row["next_clock"] == "station_reply"
    assert here.row["next_alert_due"] == date(2026, 11, 25)


def test_a_double_click_registers_one_dispute(matters: Matters, client_as: SignIn) -> None:
    client = client_as("station")
    page = client.get("/station/register").text
    said = {**GIVEN, **fields(page), "station": STATION, "notice_version": hidden(page, "notice_version")}
    first, second = (post(client, "/station/register", **said) for _ in range(2))
    assert first.location == second.location
    assert len(matters_at(matters)) == 1


def matters_at(matters: Matters) -> list[str]:
    """Return all disputes."""
    with matters.reading("supervisor") as work:
        return list(
            work.session.scalars(select(Matter.number).where(Matter.kind == MatterKind.STATION_DISPUTE.value))
        )


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("phone", "12"),
        ("shop", ""),
        ("facts", " "),
        ("amount", "3,299.0.0"),
        ("happened_on", "2026-12-01"),
        ("demands", []),
        ("notice_read", ""),
    ],
)
def test_what_is_missing_is_said_and_the_rest_kept(
    matters: Matters, client_as: SignIn, field: str, typed: Any
) -> None:
    answer = register(client_as("station"), **{field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-e"' in answer.text
    assert 'value="B 座 2 层"' in answer.text
    assert matters_at(matters) == []


def test_a_station_registers_for_itself_only(matters: Matters, client_as: SignIn) -> None:
    answer = register(client_as("station"), station=OTHER_STATION)
    assert matters.standing(str(answer.location).rsplit("/", 1)[1]).row["unit_path"] == STATION


def test_the_list_shows_what_is_in_hand_and_what_ended_today(matters: Matters, client_as: SignIn) -> None:
    client = client_as("station")
    first, second = a_dispute(client), a_dispute(client)
    send(client, f"/station/{first}/settle", **SETTLED)
    page = client.get("/station").text
    assert page.index(second) < page.index(first)
    assert "赵**" in page
    assert "赵慧" not in page
    matters.city.clock.move(days=1)
    page = client_as("station").get("/station").text
    assert second in page
    assert first not in page


def test_offers_show_the_gap_and_a_sum_between(client_as: SignIn, matters: Matters) -> None:
    client = client_as("station")
    number = a_dispute(client)
    answer = offers(client, number)
    assert answer.status_code == 303, answer.text
    page = client.get(f"/station/{number}").text
    assert "68.00" in page
    assert 'value="234.00"' in page
    assert "138****1234" in page
    assert "13872201234" not in page
    assert 'value="250.00"' in client.get(f"/station/{number}/settle?amount=250").text
    answer = client.get(f"/station/{number}/settle?amount=2,5.0")
    assert answer.status_code == 200
    assert 'id="amount-e"' in answer.text


@pytest.mark.parametrize(
    ("consumer", "merchant", "gap", "proposed"),
    [(26_800, 20_000, 6_800, 23_400), (801, 0, 801, 400), (5_000, 5_000, 0, 5_000), (100, 300, 0, 100)],
)
def test_the_sum_lies_between_the_offers(consumer: int, merchant: int, gap: int, proposed: int) -> None:
    found = Proposal.between(consumer, merchant)
    assert (found.gap, found.proposed) == (gap, proposed)
    assert 0 <= found.at <= 1


def test_a_kind_nobody_chose_is_asked_for_once(client_as: SignIn) -> None:
    client = client_as("station")
    number = a_dispute(client)
    unchosen = send(client, f"/station/{number}/settle", **(SETTLED | {"kind": ""}))
    assert unchosen.status_code == 422
    assert "说定了什么？" in unchosen.text
    assert "不是有效的选择" not in unchosen.text


def test_a_long_text_is_kept_whole_and_said_not_cut_by_the_browser(client_as: SignIn) -> None:
    client = client_as("station")
    number = a_dispute(client)
    assert (
        "maxlength"
        not in client.get(f"/station/{number}/pass-up").text.partition("<textarea")[2].partition(">")[0]
    )
    long = "店家不认。" * 1_001
    answer = send(client, f"/station/{number}/pass-up", reason=long)
    assert answer.status_code == 422
    assert long in answer.text


def test_a_settlement_is_private_and_told(matters: Matters, client_as: SignIn) -> None:
    client = client_as("station")
    number = a_dispute(client)
    untold = send(client, f"/station/{number}/settle", **(SETTLED | {"told": ""}))
    assert untold.status_code == 422
    assert "退货，退款二百四十元" in untold.text
    assert matters.standing(number).state == "registered"
    assert send(client, f"/station/{number}/settle", **SETTLED).status_code == 303
    here = matters.standing(number)
    assert here.state == "settled"
    assert json.loads(here.row["vars"])["amount"] == 24_000
    page = client.get(f"/station/{number}").text
    assert "240.00" in page
    assert f"/station/{number}/pass-up" not in page
    assert complaints_of(matters) == []


def test_the_consumer_takes_it_back(matters: Matters, client_as: SignIn) -> None:
    client = client_as("station")
    number = a_dispute(client)
    assert send(client, f"/station/{number}/withdraw", note="自己和商家说好了").status_code == 303
    assert matters.standing(number).state == "withdrawn"


@pytest.mark.parametrize("path", ["", "/settle", "/pass-up", "/withdraw"])
def test_another_venue_is_not_there(matters: Matters, client_as: SignIn, path: str) -> None:
    number = matters.a_dispute()
    other = client_as("other_station")
    assert other.get(f"/station/{number}{path}").status_code == 404
    assert number not in other.get("/station").text
    sent = post(other, f"/station/{number}{path or '/offers'}", consumer_offer="1", merchant_offer="1")
    assert sent.status_code == 404
    assert matters.standing(number).row["seq"] == 1
    assert client_as("handler").get(f"/station/{number}{path}").status_code == 403


def test_another_role_opens_no_other_venue(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = matters.a_dispute()
    mediates_at(city, "handler", OTHER_STATION)
    client = client_as("handler")
    assert client.get(f"/matters/{number}").status_code == 200
    assert client.get(f"/station/{number}").status_code == 404


def mediates_at(city: Bureau, username: str, station: str) -> None:
    """Grant the person the station's role at a station, besides what is held already."""
    with city.database.writing() as session:
        person = session.get_one(Person, city.person_ids[username])
        unit = session.get_one(Unit, city.unit_ids[station])
        grant_role(session, person, Role.STATION, unit, day=date(2026, 1, 1), now=city.clock.now())


def test_a_colleague_who_is_not_the_owner_is_told_why(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = matters.a_dispute()
    mediates_at(city, "other_station", STATION)
    page = client_as("other_station").get(f"/station/{number}").text
    assert 'aria-disabled="true"' in page
    assert f'href="/station/{number}/pass-up"' not in page


def test_a_longer_list_costs_no_more_queries(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    client = client_as("station")
    for _ in range(5):
        matters.a_dispute()
    client.get("/station")
    few, _page = queries_of(city, lambda: client.get("/station"))
    for _ in range(35):
        matters.a_dispute()
    many, page = queries_of(city, lambda: client.get("/station"))
    assert page.text.count("/station/420600-") == 40
    assert many == few


def test_numbers_begin_with_the_region(matters: Matters, client_as: SignIn) -> None:
    assert a_dispute(client_as("station")).startswith("420600-20261124-")
    with matters.reading("supervisor") as work:
        assert work.session.scalar(select(func.count()).select_from(Matter)) == 1
    assert DESK.startswith("/420600/")
