"""Brings a complaint of the small bureau into the state a test needs, by the real registration and the real
actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from complaints.dossier import progress
from complaints.dossier.models import Channel, Consumer, Matter, MatterKind
from complaints.dossier.registration import Arrival, ConsumerGiven, MatterGiven, MerchantGiven, register
from complaints.dossier.work import Work
from tests.bureau import DESK, OFFICE, Bureau
from workflows.runtime.engine import Engine
from workflows.runtime.requests import Outcome
from workflows.steps import Assignee

PHONE = "13800138000"


@dataclass
class Walk:
    """Registers complaints and acts on them as the people of the bureau."""

    city: Bureau
    engine: Engine

    def register(self, **given: Any) -> str:
        """Register a complaint at the city's desk and return its number; `given` changes the caller."""
        consumer: dict[str, Any] = {
            "name": "李梅",
            "phone": PHONE,
            "gender": "female",
            "address": "襄阳市樊城区长虹路1号",
            "reply_channel": "sms",
        }
        intake = self.city.person_ids["intake"]
        with self.city.database.writing() as session:
            work = Work(session, self.city.actor("intake"), self.engine, self.city.clock)
            arrival = Arrival(
                kind=MatterKind.COMPLAINT,
                channel=Channel.PHONE,
                received_at=self.city.clock.now(),
                region_code="420606",
                source_path=DESK,
                first_responder_id=intake,
                holder=Assignee(intake, DESK),
                messages=("receipt.registered",),
            )
            matter = register(
                work,
                arrival,
                MatterGiven("酸奶过期", "购买的酸奶超过保质期十余天。", amount_fen=800),
                ConsumerGiven(**(consumer | given)),
                MerchantGiven("惠民超市", address="樊城区前进路5号", unit_path=OFFICE),
            )
            return matter.number

    def act(self, username: str, number: str, action: str, **payload: Any) -> Outcome:
        """Do one action as that person, in a transaction of its own."""
        with self.city.database.writing() as session:
            work = Work(session, self.city.actor(username), self.engine, self.city.clock)
            return progress.act(work, progress.standing(work, number), action, payload)

    def dispatched(self, **given: Any) -> str:
        """Return the number of a complaint that the office's receiver has."""
        number = self.register(**given)
        self.act(
            "intake",
            number,
            "dispatch",
            unit=OFFICE,
            receiver=self.city.person_ids["handler"],
        )
        return number

    def accepted(self, **given: Any) -> str:
        """Return the number of a complaint that was accepted today."""
        number = self.dispatched(**given)
        self.act("handler", number, "accept")
        return number

    def matter_consumer(self, number: str) -> Consumer:
        """Return the complainant's row of the matter."""
        with self.city.database.reading() as session:
            return (
                session.query(Consumer)
                .join(Matter, Matter.consumer_id == Consumer.id)
                .filter(Matter.number == number)
                .one()
            )

    def matter(self, number: str) -> Matter:
        """Return the matter's row."""
        with self.city.database.reading() as session:
            return session.query(Matter).filter_by(number=number).one()
