"""The text index: what is written with every matter, and how words are found in it.

Terms are made by the application (`complaints.dossier.search_terms`); SQLite keeps them in a full-text table
(FTS5), PostgreSQL as a tsvector under a GIN index. Neither needs an extension. Only masked text is indexed:
telephone and identity numbers and names of persons are found by keyed hash alone.

Ids grow with the day of receipt, so the newest hits come first without sorting by anything else, and whoever
asks for the newest hundred does not pay for a word that stands in every third text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, cast

from sqlalchemy import Connection, Row, Table, delete, insert, select, text
from sqlalchemy.orm import Session

from complaints.dossier.search_models import SearchedText
from complaints.dossier.search_terms import SearchText, Term, terms_of, words_of

MATTER, RECORD = "matter", "record"
_TYPES = (MATTER, RECORD)
_INSERT = insert(cast("Table", SearchedText.__table__))
_AT_ONCE = 500
_TERMS_AT_ONCE = 200
"""SQLite takes 256 terms in one question."""
SUBJECT_BITS = 32

_CREATE_SQLITE = (
    # contentless: the texts stand in search_text; detail=none: which rows, not where in them
    "CREATE VIRTUAL TABLE search_words USING fts5(words, content='', columnsize=0, detail='none', "
    "tokenize='unicode61 remove_diacritics 0')",
)
_CREATE_POSTGRESQL = (
    "CREATE TABLE search_words (id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    # rows are only walked for their ids: the words lie apart, so that many rows fit a page
    "ALTER TABLE search_words ALTER COLUMN words SET STORAGE EXTERNAL",
    "ALTER TABLE search_words SET (toast_tuple_target = 128)",
    "CREATE INDEX ix_search_words ON search_words USING gin (words)",
)

_NEWEST_SQLITE = (
    "SELECT rowid FROM search_words WHERE search_words MATCH :asked AND rowid < :below "
    "ORDER BY rowid DESC LIMIT :most"
)
_NEWEST_WALKED = (
    "SELECT id FROM (SELECT id, words FROM search_words WHERE id < :below "
    "ORDER BY id DESC LIMIT :walked) AS walked WHERE words @@ CAST(:asked AS tsquery) "
    "ORDER BY id DESC LIMIT :most"
)
_NEWEST_GATHERED = (
    "SELECT id FROM (SELECT id FROM search_words WHERE words @@ CAST(:asked AS tsquery) OFFSET 0) AS hits "
    "WHERE id < :below ORDER BY id DESC LIMIT :most"
)
_OFTEN = 8
"""PostgreSQL gathers every hit of its index before it takes the newest. Where it expects more than eight
times those wanted, so many of the newest texts are walked through first.
"""


def create_words(connection: Connection) -> None:
    """Make the table of words, as the database keeps it."""
    for statement in _CREATE_SQLITE if _is_sqlite(connection) else _CREATE_POSTGRESQL:
        connection.execute(text(statement))


def drop_words(connection: Connection) -> None:
    """Remove the table of words."""
    connection.execute(text("DROP TABLE search_words"))


def is_word_table(name: str) -> bool:
    """Tell whether a table or index belongs to the words, which no model describes."""
    return name.startswith(("search_words", "ix_search_words"))


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
            SearchedText.subject_type == subject_type, SearchedText.subject_id.in_(some)
        )
        _remove(session.connection(), [as_text(row) for row in session.scalars(rows)])


def move(connection: Connection, subject_type: str, subject_id: int, reach: str) -> None:
    """Write down whose an indexed text is now; nothing where it is not indexed or nothing changed."""
    table = SearchedText.__table__
    mine = (table.c.subject_type == subject_type) & (table.c.subject_id == subject_id)
    row = connection.execute(select(table).where(mine, table.c.reach != reach)).one_or_none()
    if row is not None:
        before = as_text(row)
        _remove(connection, [before])
        _add(connection, [replace(before, reach=reach)])


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


def newest(
    connection: Connection,
    terms: Sequence[Term],
    limit: int,
    below: int | None = None,
    reach: Sequence[str] | None = None,
) -> list[int]:
    """Return the ids of the newest texts with all the terms, the newest first.

    `below` goes on where another call ended; `reach` are terms of which each has one (None: no matter whose).
    """
    if reach is not None and not reach:
        return []
    asked = _asked(connection, terms, reach or ())
    given: dict[str, Any] = {"asked": asked, "most": limit, "below": below or 1 << 62}
    if _is_sqlite(connection):
        return _ids(connection, _NEWEST_SQLITE, given)
    if _estimated(connection, asked) > limit * _OFTEN:
        found = _ids(connection, _NEWEST_WALKED, {**given, "walked": limit * _OFTEN})
        if len(found) == limit:
            return found
    return _ids(connection, _NEWEST_GATHERED, given)


def among(connection: Connection, terms: Sequence[Term], ids: Sequence[int], limit: int) -> list[int]:
    """Return which of the ids have all the terms, the newest first."""
    given: dict[str, Any] = {"asked": _asked(connection, terms), "most": limit}
    if _is_sqlite(connection):
        given["ids"] = json.dumps(ids)
        statement = (
            "SELECT rowid FROM search_words WHERE search_words MATCH :asked "
            "AND +rowid IN (SELECT value FROM json_each(:ids)) ORDER BY rowid DESC LIMIT :most"
        )
    else:
        given["ids"] = ",".join(map(str, ids))
        statement = (
            "SELECT id FROM search_words WHERE id = ANY(CAST(string_to_array(:ids, ',') AS BIGINT[])) "
            "AND words @@ CAST(:asked AS tsquery) ORDER BY id DESC LIMIT :most"
        )
    return _ids(connection, statement, given)


def _estimated(connection: Connection, asked: str) -> int:
    """Return how many texts PostgreSQL expects to have the terms; from its statistics, without looking."""
    explain = text("EXPLAIN (FORMAT JSON) SELECT 1 FROM search_words WHERE words @@ CAST(:asked AS tsquery)")
    plan = connection.execute(explain, {"asked": asked}).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


def _ids(connection: Connection, statement: str, given: dict[str, Any]) -> list[int]:
    """Run a question to the words.

    PostgreSQL counts a comparison with a tsvector as cheap and would read all of them for a frequent word;
    it is told to use the index.
    """
    if _is_sqlite(connection):
        return list(connection.scalars(text(statement), given).all())
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    found = list(connection.scalars(text(statement), given).all())
    # only after an answer: a failed transaction takes no statement, and its end takes the setting back
    connection.execute(text("SET LOCAL enable_seqscan = on"))
    return found


def _asked(connection: Connection, terms: Sequence[Term], one_of: Sequence[str] = ()) -> str:
    """Write the terms as the database's own question; they hold letters and digits only."""
    if _is_sqlite(connection):
        quote, prefix, both, either = '"', "*", " AND ", " OR "
    else:
        quote, prefix, both, either = "'", ":*", " & ", " | "
    written = [f"{quote}{one.text}{quote}{prefix if one.prefix else ''}" for one in terms]
    if one_of:
        written.append(f"({either.join(f'{quote}{one}{quote}' for one in one_of)})")
    return both.join(written)


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
    if _is_sqlite(connection):
        statement = "INSERT INTO search_words (rowid, words) VALUES (:id, :words)"
        words = [{"id": row["id"], "words": words_of(one)} for row, one in zip(rows, texts, strict=True)]
    else:
        statement = "INSERT INTO search_words VALUES (:id, array_to_tsvector(CAST(:words AS text[])))"
        words = [
            {"id": row["id"], "words": words_of(one).split(" ")} for row, one in zip(rows, texts, strict=True)
        ]
    connection.execute(text(statement), words)


def _remove(connection: Connection, texts: Sequence[SearchText]) -> None:
    if not texts:
        return
    gone = [
        {"id": row_id(one.subject_type, one.subject_id, one.received_on), "words": words_of(one)}
        for one in texts
    ]
    if _is_sqlite(connection):
        # a table without content takes words out of its index by being told which they were
        removing = "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', :id, :words)"
        connection.execute(text(removing), gone)
    else:
        connection.execute(
            text("DELETE FROM search_words WHERE id = :id"), [{"id": one["id"]} for one in gone]
        )
    connection.execute(delete(SearchedText).where(SearchedText.id.in_([one["id"] for one in gone])))


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
