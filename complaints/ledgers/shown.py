"""What the pages of the room show: words for stages and outcomes, contents side by side, masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from complaints.dossier.record_models import HistoricalRecord, ImportStage, LedgerImport, record_title
from complaints.foundation.masking import mask_known_name, mask_name, mask_phone, mask_text
from complaints.ledgers.contents import Content
from complaints.ledgers.judging import agree
from complaints.ledgers.models import Outcome
from complaints.ledgers.queries import content_of
from complaints.ledgers.sentences import FIELDS, MAY_BE_OURS
from complaints.web.pages import day, moment

STATES: Mapping[str, Any] = {
    ImportStage.UPLOADED: _l("being checked"),
    ImportStage.CHECKED: _l("checked, waits for you"),
    ImportStage.CONFIRMED: _l("being imported"),
    ImportStage.DONE: _l("imported"),
    ImportStage.FAILED: _l("could not be taken"),
    ImportStage.DROPPED: _l("dropped"),
}
OUTCOMES: Mapping[str, Any] = {
    Outcome.NEW: _l("New"),
    Outcome.SAME: _l("The same"),
    Outcome.CONFLICTING: _l("Conflicting"),
    Outcome.REFUSED: _l("Refused"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One field of two contents, masked; `differs` where they are not the same in full."""

    label: str
    old: str
    new: str
    differs: bool


def masked(content: Content, *, hide_name: bool) -> dict[str, str]:
    """Return the fields of a content as a page shows them; `hide_name` masks the person's, in texts too."""
    hidden = content.person if hide_name else ""
    texts = {one: mask_text(getattr(content, one)) for one in ("subject", "text", "merchant", "reply")}
    return {
        "person": mask_name(content.person) if hide_name else content.person,
        "phone": mask_phone(content.phone),
        **{one: mask_known_name(words, hidden) for one, words in texts.items()},
        "received_at": when(content.received_at, content.received_on),
        "replied_at": when(content.replied_at, content.replied_on),
    }


def when(at: datetime | None, on: date | None) -> str:
    """Write an instant, or the day alone where the ledger gives no time."""
    return moment(at) if at is not None else day(on)


def compared(old: Content, new: Content) -> list[Pair]:
    """Return the two contents side by side; a difference inside what is masked is named all the same."""
    one, two = masked(old, hide_name=False), masked(new, hide_name=False)
    pairs = []
    for key in one:
        parts = (key, f"{key.removesuffix('_at')}_on") if key in ("received_at", "replied_at") else (key,)
        differs = not all(agree(part, old, new) for part in parts)
        if one[key] or two[key]:
            pairs.append(Pair(str(FIELDS[key]), one[key], two[key], differs))
    return pairs


def record_facts(
    record: HistoricalRecord, *, hide_name: bool, url: Callable[[str], str] | None
) -> list[tuple[str, str, str]]:
    """Return label, masked value and the way to the full one of what a record says beside its texts."""
    content = content_of(record)
    shown = masked(content, hide_name=hide_name)
    found = []
    for key in ("person", "phone", "merchant", "received_at", "replied_at"):
        value = shown[key]
        full = str(getattr(content, key, ""))
        way = url(key) if url and key in ("phone", "merchant") and value != full else ""
        if value:
            found.append((str(FIELDS[key]), value, way))
    if not content.replied_on:
        found.append((str(FIELDS["replied_at"]), _("no reply on record"), ""))
    return found


def title_of(record: HistoricalRecord, *, hide_name: bool) -> str:
    """Return a record's title, or where the ledger has none the beginning of its text; masked."""
    person = record.person if hide_name else ""
    return record_title(record.subject_in_full, record.text_in_full, person) or record.number


def state_of(source: LedgerImport) -> str:
    """Return where a ledger stands; one that failed with its file kept waits for a person."""
    if source.stage == ImportStage.FAILED and source.stored_name:
        ours = source.failure.get("code") in MAY_BE_OURS
        return _("can be tried again") if ours else _("waits for its columns")
    return str(STATES[source.stage])


def count_of(source: LedgerImport, outcome: str) -> int:
    """Return how many rows had that outcome; all of them for an empty one."""
    counts = {one.value: int(getattr(source, one.value)) for one in Outcome}
    return counts.get(outcome, sum(counts.values()))


def outcome_tabs(source: LedgerImport, chosen: str) -> list[dict[str, Any]]:
    """Return the tabs of a report: all rows, then those of each outcome."""
    names = {"": _("All rows"), **OUTCOMES}
    return [
        {
            "label": label,
            "url": url_for("ledgers.report", import_id=source.id, rows=key or None),
            "current": key == chosen,
            "count": count_of(source, key),
        }
        for key, label in names.items()
    ]
