"""What becomes of each row: new, the same as what is on record, conflicting with it, or refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from sqlalchemy.orm import Session

from complaints.dossier.record_models import record_title
from complaints.foundation.masking import mask_known_name, mask_name, mask_phone, mask_text
from complaints.ledgers.contents import Content, Prepared, Refused, Row
from complaints.ledgers.models import Outcome
from complaints.ledgers.queries import (
    Earlier,
    Kept,
    Key,
    contents,
    earlier_conflicts,
    kept,
    numbers_of_matters,
)
from complaints.ledgers.sentences import Why

_COLUMN = {"received_on": "received_at", "replied_on": "replied_at", "unit_path": "unit"}
"""Parts of a content that another field of the ledger holds."""
_DAY_OF = {"received_at": "received_on", "replied_at": "replied_on"}
"""Instants, and their days, which are all that many a ledger gives."""
_MASKS = {"person": mask_name, "phone": mask_phone}
"""How lists show what is no free text."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A row and what becomes of it. `raises_conflict` where a person has to settle it and no earlier file
    asked already; `against` is the record it is compared with, None for a row of this file.
    """

    row: Row
    outcome: Outcome
    whys: Sequence[Why] = ()
    against: Kept | None = None
    raises_conflict: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of each kind; `flagged` are among the others."""

    new: int
    same: int
    conflicting: int
    refused: int
    flagged: int


def counted(verdicts: Sequence[Verdict]) -> Counts:
    """Count verdicts."""
    found = Counter(one.outcome for one in verdicts)
    flagged = sum(1 for one in verdicts if isinstance(one.row, Prepared) and one.row.flags)
    return Counts(
        new=found[Outcome.NEW],
        same=found[Outcome.SAME],
        conflicting=found[Outcome.CONFLICTING],
        refused=found[Outcome.REFUSED],
        flagged=flagged,
    )


def judge(session: Session, rows: Sequence[Row], present: Collection[str]) -> list[Verdict]:
    """Compare every row with what is on record and with the rows before it.

    `present` are the fields that the file has: what a file does not tell it does not contradict. A masked
    value, as our own exports hold it, is the same as the value it was made from, and the day alone the same
    as an instant of that day. A matter of this system is no history: its number is refused, whoever may see
    it, and nothing else is said of it.
    """
    prepared = [row for row in rows if isinstance(row, Prepared)]
    on_record = kept(session, {_key(row) for row in prepared})
    other = [
        on_record[_key(row)].id
        for row in prepared
        if _key(row) in on_record and on_record[_key(row)].digest != row.digest
    ]
    judging = _Judging(
        on_record,
        contents(session, other),
        earlier_conflicts(session, other),
        frozenset(present),
        numbers_of_matters(session, list({row.content.number for row in prepared})),
    )
    return [judging.judge(row) for row in rows]


def _key(row: Prepared) -> Key:
    return row.content.unit_path, row.content.number


class _Judging:
    def __init__(
        self,
        on_record: Mapping[Key, Kept],
        known: Mapping[int, Content],
        earlier: Mapping[tuple[int, str], Earlier],
        present: frozenset[str],
        matters: Collection[str],
    ) -> None:
        self._on_record, self._known, self._earlier, self._present = on_record, known, earlier, present
        self._matters = matters
        self._met: dict[Key, Prepared] = {}
        self._raised: set[tuple[Key, str]] = set()

    def judge(self, row: Row) -> Verdict:
        if isinstance(row, Refused):
            return Verdict(row, Outcome.REFUSED, row.whys)
        if row.content.number in self._matters:
            whys: list[Why] = [{"code": "own_matter"}]
            return Verdict(Refused(row.row, row.content.number, whys), Outcome.REFUSED, whys)
        key = _key(row)
        first, there = self._met.get(key), self._on_record.get(key)
        if first is not None and first.digest == row.digest:
            return Verdict(row, Outcome.SAME, [{"code": "twice", "row": first.row}])
        self._met.setdefault(key, row)
        if there is not None:
            return self._against_record(key, row, there)
        return Verdict(row, Outcome.NEW) if first is None else self._against_row(key, row, first)

    def _against_record(self, key: Key, row: Prepared, there: Kept) -> Verdict:
        if there.digest == row.digest:
            return Verdict(row, Outcome.SAME)
        differing = self._differing(self._known[there.id], row.content)
        if not differing:
            return Verdict(row, Outcome.SAME)
        earlier = self._earlier.get((there.id, row.digest))
        if earlier is not None and earlier.settled_on is not None:
            return Verdict(row, Outcome.SAME, [{"code": "settled", "day": earlier.settled_on.isoformat()}])
        whys: list[Why] = [{"code": "differs", "fields": differing}]
        if earlier is not None:
            return Verdict(row, Outcome.CONFLICTING, [*whys, {"code": "waits"}], there)
        return self._raise(key, row, whys, there)

    def _against_row(self, key: Key, row: Prepared, first: Prepared) -> Verdict:
        differing = self._differing(first.content, row.content)
        if not differing:
            return Verdict(row, Outcome.SAME, [{"code": "twice", "row": first.row}])
        return self._raise(
            key, row, [{"code": "differs_in_file", "row": first.row, "fields": differing}], None
        )

    def _raise(self, key: Key, row: Prepared, whys: list[Why], against: Kept | None) -> Verdict:
        again = (key, row.digest) in self._raised
        self._raised.add((key, row.digest))
        return Verdict(row, Outcome.CONFLICTING, whys, against, raises_conflict=not again)

    def _differing(self, old: Content, new: Content) -> list[str]:
        found = []
        for one in fields(Content):
            key = _COLUMN.get(one.name, one.name)
            if key in self._present and not agree(one.name, old, new):
                found.append(key)
        return list(dict.fromkeys(found))


def merged(old: Content, new: Content, present: Collection[str]) -> Content:
    """Return the old content with what the new one really says otherwise.

    What its file does not tell stays, and so does a value that the new one repeats masked or less exactly.
    """
    changed = {
        one.name: getattr(new, one.name)
        for one in fields(Content)
        if _COLUMN.get(one.name, one.name) in present and not agree(one.name, old, new)
    }
    return replace(old, **changed)


def agree(name: str, old: Content, new: Content) -> bool:
    """Tell whether two contents say the same in one of their parts: equal, or the new one repeats the old one
    as lists show it, masked, with the day instead of the instant, the beginning of the text as a title.
    """
    was, now = getattr(old, name), getattr(new, name)
    if was == now:
        return True
    if name in _DAY_OF:
        return now is None and getattr(old, _DAY_OF[name]) == getattr(new, _DAY_OF[name])
    if name == "subject" and not was:
        return bool(now in (record_title("", old.text), record_title("", old.text, old.person)))
    if not isinstance(was, str) or not isinstance(now, str) or "*" not in now:
        return False
    if name in _MASKS:
        return _MASKS[name](was) == now
    shown = mask_text(was)
    return now in (shown, mask_known_name(shown, old.person))
