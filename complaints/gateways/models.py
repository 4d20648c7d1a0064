"""What the embedded gateways delivered: kept here in place of a message that leaves the house."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from complaints.foundation.database import Base
from complaints.foundation.encryption import EncryptedText
from complaints.foundation.instants import Instant


class DeliveredMessage(Base):
    """One message that was kept instead of sent. `message_id` is the outbox row's dedupe key: one row a
    message.
    """

    __tablename__ = "delivered_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    """`sms`, `email`, or `paper` for what is printed in the house."""
    recipient: Mapped[str] = mapped_column(EncryptedText)
    subject: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(EncryptedText)
    delivered_at: Mapped[datetime] = mapped_column(Instant)
