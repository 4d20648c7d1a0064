"""The money of payouts: what each one stands at, which purchase it is for, and the ledger.

Every sum is integer fen. The engine's event says what was done; these rows are written in the same
transaction, and the database itself holds paid <= approved <= verified <= claimed.
"""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from complaints.foundation.database import Base
from complaints.foundation.instants import Instant


class Account(enum.StrEnum):
    """The accounts of the ledger. Their balances (debits less credits) always add up to zero."""

    FUND = "fund"
    """The money set apart for advance payments."""
    RECEIVABLE = "receivable"
    """What sellers still owe for what was advanced (应收追偿)."""
    WRITTEN_OFF = "written_off"
    """What a head gave up."""
    EXTERNAL = "external"
    """Where the fund's money came from; its balance is minus what was ever put in."""


class EntryKind(enum.StrEnum):
    """Why an entry was made."""

    FUNDED = "funded"
    PAID = "paid"
    RECOVERED = "recovered"
    WRITTEN_OFF = "written_off"


class PurchaseState(enum.StrEnum):
    """Whether a purchase was paid."""

    OPEN = "open"
    PAID = "paid"


def _one_of(column: str, values: type[enum.StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(one.value) for one in values)})"


class Fund(Base):
    """The one fund of the bureau.

    Its row is locked, after the payout's instance, by whatever changes how much of it is free.
    """

    __tablename__ = "payout_fund"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opened_at: Mapped[datetime] = mapped_column(Instant)


class Purchase(Base):
    """One purchase. It turns from open to paid once and never back."""

    __tablename__ = "purchase"
    __table_args__ = (
        CheckConstraint(_one_of("state", PurchaseState), name="state"),
        CheckConstraint("(state = 'paid') = (paid_matter_id IS NOT NULL)", name="paid_by"),
    )

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Keyed hash of what makes a purchase the same one; see `complaints.payouts.purchases`."""
    state: Mapped[str] = mapped_column(String(8), default=PurchaseState.OPEN.value)
    paid_matter_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"))


class Payout(Base):
    """What a payout stands at. The matter of kind payout has facts, sides, number and procedure."""

    __tablename__ = "payout"
    __table_args__ = (
        CheckConstraint("claimed_fen > 0", name="claimed"),
        CheckConstraint("verified_fen IS NULL OR verified_fen BETWEEN 1 AND claimed_fen", name="verified"),
        CheckConstraint(
            "approved_fen IS NULL OR (verified_fen IS NOT NULL AND approved_fen BETWEEN 1 AND verified_fen)",
            name="approved",
        ),
        CheckConstraint(
            "paid_fen = 0 OR (approved_fen IS NOT NULL AND paid_fen BETWEEN 1 AND approved_fen)", name="paid"
        ),
        CheckConstraint(
            "recovered_fen >= 0 AND written_off_fen >= 0 AND recovered_fen + written_off_fen <= paid_fen",
            name="recovered",
        ),
    )

    matter_id: Mapped[int] = mapped_column(ForeignKey("matter.id"), primary_key=True, autoincrement=False)
    purchase_key: Mapped[str] = mapped_column(ForeignKey("purchase.key"), index=True)
    person_key: Mapped[str] = mapped_column(ForeignKey("purchase.key"), index=True)
    """Key of person, seller, item and day; the same as `purchase_key` where there is no receipt."""
    claim: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The purchase's key while the payout stands; empty once it was refused or withdrawn."""
    goods: Mapped[str] = mapped_column(String(120))
    receipt_number: Mapped[str] = mapped_column(String(80), default="")
    bought_on: Mapped[date]
    """Day of the purchase in Asia/Shanghai."""
    claimed_fen: Mapped[int] = mapped_column(BigInteger)
    verified_fen: Mapped[int | None] = mapped_column(BigInteger)
    approved_fen: Mapped[int | None] = mapped_column(BigInteger)
    paid_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    recovered_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    written_off_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    case_number: Mapped[str] = mapped_column(String(120), default="")
    not_filed_decision: Mapped[str] = mapped_column(String(120), default="")

    @property
    def owed_fen(self) -> int:
        """What the seller still owes, in fen."""
        return self.paid_fen - self.recovered_fen - self.written_off_fen


class LedgerEntry(Base):
    """One posting of the ledger, with both its sides: what `debit` gains, `credit` gives.

    A posting that carries its two sides in one row cannot be out of balance. Rows are only added: triggers
    refuse every change (see `complaints.payouts.triggers`).
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("debit <> credit", name="two_sides"),
        CheckConstraint(_one_of("debit", Account), name="debit"),
        CheckConstraint(_one_of("credit", Account), name="credit"),
        CheckConstraint(_one_of("kind", EntryKind), name="kind"),
        CheckConstraint("(kind = 'funded') = (matter_id IS NULL)", name="matter"),
        UniqueConstraint("matter_id", "seq"),
        Index(
            "uq_ledger_entry_paid_once",
            "matter_id",
            unique=True,
            sqlite_where=text("kind = 'paid'"),
            postgresql_where=text("kind = 'paid'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    debit: Mapped[str] = mapped_column(String(12))
    credit: Mapped[str] = mapped_column(String(12))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    matter_id: Mapped[int | None] = mapped_column(ForeignKey("matter.id"))
    seq: Mapped[int | None]
    """The event of the payout's log that caused the posting."""
    reference: Mapped[str] = mapped_column(String(200), default="")
    """What proves it outside: the bank's reference, a receipt, a document number."""
    booked_on: Mapped[date]
    """Day on which the money moved, in Asia/Shanghai."""
    actor_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
