"""Shares of a whole as the bureau's figures show them."""

from __future__ import annotations


def percent(part: int, whole: int) -> str:
    """Return the share in percent with two places, rounded half up, as a calculator shows it: 10 of 11 is
    90.91.

    Only a whole one is 100.00: with one of two million missing it stays 99.99. Empty for 0 of 0.
    """
    if whole == 0:
        return ""
    hundredths = (part * 20_000 + whole) // (2 * whole)
    if part < whole:
        hundredths = min(hundredths, 9_999)
    return f"{hundredths // 100}.{hundredths % 100:02d}"
