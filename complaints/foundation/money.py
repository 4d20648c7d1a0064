"""Money: yuan as people write it, integer fen as we keep it. No float and no Decimal in between."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from complaints.foundation.errors import Invalid
from complaints.foundation.half_width import half_width

LARGEST_FEN = 10**12
"""Ten thousand million yuan: more is a slip of the finger."""

_AMOUNT = re.compile(r"(?P<yuan>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,14})(?:\.(?P<rest>[0-9]{1,2}))?", re.ASCII)
_MINUS = re.compile(r"^[-\u2212\u2013\u2014]\s*¥?\s*")
"""The sign of a keyboard, the one of mathematics, and the dashes that stand for it; in front of ¥ as well."""


def parse_yuan(text: str, field: str = "", *, least: int = 0) -> int:
    """Return the fen of an amount typed in yuan: `1,000.00`, `￥100`, `12.5元`, full-width digits.

    `least` is the smallest amount allowed, in fen. Raises Invalid with a sentence for anything else, never
    rounds.
    """
    plain = half_width(text).strip()
    plain = plain.removeprefix("¥").removesuffix("元").strip()
    found = _AMOUNT.fullmatch(plain)
    if found is None and _AMOUNT.fullmatch(_MINUS.sub("", plain)):
        raise Invalid(_("An amount cannot be negative: write it without the minus sign."), field)
    if found is None:
        raise Invalid(_("Write the amount in yuan with at most two decimals, for example 1,234.50."), field)
    fen = int(found["yuan"].replace(",", "")) * 100 + int((found["rest"] or "0").ljust(2, "0"))
    if fen > LARGEST_FEN:
        raise Invalid(
            _("The amount is larger than %(most)s yuan: please check it.", most=format_yuan(LARGEST_FEN)),
            field,
        )
    if fen < least:
        raise Invalid(_("The amount must be at least %(least)s yuan.", least=format_yuan(least)), field)
    return fen


def format_yuan(fen: int) -> str:
    """Return fen as yuan with thousands separators and two decimals, without the unit: `1,234.50`."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02d}"


def split_evenly(fen: int, parts: int) -> tuple[int, ...]:
    """Split an amount into parts that differ by at most one fen and add up to it exactly."""
    if parts < 1:
        raise ValueError("an amount is split into at least one part")
    each, over = divmod(fen, parts)
    return tuple(each + (1 if place < over else 0) for place in range(parts))
