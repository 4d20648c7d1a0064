"""Office files with wrong bytes inside a part: refused with a sentence, never an error of the program.

`zlib.error` is no OSError and no ValueError, and an encoding that nobody knows is a LookupError: neither is
what a damaged zip commonly raises.
"""

from __future__ import annotations

import io
import random
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from flask import Flask

from complaints.dossier.file_content import format_of
from complaints.foundation.errors import Invalid
from complaints.ledgers.sentences import FileRefused
from config import Settings
from tests.bad_inputs.files_desk import Desk, bureau_of_files, desk, office, refused
from tests.bad_inputs.test_import_files import read, rebuilt, same
from tests.bureau import Bureau, SignIn
from tests.complaints.commands.running import run
from tests.complaints.ledgers.rooms import checked, records
from tests.complaints.ledgers.sheets import put

__all__ = ["bureau_of_files", "desk"]

SHEET = "xl/worksheets/sheet1.xml"
TRIALS = 400
Chance = random.Random


def cut_into(content: bytes, part: str) -> bytes:
    """Return the container with the first two bytes of a packed part overwritten."""
    changed = bytearray(content)
    entry = zipfile.ZipFile(io.BytesIO(content)).getinfo(part)
    at = entry.header_offset + 30 + len(entry.filename)
    changed[at : at + 2] = b"\xff\xff"
    return bytes(changed)


def in_encoding(name: str, part: str = SHEET) -> Callable[[str, bytes], bytes]:
    """Return what has a part declare an encoding."""
    return lambda at, content: content.replace(b"UTF-8", name.encode(), 1) if at == part else content


def packed_with(content: bytes, method: int) -> bytes:
    """Return the container packed in another way."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", method) as new:
        for one in old.infolist():
            new.writestr(one.filename, old.read(one))
    return written.getvalue()


def flipped(chance: Chance, content: bytes) -> bytes:
    """Return the content with some bytes changed."""
    changed = bytearray(content)
    for _byte in range(chance.choice((1, 2, 5, 20))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def flipped_inside(chance: Chance, content: bytes) -> bytes:
    """Return a container that is whole, with bytes changed in one of its parts."""
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    part = chance.choice(names)
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in names:
            inside = old.read(name)
            new.writestr(name, flipped(chance, inside) if name == part else inside)
    return written.getvalue()


@pytest.mark.parametrize("change", [flipped, flipped_inside])
def test_a_ledger_with_any_bytes_changed_is_read_or_refused(
    app: Flask, change: Callable[[Chance, bytes], bytes]
) -> None:
    whole, refusals, chance = rebuilt(same), 0, Chance(12315)
    with app.test_request_context():
        for _trial in range(TRIALS):
            try:
                read(change(chance, whole))
            except Invalid:
                refusals += 1
    assert refusals > TRIALS // 4


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
@pytest.mark.parametrize("change", [flipped, flipped_inside])
def test_an_office_file_with_any_bytes_changed_is_taken_or_refused(
    app: Flask, kind: str, change: Callable[[Chance, bytes], bytes], tmp_path: Path
) -> None:
    """From memory and from the disk, as a request keeps it: they answer differently to a place before the
    beginning.
    """
    whole, refusals, chance = office(kind), 0, Chance(12315)
    with app.test_request_context(), tempfile.TemporaryFile(dir=tmp_path) as file:
        for trial in range(TRIALS):
            content = change(chance, whole)
            held: BinaryIO = io.BytesIO(content)
            if trial % 2:
                file.seek(0)
                file.truncate()
                file.write(content)
                held = file
            try:
                format_of(f"说明.{kind}", held)
            except Invalid:
                refusals += 1
    assert TRIALS // 10 < refusals < TRIALS


def test_a_ledger_whose_packing_is_broken_is_a_damaged_workbook(
    client_as: SignIn, city: Bureau, settings: Settings, tmp_path: Path
) -> None:
    content = cut_into(rebuilt(same), SHEET)
    brought = checked(client_as("intake"), "a.xlsx", content)
    assert (brought.page.status_code, "工作簿已损坏" in brought.page.text) == (200, True)
    done = run(settings, "import", "ledger", str(put(tmp_path, "a.xlsx", content)))
    assert (done.exit_code, len(done.stderr.strip().splitlines())) == (1, 1)
    assert "The workbook is damaged or cut off" in done.stderr
    assert records(city) == []


@pytest.mark.parametrize("name", ["foo", "gbk", "rot13", "idna", "utf-16"])
@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "[Content_Types].xml", "docProps/app.xml"])
def test_a_part_in_an_encoding_that_is_none_is_a_damaged_workbook(name: str, part: str) -> None:
    with pytest.raises(FileRefused, match="damaged"):
        read(rebuilt(in_encoding(name, part)))


def test_a_part_under_a_name_that_is_not_looked_into_first_is_walked_as_carefully() -> None:
    """The relationship says where the sheet is; its name says nothing of XML."""

    def elsewhere(name: str, content: bytes) -> bytes:
        if name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml"):
            return content.replace(b"worksheets/sheet1.xml", b"worksheets/sheet1.bin")
        return content

    sheet = zipfile.ZipFile(io.BytesIO(rebuilt(in_encoding("foo")))).read(SHEET)
    with pytest.raises(FileRefused, match="damaged"):
        read(rebuilt(elsewhere, {"xl/worksheets/sheet1.bin": sheet}))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_container_packed_as_no_office_file_is_refused_unread(app: Flask, method: int) -> None:
    """A few bytes of these may ask for a dictionary of gigabytes."""
    with app.test_request_context():
        with pytest.raises(FileRefused, match="损坏"):
            read(packed_with(rebuilt(same), method))
        with pytest.raises(Invalid, match="损坏"):
            format_of("说明.docx", io.BytesIO(packed_with(office("docx"), method)))


def test_a_document_whose_packing_is_broken_is_not_attached(desk: Desk) -> None:
    number = desk.complaint()
    for kind in ("docx", "xlsx"):
        broken = cut_into(office(kind), "[Content_Types].xml")
        refused(desk, number, (f"说明.{kind}", broken), says="不完整或者已损坏")
