"""What of a personal value everybody may see. Screens, exports and logs show these; the full value costs a
logged reason.

个人信息保护法第五十一条第三项 asks for de-identification; which characters stay is our choice.

`mask_text` does the same inside free words: facts, clues, reasons and notes may hold what a caller said.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from stdnum.iso7064 import mod_11_10

from complaints.foundation.half_width import half_width

HIDDEN = "****"

_BETWEEN = r"(?:[^\S\r\n]|[-_·‐‑‒–—−\u200b-\u200f\u2060\ufeff\u00ad])"
"""What people put between the digits of one number, line ends apart."""
_RUN = re.compile(
    rf"1[0-9]{{2}}\.[0-9]{{4}}\.[0-9]{{4}}(?![0-9])"
    rf"|(?:\(0[0-9]{{2,3}}\){_BETWEEN}{{0,3}})?[0-9](?:{_BETWEEN}{{0,3}}[0-9])*"
    rf"(?:{_BETWEEN}{{0,3}}[Xx](?![A-Za-z]))?"
)
"""All digits that may be one number. Each letter of the text stands at its own place in what is searched."""
_OWN_NUMBER = r"[0-9]{6}-[0-9]{8}-[0-9]{5,}-[0-9]"
_DAY = r"(?:19|20)[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}"
_KEPT = re.compile(rf"(?<![0-9-])(?:{_OWN_NUMBER})(?![0-9-])|(?<!\S){_DAY}(?!\S)")
_DAYS_ONLY = re.compile(rf"({_DAY}|(?:19|20)[0-9]{{6}})(?:{_BETWEEN}+({_DAY}|(?:19|20)[0-9]{{6}}))*")
_LEAST_BESIDE_KEPT = 7
"""Digits that stand beside a day or a matter's number and are masked; fewer are an amount or a count."""


def mask_phone(number: str) -> str:
    """Return 138****8000 for a mobile, 0710-****345 for a landline.

    Service numbers such as 12315 are public and stay.
    """
    if re.fullmatch(r"1[0-9]{10}", number):
        return f"{number[:3]}{HIDDEN}{number[-4:]}"
    landline = re.fullmatch(r"(0[0-9]{2,3})-([0-9]{7,8})(?:-[0-9]{1,6})?", number)
    if landline:
        return f"{landline[1]}-{HIDDEN}{landline[2][-3:]}"
    if re.fullmatch(r"[48]00[0-9]{7}|[0-9]{3,5}", number):
        return number
    return _ends(number, 3, 2)


def mask_email(address: str) -> str:
    """Return z***@qq.com: the first letter and the domain; of a single letter nothing stays."""
    local, _at, domain = address.rpartition("@")
    if not local or not domain:
        return HIDDEN if address else ""
    return f"{local[:1] if len(local) > 1 else ''}***@{domain}"


def mask_identity_number(number: str) -> str:
    """Return 420602********1234: the region and the last four places, not the birthday."""
    if len(number) == 18:
        return f"{number[:6]}********{number[-4:]}"
    return _ends(number, 1, 2)


def mask_account(number: str) -> str:
    """Return the last four places of a bank account."""
    return f"{HIDDEN}{number[-4:]}" if len(number) >= 8 else HIDDEN


def mask_name(name: str) -> str:
    """Return 张** : the family name alone. The stars do not tell how long the name is."""
    return f"{name[:1]}**" if name else ""


def mask_known_name(text: str, name: str) -> str:
    """Return the words with the full name of a known person masked, as it was written; other people's stay.

    A name of one character says nothing about where it stands for the person.
    """
    return text.replace(name, mask_name(name)) if len(name) > 1 else text


def mask_address(address: str) -> str:
    """Return the first six characters, commonly city and district."""
    return f"{address[:6]}{HIDDEN}" if len(address) > 6 else (HIDDEN if address else "")


def _ends(text: str, first: int, last: int) -> str:
    """Keep so many characters at both ends where at least four lie between."""
    if len(text) < first + last + 4:
        return HIDDEN if text else ""
    return f"{text[:first]}{HIDDEN}{text[-last:]}"


def mask_text(text: str) -> str:
    """Return free words with every number masked that may name a person or an account.

    Masked are mobiles (11 places), landlines with their area code, citizens' numbers (15 places, or 18 with a
    last X) and whatever else has 12 digits or more, full-width or with blanks and dashes between. Amounts,
    days, short numbers and the numbers of matters (420600-20261124-00001-7) stay.
    """
    plain = in_plain_signs(text)
    parts, at = [], 0
    for found in _RUN.finditer(plain):
        masked = _masked_run(found[0])
        parts += [text[at : found.start()], text[found.start() : found.end()] if masked is None else masked]
        at = found.end()
    return "".join((*parts, text[at:]))


