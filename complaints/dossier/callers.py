"""What is looked up while a caller speaks: the matters of a number, and which merchant is meant."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, or_, select
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

    Those of one name, code and address are one to whoever picks: of them stands the first that has an office,
    so that everybody picks the same.
    """
    words = typed.strip()
    if not words:
        return []
    part = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    place = func.row_number().over(
        partition_by=(Merchant.name, Merchant.uscc, Merchant.address),
        order_by=(Merchant.unit_path == "", Merchant.id),
    )
    fitting = (
        select(Merchant.id, place.label("place"))
        .where(
            or_(
                Merchant.name.like(f"%{part}%", escape="\\"),
                Merchant.initials.like(f"%{part.lower()}%", escape="\\"),
                Merchant.uscc == words.upper(),
            )
        )
        .subquery("fitting")
    )
    found = session.scalars(
        select(Merchant)
        .join(fitting, fitting.c.id == Merchant.id)
        .where(fitting.c.place == 1)
        .order_by(Merchant.name, Merchant.uscc == "", Merchant.unit_path == "", Merchant.id)
        .limit(limit)
    )
    return list(found)
