"""Which of the hits a person sees: by the conditions of `complaints.dossier.visibility` and no others."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    any_,
    cast,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from complaints.dossier.record_models import HistoricalRecord
from complaints.dossier.search_index import MATTER, RECORD, subject_of
from complaints.dossier.visibility import SEES_RECORDS, visible_records, visible_to
from complaints.dossier.work import Work
from workflows.runtime.tables import instance


def seen_among(work: Work, ids: Sequence[int]) -> list[int]:
    """Return which of the ids of the index the person sees, in their order; at most two queries."""
    subjects = [(one, *subject_of(one)) for one in ids]
    matters = _seen_matters(work, [subject for _one, kind, subject in subjects if kind == MATTER])
    records = _seen_records(work, [subject for _one, kind, subject in subjects if kind == RECORD])
    return [one for one, kind, subject in subjects if subject in (matters if kind == MATTER else records)]


def _seen_matters(work: Work, subjects: Sequence[int]) -> frozenset[int]:
    if not subjects:
        return frozenset()
    mine = and_(instance.c.subject_type == MATTER, visible_to(work.actor))
    return _those(work.connection, instance.c.subject_id, subjects, mine)


def _seen_records(work: Work, subjects: Sequence[int]) -> frozenset[int]:
    if not subjects or not work.actor.paths(*SEES_RECORDS):
        return frozenset()
    return _those(work.connection, HistoricalRecord.id, subjects, visible_records(work.actor))


def _those(
    connection: Connection,
    column: ColumnElement[int] | InstrumentedAttribute[int],
    ids: Sequence[int],
    condition: ColumnElement[bool],
) -> frozenset[int]:
    """Return the ids whose row fulfils the condition.

    SQLite would begin with everything that fulfils it and look among these for the ids; asked for each id
    whether its row exists, it begins with the ids.
    """
    if connection.dialect.name == "sqlite":
        values = func.json_each(json.dumps(ids)).table_valued("value")
        statement = select(values.c.value).where(exists().where(column == values.c.value, condition))
    else:
        statement = select(column).where(_among(connection, column, ids), condition)
    return frozenset(connection.scalars(statement).all())


def _among(
    connection: Connection, column: ColumnElement[int] | InstrumentedAttribute[int], ids: Sequence[int]
) -> ColumnElement[bool]:
    """Return the condition that the column is one of the ids; one parameter, however many they are."""
    if connection.dialect.name == "sqlite":
        values = func.json_each(json.dumps(ids)).table_valued("value")
        return column.in_(select(values.c.value))
    written = func.string_to_array(",".join(map(str, ids)), ",")
    return column == any_(cast(written, ARRAY(BigInteger)))
