"""What one row of a ledger says, ready to be kept: read, normalised, encrypted, hashed.

All of this is done before the write transaction begins, so that SQLite's one writer is kept for as short as
possible.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from complaints.dossier.search_filling import recorded_text
from complaints.dossier.search_terms import SearchText, words_of
from complaints.foundation.encryption import cipher
from complaints.foundation.errors import Invalid
from complaints.foundation.half_width import half_width
from complaints.foundation.masking import mask_text
from complaints.foundation.phones import normalise_phone
from complaints.ledgers.cells import moment_of, number_of, text_of
from complaints.ledgers.continued import whole
from complaints.ledgers.found_by import flags_of, name_in, phones_in
from complaints.ledgers.headers import Columns
from complaints.ledgers.ledger_numbers import is_personal, masked_number
from complaints.ledgers.sentences import RowRefused, Why, beginning
from complaints.ledgers.tables import Line, Table, Unreadable

MOST: Mapping[str, int] = {
    "number": 80,
    "person": 100,
    "phone": 100,
    "subject": 400,
    "text": 100_000,
    "merchant": 200,
    "reply": 100_000,
    "unit": 200,
}
"""Characters of each field."""

_NO_PHONE = frozenset({"无", "不详", "未留", "未提供", "保密", "-", "--", "—", "/", "\\", "0"})
"""What ledgers write where nobody left a number."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a row says. Dates are those of Asia/Shanghai; an instant is None where the day alone is given."""

    number: str
    unit_path: str
    person: str
    phone: str
    subject: str
    text: str
    merchant: str
    received_at: datetime | None
    received_on: date
    reply: str
    replied_at: datetime | None
    replied_on: date | None

    def as_json(self, present: Collection[str] = ()) -> str:
        """Return all of it as one JSON object, the same for the same content; with its file's fields."""
        values = {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }
        if present:
            values["present"] = sorted(present)
        return json.dumps(values, ensure_ascii=False, sort_keys=True, default=str)

    @classmethod
    def from_json(cls, text: str) -> Content:
        """Return what `as_json` wrote."""
        values = json.loads(text)
        values.pop("present", None)
        for name in ("received_at", "replied_at"):
            values[name] = datetime.fromisoformat(values[name]) if values[name] else None
        for name in ("received_on", "replied_on"):
            values[name] = date.fromisoformat(values[name]) if values[name] else None
        return cls(**values)

    @staticmethod
    def present_in(text: str) -> frozenset[str]:
        """Return the fields that the file of a conflict had; without such a list, those that say anything."""
        values = json.loads(text)
        filled = {name.replace("_on", "_at") for name, value in values.items() if value}
        return frozenset(values.get("present") or filled)

    @property
    def digest(self) -> str:
        """Keyed hash of everything the row says."""
        return cipher().keyed_hash(f"record {self.as_json()}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row that can be kept: `columns` are the table's values, encrypted; `search` is masked, its id 0."""

    row: int
    content: Content
    digest: str
    columns: dict[str, Any] = field(repr=False)
    search: SearchText = field(repr=False)
    flags: list[Why]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that cannot be kept, and every reason."""

    row: int
    number: str
    whys: list[Why]


Row = Prepared | Refused
UnitOf = Callable[[str], str]
"""Path of the unit that a cell names, or of the file's own unit for an empty one. Raises RowRefused."""


def prepare(
    table: Table, columns: Columns, unit_of: UnitOf, today: date, lines: Iterable[Line]
) -> Iterator[Row]:
    """Read, normalise, encrypt and hash one line after the other."""
    reading = _Reading(table, columns, unit_of, today)
    for line in lines:
        yield reading.read(line)


def sealed(content: Content) -> dict[str, Any]:
    """Return the values of the columns of a record, personal ones encrypted and with their keyed hashes."""
    lock, values = cipher(), sealed_values(content)
    for plain, stored in (
        ("subject_in_full", "subject"),
        ("text_in_full", "text"),
        ("reply_in_full", "reply"),
    ):
        values[stored] = values.pop(plain)
    return values | {"person": lock.encrypt(content.person), "phone": lock.encrypt(content.phone)}


def sealed_values(content: Content) -> dict[str, Any]:
    """Return the values of a record's attributes, with the keyed hashes of the personal ones."""
    lock, name = cipher(), name_in(content.person)
    numbers = phones_in(content.phone) if content.phone else []
    return {
        "number": content.number,
        "unit_path": content.unit_path,
        "person": content.person,
        "person_hash": lock.keyed_hash(name) if name else "",
        "phone": content.phone,
        "phone_hash": lock.keyed_hash(numbers[0]) if numbers else "",
        "subject_in_full": content.subject,
        "text_in_full": content.text,
        "merchant": content.merchant,
        "received_at": content.received_at,
        "received_on": content.received_on,
        "reply_in_full": content.reply,
        "replied_at": content.replied_at,
        "replied_on": content.replied_on,
        "content_digest": content.digest,
    }


def searched(content: Content, record_id: int = 0) -> SearchText:
    """Return what is searched of a record: masked, and no person."""
    masked = [mask_text(one) for one in (content.subject, content.text, content.reply)]
    return recorded_text(content, record_id, *masked)


def _worded(content: Content) -> SearchText:
    """Return what is searched with its words made, which takes longer than writing them."""
    text = searched(content)
    return replace(text, words=words_of(text))


class _Reading:
    """Reads lines by the columns of one table."""

    def __init__(self, table: Table, columns: Columns, unit_of: UnitOf, today: date) -> None:
        self._table, self._columns, self._unit_of, self._today = table, columns, unit_of, today
        self._whys: list[Why] = []
        self._flags: list[Why] = []

    def read(self, line: Line) -> Row:
        self._whys, self._flags = [], []
        if len(line.cells) > len(self._columns.names) and any(line.cells[len(self._columns.names) :]):
            self._whys.append(
                {"code": "too_many_cells", "count": len(line.cells), "most": len(self._columns.names)}
            )
        content = self._content(line)
        if content is None or self._whys:
            return Refused(line.row, self._number_shown(line), self._whys)
        self._flag(content)
        columns = sealed(content)
        return Prepared(line.row, content, columns["content_digest"], columns, _worded(content), self._flags)

    def _content(self, line: Line) -> Content | None:
        number = self._try(lambda: self._number(line))
        received = self._try(lambda: self._moment(line, "received_at"))
        replied = self._try(lambda: self._moment(line, "replied_at", needed=False)) or (None, None)
        words = {key: self._try_text(line, key) for key in ("text", "reply", "subject", "person", "merchant")}
        phone = self._try(lambda: self._phone(line)) or ""
        unit = self._try(lambda: self._unit_of(self._text(line, "unit")))
        if number == "":
            self._whys.append({"code": "missing", "field": "number"})
        if not words["text"] and not words["subject"] and not self._whys:
            self._whys.append({"code": "missing_text"})
        if not number or received is None or received[1] is None or unit is None:
            return None
        return Content(
            number=number,
            unit_path=unit,
            phone=phone,
            received_at=received[0],
            received_on=received[1],
            replied_at=replied[0],
            replied_on=replied[1],
            **words,
        )

    def _flag(self, content: Content) -> None:
        self._flags += flags_of(content.person, content.phone)
        if content.replied_on is not None and content.replied_on < content.received_on:
            self._flags.append(
                {
                    "code": "replied_before_received",
                    "replied": content.replied_on.isoformat(),
                    "received": content.received_on.isoformat(),
                }
            )

    def _try(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except RowRefused as refused:
            self._whys.append(refused.why)
            return None

    def _try_text(self, line: Line, key: str) -> str:
        return self._try(lambda: self._text(line, key)) or ""

    def _cell(self, line: Line, key: str) -> Any:
        place = self._columns.places.get(key)
        return line.cells[place] if place is not None and place < len(line.cells) else None

    def _text(self, line: Line, key: str) -> str:
        one_line = key not in ("text", "reply")
        value, place = self._cell(line, key), self._columns.places.get(key)
        if place is not None:
            value = whole(self._table, line, self._columns.names[place], value)
        return text_of(value, key, most=MOST[key], one_line=one_line)

    def _moment(self, line: Line, key: str, *, needed: bool = True) -> tuple[datetime | None, date | None]:
        value = self._cell(line, key)
        if (value is None or isinstance(value, (str, Unreadable))) and text_of(value, key, most=200) == "":
            if needed:
                raise RowRefused("missing", field=key)
            return None, None
        return moment_of(value, key, self._today, self._table.epoch_1904)

    def _number(self, line: Line) -> str:
        """Return the ledger's number; a person's number in its place would be shown everywhere."""
        number = number_of(self._cell(line, "number"), "number", most=MOST["number"])
        if is_personal(number):
            raise RowRefused("personal_number", field="number", shown=mask_text(number))
        return number

    def _phone(self, line: Line) -> str:
        """Return a number in its one form; what is none or more than one is kept as it was written."""
        text = number_of(self._cell(line, "phone"), "phone", most=MOST["phone"])
        if not text or text in _NO_PHONE:
            return ""
        try:
            return normalise_phone(text)
        except Invalid:
            # with its blanks: two numbers may have nothing else between them
            return half_width(self._text(line, "phone"))

    def _number_shown(self, line: Line) -> str:
        value = self._cell(line, "number")
        if value is None or isinstance(value, Unreadable):
            return ""
        return beginning(half_width(str(value)), MOST["number"], masked_number)
