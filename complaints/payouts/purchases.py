"""One purchase is paid once: what makes two purchases the same, and the two guards that hold it.

The first guard is the unique column `payout.claim`: of two payouts for one purchase the second is not even
taken. The second is the conditional update of the purchase from open to paid: of two payments one finds it
open. Either holds alone.
"""

from __future__ import annotations

import unicodedata
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from complaints.dossier.models import Matter
from complaints.foundation.encryption import keyed_hash
from complaints.payouts.models import Payout, Purchase, PurchaseState
from workflows.canonical import canonical


def normalised(words: str) -> str:
    """Return what two spellings of one thing have in common: full width, case, blanks and marks fall away."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


def purchase_key(
    *, unit_path: str, receipt_number: str, phone_hash: str, seller: str, goods: str, bought_on: date
) -> str:
    """Return the key of a purchase: unit and receipt number, or without a receipt person, seller, item, day.

    The person is the keyed hash of the telephone number. The key is a keyed hash itself: nothing of it can be
    guessed back.
    """
    receipt = normalised(receipt_number)
    if receipt:
        return keyed_hash(canonical(["receipt", unit_path, receipt]))
    return person_key(phone_hash=phone_hash, seller=seller, goods=goods, bought_on=bought_on)


def person_key(*, phone_hash: str, seller: str, goods: str, bought_on: date) -> str:
    """Return the key of person, seller, item and day: that of a purchase told without its receipt."""
    parts = [phone_hash, normalised(seller), normalised(goods), bought_on.isoformat()]
    return keyed_hash(canonical(["no receipt", *parts]))


def claim_of(key: str) -> str | None:
    """Return what a payout for the purchase puts into the unique column: the key itself."""
    return key


def take(session: Session, payout: Payout) -> bool:
    """Take the purchase for this payout and add its row; False where another payout holds it.

    A second taker waits for the first one's commit and is then told so. Who applies once with the receipt and
    once without has two keys for one purchase: so the person's key is taken first, and held.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    for key in dict.fromkeys((payout.person_key, payout.purchase_key)):
        session.execute(
            insert(Purchase).values(key=key, state=PurchaseState.OPEN.value).on_conflict_do_nothing()
        )
    session.execute(select(Purchase.key).where(Purchase.key == payout.person_key).with_for_update())
    if _told_otherwise(session, payout):
        return False
    values = {
        "matter_id": payout.matter_id,
        "purchase_key": payout.purchase_key,
        "person_key": payout.person_key,
        "claim": claim_of(payout.purchase_key),
        "goods": payout.goods,
        "receipt_number": payout.receipt_number,
        "bought_on": payout.bought_on,
        "claimed_fen": payout.claimed_fen,
        "paid_fen": 0,
        "recovered_fen": 0,
        "written_off_fen": 0,
        "case_number": "",
        "not_filed_decision": "",
    }
    statement = insert(Payout).values(values).on_conflict_do_nothing().returning(Payout.matter_id)
    return session.execute(statement).first() is not None


def mark_paid(session: Session, key: str, matter_id: int) -> bool:
    """Turn the purchase from open to paid by this payout; False where it was paid already."""
    turned = session.execute(
        update(Purchase)
        .where(Purchase.key == key, Purchase.state == PurchaseState.OPEN.value)
        .values(state=PurchaseState.PAID.value, paid_matter_id=matter_id)
        .returning(Purchase.key)
    )
    return len(turned.all()) == 1


def _told_otherwise(session: Session, payout: Payout) -> str:
    """Return the number of a standing payout for the same purchase, told once with, once without receipt.

    Two receipts of one person, seller, item and day are two purchases.
    """
    found = (
        select(Matter.number)
        .join(Payout, Payout.matter_id == Matter.id)
        .where(Payout.person_key == payout.person_key, Payout.claim.is_not(None))
        .where(Payout.purchase_key != payout.purchase_key)
    )
    if payout.purchase_key != payout.person_key:
        found = found.where(Payout.purchase_key == Payout.person_key)
    return str(session.scalars(found.limit(1)).first() or "")


def holder_of(session: Session, payout: Payout) -> str:
    """Return the number of the payout that was paid for the purchase, or that holds it; empty for neither."""
    key = payout.purchase_key
    paid = (
        select(Matter.number).join(Purchase, Purchase.paid_matter_id == Matter.id).where(Purchase.key == key)
    )
    held = select(Matter.number).join(Payout, Payout.matter_id == Matter.id).where(Payout.claim == key)
    return str(session.scalar(paid) or session.scalar(held) or _told_otherwise(session, payout))
