"""What an operator needs to know before the second sentence: this phone's earlier matters, and like ones that
are open.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from complaints.dossier.models import Consumer, Matter, MatterKind, Merchant
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, worklist
from complaints.foundation.encryption import keyed_hash
from workflows.runtime.tables import instance


def by_phone(phone: str) -> ColumnElement[bool]:
    """Return the condition "of this phone", found by keyed hash; `phone` is normalised. The number itself is
    never searched.
    """
    return Matter.consumer_id.in_(select(Consumer.id).where(Consumer.phone_hash == keyed_hash(phone)))


def similar_open(
    work: Work,
    *,
    merchant_id: int | None = None,
    merchant_name: str = "",
    phone: str = "",
    category_code: str = "",
) -> list[MatterRow]:
    """Return up to five open complaints against the same merchant or of the same caller: a hint for a person,
    no decision.
    """
    alike: list[ColumnElement[bool]] = []
    if merchant_id is not None:
        alike.append(Matter.merchant_id == merchant_id)
    if merchant_name.strip():
        alike.append(
            Matter.merchant_id.in_(select(Merchant.id).where(Merchant.name == merchant_name.strip()))
        )
    if phone:
        alike.append(by_phone(phone))
    if not alike:
        return []
    conditions = [Matter.kind == MatterKind.COMPLAINT.value, instance.c.ended.is_(False), or_(*alike)]
    if category_code and not phone and merchant_id is None and not merchant_name.strip():
        conditions.append(Matter.category_code == category_code)
    return worklist(work, *conditions, limit=5, newest_first=True)


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
