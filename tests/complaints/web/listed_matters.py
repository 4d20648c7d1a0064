"""Matters in so many states that every list of the application has a row."""

from __future__ import annotations

from sqlalchemy import select, update

from complaints.dossier.models import Merchant
from tests.bureau import OFFICE, Bureau
from tests.complaints.mediation.test_desk import OFFER, fire
from tests.factories import ACCEPT, FILE_LEAD, LEAD, PHONE, TELL_DECISION, Matters, Step
from tests.paying import BOUGHT, Paying
from workflows.runtime.tables import outbox

NAME = "陈晓民"
"""Of the complainants."""
STATES = (
    "registered",
    "identity_asked",
    "returned",
    "dispatched",
    "accepted",
    "mediating",
    "appraising",
    "closed",
)
"""States of complaints that lists are asked of."""


def fill(matters: Matters) -> None:
    """Make the matters. Every merchant is called by a mobile, and titles name the complainant."""
    paying = Paying(matters.city, matters.engine)
    paying.fund()
    for state in STATES:
        number = matters.in_state(state, title=f"{NAME}称暖气不热 <{state}> & “退款”")
        if state == "appraising":
            matters.do("handler", number, "offer_handover", **OFFER)
    overdue(matters)
    helped_by_the_handler(matters)
    for case in range(2):
        number = matters.in_state("mediating", title=f"先赔与线索 {case}")
        matters.walk(number, LEAD)
        if case:
            matters.walk(matters.lead_of(number), *FILE_LEAD)
        paying.apply(number, receipt_number=f"0082-{case}")
    leads_with_an_end(matters, paying, number)
    payouts_in_every_queue(paying, number)
    matters.a_dispute()
    matters.a_dispute()
    messages_in_every_state(matters.city)
    with matters.city.database.writing() as session:
        session.execute(update(Merchant).values(name=f"微信卖家{PHONE}", address=f"{PHONE} 自提"))


def helped_by_the_handler(matters: Matters) -> None:
    """Let the head own a complaint beside whom the handler works."""
    number = matters.a_complaint(title=f"{NAME}称暖气不热 协办")
    handler = matters.city.person_ids["handler"]
    matters.walk(
        number,
        ("intake", "dispatch", {"unit": OFFICE, "receiver": "head"}),
        ("head", "accept", {}),
        ("head", "name_co_handler", {"co_handler": handler}),
    )


def overdue(matters: Matters) -> None:
    """Let one complaint be accepted too late, and another not at all: the handler has a task about it."""
    clock = matters.city.clock
    clock.move(days=-12)
    late, missing = (matters.in_state("dispatched", title=f"{NAME}逾期 {n}") for n in range(2))
    clock.move(days=12)
    fire(matters)
    matters.walk(late, ACCEPT, TELL_DECISION)
    assert matters.standing(missing).state == "dispatched"


def leads_with_an_end(matters: Matters, paying: Paying, complaint: str) -> None:
    """Bring one lead of the complaint to each end."""
    ends: list[tuple[Step, ...]] = [
        (
            *FILE_LEAD,
            (
                "handler",
                "conclude",
                {"value": 1, "fine": 2, "forfeit": 3, "decision_number": "樊市监罚 9 号"},
            ),
        ),
        (
            ("handler", "propose_not_filing", {"reason": "检验合格"}),
            ("head", "not_file", {"reason": "检验合格，违法事实不成立"}),
        ),
        (("handler", "pass_on", {"agency": "樊城区公安分局", "receipt_number": "樊公收〔2026〕8号"}),),
    ]
    for steps in ends:
        matters.walk(paying.lead(complaint), *steps)


def payouts_in_every_queue(paying: Paying, complaint: str) -> None:
    """Leave one payout each to approve, to pay, to recover and refused."""
    receipts = (f"0083-{n}" for n in range(4))
    states = ("approving", "paying", "recovering", "refused")
    for receipt, state in zip(receipts, states, strict=True):
        number = paying.apply(complaint, receipt_number=receipt, bought_on=BOUGHT)
        if state == "refused":
            paying.do("handler", number, "refuse", reason="不是假货")
            continue
        paying.do("handler", number, "begin_check")
        paying.do("handler", number, "confirm", verified_fen=800, evidence="同批31盒均过期，已扣押")
        if state != "approving":
            paying.do("payout_approver", number, "approve", approved_fen=800)
        if state == "recovering":
            paying.settle(number)
            # linked to no case it would stand in the list of what needs care as well
            paying.do("handler", number, "link_case", case_number="樊市监立〔2026〕31号")


def messages_in_every_state(city: Bureau) -> None:
    """Let three of the waiting messages have met their fate."""
    with city.database.writing() as session:
        waiting = session.scalars(select(outbox.c.id).order_by(outbox.c.id).limit(3)).all()
        for message, state in zip(waiting, ("sent", "ambiguous", "dead"), strict=True):
            session.execute(update(outbox).where(outbox.c.id == message).values(state=state))
