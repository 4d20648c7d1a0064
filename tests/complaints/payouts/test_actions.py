"""Who may do what with a payout, and which sums are possible at all."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from complaints.dossier.refusals import Denied
from complaints.organisation.roles import Role
from complaints.payouts.actions import EFFECTS
from tests.bureau import OFFICE, SignIn, post
from tests.paying import Paying

BIG = 150_000
"""Above the limit of 1,000.00 yuan from which two people approve."""


def codes(desk: Paying, who: str, number: str, action: str, **payload: Any) -> set[str]:
    """Return the reasons why the person may not do it; the step leaves nothing behind."""
    before = (desk.state(number), desk.entries(), desk.balances)
    with pytest.raises(Denied) as refused:
        desk.do(who, number, action, **payload)
    assert (desk.state(number), desk.entries(), desk.balances) == before
    return {why.code for why in refused.value.reasons}


# -- separation of duties ---------------------------------------------------------------------------------


def test_whoever_applied_or_verified_does_not_approve(desk: Paying) -> None:
    desk.hire("many", Role.HANDLER, Role.PAYOUT_APPROVER, Role.CASHIER, unit=OFFICE)
    number = desk.apply(desk.accepted(), who="many")
    desk.do("many", number, "begin_check")
    desk.do("many", number, "confirm", verified_fen=800, evidence="过期")
    assert "not_the_asker" in codes(desk, "many", number, "approve", approved_fen=800)
    assert "not_the_asker" in codes(desk, "many", number, "countersign", countersigned_fen=800)


def test_whoever_approved_does_not_pay(desk: Paying) -> None:
    desk.hire("both", Role.PAYOUT_APPROVER, Role.CASHIER)
    number = desk.approving()
    desk.do("both", number, "approve", approved_fen=800)
    settled = {"way": "transfer", "voucher": "9911", "paid_on": "2026-11-24"}
    assert "not_the_approver" in codes(desk, "both", number, "settled", **settled)
    desk.settle(number)
    assert desk.state(number) == "paid"


def test_the_officer_who_verified_may_hand_the_money_over(desk: Paying) -> None:
    """Suixian 2012: the officers who found the yoghurt handed the price over; another person had approved."""
    desk.hire("officer", Role.HANDLER, Role.CASHIER, unit=OFFICE)
    number = desk.apply(desk.accepted(), who="officer")
    desk.do("officer", number, "begin_check")
    desk.do("officer", number, "confirm", verified_fen=800, evidence="过期；另查获同批31盒")
    assert "role_missing" in codes(desk, "officer", number, "approve", approved_fen=800)
    desk.do("payout_approver", number, "approve", approved_fen=800)
    desk.settle(number, who="officer")
    assert desk.state(number) == "paid"


def test_a_payment_says_whether_cash_or_transfer(desk: Paying) -> None:
    number = desk.paying()
    told = codes(desk, "cashier", number, "settled", voucher="0007", paid_on="2026-11-24")
    assert told == {"field_missing"}
    wrong = {"way": "cheque", "voucher": "0007", "paid_on": "2026-11-24"}
    assert codes(desk, "cashier", number, "settled", **wrong) == {"field_wrong"}


def test_whoever_countersigned_does_not_pay_either(desk: Paying) -> None:
    desk.hire("both", Role.PAYOUT_APPROVER, Role.CASHIER)
    number = desk.approving(BIG)
    desk.do("both", number, "countersign", countersigned_fen=BIG)
    desk.do("payout_approver", number, "approve", approved_fen=BIG)
    settled = {"way": "transfer", "voucher": "9911", "paid_on": "2026-11-24"}
    assert "not_the_approver" in codes(desk, "both", number, "settled", **settled)


def test_above_the_limit_two_people_approve(desk: Paying) -> None:
    number = desk.approving(BIG)
    assert codes(desk, "payout_approver", number, "approve", approved_fen=BIG) == {"second_signature_missing"}
    desk.do("payout_approver", number, "countersign", countersigned_fen=BIG)
    assert codes(desk, "payout_approver", number, "approve", approved_fen=BIG) == {"second_signature_missing"}
    desk.do("head", number, "approve", approved_fen=BIG)
    assert desk.balances.committed == BIG


def test_at_the_limit_one_is_enough(desk: Paying) -> None:
    number = desk.approving(100_000)
    desk.do("payout_approver", number, "approve", approved_fen=100_000)
    assert desk.state(number) == "paying"


def test_only_a_cashier_pays_and_neither_cashier_nor_supervisor_approves(desk: Paying) -> None:
    number = desk.approving()
    for who in ("cashier", "supervisor"):
        assert "role_missing" in codes(desk, who, number, "approve", approved_fen=800)
    desk.do("payout_approver", number, "approve", approved_fen=800)
    settled = {"way": "transfer", "voucher": "9911", "paid_on": "2026-11-24"}
    for who in ("handler", "head", "payout_approver", "supervisor"):
        assert "role_missing" in codes(desk, who, number, "settled", **settled)


# -- sums (bad inputs 22 to 25) ---------------------------------------------------------------------------


def test_no_sum_passes_the_one_before_it(desk: Paying) -> None:
    number = desk.apply(desk.accepted())
    desk.do("handler", number, "begin_check")
    assert "over_price" in codes(desk, "handler", number, "confirm", verified_fen=801, evidence="过期")
    desk.do("handler", number, "confirm", verified_fen=700, evidence="过期")
    assert "over_verified" in codes(desk, "payout_approver", number, "approve", approved_fen=701)
    desk.do("payout_approver", number, "approve", approved_fen=600)
    desk.settle(number)
    assert desk.balances.paid == 600
    desk.do("handler", number, "link_case", case_number="樊市监立〔2026〕31号")
    wrong = {"recovered_fen": 601, "reference": "收据"}
    assert codes(desk, "handler", number, "recover", **wrong) == {"recovered_unfit"}


def test_what_is_no_sum_is_refused(desk: Paying) -> None:
    number = desk.approving()
    for fen in (0, -1, 2**63, 10**12 + 1, True, 8.0, "800", None):
        told = codes(desk, "payout_approver", number, "approve", approved_fen=fen)
        assert told & {"field_wrong", "field_missing", "nothing_to_pay"}, fen


def test_no_more_is_approved_than_the_fund_has_free(desk: Paying) -> None:
    big = desk.approving(4_999_500, receipt_number="big")
    desk.do("head", big, "countersign", countersigned_fen=4_999_500)
    desk.do("payout_approver", big, "approve", approved_fen=4_999_500)
    small = desk.approving(800)
    assert codes(desk, "payout_approver", small, "approve", approved_fen=800) == {"fund_too_small"}
    desk.do("payout_approver", small, "approve", approved_fen=500)
    assert desk.balances.free == 0


def test_a_failed_payment_frees_what_it_had_committed(desk: Paying) -> None:
    number = desk.paying()
    desk.do("cashier", number, "failed", proof="账号不符")
    assert desk.balances.free == 5_000_000
    assert desk.state(number) == "approving"


def test_without_a_fund_nothing_is_approved(city: Any, desk: Paying) -> None:
    with desk.database.writing() as session:
        session.connection().exec_driver_sql("DELETE FROM payout_fund")
    assert codes(desk, "payout_approver", desk.approving(), "approve", approved_fen=800) == {
        "fund_not_opened"
    }


def test_recovery_posts_what_came_since_the_last_entry(desk: Paying) -> None:
    number = desk.recovering()
    desk.do("handler", number, "recover", recovered_fen=300, reference="收据 1")
    desk.do("cashier", number, "recover", recovered_fen=800, reference="收据 2")
    assert [entry[3] for entry in desk.entries() if entry[0] == "recovered"] == [300, 500]
    assert codes(desk, "head", number, "write_off", reason="无") == {"nothing_owed"}


def test_a_head_writes_off_what_is_left_and_the_owner_does_not(desk: Paying) -> None:
    number = desk.recovering()
    desk.do("handler", number, "recover", recovered_fen=300, reference="收据 1")
    assert "role_missing" in codes(desk, "handler", number, "write_off", reason="商家注销")
    desk.do("head", number, "write_off", reason="商家注销")
    assert desk.entries()[-1] == ("written_off", "written_off", "receivable", 500)
    assert desk.balances.receivable == 0


def test_the_same_click_posts_once(desk: Paying) -> None:
    number = desk.recovering()
    for _ in range(2):
        desk.do("handler", number, "recover", key="one-form-of-recovery", recovered_fen=300, reference="1")
    assert [entry[3] for entry in desk.entries() if entry[0] == "recovered"] == [300]


# -- no way past the ledger -------------------------------------------------------------------------------

MONEY: dict[str, tuple[str, dict[str, str], dict[str, Any]]] = {
    "confirm": (
        "handler",
        {"verified_fen": "8.00", "evidence": "过期"},
        {"verified_fen": 800, "evidence": "过期"},
    ),
    "approve": ("payout_approver", {"approved_fen": "8.00"}, {"approved_fen": 800}),
    "settled": (
        "cashier",
        {"way": "transfer", "voucher": "9911", "paid_on": "2026-11-24"},
        {"way": "transfer", "voucher": "9911", "paid_on": "2026-11-24"},
    ),
    "failed": ("cashier", {"proof": "账号不符"}, {"proof": "账号不符"}),
    "send_back": ("payout_approver", {"reason": "补充"}, {"reason": "补充"}),
    "refuse": ("handler", {"reason": "不实"}, {"reason": "不实"}),
    "withdraw": ("handler", {"reason": "撤回"}, {"reason": "撤回"}),
    "link_case": ("handler", {"case_number": "31号"}, {"case_number": "31号"}),
    "recover": (
        "handler",
        {"recovered_fen": "3.00", "reference": "收据"},
        {"recovered_fen": 300, "reference": "收据"},
    ),
    "write_off": ("head", {"reason": "注销"}, {"reason": "注销"}),
}


def ready_for(desk: Paying, action: str, receipt: str) -> str:
    """Return a payout in which the action is the next step."""
    if action == "confirm":
        number = desk.apply(desk.accepted(), receipt_number=receipt)
        desk.do("handler", number, "begin_check")
        return number
    if action in ("settled", "failed"):
        return desk.paying(receipt_number=receipt)
    if action == "link_case":
        number = desk.paying(receipt_number=receipt)
        desk.settle(number)
        return number
    if action in ("recover", "write_off"):
        return desk.recovering(receipt_number=receipt)
    return desk.approving(receipt_number=receipt)


def generic(client: FlaskClient, number: str, action: str, typed: dict[str, str]) -> int:
    """Send the form that the matter's page has for every action."""
    page = client.get(f"/matters/{number}/do/{action}").text
    keys = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1]  # type: ignore[index]
        for name in ("idempotency_key", "form_version")
    }
    return post(client, f"/matters/{number}/do/{action}", **keys, **typed).status_code


def test_every_money_action_is_compared() -> None:
    assert set(MONEY) == set(EFFECTS)


@pytest.mark.parametrize("action", MONEY)
def test_the_generic_form_leaves_what_the_room_leaves(desk: Paying, client_as: SignIn, action: str) -> None:
    who, typed, payload = MONEY[action]
    by_form, by_room = ready_for(desk, action, "F-1"), ready_for(desk, action, "R-1")
    before = len(desk.entries())
    assert generic(client_as(who), by_form, action, typed) == 303
    posted_by_form = desk.entries()[before:]
    desk.do(who, by_room, action, **payload)
    assert desk.entries()[before + len(posted_by_form) :] == posted_by_form
    assert desk.state(by_form) == desk.state(by_room)
    one, other = desk.payout(by_form), desk.payout(by_room)
    for name in (
        "verified_fen",
        "approved_fen",
        "paid_fen",
        "recovered_fen",
        "written_off_fen",
        "case_number",
    ):
        assert getattr(one, name) == getattr(other, name), name
    assert (one.claim is None) == (other.claim is None)
