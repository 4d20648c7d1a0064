"""Names of files that people upload: kept, cleaned of what a name must not do to whoever reads it.

A name never becomes a path: files lie under names of the store's own.
"""

from __future__ import annotations

import re
import unicodedata

from complaints.foundation.masking import mask_text

LONGEST = 255
"""Bytes in UTF-8, as most file systems allow."""
_NUMBER = re.compile(r"(?<![0-9])(?:1[3-9][0-9]{9}|[0-9]{15,19}|[0-9]{17}[Xx])(?![0-9])")
"""A mobile number, an identity number or an account. What a camera writes, a day and a time, is none."""


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
    return _NUMBER.sub(lambda found: mask_text(found[0]), name)


def _cut(text: str, room: int) -> str:
    """Return as much of the text as has room, never half a character nor a mark without its letter."""
    raw = text.encode()
    if len(raw) <= room:
        return text
    cut = raw[:room].decode("utf-8", "ignore")
    while cut and unicodedata.combining(text[len(cut)]):
        cut = cut[:-1]
    return cut.rstrip()
