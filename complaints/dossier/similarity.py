"""Which complaints are like this one: near-identical text, same caller, same merchant, same goods.

Suggestions never decide. Each says in words why it is one and waits for a person, who adds to the earlier
complaint, links the two, merges them, or does nothing.

Everything read is bounded: a few candidates are found by indexes (`complaints.dossier.similar_candidates`),
and only their texts are compared. Beyond that stands a budget of seconds: past it, what was compared so far
is shown, and the page says that the rest was not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from time import monotonic
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Table,
    insert,
    select,
)
from sqlalchemy.orm import Session

from complaints.dossier.models import Consumer, Matter, MatterKind, Merchant, TextSignature
from complaints.dossier.similar_candidates import Near, candidates
from complaints.dossier.text_signatures import alike, pairs_of, signature
from complaints.foundation.masking import mask_text

BUDGET_SECONDS = 2.0
"""A search past this shows what it has; the bounds below keep it far from here."""
SHOWN = 5

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
    seen: ColumnElement[bool] | None = None,
) -> Similar:
    """Return the complaints most like the one described; three statements at most, each by an index.

    `tick` counts seconds. `seen` is a condition on `instance` that is asked before anything is cut: others'
    complaints, however many and near, hide none that fulfils it.
    """
    until = tick() + BUDGET_SECONDS
    pairs = pairs_of(one.text)
    near = Near(signature(pairs), one.phone_hash, one.merchant_id, one.merchant_name)
    ids = candidates(session, near, today, seen) - one.without
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
