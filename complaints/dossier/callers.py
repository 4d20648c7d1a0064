"""What is looked up while a caller speaks: the matters of a number, and which merchant is meant."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from complaints.dossier.models import Consumer, Matter, Merchant
from complaints.foundation.encryption import keyed_hash


def by_phone(phone: str) -> ColumnElement[bool]:
    """Return the condition "of this phone", found by keyed hash; `phone` is normalised. The number itself is
    never searched.
    """
    return Matter.consumer_id.in_(select(Consumer.id).where(Consumer.phone_hash == keyed_hash(phone)))


def find_merchants(session: Session, typed: str, limit: int = 8) -> list[Merchant]:
    """Return merchants by a part of the name, pinyin initials or the social credit code. `typed` is taken
    literally.
    """
    words = typed.strip()
    if not words:
        return []
    part = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found = session.scalars(
        select(Merchant)
        .where(
            or_(
                Merchant.name.like(f"%{part}%", escape="\\"),
                Merchant.initials.like(f"%{part.lower()}%", escape="\\"),
                Merchant.uscc == words.upper(),
            )
        )
        .order_by(Merchant.name, Merchant.id)
        .limit(limit)
    )
    return list(found)
