"""Taking a list away as .xlsx or .csv: what is on the screen, all pages of it, masked in the same way.

A view answers `?export=csv` in its own address, so the same rights, tab, filter and order hold. The list is
fixed by its keys (ids) when the export begins; its rows are read in portions, each in a reading transaction
of its own, so that neither the memory nor a transaction grows with the list. A matter that has moved out of
the reader's sight in between is left out. Every export is a line of the security log.

Limits (OWASP ASVS 5.0 V2.4.1): MOST_ROWS rows a file, or as many as its list says it may have; MOST_EXPORTS
files a person in an hour.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, Generic
from urllib.parse import quote

from flask import Response, request, stream_with_context
from flask_babel import gettext as _

from complaints.dossier.worklists import MOST_KEYS
from complaints.foundation.errors import Invalid, Problem
from complaints.organisation.security_log import how_many, record
from complaints.web.access import address, current_actor
from complaints.web.services import services
from complaints.web.sheets import Column, Kind, Row, csv_lines, write_xlsx
from complaints.web.transaction import read_again, reading, writing

__all__ = ["Column", "Kind", "Listing", "answer", "asked"]

FORMATS = ("xlsx", "csv")
MOST_ROWS = MOST_KEYS - 1
"""Rows of one file."""
MOST_EXPORTS = 30
"""Files that one person may take away within HOUR."""
HOUR = timedelta(hours=1)
PORTION = 500
"""Rows that are read at once."""
LOGGED = "export"
"""The security log's word for it."""

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK = 64 * 1024
_NOT_IN_A_FILES_NAME = re.compile(r'[\s\x00-\x1f\x7f/\\:*?"<>|]+')


class TooOften(Problem):
    """More exports than a person's work needs."""

    status = 429


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A list to take away. `name` is its word in the log, `title` stands in the file's name, `keys` are its
    rows in their order, and `read` returns the rows of some of them, in this order. `most` is how
    long this list may be where that is bounded elsewhere; None is MOST_ROWS.
    """

    name: str
    title: str
    columns: Sequence[Column[Row]]
    keys: Sequence[int]
    read: Callable[[Sequence[int]], Sequence[Row]]
    most: int | None = None


def asked() -> bool:
    """Tell whether the page is asked for as a file."""
    return request.args.get("export") in FORMATS


def answer(listing: Listing[Any]) -> Response:
    """Answer with the list in the format asked for. Raises Invalid for one too long, TooOften."""
    form = "csv" if request.args.get("export") == "csv" else "xlsx"
    _hold_limits(listing)
    _log(listing, form, success=True)
    name = f"{listing.title}_{current_actor().unit_name}_{services().clock.today().isoformat()}.{form}"
    if form == "csv":
        response = Response(_csv(listing), content_type=_TYPES[form])
    else:
        file = _xlsx(listing)
        response = Response(_sent(file), content_type=_TYPES[form])
        # also where nothing of it was sent: for HEAD, or when the reader has gone
        response.call_on_close(file.close)
    response.headers["Content-Disposition"] = attachment(name, f"export.{form}")
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


def attachment(name: str, plain: str) -> str:
    """Write the header for a file of that name (RFC 6266); `plain` is for programs without UTF-8."""
    safe = _NOT_IN_A_FILES_NAME.sub("_", name).strip("._") or plain
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _hold_limits(listing: Listing[Any]) -> None:
    most = listing.most or MOST_ROWS
    if len(listing.keys) > most:
        _log(listing, "refused", success=False)
        raise Invalid(
            _(
                "This list has more than %(most)s rows. Choose a tab or a shorter period, then export again.",
                most=f"{most:,}",
            )
        )
    now = services().clock.now()
    if how_many(reading(), LOGGED, current_actor().id, now - HOUR, now) >= MOST_EXPORTS:
        _log(listing, "refused", success=False)
        raise TooOften(
            _(
                "You have taken %(most)s lists away within an hour, which is the most that is allowed. "
                "Try again later.",
                most=MOST_EXPORTS,
            )
        )


def _log(listing: Listing[Any], form: str, *, success: bool) -> None:
    """Write down who takes which list away, how long it is, and as what."""
    with writing() as session:
        record(
            session,
            services().clock.now(),
            LOGGED,
            success=success,
            actor_id=current_actor().id,
            subject=f"{listing.name} {form} {len(listing.keys)}",
            address=address(),
        )


def _portions(listing: Listing[Row]) -> Iterator[Sequence[Row]]:
    for first in range(0, len(listing.keys), PORTION):
        read_again()
        yield listing.read(listing.keys[first : first + PORTION])


def _csv(listing: Listing[Any]) -> Iterator[str]:
    return stream_with_context(csv_lines(listing.columns, _portions(listing)))


def _xlsx(listing: Listing[Any]) -> IO[bytes]:
    """Write the whole file where nobody else can open it; it is gone when it is closed."""
    with ExitStack() as unless_it_went_well:
        # the file has no name, and what xlsxwriter keeps beside it goes with the folder
        file: IO[bytes] = unless_it_went_well.enter_context(tempfile.TemporaryFile())
        with tempfile.TemporaryDirectory() as folder:
            write_xlsx(file, folder, listing.title, listing.columns, _portions(listing))
        file.seek(0)
        unless_it_went_well.pop_all()
    return file


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
