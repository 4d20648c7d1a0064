"""By what a row's complainant is found: a whole number and a whole name, each as its keyed hash.

Cells of real ledgers hold two numbers, a number with words around it, or a name that was masked before the
ledger came. The cell is kept as it stands; a record has one number by which it is found.
"""

from __future__ import annotations

import re

from phonenumbers import PhoneNumberMatcher

from complaints.foundation.errors import Invalid
from complaints.foundation.folding import normalise_name
from complaints.foundation.masking import mask_phone
from complaints.foundation.phones import callers_number, normalise_phone
from complaints.ledgers.sentences import Why

_BETWEEN = re.compile(r"[/\\|、,;]")
"""What people put between two numbers, half-width."""
_MASKS = frozenset("*×")
"""What stands in a name in place of its characters."""


def phones_in(text: str) -> list[str]:
    """Return the whole numbers of a cell in their one form and in their order.

    Beside others the number of a service (12315, 400...) is not the caller's and is left out.
    """
    try:
        return [normalise_phone(text)]
    except Invalid:
        return list(dict.fromkeys(number for part in _BETWEEN.split(text) for number in _among_words(part)))


def _among_words(part: str) -> list[str]:
    try:
        return [callers_number(part)]
    except Invalid:
        found = []
        for match in PhoneNumberMatcher(part, "CN"):
            try:
                found.append(callers_number(match.raw_string))
            except Invalid:
                continue
        return found


def name_in(text: str) -> str:
    """Return the one form of a name; empty for a masked one, which many people share."""
    name = normalise_name(text)
    return "" if _MASKS.intersection(name) else name


def flags_of(person: str, phone: str) -> list[Why]:
    """Return what is to be said where the two cells hold more or less than one number and one name."""
    flags: list[Why] = []
    if person and not name_in(person):
        flags.append({"code": "name_masked"})
    numbers = phones_in(phone) if phone else []
    if numbers and numbers != [phone]:
        code = "phone_several" if len(numbers) > 1 else "phone_among"
        flags.append({"code": code, "shown": mask_phone(numbers[0])})
    elif phone and not numbers and "*" not in phone:
        flags.append({"code": "phone_kept"})
    return flags
