"""Finding: number, telephone and person by their own indexes, words by the text index; the newest first.

Every way is bounded: of each at most the newest `MOST` are shown. A word that a third of all texts has costs
what the newest ones cost, since the index knows whose a text is. Where few of the newest are the person's all
the same, some thousands are gone through, and `Found.looked_at` says so.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, cast

from sqlalchemy import ColumnElement, select

from complaints.dossier import search_words
from complaints.dossier.models import Consumer, Matter
from complaints.dossier.record_models import HistoricalRecord
from complaints.dossier.search_index import MATTER, RECORD, row_id
from complaints.dossier.search_models import SearchedText
from complaints.dossier.search_reach import reach_asked
from complaints.dossier.search_scope import seen_among
from complaints.dossier.search_terms import LONGEST_RUN, Term, asked_terms, bare_number, says_all
from complaints.dossier.work import Work
from complaints.foundation.encryption import keyed_hash
from complaints.foundation.folding import fold
from complaints.search.asking import Asked

MOST = 200
"""Hits that are shown at most."""
LOOKS = (300, 1_500, 4_500)
"""The newest texts that are gone through, one look after the other until enough are the person's to see."""
TEXTS_AT_ONCE = 500
"""Texts of a look that are in memory at once."""
MOST_OF_ONE = 2_000
"""Matters of one telephone, paper or name that are looked at; more have only names such as 王芳."""


class Why(enum.IntEnum):
    """Why something was found, the closest first."""

    NUMBER = 0
    PHONE = 1
    PAPER = 2
    NAME = 3
    NUMBER_PART = 4
    HEAD = 5
    """Merchant or title."""
    TEXT = 6


@dataclass(frozen=True, slots=True)
class Hit:
    """One matter or record that was found, by its id in the index."""

    id: int
    why: Why


@dataclass(frozen=True, slots=True)
class Found:
    """The hits in their order. `more` where older ones were left out."""

    hits: tuple[Hit, ...]
    more: bool = False
    looked_at: int = 0
    """The newest texts with these words that were gone through, where that was not all of them."""


def search(work: Work, asked: Asked, *, most: int = MOST, personal: bool = True) -> Found:
    """Return what the person sees of what was asked; without `personal` nobody is looked up."""
    finding = _Finding(work, asked, most)
    finding.add(Why.NUMBER, *_by_whole_number(work, asked, most))
    if personal:
        for why, (ids, cut) in _personal_hits(work, asked, most).items():
            finding.add(why, ids, cut)
    if asked.part:
        finding.by_terms(Why.NUMBER_PART, [Term(f"n{asked.part}", prefix=True)], finding.has_number)
    if not asked.phone:
        finding.by_words()
    return finding.found()


def by_whole_number(work: Work, asked: Asked, most: int = MOST) -> list[int]:
    """Return what bears exactly this number: units may have given the same one in their ledgers."""
    return _by_whole_number(work, asked, most)[0]


def _by_whole_number(work: Work, asked: Asked, most: int) -> tuple[list[int], bool]:
    if not asked.numbers:
        return [], False
    return _both(work, Matter.number.in_(asked.numbers), HistoricalRecord.number.in_(asked.numbers), most)


def personal_hits(work: Work, asked: Asked, most: int = MOST) -> dict[Why, list[int]]:
    """Return what belongs to the telephone, the paper or the person of the full name, by keyed hash."""
    return {why: ids for why, (ids, _cut) in _personal_hits(work, asked, most).items()}


def _personal_hits(work: Work, asked: Asked, most: int) -> dict[Why, tuple[list[int], bool]]:
    found: dict[Why, tuple[list[int], bool]] = {}
    if asked.phone:
        same = keyed_hash(asked.phone)
        found[Why.PHONE] = _both(
            work, _of(Consumer.phone_hash == same), HistoricalRecord.phone_hash == same, most
        )
    if asked.paper:
        found[Why.PAPER] = _both(work, _of(Consumer.id_hash == keyed_hash(asked.paper)), None, most)
    if asked.name:
        same = keyed_hash(asked.name)
        found[Why.NAME] = _both(
            work, _of(Consumer.name_hash == same), HistoricalRecord.person_hash == same, most
        )
    return found


