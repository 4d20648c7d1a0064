"""The embedded gateways keep each message once, and nothing of it readable in the table."""

from __future__ import annotations

from sqlalchemy import text

from complaints.foundation.database import Database
from complaints.gateways.embedded import EmbeddedEmailGateway, EmbeddedSmsGateway, KeptMessages
from complaints.gateways.models import DeliveredMessage
from tests.bureau import SetClock
from workflows.runtime.outbox import Delivery


def test_twice_given_is_kept_once(database: Database, clock: SetClock) -> None:
    gateway = EmbeddedSmsGateway(KeptMessages(database, clock))
    first = gateway.send("7:3:notice.accepted", "13800138000", "您的投诉已受理。")
    again = gateway.send("7:3:notice.accepted", "13800138000", "您的投诉已受理。")
    assert first.delivery is Delivery.SENT
    assert first == again
    with database.reading() as session:
        (row,) = session.query(DeliveredMessage).all()
        assert (row.channel, row.recipient, row.text) == ("sms", "13800138000", "您的投诉已受理。")
        assert row.delivered_at == clock.now()


def test_nothing_personal_stands_open(database: Database, clock: SetClock) -> None:
    kept = KeptMessages(database, clock)
    EmbeddedSmsGateway(kept).send("1:1:x", "13800138000", "李女士的投诉")
    EmbeddedEmailGateway(kept).send("1:2:x", "li@example.org", "告知", "李女士的投诉")
    with database.reading() as session:
        raw = str(session.execute(text("SELECT recipient, text FROM delivered_message")).all())
    for secret in ("13800138000", "李女士", "li@example.org"):
        assert secret not in raw


def test_without_a_recipient_it_is_refused(database: Database, clock: SetClock) -> None:
    kept = KeptMessages(database, clock)
    assert EmbeddedSmsGateway(kept).send("1:1:x", "", "text").delivery is Delivery.REFUSED
    assert EmbeddedEmailGateway(kept).send("1:1:x", "", "s", "text").delivery is Delivery.REFUSED
