"""What of a matter and of a historical record goes into the text index, and how the index is kept whole.

A record's reply is searched with its text. Rows that were there before the index, or before hashes of names,
are filled by `fill`, which `cli init` calls and which does nothing the second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload

from complaints.dossier import search_index
from complaints.dossier.models import Consumer, Matter
from complaints.dossier.record_models import HistoricalRecord
from complaints.dossier.search_index import MATTER, RECORD
from complaints.dossier.search_models import SearchedText
from complaints.dossier.search_reach import hold, reach_of_matters, reach_of_record
from complaints.dossier.search_terms import SearchText
from complaints.foundation.encryption import keyed_hash
from complaints.foundation.folding import normalise_name
from complaints.foundation.masking import mask_known_name, mask_text

AT_ONCE = 1_000
"""Rows of one transaction while the index is filled."""


class Doors(Protocol):
    """What opens a transaction: `complaints.foundation.database.Database`."""

    def writing(self) -> AbstractContextManager[Session]:
        """Open a session in one write transaction."""


def text_of_matter(matter: Matter, reach: str) -> SearchText:
    """Return what of a matter is searched, masked: the complainant is found by the hash of the name alone.

    `reach` says whose it is (`complaints.dossier.search_reach`).
    """
    merchant = matter.merchant
    name = matter.consumer.name if matter.consumer else ""
    return SearchText(
        MATTER,
        matter.id,
        matter.number,
        mask_known_name(mask_text(matter.title), name),
        mask_text(merchant.name) if merchant else "",
        mask_known_name(matter.facts, name),
        matter.received_on,
        merchant.uscc if merchant else "",
        reach,
    )


class Recorded(Protocol):
    """A historical record, or what is to become one."""

    @property
    def number(self) -> str:
        """Its number in the ledger."""

    @property
    def person(self) -> str:
        """The complainant's full name; empty where the ledger has none."""

    @property
    def merchant(self) -> str:
        """The respondent as the ledger writes it."""

    @property
    def received_on(self) -> date:
        """The day of receipt."""

    @property
    def unit_path(self) -> str:
        """The unit whose record it is."""


def recorded_text(record: Recorded, record_id: int, subject: str, text: str, reply: str) -> SearchText:
    """Return what of a historical record is searched, masked; `subject`, `text` and `reply` are masked
    already but for the person's own name.
    """
    return SearchText(
        RECORD,
        record_id,
        record.number,
        mask_known_name(subject, record.person),
        mask_text(record.merchant),
        mask_known_name("\n".join(filter(None, (text, reply))), record.person),
        record.received_on,
        reach=reach_of_record(record.unit_path),
    )


def text_of_record(record: HistoricalRecord) -> SearchText:
    """Return what of a historical record is searched."""
    return recorded_text(record, record.id, record.subject, record.text, record.reply)


def name_hash(name: str) -> str:
    """Return the keyed hash by which a person is found under the full name; empty without a name."""
    normal = normalise_name(name)
    return keyed_hash(normal) if normal else ""


def fill(database: Doors) -> int:
    """Index what is not indexed yet and hash the names that have no hash; return how many rows were done.

    A thousand rows a transaction: stopped in the middle, the next call goes on.
    """
    done = 0
    for one in (_fill_names, _fill_matters, _fill_records):
        last = 0
        while True:
            with database.writing() as session:
                count, last = one(session, last)
            done += count
            if not count:
                break
    return done


def differences(session: Session) -> dict[str, int]:
    """Compare index and rows: how many are missing in it, differ from it, or stand in it without a row.

    A text that the words do not find counts as different, too.
    """
    found = {"checked": 0, "missing": 0, "different": 0, "without a row": 0}
    for texts in _all_texts(session):
        kept = search_index.kept_for(session, texts)
        found["checked"] += len(texts)
        for one in texts:
            there = kept.get((one.subject_type, one.subject_id))
            if there is None:
                found["missing"] += 1
            elif there != one or not search_index.is_found(session.connection(), one):
                found["different"] += 1
    for kind, column in ((MATTER, Matter.id), (RECORD, HistoricalRecord.id)):
        gone = select(SearchedText.id).where(
            SearchedText.subject_type == kind, ~exists().where(column == SearchedText.subject_id)
        )
        found["without a row"] += len(session.scalars(gone).all())
    return found


def rebuild(database: Doors) -> int:
    """Make the whole index anew; return how many rows it has. Until it ends, search finds less."""
    with database.writing() as session:
        search_index.clear(session.connection())
    return fill(database)


def _fill_names(session: Session, after: int) -> tuple[int, int]:
    rows = session.scalars(
        select(Consumer)
        .where(Consumer.name_hash == "", Consumer.id > after)
        .order_by(Consumer.id)
        .limit(AT_ONCE)
    ).all()
    for row in rows:
        row.name_hash = name_hash(row.name)
    return len(rows), rows[-1].id if rows else after


def _fill_matters(session: Session, after: int) -> tuple[int, int]:
    missing = _not_indexed(MATTER, Matter.id)
    some = select(Matter.id).where(Matter.id > after, missing).order_by(Matter.id).limit(AT_ONCE)
    ids = session.scalars(some).all()
    # a step under way ends first, one that comes waits: neither moves a text that is not there yet
    hold(session.connection(), ids)
    rows = session.scalars(_matters(Matter.id.in_(ids), missing)).all()
    search_index.write(session, _texts_of(session, rows))
    return len(ids), ids[-1] if ids else after


def _fill_records(session: Session, after: int) -> tuple[int, int]:
    rows = session.scalars(
        _records(HistoricalRecord.id > after, _not_indexed(RECORD, HistoricalRecord.id))
    ).all()
    search_index.write(session, map(text_of_record, rows))
    return len(rows), rows[-1].id if rows else after


def _texts_of(session: Session, matters: Sequence[Matter]) -> list[SearchText]:
    whose = reach_of_matters(session.connection(), [one.id for one in matters])
    return [text_of_matter(one, whose[one.id]) for one in matters]


def _all_texts(session: Session) -> Iterator[list[SearchText]]:
    """Yield what should be indexed, some at a time."""
    last = 0
    while rows := session.scalars(_matters(Matter.id > last)).all():
        yield _texts_of(session, rows)
        last = rows[-1].id
        session.expunge_all()
    last = 0
    while records := session.scalars(_records(HistoricalRecord.id > last)).all():
        yield [text_of_record(row) for row in records]
        last = records[-1].id
        session.expunge_all()


def _matters(*conditions: ColumnElement[bool]) -> Any:
    sides = joinedload(Matter.merchant), joinedload(Matter.consumer)
    return select(Matter).options(*sides).where(*conditions).order_by(Matter.id).limit(AT_ONCE)


def _records(*conditions: ColumnElement[bool]) -> Any:
    return select(HistoricalRecord).where(*conditions).order_by(HistoricalRecord.id).limit(AT_ONCE)


def _not_indexed(kind: str, subject: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    there = aliased(SearchedText)
    # rows from before the index knew whose a text is have no reach
    whole = and_(there.subject_type == kind, there.subject_id == subject, there.reach != "")
    return ~exists().where(whole)
