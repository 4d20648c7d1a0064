"""Which complaints are worth comparing with one: of near-identical text, of the same caller or merchant.

Everything read is bounded: of each number of a signature (`complaints.dossier.text_signatures`) the newest
complaints, of a caller's and a merchant's complaints the newest, and of all these the most promising. So a
search costs the same at ten thousand complaints and at a million, and a phrase that everybody writes costs
nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from complaints.dossier.models import Consumer, Matter, MatterKind, Merchant, TextSignature
from complaints.dossier.text_signatures import BANDS
from workflows.runtime.tables import instance

WINDOW_DAYS = 90
"""Calendar days back in which another open complaint against the same merchant is like this one."""
NEWEST_OF_A_BAND, MOST_PROMISING = 50, 60
NEWEST_OF_A_BAND_FOR_ONE = 4 * NEWEST_OF_A_BAND
"""Of which those are taken that one reader sees: what all write is written in other units, too."""
OF_A_CALLER, OF_A_MERCHANT = 20, 30
NEWEST_OF_A_NAME = 500
"""Merchants of one name that are asked for: each registration keeps what was typed as one of its own."""

_COMPLAINT = MatterKind.COMPLAINT.value


@dataclass(frozen=True, slots=True)
class Near:
    """By what candidates are found. `bands` are the signature of a text, none for too little text."""

    bands: tuple[int, ...] = ()
    phone_hash: str = ""
    merchant_id: int | None = None
    merchant_name: str = ""


def _by_text() -> Subquery:
    """Build the question once: the newest complaints of each band, and how much of them it tells.

    A band that few share tells more than one that many share, so each weighs by how few it names.
    """
    value, matter = TextSignature.value, TextSignature.matter_id
    newest = [
        select(
            select(matter, value)
            .where(value == bindparam(f"band_{place}"))
            .order_by(matter.desc())
            .limit(bindparam("newest"))
            .subquery(f"of_{place}")
        )
        for place in range(BANDS)
    ]
    met = union_all(*newest).subquery("met")
    weight = literal(1.0) / func.count().over(partition_by=met.c.value)
    weighed = select(met.c.matter_id, weight.label("weight")).subquery("weighed")
    told = func.sum(weighed.c.weight).label("told")
    return select(weighed.c.matter_id, told).group_by(weighed.c.matter_id).subquery("by_text")


_BY_TEXT = _by_text()


def candidates(session: Session, one: Near, today: date, seen: ColumnElement[bool] | None = None) -> set[int]:
    """Return the ids of the complaints that may be like it, without their texts; two statements at most.

    `seen` is a condition on `instance` that is asked before anything is cut.
    """
    ids: set[int] = set()
    if one.bands:
        bands = {f"band_{place}": value for place, value in enumerate(one.bands)}
        newest = NEWEST_OF_A_BAND if seen is None else NEWEST_OF_A_BAND_FOR_ONE
        ids |= set(session.scalars(_alike_by_text(seen), {**bands, "newest": newest}))
    near = []
    if one.phone_hash:
        near.append(_of_caller(one.phone_hash, seen))
    if one.merchant_id is not None or one.merchant_name:
        near.append(_of_merchant(one, today - timedelta(days=WINDOW_DAYS), seen))
    if near:
        ids |= set(session.scalars(union_all(*(select(each.subquery()) for each in near))))
    return ids


def _alike_by_text(seen: ColumnElement[bool] | None) -> Select[int]:
    found = select(_BY_TEXT.c.matter_id).where(*_fulfils(_BY_TEXT.c.matter_id, seen))
    return found.order_by(_BY_TEXT.c.told.desc(), _BY_TEXT.c.matter_id.desc()).limit(MOST_PROMISING)


def _of_caller(phone_hash: str, seen: ColumnElement[bool] | None) -> Select[int]:
    return (
        select(Matter.id)
        .join(Consumer, Matter.consumer_id == Consumer.id)
        .where(Consumer.phone_hash == phone_hash, Matter.kind == _COMPLAINT, *_fulfils(Matter.id, seen))
        .order_by(Matter.id.desc())
        .limit(OF_A_CALLER)
    )


def _of_merchant(one: Near, first: date, seen: ColumnElement[bool] | None) -> Select[int]:
    lately = (
        select(Matter.id)
        .where(
            Matter.merchant_id.in_(_same_merchants(one)),
            Matter.kind == _COMPLAINT,
            Matter.received_on >= first,
        )
        # first all of them: PostgreSQL would walk from the newest matter on, whosever it is
        .offset(0)
        .subquery("lately")
    )
    found = select(lately.c.id).where(*_fulfils(lately.c.id, instance.c.ended.is_(False), seen))
    return found.order_by(lately.c.id.desc()).limit(OF_A_MERCHANT)


def _fulfils(
    matter: ColumnElement[int] | InstrumentedAttribute[int], *conditions: ColumnElement[bool] | None
) -> list[ColumnElement[bool]]:
    """Return the conditions on `instance` as one on each matter; none where there are none.

    Not by a join: both databases would at times begin with all that is open, or that somebody sees.
    """
    asked = [one for one in conditions if one is not None]
    if not asked:
        return []
    its = and_(instance.c.subject_type == "matter", instance.c.subject_id == matter)
    return [select(case((and_(*asked), 1), else_=0)).where(its).scalar_subquery() == 1]


def _same_merchants(one: Near) -> Select[int]:
    """Select the merchant that was picked and those of its name: two of one name are two rows."""
    picked = select(Merchant.id).where(Merchant.id == one.merchant_id)
    if not one.merchant_name:
        return picked
    named = (
        select(Merchant.id)
        .where(Merchant.name == one.merchant_name)
        .order_by(Merchant.id.desc())
        .limit(NEWEST_OF_A_NAME)
        .subquery("named")
    )
    return select(union_all(picked, select(named)).subquery("same"))
