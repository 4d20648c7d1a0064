"""Code tables. A row that was ever used stays.

It gets an end date, and old matters keep the name of their time.
"""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from complaints.foundation.database import Base
from workflows.definition import Label


class RegionLevel(enum.StrEnum):
    """Levels of GB/T 2260, and local zones that are none of them."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    STREET = "street"
    LOCAL = "local"


class CategoryKind(enum.StrEnum):
    """What a category classifies."""

    GOODS = "goods"
    SERVICE = "service"
    PROBLEM = "problem"


class Region(Base):
    """A region under the name it has from one day to another (襄樊 became 襄阳 in 2010)."""

    __tablename__ = "region"
    __table_args__ = (UniqueConstraint("code", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), index=True)
    level: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    parent_code: Mapped[str] = mapped_column(String(12), index=True)
    """Empty for a province."""
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """Last valid day."""


class Category(Base):
    """A kind of goods or service, or what the complaint is about."""

    __tablename__ = "category"
    __table_args__ = (CheckConstraint("kind IN ('goods', 'service', 'problem')", name="kind"),)

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), index=True)
    zh: Mapped[str] = mapped_column(String(60))
    en: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """Last valid day."""

    @property
    def label(self) -> Label:
        """Return the name in both languages."""
        return Label(self.zh, self.en)
