"""Where the words stand: marked in what is shown, and cut out of a long text."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from complaints.foundation.folding import fold, fold_with_places

BEFORE, LONGEST = 24, 110
"""Characters of a snippet before its first word, and in all."""
_JOINS = "\u200d\ufe0e\ufe0f"


def marked(text: str, words: Sequence[str]) -> Markup:
    """Return the text as HTML with every place of the words in <mark>; everything else is escaped."""
    parts, at = [], 0
    for start, end in _joined(_places(text, words)):
        parts += [Markup("{}<mark>{}</mark>").format(text[at:start], text[start:end])]
        at = end
    return Markup("").join([*parts, Markup("{}").format(text[at:])])


def unmarked(words: Markup) -> str:
    """Return the text that `marked` was given, as it was written, blanks and all."""
    return html.unescape(str(words).replace("<mark>", "").replace("</mark>", ""))


def snippet(text: str, words: Sequence[str]) -> Markup:
    """Return the piece of a text around the first of the words, with the words marked."""
    line = " ".join(text.split())
    first = min((start for start, _end in _places(line, words)), default=0)
    start = _whole(line, max(first - BEFORE, 0) if len(line) > LONGEST else 0)
    end = _whole(line, min(start + LONGEST, len(line)))
    cut = marked(line[start:end], words)
    return Markup("{}{}{}").format("…" if start else "", cut, "…" if end < len(line) else "")


def _places(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where the words stand in the text."""
    folded, places = fold_with_places(text)
    for word in filter(None, map(fold, words)):
        at = folded.find(word)
        while at >= 0:
            yield places[at], places[at + len(word) - 1] + 1
            at = folded.find(word, at + len(word))


def _joined(places: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield places in their order, those that touch as one."""
    start = end = -1
    for first, last in sorted(places):
        if first <= end:
            end = max(end, last)
            continue
        if start >= 0:
            yield start, end
        start, end = first, last
    if start >= 0:
        yield start, end


def _whole(text: str, at: int) -> int:
    """Return the place, or the nearest before it, where no character is cut from what belongs to it."""
    while 0 < at < len(text) and (
        unicodedata.category(text[at]) in {"Mn", "Me", "Cf", "Sk"}
        or text[at] in _JOINS
        or text[at - 1] in _JOINS
    ):
        at -= 1
    return at
