"""A matter and the two sides of it. State, owner and clocks stand in the engine's own tables.

Personal numbers are encrypted; beside each stands a keyed hash of its normalised form, by which an equal one
is found. Money is integer fen. Instants are UTC, dates Asia/Shanghai.
"""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from complaints.foundation.database import Base
from complaints.foundation.encryption import EncryptedText
from complaints.foundation.instants import Instant
from complaints.foundation.masking import mask_known_name, mask_text


class MatterKind(enum.StrEnum):
    """What a matter is; each kind runs by the procedure of the same name."""

    COMPLAINT = "complaint"
    STATION_DISPUTE = "station_dispute"
    LEAD = "lead"
    PAYOUT = "payout"


class Channel(enum.StrEnum):
    """How a matter reached us."""

    PHONE = "phone"
    VISIT = "visit"
    LETTER = "letter"
    STATION = "station"
    PLATFORM = "platform"
    HOTLINE_12345 = "hotline_12345"
    TRANSFER = "transfer"


class Merchant(Base):
    """An operator (经营者) that matters name.

    Two of one name are two rows until a person says they are one.
    """

    __tablename__ = "merchant"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    initials: Mapped[str] = mapped_column(String(120), default="", index=True)
    """Pinyin initials of the name in small letters, for typing while the caller talks."""
    uscc: Mapped[str] = mapped_column(String(18), default="", index=True)
    """Unified social credit code (GB 32100-2015); empty where nobody knew it."""
    address: Mapped[str] = mapped_column(String(200), default="")
    unit_path: Mapped[str] = mapped_column(String(200), default="")
    """Path of the office of the place of business, suggested for dispatch (SAMR Order 121, art. 13)."""

    @property
    def masked_name(self) -> str:
        """The name as pages show it: who has no sign above the door is called by a name and a mobile."""
        return mask_text(self.name)

    @property
    def masked_address(self) -> str:
        """The address as pages show it, the numbers in it masked."""
        return mask_text(self.address)


class Matter(Base):
    """One complaint, station dispute, lead or payout."""

    __tablename__ = "matter"
    __table_args__ = (
        CheckConstraint("amount_fen IS NULL OR amount_fen >= 0", name="amount"),
        Index("ix_matter_merchant_kind", "merchant_id", "kind", "received_on"),
        Index("ix_matter_received", "kind", "received_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"), index=True)
    region_code: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(20))
    received_at: Mapped[datetime] = mapped_column(Instant)
    """When it reached us; a letter may have arrived before it was registered."""
    received_on: Mapped[date]
    registered_at: Mapped[datetime] = mapped_column(Instant, index=True)
    registered_by: Mapped[int] = mapped_column(index=True)
    source_path: Mapped[str] = mapped_column(String(200))
    """Path of the unit that was reached first; hand-overs between units never count a matter twice."""
    title: Mapped[str] = mapped_column(String(120))
    facts_in_full: Mapped[str] = mapped_column("facts", Text)
    """What was said, as it was typed. Pages, messages and lists show `facts`."""
    happened_on: Mapped[date | None]
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    category_code: Mapped[str] = mapped_column(String(12), default="")
    problem_code: Mapped[str] = mapped_column(String(12), default="")
    demands: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Codes of `complaints.dossier.codes.DEMANDS` (消费者权益保护法第五十二条)."""
    evidence: Mapped[list[str]] = mapped_column(JSON, default=list)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Fields that only one kind has; each room documents its own."""
    consent_publish: Mapped[bool] = mapped_column(default=False)
    consent_entrust: Mapped[bool] = mapped_column(default=False)
    notice_version: Mapped[str] = mapped_column(String(20), default="")
    """Version of the privacy notice that was read out (PIPL arts 17, 35)."""
    consumer_id: Mapped[int | None] = mapped_column(ForeignKey("consumer.id"), index=True)
    merchant_id: Mapped[int | None] = mapped_column(ForeignKey("merchant.id"))

    @property
    def facts(self) -> str:
        """What was said, with the numbers in it masked: the full text costs a logged reason."""
        return mask_text(self.facts_in_full)

    @property
    def masked_title(self) -> str:
        """The title as lists and everybody who reads masked have it: without the complainant's full name."""
        return self.unnamed(self.title)

    def unnamed(self, words: str) -> str:
        """Return words of the matter with the complainant's full name masked."""
        return mask_known_name(words, self.consumer.name if self.consumer else "")

    consumer: Mapped[Consumer | None] = relationship()
    merchant: Mapped[Merchant | None] = relationship()
    parent: Mapped[Matter | None] = relationship(remote_side=[id])


