"""Takes an uploaded file in: size, name, content, picture, virus scanner, and then onto the disk.

The cheap questions come first; whatever is refused leaves nothing behind. All of it happens with no
transaction open: a scanner may take its time.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from flask_babel import gettext as _

from complaints.dossier.file_content import format_of
from complaints.dossier.file_names import cleaned, shown
from complaints.dossier.pictures import looked_at
from complaints.foundation.errors import Invalid, Problem
from complaints.gateways.file_store import FileStore, StoreFull
from complaints.gateways.scanning import ScanFailed, Scanner

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes of one file: a photograph of the largest telephones, or an hour of a recorded call."""


class NotNow(Problem):
    """The house cannot take files at present; the same file may be sent later."""

    status = 503


class Infected(Invalid):
    """The scanner found something. `signature` names it, for the log."""

    def __init__(self, sentence: str, signature: str) -> None:
        """Keep what was found."""
        super().__init__(sentence, "file")
        self.signature = signature


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is judged and kept, ready to be named by a row."""

    name: str
    media_type: str
    size: int
    sha256: str
    store_name: str
    preview_name: str | None = None
    width: int | None = None
    height: int | None = None
    has_place: bool = False


@dataclass(frozen=True, slots=True)
class Receiving:
    """Where files go and who looks into them first."""

    store: FileStore
    scanner: Scanner

    def receive(self, given_name: str, content: BinaryIO) -> Received:
        """Judge, scan and keep a file. Raises Invalid for a file that is not taken, Infected, and NotNow."""
        name = cleaned(given_name)
        _check_length(name, content)
        format_ = format_of(name, content)
        picture = looked_at(name, content) if format_.is_picture else None
        self.scan(name, content)
        content.seek(0)
        try:
            kept = self.store.put(content)
        except StoreFull as full:
            raise _no_room() from full
        received = Received(name, format_.media_type, kept.size, kept.sha256, kept.name)
        if picture is None:
            return received
        try:
            small = self.store.put(io.BytesIO(picture.preview))
        except BaseException as error:
            self.forget(received)
            if isinstance(error, StoreFull):
                raise _no_room() from error
            raise
        return Received(
            name,
            format_.media_type,
            kept.size,
            kept.sha256,
            kept.name,
            small.name,
            picture.width,
            picture.height,
            picture.has_place,
        )

    def forget(self, received: Received) -> None:
        """Remove what was kept for an act that did not happen; where even that fails, the sweep does it."""
        for name in (received.store_name, received.preview_name):
            with suppress(OSError):
                if name:
                    self.store.discard(name)

    def scan(self, name: str, content: BinaryIO) -> None:
        """Have the scanner look at a file. Raises Infected, and NotNow where it does not answer."""
        content.seek(0)
        try:
            found = self.scanner.scan(content)
        except ScanFailed as failed:
            raise NotNow(
                _(
                    "The virus scanner does not answer, so no file can be taken now. "
                    "Try again later and tell the administrator."
                )
            ) from failed
        if found:
            raise Infected(
                _("%(name)s was refused: the virus scanner found harmful content.", name=shown(name)), found
            )


def _check_length(name: str, content: BinaryIO) -> None:
    size = content.seek(0, 2)
    if size == 0:
        raise Invalid(_("%(name)s is empty.", name=shown(name) or _("A file without a name")), "file")
    if size > LARGEST_FILE:
        raise Invalid(
            _(
                "%(name)s is too large: at most %(most)s MB a file.",
                name=shown(name) or _("A file without a name"),
                most=LARGEST_FILE // (1024 * 1024),
            ),
            "file",
        )


def _no_room() -> NotNow:
    return NotNow(
        _("There is no room for files at present; nothing was kept. Tell the administrator, then try again.")
    )
