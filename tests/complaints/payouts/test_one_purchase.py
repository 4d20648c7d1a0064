"""One purchase is paid once, whoever hurries: two guards, each of which holds alone."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from complaints.dossier import progress
from complaints.dossier.completing import supplement
from complaints.dossier.progress import Submitted
from complaints.dossier.refusals import Denied
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict
from complaints.payouts import purchases
from complaints.payouts.models import Purchase
from complaints.payouts.purchases import normalised, purchase_key
from tests.paying import BOUGHT, Paying
from workflows.runtime.requests import KeyReused

THREADS = 8


def race(desk: Paying) -> tuple[list[str], list[str]]:
    """Let eight walk one purchase to its payment at once: who is paid, and what the others are told."""
    complaints = [desk.accepted() for _ in range(THREADS)]
    applying, settling = Barrier(THREADS), Barrier(THREADS)

    def walk(complaint: str) -> tuple[str, str]:
        applying.wait()
        try:
            number = desk.apply(complaint)
            desk.do("handler", number, "begin_check")
            desk.do("handler", number, "confirm", verified_fen=800, evidence="过期")
            desk.do("payout_approver", number, "approve", approved_fen=800)
        except Conflict as lost:
            settling.wait()
            return "", lost.sentence
        settling.wait()
        try:
            desk.settle(number)
        except Denied as lost:
            return "", lost.reasons[0].text.en
        return number, ""

    with ThreadPoolExecutor(THREADS) as people:
        ended = list(people.map(walk, complaints))
    return [number for number, _ in ended if number], [told for _, told in ended if told]


def paid_entries(desk: Paying) -> int:
    return sum(1 for entry in desk.entries() if entry[0] == "paid")


def without_the_unique_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purchases, "claim_of", lambda key: None)


def without_the_conditional_update(monkeypatch: pytest.MonkeyPatch) -> None:
    def mark_paid(session: Session, key: str, matter_id: int) -> bool:
        session.execute(
            update(Purchase).where(Purchase.key == key).values(state="paid", paid_matter_id=matter_id)
        )
        return True

    monkeypatch.setattr(purchases, "mark_paid", mark_paid)


def test_eight_at_once_and_one_is_paid(desk: Paying) -> None:
    paid, told = race(desk)
    assert (len(paid), len(told), paid_entries(desk)) == (1, THREADS - 1, 1)
    assert all(paid[0] in sentence for sentence in told)


def test_the_conditional_update_holds_alone(desk: Paying, monkeypatch: pytest.MonkeyPatch) -> None:
    without_the_unique_claim(monkeypatch)
    paid, told = race(desk)
    assert (len(paid), len(told), paid_entries(desk)) == (1, THREADS - 1, 1)
    assert all(paid[0] in sentence for sentence in told)


def test_the_unique_claim_holds_alone(desk: Paying, monkeypatch: pytest.MonkeyPatch) -> None:
    without_the_conditional_update(monkeypatch)
    paid, told = race(desk)
    assert (len(paid), len(told), paid_entries(desk)) == (1, THREADS - 1, 1)


def test_without_both_guards_the_race_is_lost(desk: Paying, monkeypatch: pytest.MonkeyPatch) -> None:
    """Show that the tests above would notice: with neither guard one purchase is paid again and again."""
    without_the_unique_claim(monkeypatch)
    without_the_conditional_update(monkeypatch)
    paid, _told = race(desk)
    assert len(paid) == paid_entries(desk) == THREADS


def test_eight_clicks_on_one_payment_pay_once(desk: Paying) -> None:
    number = desk.paying()
    ready = Barrier(THREADS)

    def click(_place: int) -> bool:
        ready.wait()
        return desk.settle(number, key="one-form-sent-eight-times").replayed

    with ThreadPoolExecutor(THREADS) as people:
        replayed = list(people.map(click, range(THREADS)))
    assert replayed.count(False) == 1
    assert paid_entries(desk) == 1
    assert desk.balances.paid == 800


def test_the_second_applicant_is_told_which_payout_has_it(desk: Paying) -> None:
    first = desk.apply(desk.accepted())
    with pytest.raises(Conflict) as taken:
        desk.apply(desk.accepted(), receipt_number="００８２　1147")
    assert first in taken.value.sentence


@pytest.mark.parametrize("ending", ["refuse", "withdraw"])
def test_what_was_refused_or_withdrawn_may_be_applied_for_again(desk: Paying, ending: str) -> None:
    first = desk.apply(desk.accepted())
    desk.do("handler", first, ending, reason="凭证不清，补齐后再申请")
    assert desk.apply(desk.accepted()) != first


def test_a_filed_payout_keeps_its_purchase(desk: Paying) -> None:
    number = desk.recovering()
    desk.do("handler", number, "recover", recovered_fen=800, reference="收据 0031")
    desk.do("handler", number, "file")
    with pytest.raises(Conflict):
        desk.apply(desk.accepted())


def test_one_form_sent_twice_is_one_application(desk: Paying) -> None:
    complaint = desk.accepted()
    assert desk.apply(complaint, key="one-form-of-an-application") == desk.apply(
        complaint, key="one-form-of-an-application"
    )


def test_the_same_form_leads_to_its_payout_also_after_the_complaint_was_completed(desk: Paying) -> None:
    complaint, key = desk.accepted(), "one-form-of-an-application"
    first = desk.apply(complaint, key=key)
    with desk.database.writing() as session:
        work = Work(session, desk.city.actor("handler"), desk.engine, desk.city.clock)
        meanwhile = {"address": "樊城区汉江街道", "merchant_name": "惠民超市（槐荫店）", "amount": 900}
        supplement(work, progress.standing(work, complaint), meanwhile, Submitted())
    assert desk.apply(complaint, key=key) == first


def test_a_form_with_other_words_or_of_another_complaint_is_another_form(desk: Paying) -> None:
    complaint, key = desk.accepted(), "one-form-of-an-application"
    desk.apply(complaint, key=key)
    others: tuple[tuple[str, dict[str, Any]], ...] = ((complaint, {"price_fen": 900}), (desk.accepted(), {}))
    for number, other in others:
        with pytest.raises(KeyReused):
            desk.apply(number, key=key, **other)


KNOWN: dict[str, Any] = {
    "unit_path": "/420600/420606/07/",
    "receipt_number": "",
    "phone_hash": "a" * 64,
    "seller": "味晨超市（槐荫店）",
    "goods": "酸奶 1 盒",
    "bought_on": BOUGHT,
}


@pytest.mark.parametrize(
    "same",
    [
        {"seller": " 味晨超市(槐荫店) "},
        {"goods": "酸奶　１盒"},
        {"unit_path": "/420600/420606/08/"},
    ],
)
def test_without_a_receipt_person_seller_item_and_day_are_one_purchase(same: dict[str, str]) -> None:
    assert purchase_key(**KNOWN) == purchase_key(**(KNOWN | same))


@pytest.mark.parametrize(
    "other",
    [
        {"phone_hash": "b" * 64},
        {"seller": "味晨超市（长虹店）"},
        {"goods": "酸奶 2 盒"},
        {"bought_on": BOUGHT.replace(day=22)},
        {"receipt_number": "0082-1147"},
    ],
)
def test_another_person_seller_item_day_or_a_receipt_is_another_purchase(other: dict[str, object]) -> None:
    assert purchase_key(**KNOWN) != purchase_key(**(KNOWN | other))


def test_a_receipt_is_one_purchase_whoever_shows_it() -> None:
    spellings = ("0082-1147", "0082 1147", "００８２１１４７", "NO.0082-1147".removeprefix("NO."))
    keys = {
        purchase_key(**(KNOWN | {"receipt_number": receipt, "phone_hash": person * 64}))
        for receipt, person in itertools.product(spellings, "ab")
    }
    assert len(keys) == 1
    assert normalised("No. 0082") == normalised("ｎｏ：００８２")


def test_equal_receipts_of_two_units_are_two_purchases() -> None:
    here, there = (
        {"unit_path": f"/420600/420606/{office}/", "receipt_number": "7"} for office in ("07", "08")
    )
    assert purchase_key(**(KNOWN | here)) != purchase_key(**(KNOWN | there))


@pytest.mark.parametrize(("first", "second"), [("0082-1147", ""), ("", "0082-1147")])
def test_one_purchase_told_with_and_without_its_receipt_is_one(desk: Paying, first: str, second: str) -> None:
    complaint = desk.accepted()
    standing = desk.apply(complaint, receipt_number=first)
    with pytest.raises(Conflict) as lost:
        desk.apply(complaint, receipt_number=second)
    assert standing in lost.value.sentence
    desk.do("handler", standing, "withdraw", reason="商家已退款")
    assert desk.apply(complaint, receipt_number=second)


def test_two_receipts_of_one_day_are_two_purchases(desk: Paying) -> None:
    complaint = desk.accepted()
    assert desk.apply(complaint, receipt_number="0082-1147") != desk.apply(
        complaint, receipt_number="0082-1148"
    )
