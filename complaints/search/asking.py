"""What was typed, read in every way it may be meant: a number, a telephone, a person, words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from flask_babel import gettext as _

from complaints.dossier.search_terms import asked_terms, bare_number
from complaints.foundation.errors import Invalid
from complaints.foundation.folding import fold, normalise_name
from complaints.foundation.identity_numbers import normalise_code
from complaints.foundation.phones import SERVICE, normalise_phone

LONGEST = 100
"""Characters that are searched for at most."""
LONGEST_NAME = 40
_DASHES = re.compile(r"\s*[-‐‑‒–—−]\s*")
_DIGITS_OF_A_NUMBER = re.compile(r"([0-9]{6})([0-9]{8})([0-9]{5,})([0-9])", re.ASCII)
_PAPER = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}|(?=(?:[A-Z]*[0-9]){6})[0-9A-Z]{7,12}", re.ASCII)
"""A citizen's number, or that of another paper: at least six digits among seven to twelve places."""
_DIGITS_AND_DASHES = re.compile(r"[0-9][0-9\s\-‐‑‒–—−]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """One search, understood. Empty texts where it cannot be meant so."""

    text: str
    words: tuple[str, ...]
    """What was typed between blanks; all of them must be there."""
    numbers: tuple[str, ...] = ()
    """Ways in which it may be a whole number of a matter or record."""
    part: str = ""
    """Digits that may be a part of a number."""
    phone: str = ""
    paper: str = ""
    name: str = ""

    @property
    def is_personal(self) -> bool:
        """Whether it may be a telephone's or a paper's number; these are looked up by hash alone."""
        return bool(self.phone or self.paper)


def understand(typed: str) -> Asked:
    """Read what was typed.

    Raises Invalid where nothing in it can be searched for, or where it is too long.
    """
    text = " ".join(_without_controls(typed).split())
    if len(text) > LONGEST:
        sentence = _("Search for at most %(most)s characters: a few words are enough.", most=LONGEST)
        raise Invalid(sentence, "q")
    words = tuple(dict.fromkeys(text.split(" "))) if text else ()
    if not text:
        raise Invalid(_("Type what to search for: a number, a phone, a merchant, a name or words."), "q")
    if not any(asked_terms(word) for word in words):
        raise Invalid(
            _("Type at least one letter, digit or character; signs alone are not searched for."), "q"
        )
    phone, paper = _phone(text), _paper(text)
    return Asked(text, words, _numbers(text), _part(text), phone, "" if phone else paper, _name(text))


def _without_controls(typed: str) -> str:
    """Return the text without control characters and halves of characters."""
    return "".join(" " if unicodedata.category(one) in {"Cc", "Cs"} else one for one in typed)


def _numbers(text: str) -> tuple[str, ...]:
    """Return how the text may be written as a whole number; full-width signs and other dashes are taken."""
    if not any(one.isdigit() for one in text):
        return ()
    plain = _DASHES.sub("-", fold(text)).upper()
    digits = _DIGITS_OF_A_NUMBER.fullmatch(plain.replace(" ", "").replace("-", ""))
    ways = (text, plain, "-".join(digits.groups()) if digits else "")
    return tuple(dict.fromkeys(filter(None, ways)))


def _part(text: str) -> str:
    """Return the digits of a part of a number: four at least, with or without dashes."""
    plain = fold(text)
    digits = bare_number(plain)
    return digits if _DIGITS_AND_DASHES.fullmatch(plain) and 4 <= len(digits) <= 20 else ""


def _phone(text: str) -> str:
    try:
        phone = normalise_phone(text)
    except Invalid:
        return ""
    return "" if SERVICE.fullmatch(phone) else phone


def _paper(text: str) -> str:
    code = normalise_code(text)
    return code if _PAPER.fullmatch(code) else ""


def _name(text: str) -> str:
    """Return the normalised name that the text may be, in full."""
    if len(text) > LONGEST_NAME or any(one.isdigit() for one in fold(text)):
        return ""
    return normalise_name(text)
