"""What a text is found by. Chinese is cut into single characters and pairs (二元) by the application itself,
so that words of one and two characters and rare characters are found without an extension of the database.

A term has only letters and digits that every tokeniser leaves whole: a character beyond the common ideographs
is written as its code. The letter in front tells the kind of a term:

- `t` a character, a pair or a word of another script, anywhere in title, merchant or text;
- `h` the same in title or merchant alone (the head);
- `n` a part of the number, `i` of the merchant's pinyin initials, `c` the whole credit code;
- `u` a unit and `p` a person whose text it is (`complaints.dossier.search_reach`).

Whoever changes what a text's terms are has the index made anew by `cli search rebuild`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import groupby, pairwise

from complaints.foundation.folding import fold

LONGEST_RUN = 40
"""Characters of a word of letters that are kept as one term; of initials and numbers likewise."""
_OTHER_LETTERS = "".join(
    chr(code) for code in range(0x80, 0x530) if unicodedata.category(chr(code)) in {"Ll", "Lo"}
)
_LETTERS = re.compile(f"[a-z0-9{_OTHER_LETTERS}]+")
"""Words of letters: Latin, Greek, Cyrillic. All of these are letters to SQLite's tokeniser, too."""


@dataclass(frozen=True, slots=True)
class SearchText:
    """What of one matter or historical record is searched.

    All of it is ALREADY MASKED (`complaints.foundation.masking.mask_text`); no telephone or identity number
    and no person's name as such is among it. `received_on` orders what is found, the newest first.
    """

    subject_type: str
    """`matter` or `record`."""
    subject_id: int
    number: str
    title: str
    merchant: str
    text: str
    received_on: date
    merchant_code: str = ""
    reach: str = ""
    """Whose it is: terms of `complaints.dossier.search_reach`, with blanks between."""
    words: str = field(default="", compare=False, repr=False)
    """`words_of` this text where they were made beforehand: an import makes many before its transaction."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term that is asked for; `prefix` finds every term that begins so."""

    text: str
    prefix: bool = False


def terms_of(given: SearchText) -> set[str]:
    """Return the terms under which the text is found."""
    head = _terms(fold(given.title)) | _terms(fold(given.merchant))
    body = _terms(fold(given.text)) | head
    return {
        *(f"t{one}" for one in body),
        *(f"h{one}" for one in head),
        *(f"n{one}" for one in _number_ends(given.number)),
        *(f"i{one}" for one in _tails(initials(given.merchant))),
        *((f"c{fold(given.merchant_code)}",) if given.merchant_code else ()),
        *given.reach.split(),
    }


def words_of(given: SearchText) -> str:
    """Return the terms in their order with blanks between, as the index keeps them."""
    return given.words or " ".join(sorted(terms_of(given)))


def words_by_reach(given: SearchText, *reaches: str) -> list[str]:
    """Return `words_of` the text for each reach in place of its own: what is written is cut up once."""
    written = terms_of(replace(given, reach=""))
    return [" ".join(sorted(written | set(reach.split()))) for reach in reaches]


def asked_terms(word: str, kind: str = "t") -> list[Term]:
    """Return the terms that a text with this word has; none where nothing in the word is a letter or a
    character.

    Words of letters are found from their beginning.
    """
    found: dict[Term, None] = {}
    for letters, run in _runs(fold(word)):
        if letters:
            found[Term(f"{kind}{run[:LONGEST_RUN]}", prefix=len(run) > 1)] = None
        elif len(run) == 1:
            found[Term(f"{kind}{_written(run)}")] = None
        else:
            for one in _pairs(run):
                found[Term(f"{kind}{one}")] = None
    return list(found)


def says_all(word: str) -> bool:
    """Tell whether the terms of a word say all about it: one or two characters, or one word of letters."""
    folded = fold(word)
    runs = list(_runs(folded))
    return [run for _letters, run in runs] == [folded] and (runs[0][0] or len(folded) <= 2)


@lru_cache(maxsize=4_096)
def initials(name: str) -> str:
    """Return the pinyin initials of a name in small letters, digits and Latin letters kept."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:120]


def bare_number(number: str) -> str:
    """Return a number, or a part of one, without what stands between its digits."""
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", fold(number))


def _terms(folded: str) -> set[str]:
    found: set[str] = set()
    for letters, run in _runs(folded):
        if letters:
            found.add(run[:LONGEST_RUN])
        else:
            written = [_written(sign) for sign in run]
            found.update(written)
            found.update(map("".join, pairwise(written)))
    return found


def _runs(folded: str) -> Iterator[tuple[bool, str]]:
    """Yield words of letters, and runs of characters that stand side by side."""
    at = 0
    for found in _LETTERS.finditer(folded):
        yield from ((False, run) for run in _character_runs(folded[at : found.start()]))
        yield True, found[0]
        at = found.end()
    yield from ((False, run) for run in _character_runs(folded[at:]))


def _character_runs(rest: str) -> Iterator[str]:
    for wanted, signs in groupby(rest, _is_character):
        if wanted:
            yield "".join(signs)


@lru_cache(maxsize=65_536)
def _is_character(sign: str) -> bool:
    """Tell whether a sign is looked for: ideographs, letters of other scripts, pictures; not punctuation."""
    return unicodedata.category(sign) in {"Lo", "Ll", "Lm", "Nd", "Nl", "No", "So", "Co", "Cn"}


@lru_cache(maxsize=65_536)
def _written(sign: str) -> str:
    """Return a character as it stands in a term: common ideographs as they are, others as their code."""
    return sign if "\u4e00" <= sign <= "\u9fa5" else f"z{ord(sign):x}z"


def _pairs(run: str) -> Iterator[str]:
    written = [_written(sign) for sign in run]
    yield from map("".join, pairwise(written))


def _number_ends(number: str) -> set[str]:
    """Return the ends of a number by whose beginnings its parts are found.

    From each of its parts on (region, day, sequence), from month and day on, and the last four to six digits.
    """
    whole = bare_number(number)
    starts = {0, *(len(whole) - last for last in (4, 5, 6))}
    at = 0
    for part in filter(None, map(bare_number, re.split(r"[^0-9A-Za-z\u4e00-\u9fff]+", fold(number)))):
        starts |= {at, at + 4} if len(part) == 8 else {at}
        at += len(part)
    return {whole[start:][:LONGEST_RUN] for start in starts if 0 <= start < len(whole)}


def _tails(name: str) -> set[str]:
    """Return all ends of the initials: by the beginnings of these any part of them is found."""
    letters = re.sub(r"[^a-z0-9]", "", fold(name))[:LONGEST_RUN]
    return {letters[start:] for start in range(len(letters))}
