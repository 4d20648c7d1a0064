"""Matters in any state.

Brought there by the real registration and the real actions of the small bureau's people.

`matters.in_state("mediating")` gives the number of a complaint; `matters.walk(number, *steps)` goes on from
there.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask

from complaints.dossier import progress
from complaints.dossier.models import Channel, MatterKind
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.receiving import Received
from complaints.dossier.registration import Arrival, ConsumerGiven, MatterGiven, MerchantGiven, register
from complaints.dossier.work import Work
from complaints.dossier_page.actions import do
from complaints.dossier_page.queries import family
from complaints.payouts.applying import Application, apply
from tests.bureau import CITY, DESK, OFFICE, STATION, Bureau
from workflows.runtime.engine import Engine
from workflows.steps import Assignee

PHONE = "13800138000"
TODAY = object()
"""Stands in a step's payload for the day on which the step is done."""

Step = tuple[str, str, dict[str, Any]]
"""Who, which action, what is typed."""

DISPATCH: Step = ("intake", "dispatch", {"unit": OFFICE, "receiver": "handler"})
ACCEPT: Step = ("handler", "accept", {})
TELL_DECISION: Step = (
    "handler",
    "tell_decision",
    {"channel": "sms", "told_on": TODAY, "proof": "短信回执 001"},
)
CONSENT: Step = (
    "handler",
    "record_consent",
    {"consent_complainant": True, "consent_respondent": True, "channel": "phone"},
)
BEGIN: Step = ("handler", "begin_mediation", {})
TELL_RESULT: Step = (
    "handler",
    "tell_result",
    {
        "channel": "in_person",
        "told_on": TODAY,
        "proof_complainant": "当面签收",
        "proof_respondent": "当面签收",
    },
)
APPRAISE: Step = (
    "handler",
    "start_appraisal",
    {
        "body": "襄阳市产品质量检验所",
        "paper": "委 2026-018",
        "commissioned_on": TODAY,
        "approved_by": "head",
    },
)
ARRANGE: Step = (
    "handler",
    "arrange_session",
    {
        "session_on": TODAY,
        "session_at": "15:00",
        "session_way": "on_site",
        "session_place": "米公市场监管所调解室",
        "told_complainant": "phone",
        "told_respondent": "phone",
    },
)
CHALLENGE: Step = ("handler", "challenge", {"reason": "调解员与商家有亲属关系"})
AGREE: Step = ("handler", "agree", {"form": "performed", "amount": 329_900, "terms": "退货退款"})
TERMINATE: Step = ("handler", "terminate", {"item": "3", "reason": "双方明确表示无法达成协议"})
REFUSE: Step = ("handler", "refuse", {"item": "1", "reason": "不属于职责", "remedies_told": True})
CLOSE: Step = ("handler", "close", {})
LEAD: Step = ("handler", "open_lead", {"clue": "货架上另有三十一盒过期酸奶"})

_MEDIATING = (DISPATCH, ACCEPT, TELL_DECISION, CONSENT, BEGIN)
_CLOSED = (*_MEDIATING, AGREE, TELL_RESULT, CLOSE)
PATHS: dict[str, tuple[Step, ...]] = {
    "registered": (),
    "identity_asked": (("intake", "ask_identity", {"deadline": "2026-11-27", "note": "身份证复印件"}),),
    "dispatched": (DISPATCH,),
    "returned": (
        DISPATCH,
        ("handler", "return_to_intake", {"reason_code": "no_authority", "reason": "经营地在别处"}),
    ),
    "accepted": (DISPATCH, ACCEPT),
    "mediating": _MEDIATING,
    "appraising": (*_MEDIATING, APPRAISE),
    "suspended": (*_MEDIATING, CHALLENGE),
    "mediated": (*_MEDIATING, AGREE),
    "terminated": (*_MEDIATING, TERMINATE),
    "refused": (DISPATCH, REFUSE),
    "withdrawn": (("intake", "withdraw", {"channel": "phone", "note": "已经解决"}),),
    "closed": _CLOSED,
    "redo": (*_CLOSED, ("operator", "revisit_unsatisfied", {"reason": "退款没有到账"})),
    "revisited": (*_CLOSED, ("operator", "revisit", {"grade": "satisfied"})),
}
"""How a complaint comes into each state.

`transferred` needs a filed lead and `merged` an earlier complaint: they have ways of their own.
"""

FILE_LEAD: tuple[Step, ...] = (
    ("handler", "propose_filing", {"ground": "《中华人民共和国食品安全法》第三十四条"}),
    ("head", "file", {"case_number": "樊市监立〔2026〕18 号"}),
)


def filled(city: Bureau, payload: dict[str, Any]) -> dict[str, Any]:
    """Put in the day of the step, and a person's id for a user name."""
    today = city.clock.today().isoformat()
    found = {name: today if value is TODAY else value for name, value in payload.items()}
    for name in ("receiver", "approved_by"):
        if found.get(name) in city.person_ids:
            found[name] = city.person_ids[found[name]]
    return found


