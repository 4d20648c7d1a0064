"""Reading .csv: the encoding is told by the whole file or not at all, never guessed from a part.

UTF-8 with or without its mark, UTF-16 with its mark, else GB18030 (which GBK and GB 2312 are parts of); what
is none of these is refused with the byte and the line. UTF-8 that is cut off, or has lines of another
encoding, would often pass as GB18030 and become nonsense: it is told apart by how much of it is sound.
"""

from __future__ import annotations

import codecs
import csv
import io

from complaints.ledgers.sentences import FileRefused
from complaints.ledgers.tables import MOST_BYTES, Line, Table, check_extent

_LEAST_FOREIGN = 12
"""Bytes beyond ASCII in one line that are sound UTF-8: chance does not do that in GB18030."""

# a cell longer than the 131,072 characters of the library refuses its row, as any that is too long
csv.field_size_limit(MOST_BYTES)


def read_csv(content: bytes) -> Table:
    """Return the table. Raises FileRefused."""
    text = decode(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    lines: list[Line] = []
    row = 0
    try:
        for cells in reader:
            row += 1
            check_extent(row, len(cells))
            if any(cell.strip() for cell in cells):
                lines.append(Line(row, list(cells)))
    except csv.Error as error:
        raise FileRefused("csv", row=row + 1) from error
    return Table(lines)


def decode(content: bytes) -> str:
    """Return the text. Raises FileRefused with byte and line."""
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise FileRefused("utf16", at=0)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise FileRefused("utf16", at=error.start) from error
    if content.count(0) * 10 > len(content):
        raise FileRefused("utf16_without_mark")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # the mark, where there is one, is not counted in the error's place
        mark = 3 if content.startswith(codecs.BOM_UTF8) else 0
        return _as_gb18030(content, error.start + mark)


def _as_gb18030(content: bytes, broken_at: int) -> str:
    """Return the text of a file that is no sound UTF-8 from a place on."""
    tried = content.decode("utf-8", "replace")
    unsound = tried.count("\ufffd")
    sound = sum(1 for sign in tried if sign > "\x7f") - unsound
    if content.startswith(codecs.BOM_UTF8) or sound > unsound:
        raise FileRefused("utf8", at=broken_at, line=_line(content, broken_at))
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise FileRefused(
            "encoding",
            utf8=broken_at,
            utf8_line=_line(content, broken_at),
            gb=error.start,
            gb_line=_line(content, error.start),
        ) from error
    _refuse_mixed(content)
    return text


def _refuse_mixed(content: bytes) -> None:
    """Refuse GB18030 with lines of UTF-8 among it; they would become nonsense that looks like Chinese."""
    at = 0
    for line, piece in enumerate(content.split(b"\n"), start=1):
        if sum(1 for byte in piece if byte > 0x7F) >= _LEAST_FOREIGN:
            try:
                piece.decode("utf-8")
            except UnicodeDecodeError:
                pass
            else:
                raise FileRefused("mixed", line=line, at=at)
        at += len(piece) + 1


def _line(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1


def _delimiter(text: str) -> str:
    """Return what stands between the cells: a comma, or a tab or semicolon where the header has no comma."""
    header = text.lstrip("\r\n").partition("\n")[0]
    return next((sign for sign in ",\t;" if sign in header), ",")
