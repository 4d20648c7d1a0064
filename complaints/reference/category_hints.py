"""Which category the words of a complaint hint at.

A hint names the words it rests on and waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class CategoryHint:
    """Codes of `Category` that the words hint at, empty where none does; `words` in the text's order."""

    subject: str
    problem: str
    words: tuple[str, ...]


def category_hint(text: str) -> CategoryHint | None:
    """Return what the words hint at, or None. Two kinds that fit equally well are no hint."""
    lists = _words()
    subject, subject_words = _best(text, lists["subject"])
    problem, problem_words = _best(text, lists["problem"])
    if not subject and not problem:
        return None
    words = sorted({*subject_words, *problem_words}, key=text.find)
    return CategoryHint(subject, problem, tuple(words))


def _best(text: str, lists: Mapping[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]]:
    """Return the code whose words cover most of the text, and those words; nothing where two are equal."""
    found = []
    for code, words in lists.items():
        hits = _whole([word for word in words if word in text])
        if hits:
            found.append((sum(len(word) for word in hits), code, hits))
    found.sort(reverse=True)
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return "", ()
    return found[0][1], found[0][2]


def _whole(words: list[str]) -> tuple[str, ...]:
    """Leave out words that are part of another one that was found too."""
    return tuple(word for word in words if not any(word != other and word in other for other in words))


@cache
def _words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Read the lists."""
    text = files("complaints.reference").joinpath("data/category-words.yaml").read_text(encoding="utf-8")
    data: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return {kind: {code: tuple(words) for code, words in lists.items()} for kind, lists in data.items()}