class Matters:
    """Registers matters and acts on them as the people of the bureau."""

    def __init__(self, city: Bureau, engine: Engine) -> None:
        self.city, self.engine = city, engine

    @contextmanager
    def work(self, username: str) -> Iterator[Work]:
        """Open a piece of work of that person in a write transaction."""
        with self.city.database.writing() as session:
            yield Work(session, self.city.actor(username), self.engine, self.city.clock)

    @contextmanager
    def reading(self, username: str) -> Iterator[Work]:
        """Open a piece of work of that person that only reads."""
        with self.city.database.reading() as session:
            yield Work(session, self.city.actor(username), self.engine, self.city.clock)

    def standing(self, number: str, username: str = "supervisor") -> Standing:
        """Return where the matter stands."""
        with self.reading(username) as work:
            return progress.standing(work, number)

    def a_complaint(self, **given: Any) -> str:
        """Register a complaint by phone at the city's desk, taken by the operator.

        `given` changes the caller; `title` and `facts` what was said.
        """
        title = given.pop("title", "空调能效标识与实测不符，要求退货退款")
        facts = given.pop(
            "facts", "2026-08-30 购买 1.5 匹变频空调一台，机身能效标识为 1 级，使用两周耗电明显偏高。"
        )
        consumer: dict[str, Any] = {"name": "陈晓民", "phone": PHONE, "address": "襄阳市樊城区米公街道 12 号"}
        with self.work("operator") as work:
            arrival = self._arrival(MatterKind.COMPLAINT, Channel.PHONE, "operator", DESK)
            matter = register(
                work,
                arrival,
                MatterGiven(
                    title,
                    facts,
                    amount_fen=329_900,
                    category_code="G05",
                    problem_code="P02",
                    demands=("return_goods", "refund"),
                    evidence=("invoice", "photo"),
                    consent_publish=True,
                ),
                ConsumerGiven(**(consumer | given)),
                MerchantGiven(
                    "襄阳云栖家电有限公司", address="樊城区汉江街道汉水桥路 88 号", unit_path=OFFICE
                ),
            )
            return matter.number

    def a_dispute(self) -> str:
        """Register a dispute at the station of the venue."""
        with self.work("station") as work:
            arrival = self._arrival(MatterKind.STATION_DISPUTE, Channel.STATION, "station", STATION)
            matter = register(
                work,
                arrival,
                MatterGiven("买到的鞋开胶", "上周买的鞋开胶，要求换货。", amount_fen=19_900),
                ConsumerGiven(name="吴珍", phone=PHONE),
                MerchantGiven("人民商场 三楼 步步高鞋店", unit_path=OFFICE),
            )
            return matter.number

    def a_payout(self, complaint: str, receipt: str = "0082-1147") -> str:
        """Apply for a payout from a complaint of the office."""
        with self.work("handler") as work:
            here = progress.standing(work, complaint)
            bought = self.city.clock.today() - timedelta(days=1)
            asked = Application("味晨酸奶 1 盒", 800, bought, receipt_number=receipt)
            return apply(work, here, asked, Submitted()).number

    def _arrival(self, kind: MatterKind, channel: Channel, who: str, unit: str, **more: Any) -> Arrival:
        person = self.city.person_ids[who]
        return Arrival(
            kind=kind,
            channel=channel,
            received_at=self.city.clock.now(),
            region_code=CITY.strip("/"),
            source_path=unit,
            first_responder_id=person,
            holder=Assignee(person, unit),
            vars={"identity_known": True},
            **more,
        )

    def walk(self, number: str, *steps: Step) -> None:
        """Do the steps one after the other, each in a transaction of its own."""
        for who, action, payload in steps:
            self.do(who, number, action, **payload)

    def do(self, username: str, number: str, action: str, *, key: str = "", **payload: Any) -> None:
        """Do one action as that person."""
        with self.work(username) as work:
            do(work, progress.standing(work, number), action, filled(self.city, payload), Submitted(key))

    def attach(self, number: str, who: str = "handler", **changed: Any) -> None:
        """Add a receipt to the matter's log and rows; no file lies behind it. `changed` are its facts."""
        digest = secrets.token_hex(32)
        facts: dict[str, Any] = {
            "name": "发票.pdf",
            "media_type": "application/pdf",
            "size": 1200,
            "sha256": digest,
            "store_name": digest[:32],
        }
        kind = changed.pop("kind", "receipt")
        self.do(who, number, "attach", kind=kind, file=Received(**(facts | changed)))

    def in_state(self, state: str, **given: Any) -> str:
        """Return the number of a complaint that has come into the state by lawful steps."""
        number = self.a_complaint(**given)
        if state == "transferred":
            self.transfer(number)
        elif state == "merged":
            number = self.merge(number, self.a_complaint(**given))
        else:
            self.walk(number, *PATHS[state])
        assert self.standing(number).state == state
        return number

    def merge(self, earlier: str, later: str) -> str:
        """Merge the later complaint into the earlier one at the desk; return its number."""
        said = {"into": earlier, "same_complaint": True, "reason": "同一投诉人来电两次"}
        self.walk(later, ("intake", "merge", said))
        return later

    def transfer(self, number: str) -> None:
        """Mediate in vain, file the lead found on the way, and mark the complaint as transferred."""
        self.walk(number, *_MEDIATING, LEAD)
        self.walk(self.lead_of(number), *FILE_LEAD)
        self.walk(number, TERMINATE, TELL_RESULT, ("handler", "mark_transferred", {}))

    def lead_of(self, number: str) -> str:
        """Return the number of the lead that was opened from the complaint."""
        with self.reading("supervisor") as work:
            return family(work, progress.standing(work, number)).children[0].number


def matters_of(app: Flask, city: Bureau) -> Matters:
    """Return the factory on the application's engine."""
    return Matters(city, app.extensions["fangxin"].engine)
