"""Brings leads to their ends."""

from __future__ import annotations

from tests.paying import Paying

CASE = "樊市监立〔2026〕31号"


def proposed(desk: Paying) -> str:
    """Return a lead whose filing was proposed."""
    lead = desk.lead(desk.accepted())
    desk.act("handler", lead, "propose_filing", ground="《中华人民共和国食品安全法》第三十四条")
    return lead


def filed(desk: Paying) -> str:
    """Return a lead that is a case."""
    lead = proposed(desk)
    desk.act("head", lead, "file", case_number=CASE)
    return lead


def concluded(desk: Paying) -> str:
    """Return a case that is concluded."""
    lead = filed(desk)
    done = {"value": 24_800, "fine": 500_000, "forfeit": 24_800, "decision_number": "樊市监处罚〔2026〕31号"}
    desk.act("handler", lead, "conclude", **done)
    return lead


def not_filed(desk: Paying, reason: str = "检验合格，违法事实不成立") -> str:
    """Return a lead that was not filed."""
    lead = desk.lead(desk.accepted())
    desk.act("handler", lead, "propose_not_filing", reason="检验合格")
    desk.act("head", lead, "not_file", reason=reason)
    return lead


def passed(desk: Paying) -> str:
    """Return a lead that was passed to another authority."""
    lead = desk.lead(desk.accepted())
    desk.act("handler", lead, "pass_on", agency="樊城区公安分局", receipt_number="樊公收〔2026〕8号")
    return lead
