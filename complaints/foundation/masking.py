"""What of a personal value everybody may see. Screens, exports and logs show these; the full value costs a
logged reason.

个人信息保护法第五十一条第三项 asks for de-identification; which characters stay is our choice.
"""

from __future__ import annotations

import re

HIDDEN = "****"


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


def mask_address(address: str) -> str:
    """Return the first six characters, commonly city and district."""
    return f"{address[:6]}{HIDDEN}" if len(address) > 6 else (HIDDEN if address else "")


def _ends(text: str, first: int, last: int) -> str:
    """Keep so many characters at both ends where at least four lie between."""
    if len(text) < first + last + 4:
        return HIDDEN if text else ""
    return f"{text[:first]}{HIDDEN}{text[-last:]}"
