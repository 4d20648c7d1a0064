"""Numbers that people read to each other: region code, day, sequence of the day, check digit.

420600-20261124-00001-7. The check digit (ISO/IEC 7064, MOD 11,10) finds a mistyped digit and most swapped
ones. The series is a row of the database raised in the matter's own transaction, so that a rolled-back matter
leaves no hole that anyone has seen and two operators never get one number.
"""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from stdnum.iso7064 import mod_11_10

from complaints.dossier.models import NumberSeries

PATTERN = re.compile(r"(\d{6})-(\d{8})-(\d{5,})-(\d)", re.ASCII)


def next_number(session: Session, region_code: str, day: date) -> str:
    """Take the next number of the region's day (Asia/Shanghai).

    The series row stays locked until the commit.
    """
    insert = _insert(session.get_bind().dialect)(NumberSeries)
    raised = insert.values(region_code=region_code, day=day, last=1).on_conflict_do_update(
        index_elements=["region_code", "day"], set_={"last": NumberSeries.last + 1}
    )
    last = session.execute(raised.returning(NumberSeries.last)).scalar_one()
    return format_number(region_code, day, last)


def format_number(region_code: str, day: date, sequence: int) -> str:
    """Write a number with its check digit."""
    parts = (region_code, f"{day:%Y%m%d}", f"{sequence:05d}")
    return "-".join((*parts, mod_11_10.calc_check_digit("".join(parts))))


def _insert(dialect: Dialect) -> type[sqlite.Insert] | type[postgresql.Insert]:
    """Return the dialect's own insert, which both know an upsert."""
    return sqlite.Insert if dialect.name == "sqlite" else postgresql.Insert
