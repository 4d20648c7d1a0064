"""What is on record under the numbers of a ledger, and the lists of the ledgers' page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, defer, joinedload

from complaints.dossier.models import Matter
from complaints.dossier.record_models import HistoricalRecord, ImportStage, LedgerImport
from complaints.dossier.visibility import visible_records
from complaints.dossier.worklists import MOST_KEYS
from complaints.ledgers.contents import Content
from complaints.ledgers.models import LedgerConflict, LedgerLine
from complaints.organisation.models import Unit
from complaints.organisation.people import SignedInActor
from complaints.organisation.permissions import TABLE, Permission
from complaints.organisation.units import at_or_below

Key = tuple[str, str]
"""Path of the unit, number."""
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that is there: its id and what it says, as a hash."""

    id: int
    digest: str


def kept(session: Session, keys: Iterable[Key]) -> dict[Key, Kept]:
    """Return what is on record under the numbers, by unit and number."""
    by_unit: dict[str, list[str]] = {}
    for unit, number in keys:
        by_unit.setdefault(unit, []).append(number)
    found: dict[Key, Kept] = {}
    for unit, numbers in by_unit.items():
        for some in portions(numbers):
            rows = session.execute(
                select(HistoricalRecord.number, HistoricalRecord.id, HistoricalRecord.content_digest).where(
                    HistoricalRecord.unit_path == unit, HistoricalRecord.number.in_(some)
                )
            )
            found |= {(unit, number): Kept(id_, digest) for number, id_, digest in rows}
    return found


def numbers_of_matters(session: Session, numbers: Sequence[str]) -> set[str]:
    """Return which of the numbers are those of matters of this system, of any kind and anybody's."""
    found: set[str] = set()
    for some in portions(numbers):
        found.update(session.scalars(select(Matter.number).where(Matter.number.in_(some))))
    return found


