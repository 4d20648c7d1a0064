"""The top of a ledger's sheets, by which a person says on the page which column is which.

It is kept with the import, sealed, for as long as the file: a large workbook takes too long to be read again
for a page, and what stands in a column that nobody knows yet may be a name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

from complaints.foundation.encryption import cipher
from complaints.ledgers.headers import FIRST_ROWS, KEPT_ROWS, NO_ROW, ROW, SHEET, fields_of
from complaints.ledgers.sentences import FileRefused, Why, shown
from complaints.ledgers.tables import Table, Unreadable

MOST_SHEETS = 5
EXAMPLES = 2
"""Cells of each column that are shown below its header."""
CODE = "top"
"""Among the notes of an import: no sentence, but the sealed tops."""
_LEAST_COLUMNS = 3
"""A number, a day and a text: with fewer columns nothing can be chosen."""


@dataclass(frozen=True, slots=True)
class TopLine:
    """A line by the row that a spreadsheet program shows, its cells as a page may show them."""

    row: int
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Top:
    """The first lines of a sheet."""

    title: str
    lines: Sequence[TopLine]


@dataclass(frozen=True, slots=True)
class Head:
    """A line taken for the header: of which sheet (counted from 1) with which title, and the lines below.

    Where the sheet has no header it is an empty line above the first one. `places` are the columns, from 1,
    in which any line of the top holds something.
    """

    sheet: int
    title: str
    line: TopLine
    below: Sequence[TopLine]
    places: Sequence[int]

    @property
    def key(self) -> str:
        """The name by which a form says it."""
        return f"{self.sheet}-{self.line.row}"

    @property
    def is_none(self) -> bool:
        """Tell whether this says that there is no header."""
        return self.line.row == NO_ROW

    def name(self, place: int) -> str:
        """Return the header's name of a column; empty where it has none. The place counts from 1."""
        return self.line.cells[place - 1] if place <= len(self.line.cells) else ""

    def examples(self, place: int) -> list[str]:
        """Return the first cells of a column that hold anything; the place counts from 0."""
        cells = [line.cells[place] for line in self.below if place < len(line.cells)]
        return [cell for cell in cells if cell][:EXAMPLES]


class ColumnsUnclear(FileRefused):
    """A file whose columns are not all known: a person may say by its tops which is which."""

    def __init__(self, why: Why, tops: Sequence[Top]) -> None:
        """Take the reason and what the page shows."""
        super().__init__(**why)
        self.tops = tops


def tops_of(tables: Sequence[Table]) -> list[Top]:
    """Return the top of each sheet, masked; of a file in which nothing can be chosen, none."""
    found = [
        Top(
            shown(one.title),
            [TopLine(line.row, _cells(line.cells)) for line in one.lines[:KEPT_ROWS]],
        )
        for one in tables[:MOST_SHEETS]
    ]
    widest = max(
        (len([cell for cell in line.cells if cell]) for one in found for line in one.lines), default=0
    )
    return found if widest >= _LEAST_COLUMNS else []


def sealed(tops: Sequence[Top]) -> list[Why]:
    """Return the tops as a note of the import; nothing for none."""
    text = json.dumps([asdict(one) for one in tops], ensure_ascii=False)
    return [{"code": CODE, "sealed": cipher().encrypt(text)}] if tops else []


def opened(notes: Sequence[Mapping[str, Any]]) -> list[Top]:
    """Return the tops among the notes of an import."""
    return [
        Top(one["title"], [TopLine(**line) for line in one["lines"]])
        for note in notes
        if note["code"] == CODE
        for one in json.loads(cipher().decrypt(note["sealed"]))
    ]


def heads(tops: Sequence[Top]) -> list[Head]:
    """Return the lines that may be a header, sheet by sheet; after those of each, that it has none."""
    return [
        Head(sheet, top.title, line, below, _places(top))
        for sheet, top in enumerate(tops, start=1)
        for line, below in [
            *((line, top.lines[at:]) for at, line in enumerate(top.lines[:FIRST_ROWS], start=1)),
            (TopLine(NO_ROW, ()), top.lines),
        ]
    ]


def _places(top: Top) -> list[int]:
    return sorted({at for line in top.lines for at, cell in enumerate(line.cells, start=1) if cell})


def likely(found: Sequence[Head], mapping: Mapping[str, str]) -> Head:
    """Return the header that was chosen, else the line with the most known names, of these the fullest."""
    chosen = f"{mapping.get(SHEET)}-{mapping.get(ROW)}"
    return max(
        found,
        key=lambda one: (
            one.key == chosen,
            sum(bool(fields_of(cell, {})) for cell in one.line.cells),
            sum(bool(cell) for cell in one.line.cells),
        ),
    )


def supposed(head: Head, mapping: Mapping[str, str]) -> dict[int, str]:
    """Return by place (from 1) the field that each column has already; of two for one field none."""
    if ROW in mapping:
        if head.key != f"{mapping[SHEET]}-{mapping[ROW]}":
            return {}
        return {int(place): key for key, place in mapping.items() if key not in (SHEET, ROW)}
    found = {place: fields_of(cell, mapping)[:1] for place, cell in enumerate(head.line.cells, start=1)}
    keys = [key for some in found.values() for key in some]
    return {place: some[0] for place, some in found.items() if some and keys.count(some[0]) == 1}


def _cells(cells: Sequence[Any]) -> list[str]:
    """Return cells as they may be shown, without the empty ones at the end."""
    found = [_cell(one) for one in cells]
    while found and not found[-1]:
        found.pop()
    return found


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Unreadable):
        return shown(value.shown)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        # an identity number in its short form, 4.2e+17, would pass the mask with the birthday in it
        return shown(f"{value:.0f}")
    return shown(value)
