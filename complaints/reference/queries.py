"""What the code tables say on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from complaints.reference.models import Category, CategoryKind, Region


def categories(session: Session, kind: CategoryKind, day: date) -> Sequence[Category]:
    """Return the categories of a kind that are valid on the day, in their order."""
    return session.scalars(
        select(Category).where(Category.kind == kind.value, _valid(Category, day)).order_by(Category.position)
    ).all()


def category(session: Session, code: str) -> Category | None:
    """Return the category of that code, ended ones included: an old matter keeps its category."""
    return session.get(Category, code)


def region(session: Session, code: str, day: date) -> Region | None:
    """Return the region of that code as it is on the day."""
    return session.scalars(select(Region).where(Region.code == code, _valid(Region, day))).first()


def region_names(session: Session, codes: Iterable[str], day: date) -> dict[str, str]:
    """Return the names of regions on the day by code, in one query."""
    rows = session.execute(
        select(Region.code, Region.name).where(Region.code.in_(set(codes)), _valid(Region, day))
    )
    return dict(rows.all())


def regions_within(session: Session, parent_code: str, day: date) -> Sequence[Region]:
    """Return the regions directly within another on the day, by code."""
    return session.scalars(
        select(Region).where(Region.parent_code == parent_code, _valid(Region, day)).order_by(Region.code)
    ).all()


def _valid(table: type[Category | Region], day: date) -> ColumnElement[bool]:
    """Return the condition that a row is valid on the day."""
    return (table.valid_from <= day) & or_(table.valid_to.is_(None), table.valid_to >= day)
