"""The lists of the room as files: what their pages show, all of it, masked in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from complaints.dossier.record_models import LedgerImport
from complaints.ledgers import queries, shown
from complaints.ledgers.models import LedgerConflict, LedgerLine
from complaints.ledgers.sentences import say
from complaints.ledgers.tables import MOST_ROWS
from complaints.organisation.people import person_names
from complaints.organisation.units import unit_names
from complaints.web import exports
from complaints.web.work import reading_work


@dataclass(frozen=True, slots=True)
class Brought:
    """An import with the words for its unit and for who brought it."""

    source: LedgerImport
    unit: str
    who: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conflict with the words for its record's unit."""

    conflict: LedgerConflict
    unit: str


def imports_listing() -> exports.Listing[Brought]:
    """Return the ledgers that were brought as a list to take away."""

    def read(ids: Sequence[int]) -> list[Brought]:
        work = reading_work()
        found = queries.imports_of(work.session, work.actor, ids)
        units = unit_names(work.session, {one.unit_path for one in found})
        names = person_names(work.session, [one.person_id for one in found])
        return [
            Brought(
                one,
                units.get(one.unit_path, one.unit_path),
                names.get(one.person_id) or _("command line"),
            )
            for one in found
        ]

    number = exports.Kind.NUMBER
    columns: list[exports.Column[Brought]] = [
        exports.Column(_("Ledger"), lambda row: row.source.file_name),
        exports.Column(_("Unit"), lambda row: row.unit),
        exports.Column(_("State"), lambda row: shown.state_of(row.source)),
        exports.Column(_("New"), lambda row: row.source.new, number),
        exports.Column(_("The same"), lambda row: row.source.same, number),
        exports.Column(_("Conflicting"), lambda row: row.source.conflicting, number),
        exports.Column(_("Refused"), lambda row: row.source.refused, number),
        exports.Column(_("Brought by"), lambda row: row.who),
        exports.Column(_("Brought at"), lambda row: row.source.uploaded_at, exports.Kind.MOMENT),
    ]
    work = reading_work()
    keys = queries.import_keys(work.session, work.actor)
    return exports.Listing("ledgers", _("Ledgers of earlier years"), columns, keys, read)


def conflicts_listing() -> exports.Listing[Waiting]:
    """Return the conflicts that wait as a list to take away."""

    def read(ids: Sequence[int]) -> list[Waiting]:
        work = reading_work()
        found = queries.conflicts_of(work.session, work.actor, ids)
        units = unit_names(work.session, {one.record.unit_path for one in found})
        return [Waiting(one, units.get(one.record.unit_path, one.record.unit_path)) for one in found]

    columns: list[exports.Column[Waiting]] = [
        exports.Column(_("Number"), lambda row: row.conflict.record.number),
        exports.Column(_("Unit"), lambda row: row.unit),
        exports.Column(_("On record from"), lambda row: row.conflict.record.received_on, exports.Kind.DAY),
        exports.Column(_("Other content in"), lambda row: row.conflict.source.file_name),
        exports.Column(_("Row"), lambda row: row.conflict.row, exports.Kind.NUMBER),
        exports.Column(_("Since"), lambda row: row.conflict.found_at, exports.Kind.MOMENT),
    ]
    work = reading_work()
    keys = queries.conflict_keys(work.session, work.actor)
    return exports.Listing("ledger conflicts", _("Ledger conflicts"), columns, keys, read)


def report_listing(source: LedgerImport, outcome: str) -> exports.Listing[LedgerLine]:
    """Return the report as a list to take away, of as many rows as a ledger may have."""
    import_id = source.id

    def read(rows: Sequence[int]) -> Sequence[LedgerLine]:
        work = reading_work()
        return queries.lines_of(work.session, work.actor, import_id, rows)

    return exports.Listing(
        name="ledger report",
        title=_("Ledger report"),
        columns=[
            exports.Column(_("Row"), lambda one: one.row, exports.Kind.NUMBER),
            exports.Column(_("Number"), lambda one: one.number),
            exports.Column(_("Outcome"), lambda one: str(shown.OUTCOMES[one.outcome])),
            exports.Column(_("What there is to say"), lambda one: " ".join(map(say, one.why))),
        ],
        keys=queries.line_keys(reading_work().session, import_id, outcome),
        read=read,
        most=MOST_ROWS,
    )
