"""What both sides asked and offered in a session of mediation: money that the event log does not carry."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from complaints.foundation.database import Base


class MediationSession(Base):
    """One session that was held, written in the transaction of its event. Offers are integer fen."""

    __tablename__ = "mediation_session"
    __table_args__ = (
        CheckConstraint("consumer_offer_fen IS NULL OR consumer_offer_fen >= 0", name="consumer_offer"),
        CheckConstraint("merchant_offer_fen IS NULL OR merchant_offer_fen >= 0", name="merchant_offer"),
    )

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    """The event `hold_session` of the matter's log."""
    held_on: Mapped[date]
    """Day in Asia/Shanghai."""
    place: Mapped[str] = mapped_column(String(200))
    """The place, or the means: telephone, video (《市场监督管理投诉举报处理办法》第二十条)."""
    consumer_offer_fen: Mapped[int | None] = mapped_column(BigInteger)
    """What the consumer asked for at the end of the session; empty where it was not about a sum."""
    merchant_offer_fen: Mapped[int | None] = mapped_column(BigInteger)
    """What the operator was ready to pay at the end of the session."""
    outcome: Mapped[str] = mapped_column(String(20))
    """As the procedure names it: no_agreement, adjourned, offer."""

    @property
    def gap_fen(self) -> int | None:
        """What still lies between the two sides, never below zero; None where one of the two is not known."""
        if self.consumer_offer_fen is None or self.merchant_offer_fen is None:
            return None
        return max(self.consumer_offer_fen - self.merchant_offer_fen, 0)
