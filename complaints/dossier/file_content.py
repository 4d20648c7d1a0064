"""What a file is by its content, and whether it is one of the kinds that a bureau takes.

Ending and content must agree (OWASP ASVS 5.0 V5.2.2). Word and Excel files are zip containers: their
directory is read before anything is unpacked, and nothing of them ever is (V5.2.3).
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO

import filetype
from flask_babel import gettext as _

from complaints.dossier.file_names import ending_of, shown
from complaints.foundation.errors import Invalid
from complaints.foundation.zip_damage import damage_is, is_packed_plainly

HEAD = 8192
TAIL = 2048
MOST_ENTRIES = 5000
MOST_UNPACKED = 200 * 1024 * 1024
"""Bytes that a container may unpack to; office files with many photographs stay below."""
MOST_RATIO = 100
"""Times by which a container may grow, where it is larger unpacked than LEAST_FOR_RATIO."""
LEAST_FOR_RATIO = 10 * 1024 * 1024
LARGEST_TYPES = 1024 * 1024

_PROGRAMS = frozenset(
    {"7z", "apk", "bat", "cab", "class", "cmd", "com", "cpl", "dll", "exe", "hta", "jar", "js", "jse"}
    | {"lnk", "msi", "ps1", "rar", "scr", "sh", "vbe", "vbs", "wsf", "zip", "docm", "dotm", "xlam", "xlsm"}
)
"""Endings that nothing in a document has. A workbook inside a report (docx, xlsx) is no such thing."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file. `guessed` are the names under which the library knows its content."""

    media_type: str
    guessed: frozenset[str]
    is_picture: bool = False
    check: Callable[[str, BinaryIO], None] | None = None


def format_of(name: str, content: BinaryIO) -> Format:
    """Return what the file is.

    Raises Invalid, with the name in the sentence, for what is not taken or is not what its name says.
    """
    found = FORMATS.get(ending_of(name))
    if found is None:
        raise Invalid(
            _(
                "%(name)s: files of this kind are not taken. Taken are pictures (jpg, png, webp), PDF, Word "
                "(docx), Excel (xlsx), recordings (mp3, m4a, wav, amr) and videos (mp4).",
                name=shown(name) or _("A file without a name"),
            )
        )
    content.seek(0)
    head = content.read(HEAD)
    if head.startswith(_OLD_OFFICE):
        raise _locked(name)
    guess = filetype.guess(head)
    if guess is None or guess.extension not in found.guessed:
        raise _other(name)
    if found.check is not None:
        found.check(name, content)
    content.seek(0)
    return found


def broken(name: str) -> Invalid:
    """Return the refusal of a file that is cut off or damaged."""
    return Invalid(_("%(name)s is cut off or damaged: send it again.", name=shown(name)))


def _other(name: str) -> Invalid:
    return Invalid(
        _(
            "%(name)s: the content is not what the name says. Send the original, not a renamed file.",
            name=shown(name),
        )
    )


def _locked(name: str) -> Invalid:
    return Invalid(
        _(
            "%(name)s has a password or an old format: save it as docx or xlsx without a password.",
            name=shown(name),
        )
    )


def _check_pdf(name: str, content: BinaryIO) -> None:
    """Hold that a PDF has its end. What is in it is never run here: it is only ever handed out as a file."""
    size = content.seek(0, 2)
    content.seek(max(0, size - TAIL))
    if b"%%EOF" not in content.read():
        raise broken(name)


def _check_film(name: str, content: BinaryIO) -> None:
    """Hold that the boxes of an MP4 end where the file does: one that is cut off ends inside a box."""
    size, at = content.seek(0, 2), 0
    while at < size:
        content.seek(at)
        head = content.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length == 0:
            return
        if length < 8 or len(head) < 8:
            raise broken(name)
        at += length
    if at != size:
        raise broken(name)


