"""What people typed and have not sent yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from complaints.foundation.database import Base
from complaints.foundation.encryption import EncryptedText
from complaints.foundation.instants import Instant


class Draft(Base):
    """The fields of one form of one person. They may hold personal data, so they are encrypted."""

    __tablename__ = "draft"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(120), primary_key=True)
    """Room and form, such as `hotline.call` or `mediation.420600-20261124-00001-7.terminate`."""
    fields: Mapped[str] = mapped_column(EncryptedText)
    """JSON: a list of [name, value] pairs in the form's order."""
    saved_at: Mapped[datetime] = mapped_column(Instant, index=True)
