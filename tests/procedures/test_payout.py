"""Buy fake, compensate first: within the price, by several people, once a purchase, and recovered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.procedures.office import APPROVER, CASHIER, COLLEAGUE, HANDLER, HEAD, SECOND_HEAD, Matter, begin


def approving(**known) -> Matter:
    sums = {"claimed_fen": 800} | known
    return (
        begin("payout", **sums)
        .do("begin_check", HANDLER)
        .do("confirm", HANDLER, verified_fen=sums["claimed_fen"])
    )


def recovering() -> Matter:
    paid = approving().do("approve", APPROVER, approved_fen=800).do("settled", CASHIER)
    return paid.do("link_case", HANDLER, case_number="1号")


def test_eight_yuan_are_advanced_and_come_back():
    done = recovering().do("recover", HANDLER, recovered_fen=800).do("file", HANDLER)
    assert (done.state, done.vars["approved_fen"], done.vars["recovered_fen"]) == ("recovered", 800, 800)


def test_paid_within_approved_within_verified_within_the_price():
    checking = begin("payout").do("begin_check", HANDLER)
    assert checking.why("confirm", HANDLER, verified_fen=801) == ["over_price"]
    assert checking.why("confirm", HANDLER, verified_fen=0) == ["nothing_to_pay"]
    capped = begin("payout", payout_cap_fen=500).do("begin_check", HANDLER)
    assert capped.why("confirm", HANDLER, verified_fen=501) == ["over_cap"]
    verified = checking.do("confirm", HANDLER, verified_fen=700)
    assert verified.why("approve", APPROVER, approved_fen=701) == ["over_verified"]
    assert verified.why("approve", APPROVER, approved_fen=700) == []


def test_an_unknown_price_pays_nothing():
    checking = begin("payout", claimed_fen=None).do("begin_check", HANDLER)
    assert checking.why("confirm", HANDLER, verified_fen=1) == ["no_claimed_fen"]


def test_who_asked_or_verified_does_not_approve():
    for person in (HANDLER.id, 1):
        assert approving().why("approve", replace(APPROVER, id=person), approved_fen=800) == ["not_the_asker"]


def test_who_verified_before_it_was_sent_back_does_not_approve_either():
    back = approving().do("send_back", APPROVER)
    handed = back.do("offer_handover", HANDLER, receiver=COLLEAGUE.id).do("accept_handover", COLLEAGUE)
    again = handed.do("confirm", COLLEAGUE, verified_fen=800)
    for person in (HANDLER.id, COLLEAGUE.id):
        assert again.why("approve", replace(APPROVER, id=person), approved_fen=800) == ["not_the_asker"]
    assert again.why("approve", APPROVER, approved_fen=800) == []


def test_who_approved_does_not_pay():
    paying = approving().do("approve", APPROVER, approved_fen=800)
    assert paying.why("settled", replace(CASHIER, id=APPROVER.id)) == ["not_the_approver"]
    assert paying.why("settled", CASHIER, paid_on="2026-11-25") == ["paid_on_unfit"]
    assert paying.why("settled", CASHIER) == []


@pytest.mark.parametrize(("limit", "needed"), [(100_000, True), (100_001, False), (None, True)])
def test_two_people_approve_above_the_limit(limit, needed):
    matter = approving(claimed_fen=100_001, two_people_over_fen=limit)
    missing = ["second_signature_missing"] if needed else []
    assert matter.why("approve", APPROVER, approved_fen=100_001) == missing
    signed = matter.do("countersign", SECOND_HEAD, countersigned_fen=100_001)
    assert signed.why("approve", APPROVER, approved_fen=100_001) == []
    if needed:
        assert signed.why("approve", SECOND_HEAD, approved_fen=100_001) == ["second_signature_missing"]


def test_a_payment_sent_back_is_signed_anew():
    signed = approving(claimed_fen=200_000).do("countersign", SECOND_HEAD, countersigned_fen=200_000)
    again = signed.do("send_back", APPROVER).do("confirm", HANDLER, verified_fen=200_000)
    assert again.why("approve", APPROVER, approved_fen=200_000) == ["second_signature_missing"]


def test_a_failed_payment_is_approved_anew():
    failed = approving().do("approve", APPROVER, approved_fen=800).do("failed", CASHIER)
    assert (failed.state, failed.vars["approved_fen"]) == ("approving", None)


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        ({}, False),
        ({"case_number": "1号"}, True),
        ({"not_filed_decision": "2号"}, True),
        ({"case_number": "1号", "not_filed_decision": "2号"}, False),
        ({"case_number": " "}, False),
    ],
)
def test_a_payout_is_linked_to_a_case_or_to_the_decision_not_to_file(given, fits):
    paid = approving().do("approve", APPROVER, approved_fen=800).do("settled", CASHIER)
    assert (paid.why("link_case", HANDLER, **given) == []) is fits


def test_recovery_grows_up_to_what_was_paid():
    half = recovering().do("recover", HANDLER, recovered_fen=400)
    assert half.why("recover", HANDLER, recovered_fen=400) == ["recovered_unfit"]
    assert half.why("recover", HANDLER, recovered_fen=801) == ["recovered_unfit"]
    assert half.why("file", HANDLER) == ["not_fully_recovered"]
    assert half.do("recover", HANDLER, recovered_fen=800).why("file", HANDLER) == []


def test_a_head_who_does_not_own_it_writes_off():
    assert recovering().why("write_off", replace(HEAD, id=HANDLER.id)) == ["is_owner"]
    assert recovering().do("write_off", HEAD).state == "written_off"


def test_the_owner_or_an_approver_refuses():
    assert approving().do("refuse", APPROVER).state == "refused"
    assert approving().do("refuse", HANDLER).state == "refused"
    assert approving().why("refuse", replace(HANDLER, id=44)) == ["not_owner_nor_approver"]
