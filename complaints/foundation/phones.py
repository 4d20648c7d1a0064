"""Telephone numbers: one written form for each, so that an equal number is found by its keyed hash."""

from __future__ import annotations

import re

import phonenumbers
from flask_babel import gettext as _

from complaints.foundation.errors import Invalid
from complaints.foundation.half_width import half_width

SERVICE = re.compile(r"1[0-9]{2}|1[0-9]{4}|9[0-9]{4}")
"""110, 12315, 95588: numbers of three or five places that phonenumbers does not know as valid."""
FREEPHONE = re.compile(r"[48]00[0-9]{7}")
"""400 and 800: a firm's number for its customers."""


def normalise_phone(text: str, field: str = "") -> str:
    """Return the one written form of a number.

    Mobile `13800138000`, landline `0710-3512345` (extension `0710-3512345-8`), service `4008001234` or
    `12315`, abroad `+85223456789`. Accepts +86, 0086, spaces, dashes, brackets, full-width digits and 转.
    Raises Invalid otherwise.
    """
    plain = half_width(text).strip()
    main, _mark, extension = _without_separators(plain).partition("x")
    if main.startswith("00"):
        main = "+" + main[2:]
    if not re.fullmatch(r"\+?[0-9]+", main, re.ASCII) or not re.fullmatch(r"[0-9]{0,6}", extension, re.ASCII):
        raise _refused(field)
    if SERVICE.fullmatch(main):
        return main
    try:
        number = phonenumbers.parse(main, "CN")
    except phonenumbers.NumberParseException:
        raise _refused(field) from None
    if not phonenumbers.is_valid_number(number):
        raise _refused(field)
    return _written(number, extension)


def callers_number(text: str, field: str = "") -> str:
    """Return the one written form of a number at which a person can be called back.

    Raises Invalid as `normalise_phone` does, and for the numbers of services (12345, 110, 400...): they lead
    to an office or a firm, and all its callers would be one.
    """
    number = normalise_phone(text, field)
    if SERVICE.fullmatch(number) or FREEPHONE.fullmatch(number):
        raise Invalid(
            _(
                "%(number)s is the number of a service, not the caller's own: "
                "ask for a mobile, or a landline with its area code.",
                number=number,
            ),
            field,
        )
    return number


def _without_separators(text: str) -> str:
    """Drop what people put between digits; an extension is marked by one x."""
    marked = re.sub(r"\s*(?:转|分机|ext\.?|x|#)\s*", "x", text, count=1, flags=re.IGNORECASE)
    landline = re.fullmatch(r"(0[0-9]{2,3}-[0-9]{7,8})-([0-9]{1,6})", marked, re.ASCII)
    if landline:
        marked = f"{landline[1]}x{landline[2]}"
    return re.sub(r"[ \-()·.‐‑–—]", "", marked)


def _written(number: phonenumbers.PhoneNumber, extension: str) -> str:
    """Write a valid number in its one form."""
    if number.country_code != 86:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.national_significant_number(number)
    if re.fullmatch(r"1[0-9]{10}", national) or FREEPHONE.fullmatch(national):
        return national
    area = national[: phonenumbers.length_of_geographical_area_code(number) or 3]
    return f"0{area}-{national[len(area) :]}" + (f"-{extension}" if extension else "")


def _refused(field: str) -> Invalid:
    """Say which forms are taken."""
    return Invalid(
        _("This is no telephone number: write for example 13800138000, 0710-3512345 or 0710-3512345 ext. 8."),
        field,
    )
