"""Which numbers a ledger may give its matters, and which may name a person or an account.

The number of a record stands in lists, addresses and files in full. So whatever would be masked inside free
words is refused as such a number, but for the shapes that numbers of matters have: around a day or a year
from 2000 on, with which no telephone and no identity number begins.
"""

from __future__ import annotations

import re

from complaints.foundation.masking import mask_text

_SIGN = r"[\s\d\-_·‐‑‒–—−\u200b-\u200f\u2060\ufeff\u00ad]"
"""What makes the digits beside it a part of the same number."""
_YEAR = "20[0-9]{2}"
_DAY = f"{_YEAR}[-_]?(?:0[1-9]|1[0-2])[-_]?(?:0[1-9]|[12][0-9]|3[01])"
_OF_MATTERS = re.compile(
    rf"(?<!{_SIGN})(?:"
    rf"[0-9]{{6}}-{_DAY}-[0-9]{{5,8}}-[0-9]"  # region, day, count, check digit: 420600-20190506-00012-3
    rf"|{_DAY}[-_]?[0-9]{{1,6}}"  # day, count: 201905060001, 2019-05-06-0001
    rf"|1[0-9]{{8}}{_DAY}[0-9]{{8}}"  # the 25 digits of the national 12315 platform
    rf"|(?:[0-9]{{1,2}}|[0-9]{{6}}|123[14]5)-{_YEAR}-[0-9]{{1,7}}"  # office, year, count: 15-2023-00001
    rf"|{_YEAR}-[0-9]{{1,8}}"  # year, count: 2019-00000042
    r"|0{3,}[1-9][0-9]{0,7}"  # a count filled up: 0000000042
    rf")(?!{_SIGN})"
)


def masked_number(text: str) -> str:
    """Return what stands as a ledger number with every number masked that is not of a matter's shape."""
    parts, at = [], 0
    for found in _OF_MATTERS.finditer(text):
        parts += [mask_text(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join((*parts, mask_text(text[at:])))


def is_personal(number: str) -> bool:
    """Tell whether a ledger number is or holds what may be a telephone, identity or account number."""
    return masked_number(number) != number
