"""What a person searched for, for a few hours: its address names the row, never the words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from complaints.dossier.search_models import SearchedText
from complaints.foundation.database import Base
from complaints.foundation.encryption import EncryptedText
from complaints.foundation.instants import Instant

__all__ = ["SearchQuery", "SearchedText"]


class SearchQuery(Base):
    """One search of one person. Its words may be a telephone number: they are encrypted and soon removed."""

    __tablename__ = "search_query"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    """Random, for the address of the page of hits."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    words: Mapped[str] = mapped_column(EncryptedText)
    asked_at: Mapped[datetime] = mapped_column(Instant, index=True)
