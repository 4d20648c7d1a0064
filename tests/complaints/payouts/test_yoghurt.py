"""The story of Suixian, Hubei, May 2012, told under today's rules: the yoghurt for eight yuan.

The officers go to the shop at once, find and seize 31 more, hand over the price, file a case against the
seller and recover; the complaint is closed and its complainant called back.
"""

from __future__ import annotations

import pytest

from complaints.dossier.refusals import Denied
from tests.paying import Paying

CASE = "樊市监立〔2026〕31号"


def test_the_yoghurt_for_eight_yuan(desk: Paying) -> None:
    complaint = desk.accepted()
    lead = desk.lead(complaint)
    payout = desk.apply(complaint)

    desk.do("handler", payout, "begin_check")
    desk.do("handler", payout, "confirm", verified_fen=800, evidence="过期十余天；另查获同批31盒，已扣押")
    desk.do("payout_approver", payout, "approve", approved_fen=800)
    assert (desk.balances.fund, desk.balances.free) == (5_000_000, 4_999_200)
    desk.settle(payout)
    assert (desk.balances.fund, desk.balances.receivable) == (4_999_200, 800)

    desk.act("handler", lead, "propose_filing", ground="《中华人民共和国食品安全法》第三十四条")
    desk.act("head", lead, "file", case_number=CASE)
    desk.do("handler", payout, "link_case", case_number=CASE)
    desk.act(
        "handler",
        lead,
        "conclude",
        value=24_800,
        fine=500_000,
        forfeit=24_800,
        decision_number="樊市监处罚〔2026〕31号",
    )
    desk.do("handler", payout, "recover", recovered_fen=800, reference="收据 0031")

    mediated(desk, complaint)
    with pytest.raises(Denied) as held:
        desk.act("handler", complaint, "close")
    assert [why.code for why in held.value.reasons] == ["payout_open"]
    desk.do("handler", payout, "file")
    desk.act("handler", complaint, "close")
    desk.act("supervisor", complaint, "revisit", grade="very_satisfied")

    assert [desk.state(one) for one in (complaint, lead, payout)] == ["revisited", "concluded", "recovered"]
    assert desk.entries() == [
        ("funded", "fund", "external", 5_000_000),
        ("paid", "receivable", "fund", 800),
        ("recovered", "fund", "receivable", 800),
    ]
    assert (desk.balances.fund, desk.balances.free, desk.balances.receivable) == (5_000_000, 5_000_000, 0)
    assert desk.payout(payout).case_number == CASE


def mediated(desk: Paying, complaint: str) -> None:
    """Bring the complaint to its agreed and told end."""
    day = desk.city.clock.today().isoformat()
    desk.act("handler", complaint, "tell_decision", channel="phone", told_on=day, proof="通话录音")
    desk.act(
        "handler",
        complaint,
        "record_consent",
        consent_complainant=True,
        consent_respondent=True,
        channel="phone",
    )
    desk.act("handler", complaint, "begin_mediation")
    desk.act("handler", complaint, "agree", form="performed", amount=800, terms="价款已由先赔资金垫付")
    told = {"channel": "phone", "told_on": day, "proof_complainant": "通话录音", "proof_respondent": "签收"}
    desk.act("handler", complaint, "tell_result", **told)
