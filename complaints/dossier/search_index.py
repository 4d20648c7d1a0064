"""The text index: what is written with every matter and record.

Terms are made by the application (`complaints.dossier.search_terms`); each database keeps them in its own way
(`complaints.dossier.search_words`). Only masked text is indexed: telephone and identity numbers and names of
persons are found by keyed hash alone.

Ids grow with the day of receipt, so the newest hits come first without sorting by anything else, and whoever
asks for the newest hundred does not pay for a word that stands in every third text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from complaints.dossier.search_models import SearchedText
from complaints.dossier.search_terms import SearchText, Term, terms_of, words_by_reach, words_of
from complaints.dossier.search_words import among, create_words, drop_words, put_in, take_out

MATTER, RECORD = "matter", "record"
_TYPES = (MATTER, RECORD)
_TABLE = cast("Table", SearchedText.__table__)
_INSERT = insert(_TABLE)
_MOVED = select(_TABLE).where(
    _TABLE.c.subject_type == bindparam("of_type"),
    _TABLE.c.subject_id == bindparam("of_id"),
    _TABLE.c.reach != bindparam("new_reach"),
)
_MOVE = update(_TABLE).where(_TABLE.c.id == bindparam("of")).values(reach=bindparam("new_reach"))
_AT_ONCE = 500
_TERMS_AT_ONCE = 200
"""SQLite takes 256 terms in one question."""
SUBJECT_BITS = 32


def row_id(subject_type: str, subject_id: int, received_on: date) -> int:
    """Return the id under which a subject stands in the index: day, then subject."""
    return received_on.toordinal() << SUBJECT_BITS | subject_id << 1 | _TYPES.index(subject_type)


def subject_of(found: int) -> tuple[str, int]:
    """Return what an id of the index stands for."""
    return _TYPES[found & 1], (found & (1 << SUBJECT_BITS) - 1) >> 1


def write(session: Session, texts: Iterable[SearchText]) -> int:
    """Index the texts in the session's transaction, in place of what stood for their subjects.

    Return how many were new or differed. Every text is already masked.
    """
    written = 0
    for some in _batches(list(texts)):
        before = kept_for(session, some)
        changed = [one for one in some if before.get((one.subject_type, one.subject_id)) != one]
        gone = [one for one in before.values() if (one.subject_type, one.subject_id) in _keys(changed)]
        _remove(session.connection(), gone)
        _add(session.connection(), changed)
        written += len(changed)
    return written


def forget(session: Session, subject_type: str, ids: Iterable[int]) -> None:
    """Take subjects out of the index, in the session's transaction."""
    for some in _batches(list(ids)):
        rows = select(SearchedText).where(
            _TABLE.c.subject_type == subject_type, SearchedText.subject_id.in_(some)
        )
        _remove(session.connection(), [as_text(row) for row in session.scalars(rows)])


def move(connection: Connection, subject_type: str, subject_id: int, reach: str) -> None:
    """Write down whose an indexed text is now; nothing where it is not indexed or nothing changed."""
    of = {"of_type": subject_type, "of_id": subject_id, "new_reach": reach}
    row = connection.execute(_MOVED, of).one_or_none()
    if row is not None:
        before, after = words_by_reach(as_text(row), row.reach, reach)
        take_out(connection, [{"id": row.id, "words": before}])
        put_in(connection, [{"id": row.id, "words": after}])
        connection.execute(_MOVE, {"of": row.id, "new_reach": reach})


def as_text(row: SearchedText | Row[Any]) -> SearchText:
    """Return an indexed row as it was given."""
    return SearchText(
        row.subject_type,
        row.subject_id,
        row.number,
        row.title,
        row.merchant,
        row.text,
        date.fromordinal(row.id >> SUBJECT_BITS),
        row.merchant_code,
        row.reach,
    )


def is_found(connection: Connection, one: SearchText) -> bool:
    """Tell whether the words of the index find the text by all its terms."""
    terms = [Term(term) for term in sorted(terms_of(one))]
    here = [row_id(one.subject_type, one.subject_id, one.received_on)]
    return all(
        among(connection, terms[start : start + _TERMS_AT_ONCE], here, 1) == here
        for start in range(0, len(terms), _TERMS_AT_ONCE)
    )


def clear(connection: Connection) -> None:
    """Empty the index, for making it anew."""
    connection.execute(delete(SearchedText))
    drop_words(connection)
    create_words(connection)


def kept_for(session: Session, texts: Sequence[SearchText]) -> dict[tuple[str, int], SearchText]:
    """Return what is indexed for the subjects of the texts."""
    rows = session.scalars(
        select(SearchedText).where(SearchedText.subject_id.in_({one.subject_id for one in texts}))
    )
    found = {(row.subject_type, row.subject_id): as_text(row) for row in rows}
    return {key: one for key, one in found.items() if key in _keys(texts)}


def _keys(texts: Iterable[SearchText]) -> set[tuple[str, int]]:
    return {(one.subject_type, one.subject_id) for one in texts}


def _add(connection: Connection, texts: Sequence[SearchText]) -> None:
    if not texts:
        return
    rows = [
        {
            "id": row_id(one.subject_type, one.subject_id, one.received_on),
            "subject_type": one.subject_type,
            "subject_id": one.subject_id,
            "number": one.number,
            "title": one.title,
            "merchant": one.merchant,
            "merchant_code": one.merchant_code,
            "text": one.text,
            "reach": one.reach,
        }
        for one in texts
    ]
    connection.execute(_INSERT, rows)
    put_in(connection, _words(texts))


def _remove(connection: Connection, texts: Sequence[SearchText]) -> None:
    if not texts:
        return
    gone = _words(texts)
    take_out(connection, gone)
    connection.execute(delete(SearchedText).where(SearchedText.id.in_([one["id"] for one in gone])))


def _words(texts: Sequence[SearchText]) -> list[dict[str, Any]]:
    return [
        {"id": row_id(one.subject_type, one.subject_id, one.received_on), "words": words_of(one)}
        for one in texts
    ]


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]
