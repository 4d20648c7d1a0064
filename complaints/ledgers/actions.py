"""What people do with ledgers: bring a file, have it imported or drop it, settle a conflict, look in full."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier import file_names, search_index
from complaints.dossier.disclosing import note_look, stated_reason
from complaints.dossier.record_models import HistoricalRecord, ImportStage, LedgerImport, RecordDisclosure
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from complaints.gateways.file_store import FileStore, Kept
from complaints.ledgers import tops
from complaints.ledgers.contents import Content, sealed_values, searched
from complaints.ledgers.importing import digest_of
from complaints.ledgers.judging import merged
from complaints.ledgers.models import Choice, LedgerConflict
from complaints.ledgers.queries import conflict_of, content_of, import_of, paths_of
from complaints.ledgers.sentences import MAY_BE_OURS
from complaints.organisation.permissions import Permission, allowed, sees_masked

REVEALED = ("person", "phone", "subject", "text", "merchant", "reply")
"""What of a record may be seen in full for a reason."""


def receive(work: Work, kept: Kept, name: str, unit_path: str, mapping: Mapping[str, str]) -> LedgerImport:
    """Write down an uploaded ledger that is in the store already; nothing is read yet.

    Raises NotAllowed for a unit that is not this person's. Where the caller's transaction fails, the file has
    to be discarded.
    """
    if not any(unit_path.startswith(path) for path in paths_of(work.actor)):
        raise NotAllowed(_("You may import ledgers for your own units and those below them."))
    source = LedgerImport(
        file_name=safe_name(name) or _("without a name"),
        stored_name=kept.name,
        digest=kept.sha256,
        size=kept.size,
        person_id=work.actor.id,
        unit_path=unit_path,
        mapping=dict(mapping),
        stage=ImportStage.UPLOADED.value,
        uploaded_at=work.now,
    )
    work.session.add(source)
    work.session.flush()
    return source


def safe_name(name: str) -> str:
    """Return a file's own name as every page may show it: without control signs, people's numbers masked."""
    return file_names.shown(file_names.cleaned(name))[-255:]


def confirm(work: Work, import_id: int, *, skip_refused: bool, columns: str = "") -> LedgerImport:
    """Have a checked ledger imported. `columns` is the `columns_key` of the report that was looked at.

    Raises NotFound, Conflict, and Invalid while refused rows stop the file.
    """
    source = _locked(work, import_id)
    if source.stage != ImportStage.CHECKED.value:
        raise Conflict(_by_now(source))
    if columns and columns != columns_key(source):
        raise Conflict(_("The columns were chosen anew meanwhile: look at the new report, then decide."))
    if source.refused and not skip_refused:
        raise Invalid(
            _("%(n)s rows are refused: correct the file, or say that they are left out.", n=source.refused),
            "skip_refused",
        )
    source.skip_refused, source.stage = skip_refused, ImportStage.CONFIRMED.value
    source.rows_read = 0
    return source


def asks_for_columns(source: LedgerImport) -> bool:
    """Tell whether a person may say which column is which: before the import, while the file is there."""
    open_ = source.stage in (ImportStage.CHECKED.value, ImportStage.FAILED.value)
    return open_ and bool(source.stored_name) and any(note["code"] == tops.CODE for note in source.notes)


def choose_columns(
    work: Work, import_id: int, mapping: Mapping[str, str], *, columns: str = ""
) -> LedgerImport:
    """Have the ledger checked again by the columns that were chosen. `columns` is the `columns_key` of what
    the page began from.

    Raises NotFound, and Conflict where others were chosen since, or it is being checked, imported or dropped.
    """
    source = _locked(work, import_id)
    if not asks_for_columns(source):
        raise Conflict(_by_now(source))
    if columns and columns != columns_key(source):
        raise Conflict(
            _(
                "The columns were chosen anew meanwhile; nothing was changed. Look at the ledger again "
                "before you choose others: what you chose is still below."
            )
        )
    source.mapping, source.failure = dict(mapping), {}
    _check_anew(source)
    return source


def may_try_again(source: LedgerImport) -> bool:
    """Tell whether the ledger may be checked once more: it stopped the program, and its file is there."""
    stopped = source.stage == ImportStage.FAILED.value and source.failure.get("code") in MAY_BE_OURS
    return stopped and bool(source.stored_name)


def try_again(work: Work, import_id: int) -> LedgerImport:
    """Have a ledger checked from the beginning that stopped the program.

    Raises NotFound, and Conflict where somebody has had it checked or dropped it since.
    """
    source = _locked(work, import_id)
    if not may_try_again(source):
        raise Conflict(_by_now(source))
    source.failure, source.finished_at = {}, None
    _check_anew(source)
    return source


def _check_anew(source: LedgerImport) -> None:
    source.stage = ImportStage.UPLOADED.value
    source.new = source.same = source.conflicting = source.refused = source.flagged = 0
    source.rows_read = source.rows_total = 0


def columns_key(source: LedgerImport) -> str:
    """Return a short name of the columns by which a ledger was checked; another choice has another one."""
    return digest_of(json.dumps(source.mapping, sort_keys=True).encode())[:16]


def drop(work: Work, store: FileStore, import_id: int, *, seen: str = "") -> None:
    """Drop a ledger that is not imported; its file goes with it. `seen` is the stage that the page showed:
    only who has seen that a ledger is being imported may stop it.

    Raises NotFound, Conflict.
    """
    source = _locked(work, import_id)
    unseen = source.stage == ImportStage.CONFIRMED.value != seen
    if unseen or source.stage in (ImportStage.DONE.value, ImportStage.DROPPED.value):
        raise Conflict(_by_now(source))
    source.stage, source.finished_at = ImportStage.DROPPED.value, work.now
    if source.stored_name:
        store.discard(source.stored_name)
    source.stored_name, source.notes = "", []


def _by_now(source: LedgerImport) -> str:
    """Say what became of a ledger since the page was opened."""
    return {
        ImportStage.UPLOADED: _("This ledger is being checked already; nothing was changed."),
        ImportStage.CHECKED: _("This ledger was checked before columns could be chosen; bring it again."),
        ImportStage.CONFIRMED: _(
            "This ledger was confirmed meanwhile and is being imported; nothing was changed. It can still be "
            "dropped from this page."
        ),
        ImportStage.DONE: _("This ledger was imported meanwhile; nothing more was changed."),
        ImportStage.FAILED: _("This ledger could not be taken; nothing was changed."),
        ImportStage.DROPPED: _("This ledger was dropped meanwhile; nothing of it was imported."),
    }[ImportStage(source.stage)]


def need_import(work: Work, import_id: int) -> LedgerImport:
    """Return the import. Raises NotFound."""
    source = import_of(work.session, work.actor, import_id)
    if source is None:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return source


def _locked(work: Work, import_id: int) -> LedgerImport:
    """Return the import, locked until the end of the transaction. Raises NotFound."""
    work.session.execute(select(LedgerImport.id).where(LedgerImport.id == import_id).with_for_update())
    return need_import(work, import_id)


def settle(work: Work, conflict_id: int, choice: Choice, reason: str) -> LedgerConflict:
    """Keep what is on record or take the other content; the one that gives way stays in the settlement.

    Raises NotFound, Invalid for a reason that says nothing, Conflict where somebody settled it already.
    """
    record_id = work.session.scalar(
        select(LedgerConflict.record_id).where(LedgerConflict.id == conflict_id).with_for_update()
    )
    # of two conflicts about one record the second is compared with what the first has made of it
    work.session.execute(
        select(HistoricalRecord.id).where(HistoricalRecord.id == record_id).with_for_update()
    )
    conflict = conflict_of(work.session, work.actor, conflict_id)
    if conflict is None:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    said = stated_reason(reason, _("Say in at least four characters why."))
    if conflict.settled_at is not None:
        raise Conflict(_("This conflict was settled already; nothing was changed."))
    record = conflict.record
    conflict.old, conflict.old_digest = content_of(record).as_json(), record.content_digest
    conflict.choice, conflict.reason = choice.value, said
    conflict.settled_by, conflict.settled_at = work.actor.id, work.now
    if choice is Choice.TAKE:
        content = taken(content_of(record), conflict)
        for name, value in sealed_values(content).items():
            setattr(record, name, value)
        record.import_id, record.row = conflict.import_id, conflict.row
        work.session.flush()
        search_index.write(work.session, [searched(content, record.id)])
    work.session.flush()
    return conflict


def taken(old: Content, conflict: LedgerConflict) -> Content:
    """Return what the record says where the other content of a conflict is taken."""
    return merged(old, Content.from_json(conflict.new), Content.present_in(conflict.new))


def may_reveal(work: Work, record: HistoricalRecord) -> bool:
    """Tell whether this person may see full values of the record for a stated reason."""
    masked = sees_masked(work.actor, Permission.MATTER_READ, record.unit_path)
    return not masked and allowed(work.actor, Permission.MATTER_REVEAL, record.unit_path)


def in_full(record: HistoricalRecord, what: str) -> str:
    """Return a full value; empty where there is none of that name."""
    return str(getattr(content_of(record), what)) if what in REVEALED else ""


def reveal(work: Work, record: HistoricalRecord, what: str, reason: str, address: str) -> str:
    """Write down who looks at which value and why, then return the value (PIPL arts 6 and 51).

    Raises NotFound where there is no such value or no right to it, Invalid for a reason that says nothing.
    """
    value = in_full(record, what)
    if not value or not may_reveal(work, record):
        raise NotFound(_("There is no such page, or it is not yours to see."))
    said = stated_reason(reason, _("Say in at least four characters why you need the full value."))
    look = RecordDisclosure(record_id=record.id, person_id=work.actor.id, what=what, reason=said, at=work.now)
    note_look(work, look, f"record {record.id} {what}", address)
    return value
