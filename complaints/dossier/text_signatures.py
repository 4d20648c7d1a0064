"""How alike two texts are, without a word list: the pairs of neighbouring characters that they share.

Chinese is written without blanks, so what is compared is every pair of neighbours. Numbers, blanks and
punctuation are left out: another amount, another day or a masked number makes no other story.

Comparing with every text would take a second for each ten thousand. So each text also has a signature
(MinHash, in bands): so many numbers that two texts have one in common the more probably, the more alike they
are. Three pairs make a band; of texts that share half of their pairs one in eight bands agrees, of texts that
share a tenth one in a thousand. Of forty bands the first have one in common in 995 of 1,000 cases.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata
from itertools import pairwise

BANDS = 40
_ROWS = 3
_HASHES = BANDS * _ROWS
_VALUES = struct.Struct(f"<{_HASHES}I")
_BAND = struct.Struct("<q")
FEWEST_PAIRS = 6
"""A text with fewer pairs says too little to be taken for another's double."""
LONGEST = 1_500
"""Characters that are compared; what is the same so far is the same story."""


def pairs_of(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters of a text, each once; empty where it says too little."""
    letters = [one for one in unicodedata.normalize("NFKC", text).lower() if one.isalpha()][:LONGEST]
    found = frozenset(first + second for first, second in pairwise(letters))
    return found if len(found) >= FEWEST_PAIRS else frozenset()


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """Return which share of the pairs of both texts the two have in common: from 0 to 1."""
    both = len(one) + len(other)
    return 2 * len(one & other) / both if both else 0.0


def signature(pairs: frozenset[str]) -> tuple[int, ...]:
    """Return one signed 64-bit number for each band, the band's place within it; none for too little text.

    The same everywhere and for good: the numbers are kept in the database.
    """
    if not pairs:
        return ()
    hashed = (_VALUES.unpack(hashlib.shake_128(one.encode()).digest(_VALUES.size)) for one in pairs)
    smallest = list(map(min, *hashed))
    return tuple(_band(place, smallest) for place in range(BANDS))


def _band(place: int, smallest: list[int]) -> int:
    rows = smallest[place * _ROWS : (place + 1) * _ROWS]
    packed = struct.pack(f"<B{_ROWS}I", place, *rows)
    (value,) = _BAND.unpack(hashlib.blake2b(packed, digest_size=_BAND.size).digest())
    return int(value)
