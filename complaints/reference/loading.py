"""Load the code tables from the files in data/. Loading twice changes nothing.

Names are updated, nothing is deleted.
"""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.reference.models import Category, CategoryKind, Region

REGIONS_AS_OF = date(1949, 10, 1)
"""The list gives no dates of founding.

A region in it counts as valid from the beginning, unless history says more.
"""


def load_reference_data(session: Session) -> tuple[int, int]:
    """Load regions and categories; return how many of each are new."""
    return load_regions(session), load_categories(session)


def load_regions(session: Session) -> int:
    """Load the regions; return how many are new."""
    known = {row.code: row for row in session.scalars(select(Region).where(Region.valid_to.is_(None)))}
    text = files("complaints.reference").joinpath("data/xiangyang-regions.csv").read_text(encoding="utf-8")
    new = 0
    for row in csv.DictReader(text.splitlines()):
        if (old := known.get(row["code"])) is not None:
            old.name = row["name"]
            continue
        session.add(
            Region(
                code=row["code"],
                level=row["level"],
                name=row["name"],
                parent_code=row["parent"],
                valid_from=REGIONS_AS_OF,
                valid_to=None,
            )
        )
        new += 1
    return new


def load_categories(session: Session) -> int:
    """Load the categories; return how many are new."""
    known = {row.code: row for row in session.scalars(select(Category))}
    text = files("complaints.reference").joinpath("data/categories.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    new = 0
    for kind in CategoryKind:
        for position, entry in enumerate(data[kind.value]):
            row = known.get(entry["code"])
            if row is None:
                row = Category(code=entry["code"], kind=kind.value)
                session.add(row)
                new += 1
            row.zh, row.en, row.position = entry["zh"], entry["en"], position
            row.valid_from = entry.get("valid_from", data["valid_from"])
            row.valid_to = entry.get("valid_to")
    return new
