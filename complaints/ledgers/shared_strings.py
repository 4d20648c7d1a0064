"""How much text a workbook holds once every cell has its own: measured before the library makes it.

A workbook keeps each text once and lets cells point to it, so that a text of a megabyte under 20,000 cells
is a small file and 20 GB in memory.
"""

from __future__ import annotations

import re
import zipfile

from complaints.ledgers.containers import parts_of_type, related_parts, walk
from complaints.ledgers.sentences import FileRefused

LONGEST = 32_767
"""Characters that a cell can hold in a spreadsheet program."""
MOST_TEXTS = 3_000_000
"""More do not fit into the bytes that are unpacked."""
MOST_TEXT = 30_000_000
"""Characters of all cells together; 200,000 rows of 150."""


class Measure:
    """Adds up the texts of a workbook's cells."""

    def __init__(self, box: zipfile.ZipFile) -> None:
        """Measure the shared texts. Raises FileRefused for one that no cell can hold."""
        self._lengths: list[int] = []
        self._total = 0
        self._in_text = False
        parts = _parts(box)
        if len(parts) > 1:
            # which of them the library takes is its own affair
            raise FileRefused("damaged")
        for part in parts:
            walk(box, part, self._on_start, self._on_end, self._on_text)

    def add(self, value: str, *, shared: bool) -> None:
        """Count a cell: its own text, or the shared one whose place it names.

        Raises FileRefused where a cell or all together are too long.
        """
        if shared:
            place = int(value) if len(value) < 10 and value.strip().isdecimal() else -1
            length = self._lengths[place] if 0 <= place < len(self._lengths) else 0
        else:
            length = len(value)
            _check(length)
        self._total += length
        if self._total > MOST_TEXT:
            raise FileRefused("text", most=MOST_TEXT)

    def _on_start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "sst":
            _check_claim(attributes.get("uniqueCount", "0"))
        elif name == "si":
            self._lengths.append(0)
        self._in_text = name == "t"

    def _on_end(self, _tag: str) -> None:
        self._in_text = False

    def _on_text(self, text: str) -> None:
        if self._in_text and self._lengths:
            self._lengths[-1] += len(text)
            _check(self._lengths[-1])


def _parts(box: zipfile.ZipFile) -> list[str]:
    """Return the parts with shared texts: by their usual name, and as content types and relationships say."""
    named = [name for name in box.namelist() if name.lower().endswith("sharedstrings.xml")]
    related = [one.part for one in related_parts(box) if one.kind == "sharedStrings"]
    said = {name.lower() for name in (*named, *related, *parts_of_type(box, ".sharedStrings+xml"))}
    return [name for name in box.namelist() if name.lower() in said]


def _check_claim(count: str) -> None:
    """Refuse a list that says it is longer than it can be: the library makes room before it reads on."""
    if not re.fullmatch("[0-9]{1,10}", count) or int(count) > MOST_TEXTS:
        raise FileRefused("damaged")


def _check(length: int) -> None:
    if length > LONGEST:
        raise FileRefused("long_cell", most=LONGEST)
