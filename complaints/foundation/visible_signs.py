"""Signs as people see them: a text is never cut inside one, and what nobody sees does not stand in a name.

One visible sign may be several characters: a letter with its accents, a family of emoji held together by
joiners, a hand with its colour. The joiners themselves stay. Marks that only turn the direction of reading
(U+202E makes 甲乙 read as 乙甲) and blanks without width go: with them two names look the same and are not.
"""

from __future__ import annotations

import re
import unicodedata

_CLINGS = ("Mn", "Me", "Mc")
_TONES = "\U0001f3fb-\U0001f3ff"
_JOINER = "\u200d"
_GOES_ON = re.compile(f"[\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f{_TONES}]")
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")
_BREAK = re.compile("\r\n?|[\u2028\u2029\x85]")
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def without_unseen(text: str) -> str:
    """Return the text without marks of direction and blanks without width."""
    return _UNSEEN.sub("", text)


def as_seen(text: str) -> str:
    """Return what was typed, or stands in a file, as people see it: without marks that nobody sees, its line
    breaks in their one form.
    """
    return without_unseen(_BREAK.sub("\n", text))


def last_cut(text: str, start: int, end: int) -> int:
    """Return the last place up to `end` that cuts no sign; `end` where one sign reaches from `start`."""
    cut = end
    while start < cut < len(text) and _clings(text, cut):
        cut -= 1
    return cut if cut > start else end


def shortened(text: str, most: int) -> str:
    """Return the text, or its beginning with an ellipsis, in at most so many characters."""
    return text if len(text) <= most else f"{text[: last_cut(text, 0, most - 1)]}…"


def _clings(text: str, at: int) -> bool:
    """Tell whether the character at the place belongs to the sign before it."""
    one, before = text[at], text[at - 1]
    if before == _JOINER or _GOES_ON.match(one) or unicodedata.category(one) in _CLINGS:
        return True
    if not _FLAG.match(one):
        return False
    flags = at
    while flags and _FLAG.match(text[flags - 1]):
        flags -= 1
    # two letters of a flag are one sign
    return (at - flags) % 2 == 1
