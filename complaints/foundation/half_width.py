"""Full-width letters, digits and signs, as Chinese input methods write them, turned into the plain ones.

Only those: NFKC would also turn `²` into 2 and change an amount without a word.
"""

from __future__ import annotations

_TO_PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5}


def half_width(text: str) -> str:
    """Return the text with １ as 1, Ａ as A, （ as (, ￥ as ¥ and the ideographic space as a space."""
    return text.translate(_TO_PLAIN)
