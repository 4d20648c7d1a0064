"""Merchants to pick from while the caller talks, each with what an officer wants to know about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from complaints.dossier.callers import find_merchants
from complaints.dossier.models import Matter, MatterKind, Merchant
from complaints.organisation.units import unit_names

_IDENTITY = (Merchant.name, Merchant.uscc, Merchant.address)
_NAME_ALONE = case((and_(Merchant.uscc == "", Merchant.address == ""), Merchant.id), else_=0).label(
    "name_alone"
)
"""The merchant itself where nothing but a name is known of it: others of that name may be anybody."""
RECENT = 30
"""Calendar days that count as lately."""


@dataclass(frozen=True, slots=True)
class MerchantFound:
    """A merchant that fits what was typed. `lately` counts its complaints of the last 30 days."""

    id: int
    name: str
    address: str
    uscc: str
    unit: str
    lately: int


def search_merchants(session: Session, typed: str, today: date) -> list[MerchantFound]:
    """Return merchants by part of the name, pinyin initials or credit code; three queries in all."""
    found = find_merchants(session, typed)
    units = unit_names(session, [one.unit_path for one in found if one.unit_path])
    lately = complaints_lately(session, [one.id for one in found], today)
    return [
        MerchantFound(
            one.id, one.name, one.address, one.uscc, units.get(one.unit_path, ""), lately.get(one.id, 0)
        )
        for one in found
    ]


def complaints_lately(session: Session, merchant_ids: list[int], today: date) -> dict[int, int]:
    """Return the complaints of the last 30 days of each merchant that has any, in one query.

    Counted are those of its name with its credit code or its address, too: each registration keeps what was
    typed as a merchant of its own.
    """
    if not merchant_ids:
        return {}
    asked = (
        select(Merchant.id, *_IDENTITY, _NAME_ALONE).where(Merchant.id.in_(merchant_ids)).subquery("asked")
    )
    alike = (
        select(*_IDENTITY, _NAME_ALONE, func.count().label("many"))
        .join(Matter, Matter.merchant_id == Merchant.id)
        .where(
            Merchant.name.in_(select(asked.c.name)),
            Matter.kind == MatterKind.COMPLAINT.value,
            Matter.received_on >= today - timedelta(days=RECENT),
        )
        .group_by(*_IDENTITY, _NAME_ALONE)
        .subquery("alike")
    )
    same = and_(
        alike.c.name == asked.c.name,
        alike.c.name_alone == asked.c.name_alone,
        or_(
            asked.c.name_alone != 0,
            and_(asked.c.uscc != "", alike.c.uscc == asked.c.uscc),
            and_(asked.c.address != "", alike.c.address == asked.c.address),
        ),
    )
    rows = session.execute(select(asked.c.id, func.sum(alike.c.many)).join(alike, same).group_by(asked.c.id))
    return {merchant_id: int(count) for merchant_id, count in rows}
