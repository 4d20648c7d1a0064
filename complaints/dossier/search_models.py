"""What is searched: one masked text a matter or historical record. The words of it lie in `search_words`, a
table that each database keeps in its own way (`complaints.dossier.search_index`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from complaints.foundation.database import Base


class SearchedText(Base):
    """The masked text of one matter or historical record, as it was indexed and as its snippet is shown."""

    __tablename__ = "search_text"
    # the id first: almost all rows are of one type, which selects nothing
    __table_args__ = (UniqueConstraint("subject_id", "subject_type"),)

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    """Made of the day of receipt and the subject, so that the order of ids is the order of receipt."""
    subject_type: Mapped[str] = mapped_column(String(8))
    subject_id: Mapped[int]
    number: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    merchant: Mapped[str] = mapped_column(Text)
    merchant_code: Mapped[str] = mapped_column(String(18))
    text: Mapped[str] = mapped_column(Text)
    reach: Mapped[str] = mapped_column(Text, server_default="")
    """Whose it is (`complaints.dossier.search_reach`); empty in rows from before it was kept."""