class Consumer(Base):
    """The complainant as given for one matter: one phone is not one person, one person has many phones."""

    __tablename__ = "consumer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(EncryptedText)
    name_hash: Mapped[str] = mapped_column(String(64), default="", server_default="", index=True)
    """Of `complaints.foundation.folding.normalise_name`, by which a person is found under the full name."""
    phone: Mapped[str] = mapped_column(EncryptedText)
    phone_hash: Mapped[str] = mapped_column(String(64), index=True)
    gender: Mapped[str] = mapped_column(String(10), default="")
    address: Mapped[str] = mapped_column(EncryptedText, default="")
    id_type: Mapped[str] = mapped_column(String(20), default="")
    id_number: Mapped[str] = mapped_column(EncryptedText, default="")
    id_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    email: Mapped[str] = mapped_column(EncryptedText, default="")
    """Kept only where it is the wished way of reply."""
    reply_channel: Mapped[str] = mapped_column(String(20), default="phone")
    """The wished way of reply, to be obeyed: a code of `complaints.dossier.codes.REPLY_CHANNELS`."""


class NumberSeries(Base):
    """The last number given in a region on a day."""

    __tablename__ = "number_series"

    region_code: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class Disclosure(Base):
    """One look at a full number: who, when, which, why. Written before the number is shown."""

    __tablename__ = "disclosure_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    person_id: Mapped[int] = mapped_column(index=True)
    what: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime] = mapped_column(Instant)


class TextSignature(Base):
    """One number of a complaint's signature: complaints whose texts are alike have some in common.

    See `complaints.dossier.text_signatures`. Forty short rows a complaint and no other way to them than by
    the number, so the key is the table; complaints are never removed, so nothing points back.
    """

    __tablename__ = "text_signature"
    __table_args__ = ({"sqlite_with_rowid": False},)

    value: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    matter_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class RelationKind(enum.StrEnum):
    """How two complaints belong together."""

    LINK = "link"
    """Related, each with a life of its own; the one with the lower id stands first."""
    MERGE = "merge"
    """The same complaint, registered twice; the later one, merged, stands first."""


_STANDS = text("ended_at IS NULL")
_MERGED_NOW = text("kind = 'merge' AND ended_at IS NULL")


class MatterRelation(Base):
    """Two complaints that a person joined, and whether somebody took that back. Nothing is removed.

    What happened stands in the events of the matters; here is what their pages and the merging ask.
    """

    __tablename__ = "matter_relation"
    __table_args__ = (
        CheckConstraint("matter_id <> other_id", name="two"),
        CheckConstraint("kind IN ('link', 'merge')", name="kind"),
        Index(
            "uq_matter_relation_pair",
            "kind",
            "matter_id",
            "other_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index(
            "uq_matter_relation_merged",
            "matter_id",
            unique=True,
            sqlite_where=_MERGED_NOW,
            postgresql_where=_MERGED_NOW,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), index=True)
    why: Mapped[str] = mapped_column(EncryptedText)
    """The reason that was given; shown to whoever sees both matters."""
    made_by: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_by: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_why: Mapped[str] = mapped_column(EncryptedText, default="")


class Attachment(Base):
    """A file of a matter, written in the transaction of the event that attached it.

    The row comes after the file: a row never names a file that is not whole on the disk. Who withdraws a file
    hides it; row and file stay for as long as the matter is kept.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("matter_id", "number"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("(removed_at IS NULL) = (removed_seq IS NULL)", name="removed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"))
    number: Mapped[int]
    """Counts the files of the matter from 1; withdrawn ones keep theirs."""
    seq: Mapped[int]
    """The event `attach` of the matter's log, which has the digest too."""
    kind: Mapped[str] = mapped_column(String(24))
    """Kind of paper, a choice of the procedure."""
    store_name: Mapped[str] = mapped_column(String(64), unique=True)
    preview_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The small picture that pages show, drawn anew from the original; none where there is none."""
    name: Mapped[str] = mapped_column(EncryptedText)
    """As the uploader's machine called it: names of files hold names of people."""
    media_type: Mapped[str] = mapped_column(String(100))
    """By content, never as the browser said."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int | None]
    height: Mapped[int | None]
    """Pixels, of pictures."""
    has_place: Mapped[bool] = mapped_column(default=False)
    """The original says where it was taken (EXIF GPS)."""
    added_by: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_seq: Mapped[int | None]
    """The event `withdraw_file`, which says by whom and why."""