def in_plain_signs(text: str) -> str:
    """Return the text with digits of every script and full-width signs as plain ones, each in its place."""
    return "".join(map(_plain, text))


def _plain(sign: str) -> str:
    digit = unicodedata.decimal(sign, None)
    return half_width(sign) if digit is None else str(digit)


def _masked_run(run: str) -> str | None:
    """Return what is shown of a run, or None where nothing in it is masked."""
    if _DAYS_ONLY.fullmatch(run) and all(_is_day(one) for one in re.findall(rf"{_DAY}|[0-9]{{8}}", run)):
        return None
    kept = [one for one in _KEPT.finditer(run) if _is_own_number(one[0]) or _is_day(one[0])]
    if not kept:
        return _masked_number(run)
    parts, at = [], 0
    for one in kept:
        parts += [_beside(run[at : one.start()]), one[0]]
        at = one.end()
    return "".join((*parts, _beside(run[at:])))


def _beside(rest: str) -> str:
    """Return what stands beside a day or a matter's number: masked unless it is too short for a number."""
    found = _masked_number(rest)
    if found is not None:
        return found
    digits = _digits(rest)
    if len(digits) < _LEAST_BESIDE_KEPT:
        return rest
    return rest.replace(rest.strip(), mask_account(digits))


def _masked_number(run: str) -> str | None:
    """Return the masked number of a run, or None where it is none that is masked."""
    blank = re.match(r"\s*", run)[0]  # type: ignore[index]
    body, digits = run.strip(), _digits(run)
    tail = run[len(blank) + len(body) :]
    if digits[-1:] == "X" and len(digits) != 18:
        digits, tail = digits[:-1], run[-1]
    if not _is_sensitive(digits):
        return None
    parts = re.split(r"(\s+)", body)
    words = [_digits(one) for one in parts[::2]]
    phones = [one for one in words if _is_mobile(one)]
    others = sum(len(one) for one in words if not _is_mobile(one))
    several = len(digits) > 19 and all(_is_sensitive(one) for one in words)
    if several or (len(words) > 1 and len(phones) == 1 and others <= 4):
        shown = [
            one if at % 2 or not _is_sensitive(_digits(one)) else _one(_digits(one))
            for at, one in enumerate(parts)
        ]
        return blank + "".join(shown) + tail
    return blank + _one(digits) + tail


def _one(digits: str) -> str:
    """Return one number masked in the way of its kind."""
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and _is_mobile(digits[len(prefix) :]):
            return f"{prefix} {mask_phone(digits[len(prefix) :])}"
    if len(digits) == 11 and digits[0] == "1":
        return mask_phone(digits)
    area = 3 if digits[1] in "12" else 4
    if digits[0] == "0" and len(digits) - area in (7, 8):
        return mask_phone(f"{digits[:area]}-{digits[area:]}")
    if len(digits) == 18 and _is_day(f"{digits[6:10]}-{digits[10:12]}-{digits[12:14]}"):
        return mask_identity_number(digits)
    return mask_account(digits)


def _is_sensitive(digits: str) -> bool:
    if len(digits) >= 12:
        return True
    return (len(digits) == 11 and digits[0] in "01") or (len(digits) == 10 and digits[0] == "0")


def _is_mobile(digits: str) -> bool:
    return bool(re.fullmatch(r"1[3-9][0-9]{9}", digits))


def _digits(run: str) -> str:
    return re.sub(r"[^0-9Xx]", "", run).upper()


def _is_own_number(words: str) -> bool:
    """Tell whether the words are the number of a matter: its day exists and its check digit fits."""
    if not re.fullmatch(_OWN_NUMBER, words):
        return False
    return _is_day(words[7:15]) and mod_11_10.is_valid(words.replace("-", ""))


def _is_day(words: str) -> bool:
    """Tell whether 2026-11-24, 2026-8-3 or 20261124 is a day of the years that people tell of."""
    parts = words.split("-") if "-" in words else [words[:4], words[4:6], words[6:8]]
    try:
        return 1900 <= date(*map(int, parts)).year < 2100
    except (TypeError, ValueError):
        return False
