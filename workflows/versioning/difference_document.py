"""The comparison of two versions as a document: a heading a part, numbered lines, what each touches.

The texts that only read better stand at the end, apart from what changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workflows.definition import Label, Procedure
from workflows.versioning.difference_words import PARTS, Vocabulary, sentence
from workflows.versioning.differences import Change, Difference, days_compared, differences
from workflows.versioning.versions import Library

WORDING = Label("仅修改文字", "Wording only")
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Line:
    """One difference in words; `touches` counts the running matters that it touches."""

    text: str
    touches: int
    difference: Difference


@dataclass(frozen=True, slots=True)
class Section:
    """What differs in one part of the procedure."""

    heading: str
    lines: tuple[Line, ...]


def sections(
    old: Procedure,
    new: Procedure,
    library: Library,
    language: str,
    words: Vocabulary,
    touched: Callable[[Difference], int],
) -> tuple[Section, ...]:
    """Return the comparison of two versions; `touched` counts the running matters for a line."""
    found = differences(old, new, library.rule_book, days_compared(library, old, new))
    decides = [one for one in found if one.change is not Change.WORDING]
    groups: list[tuple[Label, Sequence[Difference]]] = [
        (label, [one for one in decides if one.part is part]) for part, label in PARTS.items()
    ]
    groups.append((WORDING, [one for one in found if one.change is Change.WORDING]))
    filled = [(label, group) for label, group in groups if group]
    return tuple(
        Section(
            _heading(number, label, language),
            tuple(Line(sentence(one, language, words), touched(one), one) for one in group),
        )
        for number, (label, group) in enumerate(filled)
    )


def _heading(number: int, label: Label, language: str) -> str:
    if language.startswith("zh"):
        return f"{NUMERALS[number % 10] if number < 10 else '十' + NUMERALS[number - 10]}、{label.zh}"
    return f"{number + 1}. {label.en[0].upper()}{label.en[1:]}"
