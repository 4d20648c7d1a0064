"""What people type into forms, read strictly: text without odd signs, days, titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from flask_babel import gettext as _
from wtforms.validators import ValidationError

from complaints.foundation.errors import Invalid
from complaints.foundation.visible_signs import as_seen, shortened

TITLE = 40
"""Characters of a title made from the first words."""

OLDEST = date(1990, 1, 1)
"""Nothing that anybody complains about happened before."""

_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", re.ASCII)
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
"""The keyboard that a phone shows for numbers has no sign to put between them."""
_NO_SIGNS = ("Cc", "Cs")
T = TypeVar("T")


def clean(text: str | None) -> str:
    """Return the text without blanks around it and without signs that no keyboard types or nobody sees.

    Line breaks, in their one form, and tabs stay.
    """
    plain = as_seen(text or "")
    return "".join(
        one for one in plain if one in "\n\t" or unicodedata.category(one) not in _NO_SIGNS
    ).strip()


def read_day(text: str) -> date:
    """Return the day typed as 2026-11-24, 2026/11/24, 2026年11月24日 or 20261124. Raises Invalid."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _DAY.fullmatch(plain) or _DIGITS.fullmatch(plain)
    if found is not None:
        try:
            return date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            raise Invalid(_("There is no such day: look at the month and the day again.")) from None
    raise Invalid(_("Write the day as year-month-day, for example 2026-11-24."))


def check_past(day: date | None, today: date) -> None:
    """Hold that a day on which something happened is neither ahead nor a slip of the finger far back.

    Raises ValidationError that says which of the two.
    """
    if day is not None and day > today:
        raise ValidationError(_("This day lies ahead: write the day on which it happened."))
    if day is not None and day < OLDEST:
        raise ValidationError(_("This day lies before 1990: look at the year again."))


def title_of(facts: str) -> str:
    """Return a title made of the first sentence, cut to a line of a list."""
    first = re.split(r"[。！？!?\n]", facts.strip(), maxsplit=1)[0].strip()
    return shortened(first, TITLE)


def checked(reader: Callable[[str], T], text: str | None) -> T:
    """Read what was typed; a refusal becomes the error of the field that is being validated."""
    try:
        return reader(text or "")
    except Invalid as problem:
        raise ValidationError(problem.sentence) from None
