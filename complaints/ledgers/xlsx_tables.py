"""Reading .xlsx: the library for the values, and one look of our own for what it does not tell.

Of a formula whose result was not saved, of an error and of an empty cell the library returns the same; it
does not say from which year a workbook counts its days, and it makes room for everything between the first
and the last cell before anybody can say that this is too much. So the parts were parsed before (see
`containers`), and here the sheet is walked once for its extent and for such cells.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from complaints.ledgers.containers import open_workbook, related_parts, walk
from complaints.ledgers.continued import taken_out
from complaints.ledgers.sentences import FileRefused, Why, shown
from complaints.ledgers.shared_strings import Measure
from complaints.ledgers.tables import MOST_ROWS, Line, Table, Unreadable, check_extent

_MOST_CELLS = 8_000_000
"""Cells between the first and the last; the library makes room for all of them."""
_MOST_MERGES = 10_000
_MOST_MERGED_CELLS = 200_000
"""Cells in all merged areas together, as far as the areas reach."""


@dataclass(slots=True)
class _Look:
    """What a sheet's XML says beside its values; rows and columns count from 0."""

    rows: int = 0
    columns: int = 0
    unreadable: dict[tuple[int, int], Unreadable] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def read_xlsx(name: str, content: bytes) -> list[Table]:
    """Return the sheets that hold anything; an empty one where none does. Raises FileRefused."""
    box = open_workbook(name, content)
    parts = _sheet_parts(box)
    measure = Measure(box)
    looks = {title: _look(box, part, measure) for title, part in parts.items()}
    for look in looks.values():
        check_extent(look.rows, look.columns)
        if look.rows * look.columns > _MOST_CELLS:
            raise FileRefused("rows", count=look.rows, most=MOST_ROWS)
    with _library():
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        found: dict[str, list[Line]] = {}
        notes: list[Why] = []
        for one in sheets:
            if one.name not in looks:
                # nobody has looked how far it reaches
                raise FileRefused("damaged")
            rows = book.get_sheet_by_name(one.name).to_python(skip_empty_area=False)
            lines = _lines(rows, looks[one.name])
            if not lines:
                continue
            if one.visible != SheetVisibleEnum.Visible:
                notes.append({"code": "hidden_sheet", "name": shown(one.name)})
            else:
                found[one.name] = lines
    rest, found = taken_out(found)
    epoch = _is_1904(box)
    return [Table(lines, epoch, notes, rest, title) for title, lines in (found or {"": []}).items()]


@contextmanager
def _library() -> Iterator[None]:
    """Say in our way that the library could not read on: its errors, values that Python cannot hold, and its
    panics, which are no Exception and would end the request and the worker.
    """
    try:
        yield
    except (CalamineError, ArithmeticError, ValueError) as error:
        raise FileRefused("damaged") from error
    except BaseException as error:
        # the class has a name, but no module from which it could be imported
        if type(error).__name__ != "PanicException":
            raise
        raise FileRefused("damaged") from error


def _lines(rows: list[list[Any]], look: _Look) -> list[Line]:
    """Return the lines that hold anything, with what the look has found in place of the library's blanks."""
    for (row, column), instead in look.unreadable.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = instead
    _refuse_overlapping(look.merged)
    for top, left, bottom, right in look.merged:
        for row in range(top, min(bottom + 1, len(rows))):
            for column in range(left, min(right + 1, len(rows[row]))):
                if isinstance(rows[row][column], Unreadable):
                    continue
                kept = rows[row][column] if (row, column) == (top, left) else ""
                rows[row][column] = Unreadable("merged", str(kept))
    return [
        Line(number, [None if cell == "" else cell for cell in cells])
        for number, cells in enumerate(rows, start=1)
        if any(cell not in ("", None) for cell in cells)
    ]


def _refuse_overlapping(merged: list[tuple[int, int, int, int]]) -> None:
    """Raises FileRefused where a cell belongs to two areas, which no spreadsheet program writes."""
    taken: set[tuple[int, int]] = set()
    for top, left, bottom, right in merged:
        cells = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        if not taken.isdisjoint(cells):
            raise FileRefused("damaged")
        taken |= cells


def _sheet_parts(box: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by its title."""
    titles: dict[str, str] = {}

    def on_sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet":
            key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            titles[attributes.get("name", "")] = key

    walk(box, "xl/workbook.xml", on_sheet)
    targets = {one.id: one.part for one in related_parts(box)}
    found = {title: targets.get(key, "") for title, key in titles.items()}
    return {title: part for title, part in found.items() if part in box.namelist()}


def _is_1904(box: zipfile.ZipFile) -> bool:
    found = False

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal found
        if tag.rpartition(":")[2] == "workbookPr":
            found = attributes.get("date1904", "0") in ("1", "true")

    walk(box, "xl/workbook.xml", on_start)
    return found


def _look(box: zipfile.ZipFile, part: str, measure: Measure) -> _Look:
    """Walk a sheet once: extent, merged cells, errors, formulas without a result."""
    walker = _SheetWalker(measure)
    walk(box, part, walker.on_start, walker.on_end, walker.on_text)
    return walker.look


class _SheetWalker:
    """Follows the elements of a sheet: rows, cells (c) with formula (f) and value (v, or t in the cell)."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self.look = _Look()
        self._row = self._column = -1
        self._type = self._value = ""
        self._formula = self._in_value = False
        self._merged_cells = 0

    def on_start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            given = attributes.get("r")
            self._row, self._column = self._row + 1 if given is None else _row(given), -1
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._formula = True
        elif name in ("v", "t"):
            self._in_value = True
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def on_end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name in ("v", "t"):
            self._in_value = False
        elif name == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        self._measure.add(self._value, shared=self._type == "s")
        if self._type == "e":
            self.look.unreadable[self._row, self._column] = Unreadable("error_value", self._value[:12])
        elif self._formula and not self._value and self._type != "str":
            self.look.unreadable[self._row, self._column] = Unreadable("no_cached_value")

    def on_text(self, text: str) -> None:
        if self._in_value:
            self._value += text

    def _merge(self, reference: str) -> None:
        for area in _area(reference):
            top, left, bottom, right = area
            self._merged_cells += max(bottom - top + 1, 0) * max(right - left + 1, 0)
            self.look.merged.append(area)
        if len(self.look.merged) > _MOST_MERGES or self._merged_cells > _MOST_MERGED_CELLS:
            raise FileRefused("merges", most=_MOST_MERGES, cells=_MOST_MERGED_CELLS)

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r")
        if given is None:
            self._column += 1
        else:
            self._row, self._column = _place(given)
        self._type, self._value, self._formula = attributes.get("t", ""), "", False
        self.look.rows = max(self.look.rows, self._row + 1)
        self.look.columns = max(self.look.columns, self._column + 1)


def _area(reference: str) -> list[tuple[int, int, int, int]]:
    found = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})", reference)
    if not found:
        return []
    return [(int(found[2]) - 1, _column(found[1]), int(found[4]) - 1, _column(found[3]))]


def _place(reference: str) -> tuple[int, int]:
    """Return row and column of a cell. Raises FileRefused for a reference that is none: the library reads
    ZZZZZZZ1 as a column all the same, makes room for it, and the whole process ends for want of memory.
    """
    found = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference)
    if not found:
        raise FileRefused("damaged")
    return int(found[2]) - 1, _column(found[1])


def _row(number: str) -> int:
    """Return the row of a line; as strict as `_place`, for a cell without a reference stands in it."""
    if not re.fullmatch("[0-9]{1,7}", number):
        raise FileRefused("damaged")
    return int(number) - 1


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
