"""Which complaints are like this one: near-identical text, same caller, same merchant, same goods.

Suggestions never decide. Each says in words why it is one and waits for a person, who adds to the earlier
complaint, links the two, merges them, or does nothing.

Everything read is bounded: of each number of a signature (`complaints.dossier.text_signatures`) the newest
complaints, of a caller's and a merchant's complaints the newest, and of all these the most promising, whose
texts are then compared. So a search costs the same at ten thousand complaints and at a million, and a phrase
that everybody writes costs nothing more. Beyond that stands a budget of seconds: past it, what was compared
so far is shown, and the page says that the rest was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from time import monotonic
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, Table, bindparam, func, insert, literal, select, union_all
from sqlalchemy.orm import Session

from complaints.dossier.models import Consumer, Matter, MatterKind, Merchant, TextSignature
from complaints.dossier.text_signatures import BANDS, alike, pairs_of, signature
from complaints.dossier.visibility import JOIN
from complaints.foundation.masking import mask_text
from workflows.runtime.tables import instance

BUDGET_SECONDS = 2.0
"""A search past this shows what it has; the bounds below keep it far from here."""
SHOWN = 5
WINDOW_DAYS = 90
"""Calendar days back in which another open complaint against the same merchant is like this one."""
NEWEST_OF_A_BAND, MOST_PROMISING = 50, 60
OF_A_CALLER, OF_A_MERCHANT = 20, 30

LIKE, SOMEWHAT = 0.5, 0.25
"""The share of common pairs from which a text alone makes two complaints alike, and from which it supports
another reason.
"""
_CALLER, _MERCHANT, _GOODS = 0.3, 0.2, 0.1
_MATTERS_AT_ONCE = 200

_COMPLAINT = MatterKind.COMPLAINT.value
_INSERT = insert(cast("Table", TextSignature.__table__))


@dataclass(frozen=True, slots=True)
class Described:
    """What is compared. `text` is masked; `without` are ids of matters that are not shown."""

    text: str = ""
    phone_hash: str = ""
    merchant_id: int | None = None
    merchant_name: str = ""
    category_code: str = ""
    without: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Alike:
    """A complaint that is like the one described, and why. `share` is that of common pairs, from 0 to 1."""

    matter_id: int
    share: float
    same_caller: bool
    same_merchant: bool
    same_goods: bool

    @property
    def score(self) -> float:
        """How near it is: the text weighs most, then the caller, then the merchant."""
        rest = self.same_caller * _CALLER + self.same_merchant * _MERCHANT + self.same_goods * _GOODS
        return self.share + rest

    @property
    def counts(self) -> bool:
        """Tell whether there is reason enough to show it."""
        supported = self.share >= SOMEWHAT or self.same_goods
        return self.share >= LIKE or self.same_merchant or (self.same_caller and supported)

    @property
    def reasons(self) -> list[str]:
        """Why it is shown, in words."""
        said = (
            (self.same_caller, _("same caller")),
            (self.same_merchant, _("same merchant")),
            (self.same_goods, _("same goods or service")),
            (self.share >= SOMEWHAT, _("text %(share)s %% alike", share=int(self.share * 100))),
        )
        return [words for holds, words in said if holds]


@dataclass(frozen=True, slots=True)
class Similar:
    """What was found, the nearest first. `cut` tells that the budget ended the comparing."""

    found: tuple[Alike, ...] = ()
    cut: bool = False


def _alike_by_text() -> Select[int]:
    """Build the statement once: the newest complaints of each band, the most telling first.

    A band that few share tells more than one that many share, so each weighs by how few it names.
    """
    value, matter = TextSignature.value, TextSignature.matter_id
    newest = [
        select(
            select(matter, value)
            .where(value == bindparam(f"band_{place}"))
            .order_by(matter.desc())
            .limit(NEWEST_OF_A_BAND)
            .subquery(f"of_{place}")
        )
        for place in range(BANDS)
    ]
    met = union_all(*newest).subquery("met")
    weight = literal(1.0) / func.count().over(partition_by=met.c.value)
    weighed = select(met.c.matter_id, weight.label("weight")).subquery("weighed")
    most = func.sum(weighed.c.weight).desc()
    return (
        select(weighed.c.matter_id)
        .group_by(weighed.c.matter_id)
        .order_by(most, weighed.c.matter_id.desc())
        .limit(MOST_PROMISING)
    )


_ALIKE_BY_TEXT = _alike_by_text()


def write_signatures(session: Session, texts: Iterable[tuple[int, str]]) -> None:
    """Keep the signatures of complaints, given by matter id and text; one statement for 200 of them.

    For a registration, in its own transaction, and for whoever loads many at once. A text is written once:
    what was said never changes.
    """
    left = iter(texts)
    while some := list(islice(left, _MATTERS_AT_ONCE)):
        rows = [
            {"value": value, "matter_id": matter_id}
            for matter_id, text in some
            for value in signature(pairs_of(mask_text(text)))
        ]
        if rows:
            session.execute(_INSERT, rows)


def similar(
    session: Session,
    one: Described,
    today: date,
    limit: int | None = SHOWN,
    tick: Callable[[], float] = monotonic,
) -> Similar:
    """Return the complaints most like the one described; three statements at most, each by an index.

    `tick` counts seconds. Who may see what of them is the caller's to say; without a limit all that were
    compared are given, so that the caller may leave some out first.
    """
    until = tick() + BUDGET_SECONDS
    pairs = pairs_of(one.text)
    ids = _promising(session, one, pairs, today) - one.without
    if not ids:
        return Similar()
    found, cut = [], False
    for row in _details(session, sorted(ids, reverse=True)):
        if tick() > until:
            cut = True
            break
        found.append(_compared(one, pairs, row))
    found = sorted((each for each in found if each.counts), key=lambda each: (-each.score, -each.matter_id))
    return Similar(tuple(found[:limit]), cut)


def described_matter(matter: Matter, without: frozenset[int] = frozenset()) -> Described:
    """Return what is compared of a complaint that is registered."""
    return Described(
        text=matter.facts,
        phone_hash=matter.consumer.phone_hash if matter.consumer else "",
        merchant_id=matter.merchant_id,
        merchant_name=matter.merchant.name if matter.merchant else "",
        category_code=matter.category_code,
        without=without | {matter.id},
    )


def compared(session: Session, one: Described, matter_id: int) -> Alike | None:
    """Return what a complaint has in common with the one described; None where there is no such complaint."""
    row = next(iter(_details(session, [matter_id])), None)
    return _compared(one, pairs_of(one.text), row) if row is not None else None


def _promising(session: Session, one: Described, pairs: frozenset[str], today: date) -> set[int]:
    """Return the ids of the complaints that may be like it, without their texts."""
    ids: set[int] = set()
    if pairs:
        bands = {f"band_{place}": value for place, value in enumerate(signature(pairs))}
        ids |= set(session.scalars(_ALIKE_BY_TEXT, bands))
    near = []
    if one.phone_hash:
        near.append(
            select(Matter.id)
            .join(Consumer, Matter.consumer_id == Consumer.id)
            .where(Consumer.phone_hash == one.phone_hash, Matter.kind == _COMPLAINT)
            .order_by(Matter.id.desc())
            .limit(OF_A_CALLER)
        )
    if one.merchant_id is not None or one.merchant_name:
        near.append(_of_merchant(one, today - timedelta(days=WINDOW_DAYS)))
    if near:
        ids |= set(session.scalars(union_all(*(select(each.subquery()) for each in near))))
    return ids


def _of_merchant(one: Described, first: date) -> Select[int]:
    same: ColumnElement[bool] = Matter.merchant_id == one.merchant_id
    if one.merchant_id is None:
        same = Matter.merchant_id.in_(select(Merchant.id).where(Merchant.name == one.merchant_name))
    return (
        select(Matter.id)
        .join(instance, JOIN)
        .where(same, Matter.kind == _COMPLAINT, Matter.received_on >= first, instance.c.ended.is_(False))
        .order_by(Matter.id.desc())
        .limit(OF_A_MERCHANT)
    )


def _details(session: Session, ids: Sequence[int]) -> Iterable[Sequence[Any]]:
    return session.execute(
        select(
            Matter.id,
            Matter.facts_in_full,
            Matter.category_code,
            Matter.merchant_id,
            Merchant.name,
            Consumer.phone_hash,
        )
        .outerjoin(Merchant, Matter.merchant_id == Merchant.id)
        .outerjoin(Consumer, Matter.consumer_id == Consumer.id)
        .where(Matter.id.in_(ids), Matter.kind == _COMPLAINT)
    )


def _compared(one: Described, pairs: frozenset[str], row: Sequence[Any]) -> Alike:
    matter_id, text, category, merchant_id, merchant, phone_hash = row
    same = one.merchant_id is not None and one.merchant_id == merchant_id
    same = same or bool(one.merchant_name and one.merchant_name == merchant)
    return Alike(
        matter_id,
        alike(pairs, pairs_of(text)) if pairs else 0.0,
        bool(one.phone_hash) and one.phone_hash == phone_hash,
        same,
        bool(one.category_code) and one.category_code == category,
    )
