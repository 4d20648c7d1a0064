"""The desk's own forms keep what is typed, and the cashier learns for a reason whom to pay."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from sqlalchemy import select

from complaints.dossier.models import Disclosure
from complaints.web.models import Draft
from tests.bureau import PASSWORD, Bureau, SignIn, csrf_token, post
from tests.complaints.payouts.test_views import hidden, send
from tests.paying import Paying

FOUND = "货架上另有同批31盒，已当场扣押"
WHOM = ("李梅", "13800138000")


def drafts_of(city: Bureau) -> dict[str, str]:
    with city.database.reading() as session:
        return {one.form: one.fields for one in session.scalars(select(Draft))}


def test_what_was_typed_into_a_form_of_the_desk_outlives_the_sign_in(
    desk: Paying, client_as: SignIn, city: Bureau
) -> None:
    number = desk.apply(desk.accepted())
    desk.do("handler", number, "begin_check")
    client, address = client_as("handler"), f"/payouts/{number}"
    page = client.get(address).text
    names = ("csrf_token", "draft", "idempotency_key", "form_version")
    keys = {name: hidden(page, name) for name in names}
    assert f'data-draft-url="/drafts/{keys["draft"]}"' in page
    city.clock.at += timedelta(hours=9)
    sent = client.post(
        f"{address}/confirm",
        data={**keys, "verified_fen": "7.50", "evidence": FOUND},
        headers={"Referer": f"http://localhost{address}"},
    )
    assert (sent.status_code, sent.location) == (303, f"/sign-in?next={address}&kept=1")
    back = post(client, "/sign-in", username="handler", password=PASSWORD, next=address)
    page = client.get(back.location).text
    assert client.get(f"{address}/confirm").location == address, "a refused form stands at this address"
    assert client.get(f"{address}/nothing").status_code == 404
    assert FOUND in page
    assert 'value="7.50"' in page
    assert send(client, number, "confirm", verified_fen="7.50", evidence=FOUND).status_code == 303
    assert drafts_of(city) == {}, "what was sent is no draft any more"


def test_the_reason_for_a_full_number_outlives_the_sign_in(
    desk: Paying, client_as: SignIn, city: Bureau
) -> None:
    address = f"/matters/{desk.accepted()}/reveal/phone"
    client = client_as("handler")
    page = client.get(address).text
    keys = {name: hidden(page, name) for name in ("csrf_token", "draft")}
    city.clock.at += timedelta(hours=9)
    sent = client.post(
        address, data={**keys, "reason": "电话约调解时间"}, headers={"Referer": f"http://localhost{address}"}
    )
    assert sent.location == f"/sign-in?next={address}&kept=1"
    post(client, "/sign-in", username="handler", password=PASSWORD, next=address)
    assert "电话约调解时间" in client.get(address).text
    assert "13800138000" in post(client, address, reason="电话约调解时间").text
    assert drafts_of(city) == {}


# -- whom to pay ------------------------------------------------------------------------------------------


def test_the_cashier_learns_for_a_logged_reason_whom_to_pay(
    desk: Paying, client_as: SignIn, city: Bureau
) -> None:
    number, client = desk.paying(), client_as("cashier")
    page = client.get(f"/payouts/{number}").text
    link = f"/matters/{number}/reveal/payee"
    assert f'href="{link}"' in page
    assert not any(one in page for one in WHOM)
    asked = client.get(link)
    assert asked.status_code == 200
    assert not any(one in asked.text for one in WHOM)
    assert post(client, link, reason="看").status_code == 422
    shown = html.unescape(post(client, link, reason="核对领款人，联系13987654321").text)
    assert all(one in shown for one in WHOM)
    with city.database.reading() as session:
        kept = session.scalars(select(Disclosure)).one()
    assert (kept.person_id, kept.what) == (city.person_ids["cashier"], "payee")
    assert kept.reason == "核对领款人，联系139****4321", "a number in the reason is masked too"
    for other in ("phone", "facts", "id_number", "address", "texts"):
        path = f"/matters/{number}/reveal/{other}"
        assert post(client, path, reason="核对领款人").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("handler", 404),
        ("head", 404),
        ("other_handler", 404),
        ("operator", 404),
        ("payout_approver", 403),
        ("supervisor", 403),
        ("auditor", 403),
    ],
)
def test_nobody_else_learns_it(desk: Paying, client_as: SignIn, city: Bureau, who: str, status: int) -> None:
    number, client = desk.paying(), client_as(who)
    link = f"/matters/{number}/reveal/payee"
    assert link not in client.get(f"/payouts/{number}").text
    sent = client.post(link, data={"csrf_token": csrf_token(client, "/password"), "reason": "核对领款人"})
    assert sent.status_code == status
    with city.database.reading() as session:
        assert session.scalars(select(Disclosure)).all() == []


def test_the_cashier_learns_it_only_while_it_is_to_be_paid(desk: Paying, client_as: SignIn) -> None:
    early, client = desk.approving(receipt_number="E-1"), client_as("cashier")
    paid = desk.paying(receipt_number="P-1")
    desk.settle(paid)
    for number in (early, paid):
        link = f"/matters/{number}/reveal/payee"
        assert link not in client.get(f"/payouts/{number}").text
        assert post(client, link, reason="核对领款人").status_code == 404
