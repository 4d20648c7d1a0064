"""The payout desk in a browser without scripts: who sees what, what a form says, what is kept."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.bureau import SignIn, post
from tests.paying import Paying


def hidden(text: str, name: str) -> str:
    """Return the value of a hidden field of the page."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', text)
    assert found is not None, text
    return found[1]


def send(client: FlaskClient, number: str, action: str, **typed: Any) -> TestResponse:
    """Send the desk's form as the page of the payout shows it."""
    page = client.get(f"/payouts/{number}").text
    keys = {name: hidden(page, name) for name in ("idempotency_key", "form_version")}
    return post(client, f"/payouts/{number}/{action}", **keys, **typed)


def test_the_whole_payout_goes_through_the_desk(desk: Paying, client_as: SignIn) -> None:
    complaint = desk.accepted()
    handler, approver, cashier = (client_as(who) for who in ("handler", "payout_approver", "cashier"))
    page = handler.get(f"/payouts/apply?from={complaint}").text
    answer = post(
        handler,
        f"/payouts/apply?from={complaint}",
        idempotency_key=hidden(page, "idempotency_key"),
        form_version=hidden(page, "form_version"),
        goods="味晨酸奶 1 盒",
        price="8.00",
        bought_on="2026-11-23",
        receipt_number="0082-1147",
    )
    assert answer.status_code == 303, answer.text
    number = answer.location.rsplit("/", 1)[1]
    steps: list[tuple[FlaskClient, str, dict[str, str]]] = [
        (handler, "begin_check", {}),
        (handler, "confirm", {"verified_fen": "8.00", "evidence": "另查获同批31盒，已扣押"}),
        (approver, "approve", {"approved_fen": "8"}),
        (cashier, "settled", {"way": "cash", "voucher": "0007", "paid_on": "2026-11-24"}),
        (handler, "link_case", {"case_number": "樊市监立〔2026〕31号"}),
        (handler, "recover", {"recovered_fen": "8.00", "reference": "收据 0031"}),
        (handler, "file", {}),
    ]
    for client, action, typed in steps:
        answer = send(client, number, action, **typed)
        assert answer.status_code == 303, (action, answer.text)
    assert desk.state(number) == "recovered"
    assert [entry[0] for entry in desk.entries()] == ["funded", "paid", "recovered"]


def test_who_may_open_the_desk(desk: Paying, client_as: SignIn) -> None:
    number = desk.approving()
    may = ("handler", "head", "payout_approver", "cashier", "supervisor", "auditor")
    may_not = ("operator", "intake", "station", "system_admin", "security_admin", "audit_admin")
    for who in (*may, *may_not):
        client, status = client_as(who), 200 if who in may else 403
        assert client.get("/payouts").status_code == status, who
        assert client.get(f"/payouts/{number}").status_code == status, who


def test_another_office_finds_no_such_payout(desk: Paying, client_as: SignIn) -> None:
    number = desk.approving()
    assert client_as("other_handler").get(f"/payouts/{number}").status_code == 404


def test_the_approver_reads_the_evidence_and_an_auditor_does_not(desk: Paying, client_as: SignIn) -> None:
    number = desk.approving()
    assert "同批31盒" in client_as("payout_approver").get(f"/payouts/{number}").text
    assert "同批31盒" not in client_as("auditor").get(f"/payouts/{number}").text


def test_name_and_phone_are_masked(desk: Paying, client_as: SignIn) -> None:
    number = desk.approving()
    for who in ("handler", "payout_approver", "cashier"):
        text = client_as(who).get(f"/payouts/{number}").text
        assert "138****8000" in text
        assert "13800138000" not in text
        assert "李梅" not in text


def test_one_word_for_one_thing_by_the_way_of_payment(desk: Paying, client_as: SignIn) -> None:
    """Form, timeline, facts and ledger say 兑付, and name the voucher by how it was paid."""
    cash, bank = desk.paying(receipt_number="C-1"), desk.paying(receipt_number="B-1")
    cashier = client_as("cashier")
    form = cashier.get(f"/payouts/{cash}").text
    for word in ("兑付方式", "兑付凭证号", "兑付日期", "现金", "银行转账"):
        assert word in form
    desk.settle(cash)
    desk.settle(bank, way="transfer", voucher="2026-7781")
    for number, voucher in ((cash, "现金收条号 0007"), (bank, "银行流水号 2026-7781")):
        page = cashier.get(f"/payouts/{number}").text
        assert voucher in page
        matter = cashier.get(f"/matters/{number}").text
        assert "兑付凭证号" in matter
        for other in ("到账", "支付", "付款"):
            assert other not in page + matter, other


def test_a_cashier_is_told_why_a_payment_is_refused(desk: Paying, client_as: SignIn) -> None:
    number = desk.paying()
    answer = send(
        client_as("cashier"), number, "settled", way="transfer", voucher="9911", paid_on="2026-11-25"
    )
    assert answer.status_code == 422
    assert "9911" in answer.text
    assert desk.state(number) == "paying"


