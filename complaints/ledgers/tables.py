"""A ledger file as lines of cells, each with the number that a spreadsheet program shows for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from complaints.ledgers.sentences import FileRefused, Why

MOST_ROWS = 200_000
MOST_COLUMNS = 200
MOST_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell whose value is not in the file: `code` says why, `shown` what stands there instead."""

    code: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row. A cell is a text, a number, a day or moment without zone, a bool, `Unreadable` or None."""

    row: int
    cells: list[Any]

    def holds(self, place: int) -> bool:
        """Tell whether anything stands at a place, counted from 0."""
        cell = self.cells[place] if place < len(self.cells) else None
        return cell is not None and str(cell).strip() != ""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet and its title. `epoch_1904` tells from which day a workbook counts; None where day numbers
    mean nothing.
    """

    lines: list[Line]
    epoch_1904: bool | None = None
    notes: list[Why] = field(default_factory=list)
    rest: dict[tuple[int, str], str] = field(default_factory=dict)
    """What our own exports had to carry over into a second sheet, by row and column header."""
    title: str = ""


def check_size(size: int) -> None:
    """Raises FileRefused for a file of more bytes than any ledger; asked before one is read."""
    if size > MOST_BYTES:
        raise FileRefused("too_large", most=MOST_BYTES // 1024 // 1024)


def check_extent(rows: int, columns: int) -> None:
    """Raises FileRefused for a table larger than any ledger."""
    if columns > MOST_COLUMNS:
        raise FileRefused("columns", count=columns, most=MOST_COLUMNS)
    if rows > MOST_ROWS:
        raise FileRefused("rows", count=rows, most=MOST_ROWS)
