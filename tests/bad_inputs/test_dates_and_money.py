"""Days and sums: impossible ones, far ones, other time zones, and money that is never rounded."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime

import pytest

from complaints.dossier.progress import standing
from complaints.dossier.work import Work
from complaints.foundation.clock import SHANGHAI, local_moment, microseconds
from complaints.foundation.money import split_evenly
from complaints.payouts.models import Payout
from tests.bad_inputs.taking import DESKS, LETTER, Desk, Taking, said
from tests.bureau import SignIn, post
from tests.complaints.payouts.test_views import send
from tests.factories import Matters
from tests.paying import Paying

each_desk = pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.who)

INTAKE = DESKS[1]


@each_desk
def test_c18_days_that_do_not_exist_are_refused(taking: Taking, desk: Desk) -> None:
    for typed in ("2025-02-29", "2024-13-01", "2026-04-31", "20260230"):
        taking.refused(desk, "没有这一天", happened_on=typed)
    for typed in ("05/01/2024", "45351", "昨天"):
        taking.refused(desk, "年-月-日", happened_on=typed)
    for typed in ("0001-01-01", "1899-12-31"):
        taking.refused(desk, "1990", happened_on=typed)
    taking.refused(desk, "日", happened_on="9999-12-31")
    assert taking.taken(desk, happened_on="2024-02-29").happened_on == date(2024, 2, 29)


def test_c18_times_that_do_not_exist_are_refused(taking: Taking) -> None:
    for typed in ("24:00", "23:60", "9", "-1:00"):
        taking.refused(INTAKE, "09:30", received_time=typed)


def test_c19_a_make_up_sunday_counts_and_an_unannounced_year_is_said(
    taking: Taking, standing_matters: Matters
) -> None:
    with standing_matters.reading("handler") as work:
        calendar = work.time_rules.calendar
    # Friday 2 January 2026 is a holiday, Sunday 4 January a working day
    assert calendar.add_working_days(date(2025, 12, 31), 1) == date(2026, 1, 4)
    assert not calendar.is_working_day(date(2026, 1, 2))
    taking.signed_in.city.clock.at = datetime(2028, 2, 29, 15, 59, 58, tzinfo=UTC)
    matter = Taking(taking.signed_in).taken(DESKS[0])
    assert matter.received_on == date(2028, 2, 29)
    page = Taking(taking.signed_in).page(matter, "supervisor")
    assert "暂定" in page
    assert "2028-03-09" in page, "seven working days by weekdays alone, until the year is announced"


@each_desk
def test_c20_a_day_has_no_time_zone(taking: Taking, desk: Desk) -> None:
    for typed in ("2026-11-20T10:00:00Z", "2026-11-20T10:00+08:00", "2026-11-20 10:00"):
        taking.refused(desk, "年-月-日", happened_on=typed)


def test_c20_summer_time_and_the_old_local_time_are_known() -> None:
    summer = datetime(1988, 7, 1, 0, 0, tzinfo=UTC)
    assert local_moment(microseconds(summer)).strftime("%H:%M") == "09:00", "summer time of 1986 to 1991"
    winter = datetime(1995, 7, 1, 0, 0, tzinfo=UTC)
    assert local_moment(microseconds(winter)).strftime("%H:%M") == "08:00"
    old = datetime(1900, 1, 1, tzinfo=SHANGHAI).utcoffset()
    assert old is not None
    assert old.total_seconds() in (8 * 3600 + 343, 8 * 3600 + 344)


def test_c20_a_letter_arrives_by_the_clock_of_shanghai(taking: Taking) -> None:
    matter = taking.taken(INTAKE, received_on="2026-11-23", received_time="23:59")
    assert matter.received_at.astimezone(UTC) == datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    assert matter.received_on == date(2026, 11, 23)
    assert LETTER["received_on"] == "2026-11-23"


WRONG = (
    "0.001",
    "1.005",
    "19.995",
    "1e400",
    "1e3",
    "NaN",
    "Infinity",
    "1_000",
    "1,00",
    "壹佰元",
    "0x10",
    "--5",
    "1.2.3",
    "五",
)


@each_desk
def test_c22_a_sum_is_exact_or_refused(taking: Taking, desk: Desk) -> None:
    for typed in WRONG:
        taking.refused(desk, "1,234.50", amount=typed)
    taking.refused(desk, "金额不能为负数", amount="-1")
    taken = {
        "1,000.00": 100_000,
        "１２.５": 1_250,
        "￥100": 10_000,
        "0.01": 1,
        "19.9": 1_990,
        "100元": 10_000,
    }
    for typed, fen in taken.items():
        assert taking.taken(desk, amount=typed).amount_fen == fen, typed


@each_desk
def test_c23_a_sum_out_of_range_is_refused(taking: Taking, desk: Desk) -> None:
    for typed in ("99999999999.99", str(2**63), "9" * 5_000):
        answer = taking.send(desk, amount=typed)
        assert answer.status_code == 422, typed[:20]
        assert "元" in said(answer)
        assert typed in answer.text
    assert taking.taken(desk, amount="10000000000").amount_fen == 10**12


def test_c24_a_sum_that_does_not_divide_is_split_to_the_fen() -> None:
    assert split_evenly(10_000, 3) == (3_334, 3_333, 3_333)
    for fen in (0, 1, 2, 9_999, 10**12 + 1):
        for parts in (1, 2, 3, 7, 12):
            assert sum(split_evenly(fen, parts)) == fen
    with pytest.raises(ValueError, match="at least one"):
        split_evenly(100, 0)


@pytest.fixture
def desk_of_payouts(standing_as: SignIn, standing_matters: Matters) -> Paying:
    """Who walks payouts; the fund holds 100 yuan more with each test."""
    paying = Paying(standing_as.city, standing_matters.engine)
    paying.fund(10_000)
    return paying


def test_c25_a_payout_above_the_claim_the_fund_or_after_its_end_is_refused(
    desk_of_payouts: Paying, standing_as: SignIn
) -> None:
    desk = desk_of_payouts
    number = desk.apply(desk.accepted(), receipt_number="C25-1")
    desk.do("handler", number, "begin_check")
    handler, approver, cashier = (standing_as(who) for who in ("handler", "payout_approver", "cashier"))
    above = send(handler, number, "confirm", verified_fen="8.01", evidence="现场核实")
    assert above.status_code in (409, 422)
    assert "8.01" in above.text
    assert "8.00" in said(above)
    assert "现场核实" in above.text
    assert send(handler, number, "confirm", verified_fen="8.00", evidence="现场核实").status_code == 303
    too_much = send(approver, number, "approve", approved_fen="8.01")
    assert too_much.status_code in (409, 422)
    assert "8.01" in too_much.text
    assert payout(desk, number).approved_fen is None
    assert send(approver, number, "approve", approved_fen="8.00").status_code == 303
    assert send(cashier, number, "settled", way="cash", voucher="1", paid_on="2026-11-24").status_code == 303
    again = post(cashier, f"/payouts/{number}/settled", way="cash", voucher="2", paid_on="2026-11-24")
    assert again.status_code in (403, 409, 422)
    assert payout(desk, number).paid_fen == 800

    large = desk.apply(desk.accepted(), price_fen=90_000_000, receipt_number="C25-2")
    desk.do("handler", large, "begin_check")
    desk.do("handler", large, "confirm", verified_fen=90_000_000, evidence="现场核实")
    empty = send(approver, large, "approve", approved_fen="900000.00")
    assert empty.status_code in (409, 422)
    assert payout(desk, large).approved_fen is None


def payout(desk: Paying, number: str) -> Payout:
    """Return the payout's sums as they are kept."""
    return desk.payout(number)


