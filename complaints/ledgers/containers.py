"""What a file is by its content, and whether a workbook may be unpacked: looked at before anything is read.

A workbook (.xlsx) is a zip container of XML parts. Its directory tells how large it would become, how many
parts it has and what they are called; then every part is read once, in pieces, so that a directory which
tells less than the truth is found out too (OWASP ASVS 5.0 V5.2.3, V1.5.1).
"""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.parsers import expat

from complaints.foundation.zip_damage import damage_is, is_packed_plainly
from complaints.ledgers.sentences import FileRefused, shown

MOST_UNPACKED = 50 * 1024 * 1024
"""Bytes. 20,000 rows with long texts unpack to some 30 MB."""
MOST_RATIO = 100
LEAST_FOR_RATIO = 1024 * 1024
"""Bytes unpacked, below which a great ratio is no danger."""
MOST_ENTRIES = 1000

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
_CONTAINERS = (".zip", ".7z", ".rar", ".gz", ".xlsx", ".docx", ".pptx", ".jar")
_PIECE = 64 * 1024
_TYPES = "[Content_Types].xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"


def is_workbook(name: str, content: bytes) -> bool:
    """Tell whether the file is a workbook, else it is text. Raises FileRefused for anything else."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if not content.strip():
        raise FileRefused("empty")
    if ending == "xlsm":
        raise FileRefused("macro")
    if content.startswith(_OLD_OFFICE):
        raise FileRefused("password" if _ENCRYPTED in content else "old_excel")
    if _is_html(content):
        raise FileRefused("html", name=shown(name))
    zipped = content.startswith((_ZIP, b"PK\x05\x06"))
    if ending == "csv":
        if zipped:
            raise FileRefused("workbook_as_csv", name=shown(name))
        return False
    if ending != "xlsx":
        raise FileRefused("kind", name=shown(name))
    if not zipped:
        raise FileRefused("not_a_workbook", name=shown(name))
    return True


def _is_html(content: bytes) -> bool:
    start = content[:2048].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")) or (
        start.startswith(b"<?xml") and b"<html" in start
    )


def open_workbook(name: str, content: bytes) -> zipfile.ZipFile:
    """Return the container, every part of it looked at. Raises FileRefused."""
    with damage_is(FileRefused("damaged")):
        box = zipfile.ZipFile(BytesIO(content))
        _check_directory(box.infolist(), len(content), name)
        for entry in box.infolist():
            _look_into(box, entry)
    return box


def _check_directory(entries: list[zipfile.ZipInfo], packed: int, name: str) -> None:
    """Judge by the directory alone; nothing is unpacked yet."""
    if len(entries) > MOST_ENTRIES:
        raise FileRefused("entries", count=len(entries), most=MOST_ENTRIES)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED:
        raise FileRefused("unpacks", size=unpacked // 1024 // 1024, most=MOST_UNPACKED // 1024 // 1024)
    if unpacked > LEAST_FOR_RATIO and unpacked > packed * MOST_RATIO:
        raise FileRefused("ratio", ratio=unpacked // max(packed, 1), most=MOST_RATIO)
    names = [entry.filename for entry in entries]
    for entry in entries:
        _check_name(entry)
    if len(set(map(str.lower, names))) < len(names) or not is_packed_plainly(entries):
        raise FileRefused("damaged")
    if "xl/workbook.xml" not in names or _TYPES not in names:
        raise FileRefused("not_a_workbook", name=shown(name))


def _check_name(entry: zipfile.ZipInfo) -> None:
    path = entry.filename
    link = stat.S_ISLNK(entry.external_attr >> 16)
    if link or "\\" in path or path.startswith("/") or ":" in path or ".." in path.split("/"):
        raise FileRefused("entry_name", part=shown(path))
    if path.lower().endswith("vbaproject.bin"):
        raise FileRefused("macro")
    if path.lower().endswith(_CONTAINERS):
        raise FileRefused("nested", part=shown(path))
    if entry.flag_bits & 1:
        raise FileRefused("password")


def _look_into(box: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read a part once: it may not be longer than it says, hold a container, or declare entities."""
    parser = _strict_parser(entry.filename) if entry.filename.endswith((".xml", ".rels", ".vml")) else None
    first = True
    with box.open(entry) as part:
        while piece := part.read(_PIECE):
            if first and piece.startswith((_ZIP, _OLD_OFFICE, b"Rar!", b"7z\xbc\xaf")):
                raise FileRefused("nested", part=shown(entry.filename))
            first = False
            if parser is not None:
                parser.Parse(piece, False)
    if parser is not None and not first:
        parser.Parse(b"", True)


def _strict_parser(part: str) -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def refuse(*_declared: object) -> None:
        raise FileRefused("entities", part=shown(part))

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


@dataclass(frozen=True, slots=True)
class Related:
    """A part that the workbook names: by which id, as what (the end of the type's address), and where."""

    id: str
    kind: str
    part: str


def related_parts(box: zipfile.ZipFile) -> list[Related]:
    """Return what the workbook's relationships name, whether or not it is there."""
    found: list[Related] = []

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            part = target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
            kind = attributes.get("Type", "").rpartition("/")[2]
            found.append(Related(attributes.get("Id", ""), kind, part))

    if _RELATIONS in box.namelist():
        walk(box, _RELATIONS, on_start)
    return found


def parts_of_type(box: zipfile.ZipFile, ending: str) -> list[str]:
    """Return the parts that the list of content types names with a type of that ending."""
    found: list[str] = []

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Override" and attributes.get("ContentType", "").endswith(ending):
            found.append(attributes.get("PartName", "").lstrip("/"))

    walk(box, _TYPES, on_start)
    return found


def walk(box: zipfile.ZipFile, part: str, on_start: Any, on_end: Any = None, on_text: Any = None) -> None:
    """Call the functions for each element of a part. Raises FileRefused for what is no XML."""
    parser = _strict_parser(part)
    parser.buffer_text = True
    parser.StartElementHandler = on_start
    parser.EndElementHandler = on_end
    parser.CharacterDataHandler = on_text
    with damage_is(FileRefused("damaged")), box.open(part) as stream:
        while piece := stream.read(_PIECE):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
