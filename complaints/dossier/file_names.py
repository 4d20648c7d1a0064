"""Names of files that people upload: kept, cleaned of what a name must not do to whoever reads it.

A name never becomes a path: files lie under names of the store's own.
"""

from __future__ import annotations

import re
import unicodedata

from complaints.foundation.masking import in_plain_signs, mask_text

LONGEST = 255
"""Bytes in UTF-8, as most file systems allow."""
_GAP = r"(?:[^\S\r\n]|[-_.·‐‑‒–—−]){0,3}"
"""What people and recorders put between the digits of one number."""
_DAY = rf"(?:19|20)[0-9]{{2}}{_GAP}(?:0[1-9]|1[0-2]){_GAP}(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-3])[-_.:]?[0-5][0-9][-_.:]?[0-5][0-9]"
_CAMERA = rf"(?<![0-9]){_DAY}(?:{_TIME}|[-_. T]{_TIME}(?:[-_.]?[0-9]{{1,3}})?)?(?![0-9])"
"""A day, and a time to the second or to its thousandth part, as cameras and recorders name their files."""
_MOBILE = rf"(?<![0-9])(?:(?:00)?86{_GAP})?1[3-9](?:{_GAP}[0-9]){{8}}[0-9](?![0-9])"
_AREA = r"0[1-9][0-9]{1,2}"
_LANDLINE = rf"(?:(?<![0-9]){_AREA}|\({_AREA}\)){_GAP}[2-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}(?![0-9])"
_IDENTITY = (
    rf"(?<![0-9])[1-9][0-9]{{5}}{_GAP}(?:19|20)[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}"
    r"[0-9]{3}[0-9Xx](?![0-9])"
)
_FOURS = rf"[0-9]{{4}}(?:{_GAP}[0-9]{{4}}){{3}}(?:{_GAP}[0-9]{{1,3}})?"
_ACCOUNT = rf"(?<![0-9])(?:[0-9]{{15,19}}|{_FOURS})(?![0-9])"
_NUMBER = re.compile(rf"{_CAMERA}|(?P<masked>{_MOBILE}|{_IDENTITY}|{_ACCOUNT}|{_LANDLINE})")
"""A number of a person, or first of all what a camera writes, which is none."""


def cleaned(name: str) -> str:
    """Return the last part of the name without control and direction characters, at most LONGEST bytes.

    The ending stays where a name is too long. Empty where nothing readable is left.
    """
    last = re.split(r"[/\\]", name)[-1]
    # Cc and Cf: line breaks, NUL, and marks that turn the reading direction (U+202E) or cannot be seen
    kept = "".join(
        one if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else "" for one in last
    )
    kept = " ".join(kept.split())
    stem, dot, ending = kept.rpartition(".")
    if not stem or len(ending) > 10:
        stem, dot, ending = kept, "", ""
    room = LONGEST - len(f"{dot}{ending}".encode())
    return f"{_cut(stem, room)}{dot}{ending}"


def ending_of(name: str) -> str:
    """Return the ending in small letters without its dot; empty where there is none, or nothing before it."""
    stem, _dot, ending = name.rpartition(".")
    return ending.lower() if stem.strip() else ""


def shown(name: str) -> str:
    """Return the name with numbers of people in it masked, as lists, the timeline and downloads show it."""
    parts, at = [], 0
    for found in _NUMBER.finditer(in_plain_signs(name)):
        if found["masked"]:
            digits = re.sub("[^0-9Xx]", "", found[0])
            parts += [name[at : found.start()], mask_text(digits)]
            at = found.end()
    return "".join((*parts, name[at:]))


def _cut(text: str, room: int) -> str:
    """Return as much of the text as has room, never half a character nor a mark without its letter."""
    raw = text.encode()
    if len(raw) <= room:
        return text
    cut = raw[:room].decode("utf-8", "ignore")
    while cut and unicodedata.combining(text[len(cut)]):
        cut = cut[:-1]
    return cut.rstrip()
