"""The ledger: postings, balances, and the fund from which payouts are made. Sums are integer fen.

| what was done | debit | credit |
|---|---|---|
| money put into the fund | fund | external |
| paid to the consumer | receivable | fund |
| recovered from the seller | fund | receivable |
| written off | written_off | receivable |

An approval posts nothing: it commits a part of the fund until the payment, and a payment that failed for
good frees it again. What is free is the fund's balance less what is approved and not yet paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from complaints.payouts.models import Account, EntryKind, Fund, LedgerEntry, Payout

FUND_ID = 1
SIDES: Mapping[EntryKind, tuple[Account, Account]] = MappingProxyType(
    {
        EntryKind.FUNDED: (Account.FUND, Account.EXTERNAL),
        EntryKind.PAID: (Account.RECEIVABLE, Account.FUND),
        EntryKind.RECOVERED: (Account.FUND, Account.RECEIVABLE),
        EntryKind.WRITTEN_OFF: (Account.WRITTEN_OFF, Account.RECEIVABLE),
    }
)
"""Debit and credit of each kind of posting."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What a posting rests on: who, when (aware), the payout and the event of its log, and the proof."""

    actor_id: int
    at: datetime
    booked_on: date
    matter_id: int | None = None
    seq: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Balances:
    """The ledger's sums, in fen. `committed` is approved and not yet paid."""

    funded: int
    paid: int
    recovered: int
    written_off: int
    committed: int

    @property
    def fund(self) -> int:
        """What lies in the fund."""
        return self.funded - self.paid + self.recovered

    @property
    def free(self) -> int:
        """What of the fund is not committed yet."""
        return self.fund - self.committed

    @property
    def receivable(self) -> int:
        """What sellers still owe."""
        return self.paid - self.recovered - self.written_off


def post(session: Session, kind: EntryKind, amount_fen: int, cause: Cause) -> None:
    """Add a posting. It belongs to the transaction of the act that caused it."""
    debit, credit = SIDES[kind]
    session.add(
        LedgerEntry(
            kind=kind.value,
            debit=debit.value,
            credit=credit.value,
            amount_fen=amount_fen,
            matter_id=cause.matter_id,
            seq=cause.seq,
            reference=cause.reference,
            booked_on=cause.booked_on,
            actor_id=cause.actor_id,
            at=cause.at,
        )
    )
    session.flush()


def balances(session: Session) -> Balances:
    """Return the sums of the whole ledger; two queries."""
    rows = session.execute(
        select(LedgerEntry.kind, func.coalesce(func.sum(LedgerEntry.amount_fen), 0)).group_by(
            LedgerEntry.kind
        )
    )
    sums = {str(kind): int(total) for kind, total in rows}
    committed = session.execute(
        select(func.coalesce(func.sum(Payout.approved_fen), 0)).where(
            Payout.approved_fen.is_not(None), Payout.paid_fen == 0
        )
    ).scalar_one()
    return Balances(
        funded=sums.get(EntryKind.FUNDED, 0),
        paid=sums.get(EntryKind.PAID, 0),
        recovered=sums.get(EntryKind.RECOVERED, 0),
        written_off=sums.get(EntryKind.WRITTEN_OFF, 0),
        committed=int(committed or 0),
    )


def lock_fund(session: Session) -> bool:
    """Hold the fund for this transaction, so that nobody else commits or pays from it meanwhile.

    Always after the payout's own instance, never before. False where no fund was opened.
    """
    return session.execute(select(Fund.id).where(Fund.id == FUND_ID).with_for_update()).first() is not None


def put_into_fund(session: Session, amount_fen: int, cause: Cause) -> Balances:
    """Put money into the fund, opening it the first time, and return the new sums."""
    if session.get(Fund, FUND_ID) is None:
        session.add(Fund(id=FUND_ID, opened_at=cause.at))
        session.flush()
    lock_fund(session)
    post(session, EntryKind.FUNDED, amount_fen, cause)
    return balances(session)
