"""Brings an outbox row to the person: composes the text, then calls the gateway with no transaction open."""

from __future__ import annotations

import logging

from sqlalchemy.engine import RowMapping

from complaints.dossier import messages
from complaints.foundation.database import Database
from complaints.gateways.choose import Gateways
from workflows.runtime.engine import Engine
from workflows.runtime.outbox import Delivery, Receipt

logger = logging.getLogger(__name__)


class Delivering:
    """Sends outbox rows; one object serves a whole worker. Fulfils the `send` of
    `workflows.runtime.outbox.relay`.
    """

    def __init__(self, database: Database, engine: Engine, gateways: Gateways) -> None:
        """Take where the matters stand and the doors to the outside."""
        self._database, self._engine, self._gateways = database, engine, gateways

    def __call__(self, row: RowMapping) -> Receipt:
        """Send one row under its own dedupe key and return the receipt."""
        try:
            with self._database.reading() as session:
                message = messages.compose(session, self._engine, row)
        except messages.Undeliverable as why:
            return Receipt(Delivery.REFUSED, trouble=str(why))
        except Exception as error:
            # nothing has been handed over yet: safe to try again, unlike a failure of the gateway
            logger.exception("The text of message %s cannot be made", row["id"])
            return Receipt(Delivery.FAILED, trouble=f"the text cannot be made ({type(error).__name__})")
        return self._hand_over(str(row["dedupe_key"]), message)

    def ask(self, row: RowMapping) -> Receipt | None:
        """Ask the gateway what became of a row; None where there is none to ask, or it cannot be asked."""
        try:
            with self._database.reading() as session:
                channel = messages.compose(session, self._engine, row).channel
        except messages.Undeliverable:
            return None
        message_id = str(row["dedupe_key"])
        if channel == messages.NOBODY:
            return None
        if channel == messages.PAPER:
            return self._gateways.kept.ask(message_id)
        gateway = self._gateways.email if channel == messages.EMAIL else self._gateways.sms
        return gateway.ask(message_id)

    def _hand_over(self, message_id: str, message: messages.Message) -> Receipt:
        """Call the gateway of the message's channel. Nothing is read or locked any more."""
        if message.channel == messages.NOBODY:
            return Receipt(Delivery.SENT, trouble="nobody is named who has to be told")
        if message.channel == messages.PAPER:
            return self._gateways.kept.keep(message_id, messages.PAPER, "", message.subject, message.text)
        if message.channel == messages.EMAIL:
            return self._gateways.email.send(message_id, message.recipient, message.subject, message.text)
        return self._gateways.sms.send(message_id, message.recipient, message.text)