def portions(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list into pieces that one statement takes."""
    return (values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE))


def content_of(record: HistoricalRecord) -> Content:
    """Return what a record says."""
    return Content(
        number=record.number,
        unit_path=record.unit_path,
        person=record.person,
        phone=record.phone,
        subject=record.subject_in_full,
        text=record.text_in_full,
        merchant=record.merchant,
        received_at=record.received_at,
        received_on=record.received_on,
        reply=record.reply_in_full,
        replied_at=record.replied_at,
        replied_on=record.replied_on,
    )


def contents(session: Session, ids: Sequence[int]) -> dict[int, Content]:
    """Return what the records say, by id."""
    found: dict[int, Content] = {}
    for at in range(0, len(ids), AT_ONCE):
        rows = select(HistoricalRecord).where(HistoricalRecord.id.in_(ids[at : at + AT_ONCE]))
        found |= {row.id: content_of(row) for row in session.scalars(rows)}
    return found


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of a conflict from before: when it was settled, or that it waits."""

    settled_on: date | None


def earlier_conflicts(session: Session, ids: Sequence[int]) -> dict[tuple[int, str], Earlier]:
    """Return, by record and content digest, the conflicts that were met before.

    A content that gave way to another one counts too: an old file brings it again.
    """
    found: dict[tuple[int, str], Earlier] = {}
    for at in range(0, len(ids), AT_ONCE):
        rows = session.execute(
            select(
                LedgerConflict.record_id,
                LedgerConflict.new_digest,
                LedgerConflict.old_digest,
                LedgerConflict.choice,
                LedgerConflict.settled_at,
            ).where(LedgerConflict.record_id.in_(ids[at : at + AT_ONCE]))
        )
        for record, new, old, choice, settled_at in rows:
            earlier = Earlier(settled_at.date() if settled_at else None)
            found[(record, new)] = earlier
            if choice == "take":
                found.setdefault((record, old), earlier)
    return found


def paths_of(actor: SignedInActor) -> tuple[str, ...]:
    """Return the units for which, and below which, this person may import."""
    return actor.paths(*TABLE[Permission.LEDGER_IMPORT].roles)


def my_imports(actor: SignedInActor) -> ColumnElement[bool]:
    """Return the condition on `LedgerImport` that it was brought for this person's units."""
    return at_or_below(LedgerImport.unit_path, paths_of(actor))


def listed_imports(actor: SignedInActor) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `LedgerImport`: this person's to see, and not dropped."""
    return my_imports(actor), LedgerImport.stage != ImportStage.DROPPED.value


def imports(session: Session, actor: SignedInActor, offset: int, limit: int) -> Sequence[LedgerImport]:
    """Return the imports, the newest first; their notes, which may hold the top of a file, are not read."""
    statement = select(LedgerImport).options(defer(LedgerImport.notes)).where(*listed_imports(actor))
    return session.scalars(statement.order_by(LedgerImport.id.desc()).offset(offset).limit(limit)).all()


def import_keys(session: Session, actor: SignedInActor) -> list[int]:
    """Return the ids of all imports in the order of `imports`; MOST_KEYS at most."""
    statement = select(LedgerImport.id).where(*listed_imports(actor)).order_by(LedgerImport.id.desc())
    return list(session.scalars(statement.limit(MOST_KEYS)))


def imports_of(session: Session, actor: SignedInActor, ids: Sequence[int]) -> list[LedgerImport]:
    """Return the listed ones of the imports, in the order of their ids here."""
    statement = select(LedgerImport).options(defer(LedgerImport.notes)).where(*listed_imports(actor))
    found = {one.id: one for one in session.scalars(statement.where(LedgerImport.id.in_(ids)))}
    return [found[one] for one in ids if one in found]


def count_imports(session: Session, actor: SignedInActor) -> int:
    """Count them."""
    statement = select(func.count()).select_from(LedgerImport)
    return int(session.scalar(statement.where(*listed_imports(actor))) or 0)


def import_of(session: Session, actor: SignedInActor, import_id: int) -> LedgerImport | None:
    """Return the import, or None where it is not there or not this person's to see."""
    return session.scalars(
        select(LedgerImport).where(LedgerImport.id == import_id, my_imports(actor))
    ).first()


def lines(session: Session, import_id: int, outcome: str, offset: int, limit: int) -> Sequence[LedgerLine]:
    """Return a page of the report by row; of one outcome, or of all for an empty one."""
    statement = select(LedgerLine).where(LedgerLine.import_id == import_id)
    if outcome:
        statement = statement.where(LedgerLine.outcome == outcome)
    return session.scalars(statement.order_by(LedgerLine.row).offset(offset).limit(limit)).all()


def line_keys(session: Session, import_id: int, outcome: str) -> list[int]:
    """Return the rows of the whole report, in its order: of one outcome, or of all for an empty one."""
    statement = select(LedgerLine.row).where(LedgerLine.import_id == import_id)
    if outcome:
        statement = statement.where(LedgerLine.outcome == outcome)
    return list(session.scalars(statement.order_by(LedgerLine.row)))


def lines_of(
    session: Session, actor: SignedInActor, import_id: int, rows: Sequence[int]
) -> Sequence[LedgerLine]:
    """Return these rows of the report, in its order; none where the import is no longer this person's."""
    statement = select(LedgerLine).join(LedgerImport, LedgerImport.id == LedgerLine.import_id)
    statement = statement.where(my_imports(actor), LedgerImport.id == import_id, LedgerLine.row.in_(rows))
    return session.scalars(statement.order_by(LedgerLine.row)).all()


def record_ids(session: Session, import_id: int, rows: Sequence[int]) -> dict[int, int]:
    """Return the record that each row of an import became, by row."""
    found = session.execute(
        select(HistoricalRecord.row, HistoricalRecord.id).where(
            HistoricalRecord.import_id == import_id, HistoricalRecord.row.in_(rows)
        )
    )
    return dict(found.all())


def open_conflicts(actor: SignedInActor) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on `LedgerConflict` joined to its record: open, and this person's to settle."""
    return (
        LedgerConflict.settled_at.is_(None),
        at_or_below(HistoricalRecord.unit_path, paths_of(actor)),
    )


def conflicts(session: Session, actor: SignedInActor, offset: int, limit: int) -> Sequence[LedgerConflict]:
    """Return the conflicts that wait for this person, the oldest first."""
    statement = _with_both().where(*open_conflicts(actor)).order_by(LedgerConflict.id)
    return session.scalars(statement.offset(offset).limit(limit)).all()


def conflict_keys(session: Session, actor: SignedInActor) -> list[int]:
    """Return the ids of all conflicts that wait for this person, the oldest first; MOST_KEYS at most."""
    statement = select(LedgerConflict.id).join(LedgerConflict.record).where(*open_conflicts(actor))
    return list(session.scalars(statement.order_by(LedgerConflict.id).limit(MOST_KEYS)))


def conflicts_of(session: Session, actor: SignedInActor, ids: Sequence[int]) -> list[LedgerConflict]:
    """Return those of the conflicts that still wait for this person, in the order of their ids here."""
    statement = _with_both().where(*open_conflicts(actor), LedgerConflict.id.in_(ids))
    found = {one.id: one for one in session.scalars(statement)}
    return [found[one] for one in ids if one in found]


def _with_both() -> Select[LedgerConflict]:
    """Select conflicts with their record and the file of the other content."""
    return (
        select(LedgerConflict)
        .join(LedgerConflict.record)
        .options(joinedload(LedgerConflict.record), joinedload(LedgerConflict.source))
    )


def count_conflicts(session: Session, actor: SignedInActor) -> int:
    """Count the conflicts that wait for this person, for every page of who may settle them."""
    # each asked for its record by itself: joined, SQLite would walk through all records, for none that wait
    mine = case((at_or_below(HistoricalRecord.unit_path, paths_of(actor)), 1), else_=0)
    record = select(mine).where(HistoricalRecord.id == LedgerConflict.record_id).scalar_subquery()
    statement = select(func.count()).select_from(LedgerConflict)
    return int(session.scalar(statement.where(LedgerConflict.settled_at.is_(None), record == 1)) or 0)


def conflict_of(session: Session, actor: SignedInActor, conflict_id: int) -> LedgerConflict | None:
    """Return the conflict, settled or not, or None where it is not there or not this person's."""
    return session.scalars(
        _with_both().where(
            LedgerConflict.id == conflict_id, at_or_below(HistoricalRecord.unit_path, paths_of(actor))
        )
    ).first()


def settlements(session: Session, record_id: int) -> Sequence[LedgerConflict]:
    """Return the conflicts of a record, settled or not, the oldest first."""
    return session.scalars(
        select(LedgerConflict).where(LedgerConflict.record_id == record_id).order_by(LedgerConflict.id)
    ).all()


def record_of(session: Session, actor: SignedInActor, record_id: int) -> HistoricalRecord | None:
    """Return the record, or None where it is not there or not this person's to see."""
    return session.scalars(
        select(HistoricalRecord)
        .options(joinedload(HistoricalRecord.source))
        .where(HistoricalRecord.id == record_id, visible_records(actor))
    ).first()


def units_by_name(session: Session, paths: Sequence[str] | None) -> Mapping[str, set[str]]:
    """Return paths of units by path, code and name: at and below some, or all for None; ended ones too."""
    statement = select(Unit.path, Unit.code, Unit.name)
    if paths is not None:
        statement = statement.where(at_or_below(Unit.path, paths))
    found: dict[str, set[str]] = {}
    for path, code, name in session.execute(statement):
        for word in (path, code, name):
            found.setdefault(word, set()).add(path)
    return found
