"""Writing what was judged: records, the report by row, conflicts and the search index, in one transaction.

Values arrive encrypted and texts masked, so what happens here is inserts alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Text, column, delete, insert, select, table
from sqlalchemy.orm import Session

from complaints.dossier import search_index
from complaints.dossier.record_models import HistoricalRecord, LedgerImport
from complaints.foundation.encryption import EncryptedText
from complaints.ledgers.contents import Prepared
from complaints.ledgers.judging import Verdict
from complaints.ledgers.models import LedgerConflict, LedgerLine, Outcome
from complaints.ledgers.queries import Key

_RECORDS = table(
    HistoricalRecord.__tablename__,
    *(
        column(one.name, Text() if isinstance(one.type, EncryptedText) else one.type)
        for one in HistoricalRecord.__table__.columns
        if one.name != "id"
    ),
)
"""The records' table as it stores personal values: they come encrypted already."""


def write_lines(session: Session, import_id: int, verdicts: Sequence[Verdict]) -> None:
    """Keep the report by row, in place of an earlier one."""
    session.execute(delete(LedgerLine).where(LedgerLine.import_id == import_id))
    rows = [
        {
            "import_id": import_id,
            "row": one.row.row,
            "number": _number(one),
            "outcome": one.outcome.value,
            "why": [*one.whys, *(one.row.flags if isinstance(one.row, Prepared) else ())],
        }
        for one in verdicts
    ]
    if rows:
        session.execute(insert(LedgerLine), rows)


def _number(verdict: Verdict) -> str:
    """Return the row's number; none where the row is of a unit that whoever sees the report may not see."""
    if isinstance(verdict.row, Prepared):
        return verdict.row.content.number
    return "" if any(why["code"] == "other_unit" for why in verdict.whys) else verdict.row.number


def write_records(
    session: Session,
    source: LedgerImport,
    verdicts: Sequence[Verdict],
    present: Collection[str],
    now: datetime,
) -> None:
    """Keep the new records, index them, and raise the conflicts with the fields that the file has."""
    new = [one.row for one in verdicts if one.outcome is Outcome.NEW and isinstance(one.row, Prepared)]
    if new:
        session.execute(
            insert(_RECORDS), [{**row.columns, "import_id": source.id, "row": row.row} for row in new]
        )
    ids = dict(
        session.execute(
            select(HistoricalRecord.row, HistoricalRecord.id).where(HistoricalRecord.import_id == source.id)
        ).all()
    )
    search_index.write(session, [replace(row.search, subject_id=ids[row.row]) for row in new])
    by_key: dict[Key, tuple[int, str]] = {
        (row.content.unit_path, row.content.number): (ids[row.row], row.digest) for row in new
    }
    raised = [_conflict(one, by_key, source, present, now) for one in verdicts if one.raises_conflict]
    session.add_all(raised)
    session.flush()


def _conflict(
    verdict: Verdict,
    by_key: dict[Key, tuple[int, str]],
    source: LedgerImport,
    present: Collection[str],
    now: datetime,
) -> LedgerConflict:
    row: Any = verdict.row
    if verdict.against is None:
        record_id, old_digest = by_key[row.content.unit_path, row.content.number]
    else:
        record_id, old_digest = verdict.against.id, verdict.against.digest
    return LedgerConflict(
        record_id=record_id,
        import_id=source.id,
        row=row.row,
        old_digest=old_digest,
        new_digest=row.digest,
        new=row.content.as_json(present),
        found_at=now,
    )
