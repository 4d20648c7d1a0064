"""The table of words as each database keeps it, and how the newest texts with some terms are asked for.

SQLite keeps the terms in a full-text table (FTS5), PostgreSQL as a tsvector under a GIN index. Neither needs
an extension.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from complaints.dossier.search_terms import Term

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
_PUT_IN_SQLITE = text("INSERT INTO search_words (rowid, words) VALUES (:id, :words)")
_PUT_IN_POSTGRESQL = text(
    "INSERT INTO search_words VALUES (:id, array_to_tsvector(string_to_array(CAST(:words AS text), ' ')))"
)
_TAKE_OUT_SQLITE = text(
    # a table without content takes words out of its index by being told which they were
    "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', :id, :words)"
)
_TAKE_OUT_POSTGRESQL = text("DELETE FROM search_words WHERE id = :id")

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
_JUDGED = 12
"""Terms of a long question by which its frequency is judged."""
_WALKED_AT_MOST = 5_000
"""PostgreSQL gathers every hit of its index before it takes the newest. Where the hits are so frequent that
so many of the newest texts should have twice those wanted, these are walked through first.
"""


def create_words(connection: Connection) -> None:
    """Make the table of words, as the database keeps it."""
    for statement in _CREATE_SQLITE if is_sqlite(connection) else _CREATE_POSTGRESQL:
        connection.execute(text(statement))


def drop_words(connection: Connection) -> None:
    """Remove the table of words."""
    connection.execute(text("DROP TABLE search_words"))


def is_word_table(name: str) -> bool:
    """Tell whether a table or index belongs to the words, which no model describes."""
    return name.startswith(("search_words", "ix_search_words"))


def put_in(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the `words` of texts, given by `id`, with blanks between."""
    statement = _PUT_IN_SQLITE if is_sqlite(connection) else _PUT_IN_POSTGRESQL
    connection.execute(statement, [{**row} for row in rows])


def take_out(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Remove texts, given by `id` with the `words` that were written."""
    statement = _TAKE_OUT_SQLITE if is_sqlite(connection) else _TAKE_OUT_POSTGRESQL
    connection.execute(statement, [{**row} for row in rows])


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
    if is_sqlite(connection):
        return _ids(connection, _NEWEST_SQLITE, given)
    walked = _to_walk(connection, terms, reach or (), limit)
    # the newest may be unlike the rest, a day of many alike calls: more are walked before all are gathered
    for some in sorted({walked, _WALKED_AT_MOST}) if walked else ():
        found = _ids(connection, _NEWEST_WALKED, {**given, "walked": some})
        if len(found) == limit:
            return found
    return _ids(connection, _NEWEST_GATHERED, given)


def among(connection: Connection, terms: Sequence[Term], ids: Sequence[int], limit: int) -> list[int]:
    """Return which of the ids have all the terms, the newest first."""
    given: dict[str, Any] = {"asked": _asked(connection, terms), "most": limit}
    if is_sqlite(connection):
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


def _to_walk(connection: Connection, terms: Sequence[Term], reach: Sequence[str], limit: int) -> int:
    """Return how many of the newest texts should have twice the wanted hits; 0 where that is too many.

    By PostgreSQL's statistics, without looking. Neighbouring pairs of one phrase come together, so that the
    phrase is taken to be as frequent as the rarest of them; who asks has nothing to do with the words.
    """
    some = terms[:_JUDGED]
    asked = [_asked(connection, [one]) for one in some] + [_asked(connection, (), reach)] * bool(reach)
    each = " UNION ALL ".join(
        f"SELECT 1 FROM search_words WHERE words @@ CAST(:asked_{place} AS tsquery)"  # noqa: S608 - places
        for place in range(len(asked))
    )
    # of a cursor: its plan is never parallel, so each question keeps its place and its whole estimate
    asks = f"DECLARE judged CURSOR FOR SELECT 1 FROM search_words UNION ALL {each}"  # noqa: S608
    explain = text(f"EXPLAIN (FORMAT JSON) {asks}")
    given = {f"asked_{place}": one for place, one in enumerate(asked)}
    plan = connection.execute(explain, given).scalar_one()[0]["Plan"]
    whole, *rows = [max(int(one["Plan Rows"]), 1) for one in plan["Plans"]]
    hits = min(rows[: len(some)]) * (rows[-1] / whole if reach else 1)
    walked = int(2 * limit * whole / hits)
    return walked if walked <= min(_WALKED_AT_MOST, whole) else 0


def _ids(connection: Connection, statement: str, given: dict[str, Any]) -> list[int]:
    """Run a question to the words.

    PostgreSQL counts a comparison with a tsvector as cheap and would read all of them for a frequent word;
    it is told to use the index.
    """
    if is_sqlite(connection):
        return list(connection.scalars(text(statement), given).all())
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    found = list(connection.scalars(text(statement), given).all())
    # only after an answer: a failed transaction takes no statement, and its end takes the setting back
    connection.execute(text("SET LOCAL enable_seqscan = on"))
    return found


def _asked(connection: Connection, terms: Sequence[Term], one_of: Sequence[str] = ()) -> str:
    """Write the terms as the database's own question; they hold letters and digits only."""
    if is_sqlite(connection):
        quote, prefix, both, either = '"', "*", " AND ", " OR "
    else:
        quote, prefix, both, either = "'", ":*", " & ", " | "
    written = [f"{quote}{one.text}{quote}{prefix if one.prefix else ''}" for one in terms]
    if one_of:
        written.append(f"({either.join(f'{quote}{one}{quote}' for one in one_of)})")
    return both.join(written)


def is_sqlite(connection: Connection) -> bool:
    """Tell which of the two databases it is."""
    return connection.dialect.name == "sqlite"
