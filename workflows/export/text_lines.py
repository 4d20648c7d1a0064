"""How wide a text stands in a picture, and where it breaks: Chinese signs are square, others about half."""

from __future__ import annotations

import unicodedata

_CLOSING = "、，。；：）”"


def width_of(text: str, size: float) -> float:
    """Return about how wide the text is in a sans-serif letter of that size."""
    return sum(size if _is_wide(sign) else size * 0.56 for sign in text)


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Break a text into lines no wider than the width: at spaces, or after a Chinese mark or sign."""
    pieces: list[str] = []
    for sign in text:
        in_word = (
            bool(pieces)
            and not _is_wide(sign)
            and pieces[-1][-1] != " "
            and (sign == " " or not _is_wide(pieces[-1][-1]))
        )
        if in_word or (pieces and sign in _CLOSING):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    lines = [""]
    for piece in pieces:
        if lines[-1] and width_of(lines[-1] + piece.rstrip(), size) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"
