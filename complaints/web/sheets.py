"""Writing rows as a sheet, .csv or .xlsx, without ever holding more than a portion of them.

A text is guarded against running as a formula (`complaints.foundation.spreadsheet_cells`); a day is ISO in
.csv and a real date in .xlsx; money is given as integer fen and written in yuan with two places, as a number.
"""

from __future__ import annotations

import csv
import enum
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Generic, TypeVar

import xlsxwriter
from flask_babel import gettext as _

from complaints.foundation.clock import SHANGHAI, local_moment
from complaints.foundation.spreadsheet_cells import LONGEST, guarded, guarded_start, pieces, printable

Row = TypeVar("Row")

BOM = "\ufeff"
"""Without it Excel reads a .csv file as GBK, which knows neither every name nor emoji."""

_NOT_IN_A_SHEETS_NAME = re.compile(r"[\[\]:*?/\\']")
_SHEETS_NAME = 31
_SAID = 64
"""Characters that a cut cell keeps free for saying where it goes on."""


class Kind(enum.StrEnum):
    """What a column holds, and so how it is written."""

    TEXT = "text"
    NUMBER = "number"
    YUAN = "yuan"
    """Integer fen, written in yuan."""
    DAY = "day"
    MOMENT = "moment"
    """An aware datetime or UTC microseconds, written in Asia/Shanghai to the minute."""


_WIDTHS = {Kind.TEXT: 22, Kind.NUMBER: 10, Kind.YUAN: 14, Kind.DAY: 12, Kind.MOMENT: 17}
_FORMATS = {Kind.YUAN: "#,##0.00", Kind.DAY: "yyyy-mm-dd", Kind.MOMENT: "yyyy-mm-dd hh:mm"}


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its head in the language of the page, and what a row has in it; None is an empty cell."""

    label: str
    value: Callable[[Row], Any]
    kind: Kind = Kind.TEXT


def csv_lines(columns: Sequence[Column[Row]], portions: Iterable[Sequence[Row]]) -> Iterator[str]:
    """Yield a .csv file, the head first, then a portion at a time."""
    yield BOM + _csv([[guarded(column.label) for column in columns]])
    for rows in portions:
        yield _csv([[_csv_cell(column, row) for column in columns] for row in rows])


def write_xlsx(
    file: IO[bytes],
    folder: str,
    name: str,
    columns: Sequence[Column[Row]],
    portions: Iterable[Sequence[Row]],
) -> None:
    """Write an .xlsx file into `file`, a row at a time; what is under way lies in the folder meanwhile.

    A text longer than a cell goes on in a second sheet, and its cell says so.
    """
    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        _Sheet(book, _NOT_IN_A_SHEETS_NAME.sub(" ", name)[:_SHEETS_NAME].strip(), columns).fill(portions)


class _Sheet(Generic[Row]):
    """The sheet of a workbook, with the second one where a text needs it."""

    def __init__(self, book: Any, name: str, columns: Sequence[Column[Row]]) -> None:
        self.book, self.columns = book, columns
        self.sheet, self.rest_rows = book.add_worksheet(name), 0
        self.rest: Any = None
        self.formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        head = book.add_format({"bold": True, "bottom": 1})
        self.sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            self.sheet.set_column(place, place, _WIDTHS[column.kind])
            self.sheet.write_string(0, place, guarded(printable(column.label)), head)

    def fill(self, portions: Iterable[Sequence[Row]]) -> None:
        """Write all rows."""
        line = 0
        for rows in portions:
            for row in rows:
                line += 1
                for place, column in enumerate(self.columns):
                    self._cell(line, place, column, column.value(row))

    def _cell(self, line: int, place: int, column: Column[Row], value: Any) -> None:
        if value is None or value == "":
            return
        shown = self.formats.get(column.kind)
        if column.kind in (Kind.DAY, Kind.MOMENT):
            self.sheet.write_datetime(line, place, _at(value), shown)
        elif column.kind in (Kind.YUAN, Kind.NUMBER):
            self.sheet.write_number(line, place, value / 100 if column.kind is Kind.YUAN else value, shown)
        else:
            self.sheet.write_string(line, place, self._short(line, column, guarded(printable(str(value)))))

    def _short(self, line: int, column: Column[Row], text: str) -> str:
        """Return what of the text fits into a cell; the rest goes to the second sheet."""
        parts = pieces(text, LONGEST - _SAID)
        if len(parts) == 1:
            return text
        if self.rest is None:
            self.rest = self.book.add_worksheet(_("Continued"))
            for place, label in enumerate((_("Row"), _("Column"), _("Text"))):
                self.rest.write_string(0, place, label)
        for part in parts[1:]:
            self.rest_rows += 1
            self.rest.write_number(self.rest_rows, 0, line + 1)
            self.rest.write_string(self.rest_rows, 1, guarded(column.label))
            # the text was guarded before it was cut; a beginning in the middle of a line is new
            self.rest.write_string(self.rest_rows, 2, guarded_start(part))
        said = _("… (goes on in the sheet “Continued”)")
        return f"{parts[0]} {said}"


def _at(value: Any) -> datetime | date:
    """Return a day as it is, an instant as the clock on the wall in Asia/Shanghai."""
    if isinstance(value, int):
        return local_moment(value).replace(tzinfo=None)
    return value.astimezone(SHANGHAI).replace(tzinfo=None) if isinstance(value, datetime) else value


def _csv_cell(column: Column[Row], row: Row) -> str:
    value = column.value(row)
    if value is None:
        return ""
    if column.kind is Kind.MOMENT:
        return f"{_at(value):%Y-%m-%d %H:%M}"
    if column.kind is Kind.YUAN:
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"
    if column.kind is Kind.TEXT:
        return guarded(printable(str(value)))
    return value.isoformat() if column.kind is Kind.DAY else str(value)


def _csv(lines: Iterable[Sequence[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(lines)
    return written.getvalue()
