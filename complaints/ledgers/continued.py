"""Texts longer than a cell: an export carries the rest into a second sheet, from where it is taken back."""

from __future__ import annotations

import math
import re
from typing import Any

from complaints.foundation.spreadsheet_cells import unguarded_start
from complaints.ledgers.tables import Line, Table, Unreadable

_CONTINUED = ({"Row", "Column", "Text"}, {"行", "列", "内容"})
"""The heads of the second sheet, in each language."""
_GOES_ON = re.compile(r" …\s?(?:\(goes on in the sheet [^()]*\)|（下接工作表[^（）]*）)\s*\Z")
"""What a cut cell says at its end, in each language; somebody may have taken it away."""


def whole(table: Table, line: Line, name: str, value: Any) -> Any:
    """Return the cell under a column header with what was carried over of its text, still guarded."""
    more = table.rest.get((line.row, name)) if isinstance(value, str) else None
    return f"{_GOES_ON.sub('', value)}{more}" if more else value


def taken_out(found: dict[str, list[Line]]) -> tuple[dict[tuple[int, str], str], dict[str, list[Line]]]:
    """Return what an export of ours carried over into a second sheet, and the other sheets."""
    rest: dict[tuple[int, str], str] = {}
    others = {}
    for title, lines in found.items():
        header = {str(cell) for cell in lines[0].cells if cell}
        if header not in _CONTINUED or len(found) == 1:
            others[title] = lines
            continue
        carried = _carried(lines[1:])
        if carried is None:
            others[title] = lines
        else:
            rest |= carried
    return rest, others


def _carried(lines: list[Line]) -> dict[tuple[int, str], str] | None:
    """Return the texts by row and column; None where a line is not as our exports write it."""
    rest: dict[tuple[int, str], str] = {}
    for line in lines:
        cells: list[Any] = [*line.cells, None, None, None]
        row, column, text, *more = cells
        if (
            not isinstance(row, (int, float))
            or not math.isfinite(row)
            or any(cell is not None for cell in more)
        ):
            return None
        if not isinstance(column, str) or text is None or isinstance(text, Unreadable):
            return None
        key = (int(row), column)
        rest[key] = rest.get(key, "") + unguarded_start(str(text))
    return rest
