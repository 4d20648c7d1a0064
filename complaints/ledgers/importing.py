"""A ledger file from its bytes to records: read, prepare, judge, write. The same for page, worker and
command.

Everything that takes time happens before the one write transaction; it is all or nothing a file, so a process
that is killed in between leaves nothing behind and may begin again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from xlsxwriter.utility import xl_col_to_name

from complaints.dossier.record_models import ImportStage, LedgerImport
from complaints.ledgers.containers import is_workbook
from complaints.ledgers.contents import Prepared, Row, UnitOf, prepare
from complaints.ledgers.csv_tables import read_csv
from complaints.ledgers.headers import ROW, Columns, choose, columns_of
from complaints.ledgers.judging import Counts, Verdict, counted, judge
from complaints.ledgers.queries import units_by_name
from complaints.ledgers.sentences import FileRefused, RowRefused, Why, shown
from complaints.ledgers.tables import Line, Table, check_size
from complaints.ledgers.tops import ColumnsUnclear, Top, tops_of
from complaints.ledgers.writing import write_lines, write_records
from complaints.ledgers.xlsx_tables import read_xlsx
from complaints.organisation.models import Unit
from complaints.organisation.units import above

Progress = Callable[[int, int], None]
"""Is told how many rows are prepared, of how many."""
_ALONE = 0x6C656467
"""PostgreSQL advisory lock of the imports."""
EVERY = 500
"""Rows between two words about the progress."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """A file that was read: its table, what its columns mean, the rows below the header, the top of its
    sheets.
    """

    table: Table
    columns: Columns
    lines: Sequence[Line]
    tops: Sequence[Top]

    @property
    def notes(self) -> list[Why]:
        """What a person should know about the file as a whole."""
        above = [line.row for line in self.table.lines if line.row < self.columns.row]
        left_out = [*self.columns.left_out, *self._nameless_left_out()]
        return [
            *self.table.notes,
            *([{"code": "above_header", "names": above}] if above else []),
            *([{"code": "left_out", "names": left_out}] if left_out else []),
        ]

    def _nameless_left_out(self) -> list[str]:
        """Return the letters of the columns without a name in which a row holds something."""
        taken = self.columns.places.values()
        nameless = [at for at, name in enumerate(self.columns.names) if not name and at not in taken]
        return [xl_col_to_name(at) for at in nameless if any(line.holds(at) for line in self.lines)]

    @property
    def present(self) -> frozenset[str]:
        """The fields that the file has, and the unit, which every row has by the file."""
        return frozenset({*self.columns.places, "unit"})


@dataclass(frozen=True, slots=True)
class Judged:
    """Every row of a file with what becomes of it."""

    verdicts: Sequence[Verdict]
    counts: Counts
    notes: list[Why]
    present: frozenset[str]
    """The fields that the file has."""


def read_ledger(name: str, content: bytes, mapping: Mapping[str, str]) -> Ledger:
    """Read a file. Raises FileRefused with one sentence where it cannot be taken as a whole, ColumnsUnclear
    where a person may still say which column is which.
    """
    check_size(len(content))
    workbook = is_workbook(name, content)
    tables = read_xlsx(name, content) if workbook else [read_csv(content)]
    tops = tops_of(tables)
    try:
        table = choose(tables, mapping)
        columns = columns_of(table.lines, mapping)
    except FileRefused as refused:
        raise (ColumnsUnclear(refused.why, tops) if tops else refused) from None
    lines = [line for line in table.lines if line.row > columns.row]
    if not lines and ROW in mapping:
        raise ColumnsUnclear({"code": "no_rows"}, tops)
    if not lines:
        raise FileRefused("no_rows")
    return Ledger(table, columns, lines, tops)


def prepare_rows(ledger: Ledger, unit_of: UnitOf, today: date, progress: Progress) -> list[Row]:
    """Prepare every row; this takes the time."""
    rows: list[Row] = []
    total = len(ledger.lines)
    for row in prepare(ledger.table, ledger.columns, unit_of, today, ledger.lines):
        rows.append(row)
        if len(rows) % EVERY == 0 and len(rows) < total:
            progress(len(rows), total)
    progress(total, total)
    return rows


def alone(session: Session) -> None:
    """Let one import at a time judge and write, until the transaction ends: two that hold one number would
    both find it new. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_ALONE)))


def judge_rows(session: Session, ledger: Ledger, rows: Sequence[Row]) -> Judged:
    """Compare with what is on record. In a writing session nothing can change in between."""
    verdicts = judge(session, rows, ledger.present)
    return Judged(verdicts, counted(verdicts), ledger.notes, ledger.present)


def finish(session: Session, source: LedgerImport, judged: Judged, now: datetime) -> None:
    """Write all of it and close the import; the caller's transaction holds it or nothing."""
    session.add(source)
    session.flush()
    write_records(session, source, judged.verdicts, judged.present, now)
    write_lines(session, source.id, judged.verdicts)
    report(source, judged)
    source.stage, source.finished_at = ImportStage.DONE.value, now


def report(source: LedgerImport, judged: Judged) -> None:
    """Put the counts of a check into the import."""
    counts = judged.counts
    source.new, source.same, source.conflicting = counts.new, counts.same, counts.conflicting
    source.refused, source.flagged, source.notes = counts.refused, counts.flagged, judged.notes
    source.rows_read = source.rows_total = len(judged.verdicts)


def unit_finder(session: Session, own: str, paths: Sequence[str] | None) -> UnitOf:
    """Return what finds the unit that a row names by path, code or name, at and below the paths (None:
    anywhere).

    `own` is the file's unit, for rows that name none; empty where none was chosen. A row may name it or one
    below it: whoever sees that unit sees the whole report.
    """
    known = units_by_name(session, paths)

    def find(word: str) -> str:
        if not word:
            if not own:
                raise RowRefused("no_unit")
            return own
        found = known.get(word, set())
        below = {path for path in found if path.startswith(own)}
        if not below:
            raise RowRefused("other_unit" if found else "unknown_unit", shown=shown(word))
        if len(below) > 1:
            raise RowRefused("several_units", shown=shown(word))
        return next(iter(below))

    return find


def home_of(session: Session, rows: Sequence[Row]) -> str:
    """Return the path of the unit whose ledger a file is for which none was chosen, the nearest above the
    units of all rows: whoever sees it sees the whole report.

    The unit of a refused row is not known, so that its ledger is the topmost unit's.
    """
    paths = {row.content.unit_path for row in rows if isinstance(row, Prepared)}
    if not paths or not all(map(is_kept, rows)):
        paths |= set(session.scalars(select(Unit.path).where(Unit.parent_id.is_(None))))
    nearest = (one for one in above(min(paths, default="/")) if all(path.startswith(one) for path in paths))
    return next(nearest, "/")


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(content).hexdigest()


def is_kept(row: Row) -> bool:
    """Tell whether a row could be read."""
    return isinstance(row, Prepared)
