"""Forms sent twice, out of order, out of date, over night, or with more in them than the page has."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from complaints.payouts.models import LedgerEntry
from tests.bad_inputs.taking import DESKS, Desk, Taking, said
from tests.bureau import PASSWORD, SignIn, csrf_token, post
from tests.complaints.dossier_page.test_acting import Form, events
from tests.complaints.payouts.test_views import hidden, send
from tests.factories import Matters
from tests.paying import Paying
from workflows.runtime.tables import denial

each_desk = pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.who)


@each_desk
def test_c45_a_form_sent_twice_registers_once_and_shows_the_first(taking: Taking, desk: Desk) -> None:
    key = f"c45-{desk.who}-key-of-the-form"
    first = taking.send(desk, idempotency_key=key)
    count = taking.count()
    second = taking.send(desk, idempotency_key=key)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert taking.count() == count


@each_desk
def test_c45_the_same_page_with_other_words_registers_nothing_and_keeps_them(
    taking: Taking, desk: Desk
) -> None:
    key = f"c45-{desk.who}-key-used-up-already"
    taking.send(desk, idempotency_key=key)
    count = taking.count()
    other = taking.send(desk, idempotency_key=key, facts="另外一件事情。")
    assert other.status_code == 409
    assert "另外一件事情。" in other.text
    assert key not in other.text
    assert taking.count() == count


def test_c45_both_clicks_at_once_register_once(taking: Taking) -> None:
    key, count = "c45-two-clicks-at-one-moment", taking.count()
    client = taking.client("operator")
    token = csrf_token(client, "/password")
    typed = {**DESKS[0].fits, "idempotency_key": key, "csrf_token": token}

    def click(_turn: int) -> TestResponse:
        other = taking.signed_in.app.test_client()
        for name in ("fangxin",):
            cookie = client.get_cookie(name)
            assert cookie is not None
            other.set_cookie(name, cookie.value)
        return other.post("/hotline", data=typed)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(click, range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert taking.count() == count + 1


def test_c46_the_second_of_two_sees_what_the_first_changed_and_loses_nothing(
    standing_matters: Matters, standing_as: SignIn
) -> None:
    number = standing_matters.in_state("dispatched")
    one, two = (Form(standing_as(who), f"/matters/{number}/do/accept") for who in ("handler", "handler"))
    refusal = Form(standing_as("handler"), f"/matters/{number}/do/refuse")
    assert one.send(note="事实清楚，属于职责").status_code == 303
    late = refusal.send(item="1", reason="我认为不属于职责，理由如下", remedies_told="y")
    assert late.status_code == 409
    page = said(late)
    assert "在另一个页面办理了“受理”" in page
    assert "受理" in page
    assert "我认为不属于职责，理由如下" in html.unescape(late.text)
    stale = two.send(note="第二个人的备注")
    assert stale.status_code in (303, 409)
    assert events(standing_matters, number).count("accept") == 1


@pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.who)
def test_c47_what_was_typed_is_back_after_a_night(taking: Taking, desk: Desk, standing_as: SignIn) -> None:
    client = standing_as(desk.who)
    page = client.get(desk.address).text
    keys = {name: hidden(page, name) for name in ("csrf_token", "draft", "idempotency_key")}
    standing_as.city.clock.move(hours=11)
    before = taking.count()
    sent = client.post(
        desk.address,
        data={**desk.fits, **keys, "facts": "开了一夜的表单。"},
        headers={"Referer": f"http://localhost{desk.address}"},
    )
    assert sent.status_code == 303
    assert sent.location.startswith("/sign-in")
    assert "kept=1" in sent.location
    back = post(client, "/sign-in", username=desk.who, password=PASSWORD, next=desk.address)
    assert "开了一夜的表单。" in client.get(back.location).text
    assert taking.count() == before


def forged(client: FlaskClient, number: str, action: str, **typed: Any) -> TestResponse:
    """Send an action as no page would: with a lawful token, key and version."""
    page = client.get(f"/matters/{number}").text
    version = re.search(r'name="form_version"[^>]*value="([0-9-]+)"', page)
    known = version[1] if version else "99"
    return post(
        client,
        f"/matters/{number}/do/{action}",
        idempotency_key=f"forged-{number}-{action}",
        form_version=known,
        **typed,
    )


def test_c48_steps_out_of_order_are_refused_and_written_down(
    standing_matters: Matters, standing_as: SignIn
) -> None:
    number = standing_matters.in_state("dispatched")
    before = events(standing_matters, number)
    for who, action, typed in (
        ("handler", "close", {}),
        ("handler", "agree", {"form": "performed", "amount": "1", "terms": "x"}),
        ("handler", "begin_mediation", {}),
        ("operator", "revisit", {"grade": "satisfied"}),
        ("handler", "mark_transferred", {}),
        ("supervisor", "accept", {}),
        ("other_handler", "accept", {}),
        ("handler", "no_such_action", {}),
        ("handler", "../close", {}),
    ):
        answer = forged(standing_as(who), number, action, **typed)
        assert 400 <= answer.status_code < 500, (who, action, answer.status_code)
    assert events(standing_matters, number) == before
    assert standing_matters.standing(number).state == "dispatched"
    with standing_as.city.database.reading() as session:
        assert session.execute(select(func.count()).select_from(denial)).scalar_one() > 0


def test_c48_fields_that_the_form_does_not_have_change_nothing(
    standing_matters: Matters, standing_as: SignIn
) -> None:
    number = standing_matters.in_state("dispatched")
    form = Form(standing_as("handler"), f"/matters/{number}/do/accept")
    was = standing_matters.standing(number).row
    sent = form.send(
        note="受理",
        role="supervisor",
        actor_id="1",
        state="closed",
        unit_path="/",
        owner_id="1",
        first_responder_id="1",
        action="close",
        vars='{"identity_known": false}',
        received_on="2020-01-01",
        is_admin="1",
    )
    assert sent.status_code == 303
    now = standing_matters.standing(number)
    assert now.state == "accepted"
    for name in ("unit_path", "owner_id", "first_responder_id"):
        assert now.row[name] == was[name], name
    assert now.matter.received_on.year == 2026


@each_desk
def test_c48_a_registration_takes_no_field_of_its_own_making(taking: Taking, desk: Desk) -> None:
    matter = taking.taken(
        desk, number="1", state="closed", registered_by="1", unit_path="/", kind="payout", id="1"
    )
    assert matter.kind in ("complaint", "station_dispute")
    assert matter.registered_by == taking.signed_in.city.person_ids[desk.who]
    assert matter.number != "1"


@pytest.fixture
def desk_of_payouts(standing_as: SignIn, standing_matters: Matters) -> Callable[[str], tuple[Paying, str]]:
    """Return who walks payouts, with one that waits for its approval."""

    def waiting(receipt: str) -> tuple[Paying, str]:
        paying = Paying(standing_as.city, standing_matters.engine)
        paying.fund(10_000)
        return paying, paying.approving(receipt_number=receipt)

    return waiting


def paid(desk: Paying, number: str) -> int:
    """Return how many postings the ledger has for a payout."""
    with desk.database.reading() as session:
        matter_id = desk.matter(number).id
        found = select(func.count()).where(LedgerEntry.matter_id == matter_id)
        return int(session.execute(found).scalar_one())


def test_c49_an_approval_replayed_counts_once_and_with_another_sum_not_at_all(
    desk_of_payouts: Callable[[str], tuple[Paying, str]], standing_as: SignIn
) -> None:
    desk, number = desk_of_payouts("C49-1")
    approver = standing_as("payout_approver")
    page = approver.get(f"/payouts/{number}").text
    keys = {name: hidden(page, name) for name in ("idempotency_key", "form_version")}
    address = f"/payouts/{number}/approve"
    first = post(approver, address, **keys, approved_fen="8.00")
    again = post(approver, address, **keys, approved_fen="8.00")
    other = post(approver, address, **keys, approved_fen="7.00")
    assert (first.status_code, again.status_code) == (303, 303)
    assert other.status_code == 409
    assert desk.payout(number).approved_fen == 800


def test_c49_who_applied_may_not_approve_and_who_approved_may_not_pay(
    desk_of_payouts: Callable[[str], tuple[Paying, str]], standing_as: SignIn
) -> None:
    desk, number = desk_of_payouts("C49-2")
    handler = post(standing_as("handler"), f"/payouts/{number}/approve", approved_fen="8.00")
    assert handler.status_code in (403, 409, 422)
    assert desk.payout(number).approved_fen is None
    assert send(standing_as("payout_approver"), number, "approve", approved_fen="8.00").status_code == 303
    settled = {"way": "cash", "voucher": "1", "paid_on": "2026-11-24"}
    approver = post(standing_as("payout_approver"), f"/payouts/{number}/settled", **settled)
    assert approver.status_code in (403, 409, 422)
    assert paid(desk, number) == 0


def test_c49_a_payment_after_the_approval_was_taken_back_is_refused(
    desk_of_payouts: Callable[[str], tuple[Paying, str]], standing_as: SignIn
) -> None:
    desk, number = desk_of_payouts("C49-3")
    assert send(standing_as("payout_approver"), number, "approve", approved_fen="8.00").status_code == 303
    cashier = standing_as("cashier")
    page = cashier.get(f"/payouts/{number}").text
    keys = {name: hidden(page, name) for name in ("idempotency_key", "form_version")}
    desk.do("cashier", number, "failed", proof="银行退回单 0091")
    late = post(cashier, f"/payouts/{number}/settled", **keys, way="cash", voucher="1", paid_on="2026-11-24")
    assert late.status_code in (403, 409, 422)
    assert paid(desk, number) == 0


def test_c49_two_who_approve_at_once_approve_once(
    desk_of_payouts: Callable[[str], tuple[Paying, str]], standing_as: SignIn
) -> None:
    desk, number = desk_of_payouts("C49-4")
    one, two = standing_as("payout_approver"), standing_as("payout_approver")
    page = one.get(f"/payouts/{number}").text
    version = hidden(page, "form_version")

    def approve(client: FlaskClient, key: str, yuan: str) -> int:
        typed = {"idempotency_key": key, "form_version": version, "approved_fen": yuan}
        return post(client, f"/payouts/{number}/approve", **typed).status_code

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(approve, one, "c49-approval-of-the-one", "8.00")
        second = pool.submit(approve, two, "c49-approval-of-the-two", "7.99")
        statuses = sorted((first.result(), second.result()))
    assert statuses[0] == 303
    assert statuses[1] in (409, 422)
    assert desk.payout(number).approved_fen in (800, 799)
