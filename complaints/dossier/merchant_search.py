"""Merchants to pick from while the caller talks, each with what an officer wants to know about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from complaints.dossier.callers import find_merchants
from complaints.dossier.models import Matter, MatterKind
from complaints.organisation.units import unit_names

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
    """Return the complaints of the last 30 days of each merchant that has any, in one query."""
    if not merchant_ids:
        return {}
    rows = session.execute(
        select(Matter.merchant_id, func.count())
        .where(
            Matter.merchant_id.in_(merchant_ids),
            Matter.kind == MatterKind.COMPLAINT.value,
            Matter.received_on >= today - timedelta(days=RECENT),
        )
        .group_by(Matter.merchant_id)
    )
    return {merchant_id: count for merchant_id, count in rows if merchant_id is not None}