def test_a_stale_form_is_shown_again_with_what_was_typed(desk: Paying, client_as: SignIn) -> None:
    number = desk.approving()
    client = client_as("payout_approver")
    page = client.get(f"/payouts/{number}").text
    keys = {name: hidden(page, name) for name in ("idempotency_key", "form_version")}
    desk.do("head", number, "send_back", reason="补充照片")
    answer = post(client, f"/payouts/{number}/approve", **keys, approved_fen="7.77")
    assert answer.status_code == 409
    who = desk.city.actor("head").name
    assert re.search(rf"{who}已先一步办理：[-0-9]+ [0-9:]+“退回补充核实”。", answer.text)
    assert "7.77" in answer.text
    assert desk.balances.committed == 0


def test_a_second_click_answers_as_the_first(desk: Paying, client_as: SignIn) -> None:
    number = desk.paying()
    client = client_as("cashier")
    page = client.get(f"/payouts/{number}").text
    keys = {name: hidden(page, name) for name in ("idempotency_key", "form_version")}
    typed = {"way": "transfer", "voucher": "9911", "paid_on": "2026-11-24"}
    first = post(client, f"/payouts/{number}/settled", **keys, **typed)
    again = post(client, f"/payouts/{number}/settled", **keys, **typed)
    assert (first.status_code, again.status_code) == (303, 303)
    assert desk.balances.paid == 800


def test_a_taken_purchase_keeps_what_was_typed(desk: Paying, client_as: SignIn) -> None:
    first = desk.apply(desk.accepted())
    complaint = desk.accepted()
    client = client_as("handler")
    page = client.get(f"/payouts/apply?from={complaint}").text
    answer = post(
        client,
        f"/payouts/apply?from={complaint}",
        idempotency_key=hidden(page, "idempotency_key"),
        form_version=hidden(page, "form_version"),
        goods="同一盒酸奶",
        price="8.00",
        bought_on="2026-11-23",
        receipt_number="００８２ 1147",
    )
    assert answer.status_code == 409
    assert first in answer.text
    assert "同一盒酸奶" in answer.text


def test_an_application_is_kept_while_it_is_typed_and_forgotten_once_it_is_sent(
    desk: Paying, client_as: SignIn
) -> None:
    complaint = desk.accepted()
    client = client_as("handler")
    page = client.get(f"/payouts/apply?from={complaint}").text
    found = re.search(r'data-draft-url="([^"]+)"', page)
    assert found is not None
    typed = {"goods": "半盒酸奶", "price": "8.00", "bought_on": "2026-11-23", "receipt_number": "0082-1147"}
    assert post(client, found[1], **typed).status_code == 200
    page = client.get(f"/payouts/apply?from={complaint}").text
    assert 'value="半盒酸奶"' in page
    keys = {name: hidden(page, name) for name in ("idempotency_key", "form_version")}
    assert post(client, f"/payouts/apply?from={complaint}", **keys, **typed).status_code == 303
    page = client.get(f"/payouts/apply?from={complaint}").text
    assert 'value="半盒酸奶"' not in page


NO_SUMS = ("-1", "0", "0.001", "1.005", "1e2", "NaN", "Infinity", "1_000", "壹佰元", "9" * 14, str(2**63), "")


def test_a_sum_is_exact_or_refused(desk: Paying, client_as: SignIn) -> None:
    """Bad inputs 22 and 23: exact fen or a sentence, never a rounded sum; what was typed is kept."""
    number = desk.apply(desk.accepted())
    desk.do("handler", number, "begin_check")
    client = client_as("handler")
    for typed in NO_SUMS:
        answer = send(client, number, "confirm", verified_fen=typed, evidence="过期")
        assert answer.status_code == 422, typed
        assert f'value="{typed}"' in answer.text
        assert desk.payout(number).verified_fen is None
    assert send(client, number, "confirm", verified_fen="￥７.９９元", evidence="过期").status_code == 303
    assert desk.payout(number).verified_fen == 799


def test_queries_do_not_grow_with_the_queue(desk: Paying, client_as: SignIn) -> None:
    client = client_as("payout_approver")
    counts = []
    for size in (1, 5):
        while len(desk_numbers(client)) < size:
            desk.approving(receipt_number=f"R-{len(desk_numbers(client))}")
        statements: list[str] = []
        engine = desk.database.reader

        def seen(_c: Any, _cursor: Any, statement: str, *_more: Any, into: list[str] = statements) -> None:
            into.append(statement)

        event.listen(engine, "before_cursor_execute", seen)
        client.get("/payouts")
        event.remove(engine, "before_cursor_execute", seen)
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] <= 45


def desk_numbers(client: FlaskClient) -> set[str]:
    """Return the numbers of the payouts in the queue."""
    return set(re.findall(r'href="/payouts/(\d{6}-\d{8}-\d+-\d)[#"]', client.get("/payouts").text))