def _of(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Matter.consumer_id.in_(select(Consumer.id).where(condition))


def _both(
    work: Work, of_matters: ColumnElement[bool], of_records: ColumnElement[bool] | None, most: int
) -> tuple[list[int], bool]:
    """Return the ids of matters and records under the conditions that the person sees, the newest first, and
    whether older ones may have been left out.
    """
    matters = (
        select(Matter.id, Matter.received_on)
        .where(of_matters)
        .order_by(Matter.received_on.desc(), Matter.id.desc())
        .limit(MOST_OF_ONE + 1)
    )
    rows = work.session.execute(matters).all()
    cut = len(rows) > MOST_OF_ONE
    found = [row_id(MATTER, one, day) for one, day in rows[:MOST_OF_ONE]]
    if of_records is not None:
        records = (
            select(HistoricalRecord.id, HistoricalRecord.received_on)
            .where(of_records)
            .order_by(HistoricalRecord.received_on.desc(), HistoricalRecord.id.desc())
            .limit(MOST_OF_ONE + 1)
        )
        rows = work.session.execute(records).all()
        cut = cut or len(rows) > MOST_OF_ONE
        found += [row_id(RECORD, one, day) for one, day in rows[:MOST_OF_ONE]]
    # found first, seen then: the few of one person, not the many that somebody sees
    seen = seen_among(work, sorted(found, reverse=True))
    return seen[:most], cut or len(seen) > most


class _Text(Protocol):
    """What of a text tells whether it fits."""

    number: str
    title: str
    merchant: str
    text: str


@dataclass(slots=True)
class _Finding:
    """Collects hits, each under the closest reason."""

    work: Work
    asked: Asked
    most: int
    hits: dict[int, Why] = field(default_factory=dict)
    more: bool = False
    looked_at: int = 0

    def add(self, why: Why, ids: Iterable[int], cut: bool = False) -> None:
        self.more = self.more or cut
        for one in ids:
            self.hits.setdefault(one, why)

    def found(self) -> Found:
        order = sorted(self.hits.items(), key=lambda hit: (hit[1], -hit[0]))
        more = self.more or len(order) > self.most
        return Found(tuple(Hit(one, why) for one, why in order[: self.most]), more, self.looked_at)

    def by_words(self) -> None:
        """Find the words in merchant and title, then anywhere."""
        words = self.asked.words
        if len(words) == 1:
            word = fold(words[0])
            if word.isascii() and word.isalnum() and len(word) > 1:
                code = [Term(f"c{word}")] if len(word) == 18 else []
                for terms in ([Term(f"i{word[:LONGEST_RUN]}", prefix=True)], code):
                    self.by_terms(Why.HEAD, terms, None)
        literal = None if all(map(says_all, words)) else self._has_words
        self.by_terms(
            Why.HEAD,
            [term for word in words for term in asked_terms(word, "h")],
            literal and (lambda row: literal(f"{row.title}\n{row.merchant}")),
        )
        self.by_terms(
            Why.TEXT,
            [term for word in words for term in asked_terms(word)],
            literal and (lambda row: literal(f"{row.title}\n{row.merchant}\n{row.text}")),
        )

    def by_terms(self, why: Why, terms: Sequence[Term], fits: Callable[[_Text], bool] | None) -> None:
        """Find texts with all the terms that fit, the newest first."""
        if not terms or (self.more and len(self.hits) >= self.most):
            return
        self.add(why, self._seen(list(dict.fromkeys(terms)), fits))

    def has_number(self, row: _Text) -> bool:
        return self.asked.part in bare_number(row.number)

    def _has_words(self, text: str) -> bool:
        folded = fold(text)
        return all(fold(word) in folded for word in self.asked.words)

    def _seen(self, terms: Sequence[Term], fits: Callable[[_Text], bool] | None) -> list[int]:
        """Return the newest texts with the terms that the person sees and that fit.

        Each look counts what is left of it: newer texts that have the terms by chance push nothing out.
        """
        reach = reach_asked(self.work.actor)
        seen: list[int] = []
        looked_at, last = 0, None
        for look in LOOKS:
            some = search_words.newest(self.work.connection, terms, look, below=last, reach=reach)
            mine = seen_among(self.work, some)
            seen += mine if fits is None else self._fitting(mine, fits, self.most + 1 - len(seen))
            looked_at += len(some)
            if len(some) < look or len(seen) > self.most:
                return self._cut(seen)
            last = some[-1]
        self.more, self.looked_at = True, looked_at
        return self._cut(seen)

    def _fitting(self, ids: Sequence[int], fits: Callable[[_Text], bool], wanted: int) -> list[int]:
        """Return the newest of the texts that fit, so many as are wanted; one statement."""
        if not ids:
            return []
        texts = select(
            SearchedText.id, SearchedText.number, SearchedText.title, SearchedText.merchant, SearchedText.text
        )
        rows = self.work.session.execute(
            texts.where(SearchedText.id.in_(ids)).order_by(SearchedText.id.desc()),
            execution_options={"yield_per": TEXTS_AT_ONCE},
        )
        with rows:
            return list(islice((row.id for row in rows if fits(cast("_Text", row))), wanted))

    def _cut(self, seen: list[int]) -> list[int]:
        self.more = self.more or len(seen) > self.most
        return seen[: self.most]