def _check_office(main: str) -> Callable[[str, BinaryIO], None]:
    """Return the check of a zip container whose main part has that content type."""

    def check(name: str, content: BinaryIO) -> None:
        with damage_is(broken(name)), zipfile.ZipFile(content) as container:
            entries = container.infolist()
            _check_entries(name, entries)
            types = _content_types(name, container)
        if b"macroEnabled" in types or any("vbaproject" in one.filename.lower() for one in entries):
            raise Invalid(_("%(name)s holds macros: save it without them and send that.", name=shown(name)))
        if main.encode() not in types or b"<!DOCTYPE" in types or b"<!ENTITY" in types:
            raise _other(name)

    return check


def _check_entries(name: str, entries: list[zipfile.ZipInfo]) -> None:
    """Judge the container by its directory, before anything is unpacked."""
    unpacked = sum(one.file_size for one in entries)
    packed = sum(one.compress_size for one in entries) or 1
    bomb = unpacked > LEAST_FOR_RATIO and unpacked > MOST_RATIO * packed
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED or bomb:
        raise Invalid(
            _("%(name)s unpacks to far more than its size: it is not opened and not taken.", name=shown(name))
        )
    if any(_leads_out(one) for one in entries):
        raise Invalid(_("%(name)s holds names that lead out of it: it is not taken.", name=shown(name)))
    if any(one.flag_bits & 0x1 for one in entries):
        raise _locked(name)
    if any(ending_of(one.filename) in _PROGRAMS for one in entries):
        raise Invalid(_("%(name)s holds programs or archives: it is not taken.", name=shown(name)))
    if not is_packed_plainly(entries):
        raise broken(name)
    if entries and min(one.header_offset for one in entries) != 0:
        raise broken(name)  # something stands before the container: two kinds of file in one


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    # the library turns backslashes into slashes only on the systems that use them
    name = entry.orig_filename.replace("\\", "/")
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return is_link or name.startswith("/") or "\0" in name or ":" in name or ".." in name.split("/")


def _content_types(name: str, container: zipfile.ZipFile) -> bytes:
    """Return the container's list of types, which is read and never interpreted."""
    try:
        entry = container.getinfo("[Content_Types].xml")
    except KeyError as error:
        raise _other(name) from error
    if entry.file_size > LARGEST_TYPES:
        raise broken(name)
    with container.open(entry) as file:
        return file.read(LARGEST_TYPES)


_OFFICE = "application/vnd.openxmlformats-officedocument."
_JPEG = Format("image/jpeg", frozenset({"jpg"}), is_picture=True)
_ZIP = frozenset({"zip", "docx", "xlsx"})
_FILM = frozenset({"mp4", "m4a", "m4v", "3gp"})
FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "jpg": _JPEG,
        "jpeg": _JPEG,
        "png": Format("image/png", frozenset({"png"}), is_picture=True),
        "webp": Format("image/webp", frozenset({"webp"}), is_picture=True),
        "pdf": Format("application/pdf", frozenset({"pdf"}), check=_check_pdf),
        "docx": Format(
            f"{_OFFICE}wordprocessingml.document",
            _ZIP,
            check=_check_office(f"{_OFFICE}wordprocessingml.document.main+xml"),
        ),
        "xlsx": Format(
            f"{_OFFICE}spreadsheetml.sheet",
            _ZIP,
            check=_check_office(f"{_OFFICE}spreadsheetml.sheet.main+xml"),
        ),
        "mp3": Format("audio/mpeg", frozenset({"mp3"})),
        "m4a": Format("audio/mp4", _FILM, check=_check_film),
        "wav": Format("audio/x-wav", frozenset({"wav"})),
        "amr": Format("audio/amr", frozenset({"amr"})),
        "mp4": Format("video/mp4", _FILM, check=_check_film),
    }
)
"""What is taken, by the ending of the name (OWASP ASVS 5.0 V5.1.1): no page, no drawing, no program, no
archive.
"""
