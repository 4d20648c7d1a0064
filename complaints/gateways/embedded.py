"""The embedded gateways, used where no outside service is configured: nothing leaves the house, everything
is kept.

They keep the promise of the real ones: the same message given twice is delivered once.
"""

from __future__ import annotations

from sqlalchemy import select

from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.gateways.models import DeliveredMessage
from workflows.runtime.outbox import Delivery, Receipt

SMS, EMAIL, PAPER = "sms", "email", "paper"


class KeptMessages:
    """Keeps messages of all channels in a table, recipient and text encrypted."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Take the database, which is written in a transaction of its own."""
        self._database, self._clock = database, clock

    def keep(self, message_id: str, channel: str, recipient: str, subject: str, text: str) -> Receipt:
        """Keep the message, once."""
        with self._database.writing() as session:
            known = session.scalars(
                select(DeliveredMessage.id).where(DeliveredMessage.message_id == message_id).with_for_update()
            ).first()
            if known is None:
                row = DeliveredMessage(
                    message_id=message_id,
                    channel=channel,
                    recipient=recipient,
                    subject=subject[:120],
                    text=text,
                    delivered_at=self._clock.now(),
                )
                session.add(row)
                session.flush()
                known = row.id
        return Receipt(Delivery.SENT, f"kept-{known}")

    def ask(self, message_id: str) -> Receipt:
        """Say whether the message is kept."""
        with self._database.reading() as session:
            known = session.scalars(
                select(DeliveredMessage.id).where(DeliveredMessage.message_id == message_id)
            ).first()
        if known is None:
            return Receipt(Delivery.FAILED, trouble="the gateway never got the message")
        return Receipt(Delivery.SENT, f"kept-{known}")


class EmbeddedSmsGateway:
    """Keeps text messages."""

    def __init__(self, kept: KeptMessages) -> None:
        """Take the table."""
        self._kept = kept

    def send(self, message_id: str, phone: str, text: str) -> Receipt:
        """Keep one message; a number that is empty is refused, as a real gateway would."""
        if not phone:
            return Receipt(Delivery.REFUSED, trouble="there is no number to send to")
        return self._kept.keep(message_id, SMS, phone, "", text)

    def ask(self, message_id: str) -> Receipt | None:
        """Say whether the message is kept."""
        return self._kept.ask(message_id)


class EmbeddedEmailGateway:
    """Keeps e-mails."""

    def __init__(self, kept: KeptMessages) -> None:
        """Take the table."""
        self._kept = kept

    def send(self, message_id: str, address: str, subject: str, text: str) -> Receipt:
        """Keep one message; an address that is empty is refused, as a real gateway would."""
        if not address:
            return Receipt(Delivery.REFUSED, trouble="there is no address to send to")
        return self._kept.keep(message_id, EMAIL, address, subject, text)

    def ask(self, message_id: str) -> Receipt | None:
        """Say whether the message is kept."""
        return self._kept.ask(message_id)
