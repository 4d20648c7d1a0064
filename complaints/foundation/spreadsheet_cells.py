"""Texts in the cells of a spreadsheet: nothing that people typed may run as a formula.

A spreadsheet program computes a cell that begins with = + - @, and some look again after blanks, after a tab,
or after a line break inside the cell; the full-width forms are read like the plain ones. `guarded` puts a
single quote before such a beginning (the remedy of the OWASP list on CSV injection), `unguarded` takes
exactly that quote away again: `unguarded(guarded(text)) == text` for every text. Both formats carry the same
quote: a cell of an .xlsx file is a harmless text by its type, but it begins to compute as soon as somebody
saves the sheet as .csv. A telephone number as '+86 138… stays readable.
"""

from __future__ import annotations

import re

from complaints.foundation.visible_signs import last_cut

LONGEST = 32_767
"""Characters (UTF-16 units) of a cell that Excel takes."""

_STARTS = "=+\\-@\t\r＝＋－＠﹦﹢﹣﹫⁼⁺⁻₊₌−"
_BLANKS = "\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f"
"""What a reader does not see, and programs may skip: blanks of every script, joiners, marks of direction."""

_LINE = re.compile(r"(\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])")
_DANGEROUS = re.compile(f"(?:[{_BLANKS}]*[{_STARTS}])|<r>")
"""Also what a writer of .xlsx takes for marked-up text and would not escape."""

_CANNOT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML, and so an .xlsx file, cannot carry."""


def guarded(text: str) -> str:
    """Put a single quote before each beginning, of the cell or of a line in it, that a program could run."""
    parts = _LINE.split(text)
    for at in range(0, len(parts), 2):
        if _runs(parts, at):
            parts[at] = f"'{parts[at]}"
    return "".join(parts)


def unguarded(text: str) -> str:
    """Take away what `guarded` put there, and nothing else."""
    parts = _LINE.split(text)
    for at in range(0, len(parts), 2):
        if parts[at].startswith("'") and _runs(parts, at):
            parts[at] = parts[at][1:]
    return "".join(parts)


def guarded_start(text: str) -> str:
    """Put a single quote before the beginning alone, of a cell that goes on where another one of the same
    guarded text was cut: its further lines are guarded already.
    """
    return f"'{text}" if _runs(_LINE.split(text), 0) else text


def unguarded_start(text: str) -> str:
    """Take away what `guarded_start` put there, and nothing else."""
    return text[1:] if text.startswith("'") and _runs(_LINE.split(text), 0) else text


def _runs(parts: list[str], at: int) -> bool:
    """Tell whether the line at an even place would run; quotes at its beginning are looked past, so that a
    text that had one of its own gets it back.
    """
    line = parts[at].lstrip("'")
    # a cell that begins with a carriage return has an empty first line
    if at == 0 and len(parts) > 1 and parts[1].startswith("\r") and not line.strip():
        return True
    return _DANGEROUS.match(line) is not None


def printable(text: str) -> str:
    """Return the text with a replacement sign for each that an .xlsx file cannot carry."""
    return _CANNOT.sub("\ufffd", text)


def pieces(text: str, longest: int = LONGEST) -> list[str]:
    """Cut a text into cells of at most so many UTF-16 units, never inside a visible sign."""
    if 2 * len(text) <= longest:  # by far most: no sign takes more than two units
        return [text]
    found, start, end, units = [], 0, 0, 0
    while end < len(text):
        units += 2 if ord(text[end]) > 0xFFFF else 1
        if units > longest:
            cut = last_cut(text, start, end)
            found.append(text[start:cut])
            start = end = cut
            units = 0
        else:
            end += 1
    return [*found, text[start:]]
