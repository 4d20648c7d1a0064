"""What a check found in each row, and the conflicts that a person settles."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from complaints.dossier.record_models import HistoricalRecord, LedgerImport
from complaints.foundation.database import Base
from complaints.foundation.encryption import EncryptedText
from complaints.foundation.instants import Instant


class Outcome(enum.StrEnum):
    """What becomes of a row."""

    NEW = "new"
    SAME = "same"
    CONFLICTING = "conflicting"
    REFUSED = "refused"


class Choice(enum.StrEnum):
    """How a conflict was settled."""

    KEEP = "keep"
    TAKE = "take"


class LedgerLine(Base):
    """One row of the report. It holds no personal value: `why` names columns and what is wrong, masked."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        CheckConstraint("outcome IN ('new', 'same', 'conflicting', 'refused')", name="outcome"),
        Index("ix_ledger_line_outcome", "import_id", "outcome", "row"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("ledger_import.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(String(80))
    """The row's number, masked where it looks like a person's."""
    outcome: Mapped[str] = mapped_column(String(12))
    why: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Codes with their values, each a sentence of `complaints.ledgers.sentences`."""


class LedgerConflict(Base):
    """Another content under a number that is there already. It waits for a person, and then stays as the
    record of what was decided: which content gave way, by whom and why.
    """

    __tablename__ = "ledger_conflict"
    __table_args__ = (
        UniqueConstraint("record_id", "new_digest"),
        CheckConstraint("choice IN ('', 'keep', 'take')", name="choice"),
        CheckConstraint("(choice = '') = (settled_at IS NULL)", name="settled"),
        # what waits: few, however many were settled
        Index(
            "ix_ledger_conflict_open",
            "record_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("historical_record.id"), index=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("ledger_import.id"), index=True)
    row: Mapped[int]
    old_digest: Mapped[str] = mapped_column(String(64))
    """Content digest of what stood there."""
    new_digest: Mapped[str] = mapped_column(String(64))
    old: Mapped[str] = mapped_column(EncryptedText, default="")
    """The content that stood there when it was settled, as JSON; empty until then."""
    new: Mapped[str] = mapped_column(EncryptedText)
    """The content of the row, as JSON."""
    found_at: Mapped[datetime] = mapped_column(Instant)
    choice: Mapped[str] = mapped_column(String(8), default="")
    reason: Mapped[str] = mapped_column(String(400), default="")
    settled_by: Mapped[int | None]
    settled_at: Mapped[datetime | None] = mapped_column(Instant)

    record: Mapped[HistoricalRecord] = relationship()
    source: Mapped[LedgerImport] = relationship()