def test_c25_who_is_paid_is_not_typed_anywhere(desk_of_payouts: Paying, standing_as: SignIn) -> None:
    number = desk_of_payouts.paying(receipt_number="C25-3")
    cashier = standing_as("cashier")
    form = re.search(r"<form[^>]*settled.*?</form>", cashier.get(f"/payouts/{number}").text, re.S)
    assert form is not None
    names = set(re.findall(r'name="([a-z_]+)"', form[0]))
    keys = {"csrf_token", "idempotency_key", "form_version", "draft"}
    assert names - keys == {"way", "voucher", "paid_on"}, "the payee is the complainant, and nobody else"
    paid = send(
        cashier,
        number,
        "settled",
        way="cash",
        voucher="3",
        paid_on="2026-11-24",
        payee="王五",
        account="6222020000000000000",
        consumer_id="1",
    )
    assert paid.status_code == 303
    assert "王五" not in html.unescape(cashier.get(f"/payouts/{number}").text)
    with desk_of_payouts.database.reading() as session:
        work = Work(
            session,
            desk_of_payouts.city.actor("supervisor"),
            desk_of_payouts.engine,
            desk_of_payouts.city.clock,
        )
        vars_ = standing(work, number).row["vars"]
    assert "6222020000000000000" not in vars_
