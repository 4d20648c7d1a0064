"""Historical records: matters of earlier years, imported from ledgers. They only say what was.

A record is no matter: nothing is done with it, no engine knows it, no limit runs. It is searched, shown,
masked and counted beside the matters. Personal values are encrypted, with a keyed hash to find equal ones;
texts are kept as they were written and masked wherever they are shown.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from complaints.foundation.database import Base
from complaints.foundation.encryption import EncryptedText
from complaints.foundation.instants import Instant
from complaints.foundation.masking import mask_known_name, mask_text
from complaints.foundation.visible_signs import shortened
from complaints.organisation.models import PATH

TITLE = 30
"""Characters of a text that stand for a title."""


class ImportStage(enum.StrEnum):
    """Where the import of a ledger stands."""

    UPLOADED = "uploaded"
    """The file is here and waits to be checked."""
    CHECKED = "checked"
    """Every row was read; a person decides whether to import."""
    CONFIRMED = "confirmed"
    """A person said yes; the rows are still to be written."""
    DONE = "done"
    FAILED = "failed"
    """The file could not be taken; `failure` says why. Nothing of it was kept."""
    DROPPED = "dropped"


class LedgerImport(Base):
    """One ledger file: who brought it, what is in it, how far it has come.

    `leased_by` and `leased_until_us` say which process works on it and until when (UTC microseconds); a
    process that was killed lets its lease run out, and another one begins again.
    """

    __tablename__ = "ledger_import"
    __table_args__ = (
        CheckConstraint(
            "stage IN ('uploaded', 'checked', 'confirmed', 'done', 'failed', 'dropped')", name="stage"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255))
    """As it was called where it came from."""
    stored_name: Mapped[str] = mapped_column(String(80), default="")
    """Name the server gave it, in the folder `imports`; empty once it is removed."""
    digest: Mapped[str] = mapped_column(String(64), index=True)
    """SHA-256 of the file."""
    size: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[int]
    """Who brought it; 0 for the command line."""
    unit_path: Mapped[str] = mapped_column(PATH, index=True)
    """The unit whose ledger it is, for rows that name none."""
    mapping: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Field to column header, where a person said so."""
    skip_refused: Mapped[bool] = mapped_column(default=False)
    stage: Mapped[str] = mapped_column(String(12))
    failure: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Code and values of the sentence why the file cannot be taken."""
    notes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What a person should know about the file as a whole, such as a hidden sheet that was left out."""
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    rows_read: Mapped[int] = mapped_column(default=0)
    """Progress of the run that goes on."""
    rows_total: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    conflicting: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    flagged: Mapped[int] = mapped_column(default=0)
    """Rows that were kept though something in them cannot be right; counted in the others too."""
    leased_by: Mapped[str] = mapped_column(String(100), default="")
    leased_until_us: Mapped[int] = mapped_column(BigInteger, default=0)


class HistoricalRecord(Base):
    """One row of a ledger, as it was written. Read-only, but for a conflict that a person settles."""

    __tablename__ = "historical_record"
    __table_args__ = (
        UniqueConstraint("unit_path", "number"),
        Index("ix_historical_record_import", "import_id", "row"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(80), index=True)
    """The number in that ledger; unique within its unit."""
    unit_path: Mapped[str] = mapped_column(PATH)
    person: Mapped[str] = mapped_column(EncryptedText, default="")
    person_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    """Keyed hash of the name; empty without one."""
    phone: Mapped[str] = mapped_column(EncryptedText, default="")
    phone_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    subject_in_full: Mapped[str] = mapped_column("subject", String(400), default="")
    text_in_full: Mapped[str] = mapped_column("text", Text, default="")
    merchant: Mapped[str] = mapped_column(String(200), default="", index=True)
    received_at: Mapped[datetime | None] = mapped_column(Instant)
    """None where the ledger gives the day alone."""
    received_on: Mapped[date] = mapped_column(index=True)
    reply_in_full: Mapped[str] = mapped_column("reply", Text, default="")
    replied_at: Mapped[datetime | None] = mapped_column(Instant)
    replied_on: Mapped[date | None]
    content_digest: Mapped[str] = mapped_column(String(64))
    """Keyed hash of everything the row says, to tell the same from another."""
    import_id: Mapped[int] = mapped_column(ForeignKey("ledger_import.id"))
    row: Mapped[int]
    """Row in that file, as a spreadsheet counts: the header is usually 1."""

    source: Mapped[LedgerImport] = relationship()

    @property
    def subject(self) -> str:
        """The title, with the numbers in it masked."""
        return mask_text(self.subject_in_full)

    @property
    def text(self) -> str:
        """What was said, with the numbers in it masked: the full text costs a logged reason."""
        return mask_text(self.text_in_full)

    @property
    def reply(self) -> str:
        """What was answered, with the numbers in it masked."""
        return mask_text(self.reply_in_full)

    @property
    def replied_before_received(self) -> bool:
        """Whether the ledger cannot be right here: such a record is kept, shown and never counted."""
        return self.replied_on is not None and self.replied_on < self.received_on


def record_title(subject: str, text: str, person: str = "") -> str:
    """Return a record's title, or where the ledger has none the beginning of its text on one line: numbers
    masked, and the full name of `person`.
    """
    if subject:
        return mask_known_name(mask_text(subject), person)
    return shortened(" ".join(mask_known_name(mask_text(text), person).split()), TITLE)


class RecordDisclosure(Base):
    """One look at a record's full value: who, when, which, why. Written before it is shown."""

    __tablename__ = "record_disclosure_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("historical_record.id"), index=True)
    person_id: Mapped[int] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(Instant)
