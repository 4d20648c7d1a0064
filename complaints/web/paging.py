"""Pages of a list: which one was asked for, and how to leaf on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request

MOST = 100_000
"""The last page that may be asked for; anything else that is no number of a page is the first."""


@dataclass(frozen=True, slots=True)
class Paging:
    """What templates/parts/tables.html draws: numbers of the first and last row, and where to leaf."""

    first: int
    last: int
    total: int
    prev_url: str | None
    next_url: str | None


def page_asked() -> int:
    """Return the page asked for, counted from 0."""
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    return number - 1 if 0 < number <= MOST else 0


def paging(total: int, offset: int, size: int, url: Callable[[int], str]) -> Paging:
    """Return the paging of a list of `total` rows at the offset; `url` makes the address of a page from 1."""
    page = offset // size + 1
    return Paging(
        first=offset + 1,
        last=min(offset + size, total),
        total=total if offset < total else 0,
        prev_url=url(page - 1) if page > 1 else None,
        next_url=url(page + 1) if offset + size < total else None,
    )
