"""Bad inputs of a ledger: workbooks as no spreadsheet program writes them, at which the library that reads
them would panic, or take so much memory that the whole process ends.

The figures here are only just too large: without the refusal the test fails, not the machine.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from python_calamine import CalamineWorkbook

from complaints.ledgers.sentences import FileRefused
from tests.bad_inputs.test_import_files import pointing, read, rebuilt
from tests.bureau import SignIn
from tests.complaints.ledgers.rooms import checked

DAYS = b'<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="%d"/>'


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    """Return what changes the sheet."""

    def change(name: str, content: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return content
        assert old in content
        return content.replace(old, new)

    return change


def with_value(value: bytes, number_format: int) -> bytes:
    """Return a workbook whose first record begins with a number in this format."""
    cell = in_sheet(b'<c r="A2" t="s"><v>10</v>', b'<c r="A2" s="1"><v>' + value + b"</v>")

    def change(name: str, content: bytes) -> bytes:
        if name.endswith("styles.xml"):
            return content.replace(b'<cellXfs count="1">', DAYS % number_format)
        return cell(name, content)

    return rebuilt(change)


def renamed(content: bytes, *, keeps_type: bool = True, keeps_relation: bool = True) -> bytes:
    """Return the workbook with its shared texts in a part of another name."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.infolist():
            inside = old.read(one)
            if (one.filename == "[Content_Types].xml" and keeps_type) or (
                one.filename.endswith("workbook.xml.rels") and keeps_relation
            ):
                inside = inside.replace(b"sharedStrings.xml", b"texts.xml")
            new.writestr(one.filename.replace("sharedStrings.xml", "texts.xml"), inside)
    return written.getvalue()


def test_a_day_at_which_the_library_panics_is_a_damaged_workbook(client_as: SignIn) -> None:
    content = with_value(b"-1e18", 14)
    with pytest.raises(BaseException, match="out of bounds") as panic:
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert not isinstance(panic.value, Exception)
    with pytest.raises(FileRefused, match="damaged"):
        read(content)
    brought = checked(client_as("intake"), "a.xlsx", content)
    assert (brought.page.status_code, "工作簿已损坏" in brought.page.text) == (200, True)


def test_a_duration_that_no_value_can_hold_is_a_damaged_workbook() -> None:
    with pytest.raises(FileRefused, match="damaged"):
        read(with_value(b"1e18", 46))


@pytest.mark.parametrize("reference", [b"AAAA2", b"aaa2", b"A00000002", b"A 2", b"2A", b""])
def test_c31_a_cell_whose_place_is_none_is_not_read(reference: bytes) -> None:
    """ZZZZZZZ2 asks for 260 GB at once; Rust ends the process then."""
    with pytest.raises(FileRefused, match="damaged"):
        read(rebuilt(in_sheet(b'r="A2"', b'r="' + reference + b'"')))


def test_c31_a_line_whose_number_is_none_is_not_read() -> None:
    with pytest.raises(FileRefused, match="damaged"):
        read(rebuilt(in_sheet(b'<row r="2"', b'<row r="00000300"')))


@pytest.mark.parametrize("count", [b"3000001", b"99999999999", b"-1", b"x"])
def test_c31_shared_texts_that_claim_to_be_more_than_they_can_be(count: bytes) -> None:
    def change(name: str, content: bytes) -> bytes:
        if not name.endswith("sharedStrings.xml"):
            return content
        return content.replace(b'uniqueCount="', b'uniqueCount="' + count + b'" x="')

    with pytest.raises(FileRefused, match="damaged"):
        read(rebuilt(change))


@pytest.mark.parametrize("keeps", ["keeps_type", "keeps_relation"])
def test_c31_shared_texts_are_measured_under_whatever_name(keeps: str) -> None:
    """Either of the two says which part it is."""
    bomb = renamed(
        pointing("很长" * 10_000, 2_000), **{"keeps_type": False, "keeps_relation": False, keeps: True}
    )
    with pytest.raises(FileRefused, match="characters together"):
        read(bomb)


def test_shared_texts_under_a_name_that_the_library_does_not_know_are_a_damaged_workbook() -> None:
    with pytest.raises(FileRefused, match="damaged"):
        read(renamed(rebuilt(lambda _name, content: content)))
