"""Bad inputs of a ledger: bombs, files that are not what they say, headers, merged cells, hidden sheets."""

from __future__ import annotations

import io
import stat
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
import xlsxwriter
from flask import Flask
from sqlalchemy import func, select

from complaints.dossier.record_models import LedgerImport
from complaints.gateways.scanning import ClamdScanner
from complaints.ledgers.importing import Ledger, read_ledger
from complaints.ledgers.sentences import FileRefused, say
from complaints.web.services import install
from config import Settings
from tests.bureau import Bureau, SignIn
from tests.clamd import TEST_FILE, clamd
from tests.complaints.ledgers.importing import only, outcomes, said, take
from tests.complaints.ledgers.rooms import bring
from tests.complaints.ledgers.sheets import HEADER, as_csv, as_xlsx, row
from tests.complaints.ledgers.test_room import files_left


def read(content: bytes, name: str = "a.xlsx") -> Ledger:
    """Read a ledger without importing it."""
    return read_ledger(name, content, {})


def rebuilt(change: Callable[[str, bytes], bytes], extra: Mapping[str, bytes] | None = None) -> bytes:
    """Return a good workbook with each part changed, and extra parts."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(as_xlsx([row()]))) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for one in old.infolist():
            new.writestr(one.filename, change(one.filename, old.read(one)))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return written.getvalue()


def same(_name: str, content: bytes) -> bytes:
    """Change nothing."""
    return content


def test_the_workbook_these_tests_change_is_a_good_one() -> None:
    assert len(read(rebuilt(same)).lines) == 1


def test_c31_a_bomb_is_refused_before_it_is_unpacked() -> None:
    """210 MB in half a megabyte; looking at it takes no memory."""
    bomb = rebuilt(same, {"xl/media/a.bin": bytes(210 * 1024 * 1024)})
    assert len(bomb) < 1024 * 1024
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused, match="would unpack to 210 MB"):
            read(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_c31_a_bomb_below_the_limit_is_known_by_its_ratio() -> None:
    with pytest.raises(FileRefused, match="times its size"):
        read(rebuilt(same, {"xl/media/a.bin": bytes(30 * 1024 * 1024)}))


def test_c31_a_directory_that_tells_less_than_the_truth_is_found_out() -> None:
    """The part says 10 bytes and holds a megabyte."""
    content = bytearray(rebuilt(same, {"xl/media/a.bin": bytes(range(256)) * 4096}))
    for signature, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            if b"xl/media/a.bin" in content[at : at + 70]:
                content[at + place : at + place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(FileRefused, match="damaged"):
        read(bytes(content))


@pytest.mark.parametrize("far", ["A1048576", "XFD2", "XFD1048576"])
def test_c32_a_dimension_bomb_is_refused_by_its_extent(far: str) -> None:
    """Two cells; the library alone would make room for all between them."""

    def spread(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return content
        number = far.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        more = f'<row r="{number}"><c r="{far}"><v>1</v></c></row></sheetData>'
        return content.replace(b"</sheetData>", more.encode())

    with pytest.raises(FileRefused, match=r"reaches to row 1048576|has 16384 columns"):
        read(rebuilt(spread))


ENTITIES = {
    "billion laughs": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>',
    "external": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "external subset": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
}


@pytest.mark.parametrize("kind", ENTITIES)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "[Content_Types].xml"])
def test_c33_entities_are_refused_in_any_part(kind: str, part: str) -> None:
    def declare(name: str, content: bytes) -> bytes:
        return content.replace(b"?>", f"?>{ENTITIES[kind]}".encode(), 1) if name == part else content

    with pytest.raises(FileRefused, match="declares entities"):
        read(rebuilt(declare))


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
WRONG_FILES: dict[str, tuple[str, bytes, str]] = {
    "xls renamed xlsx": ("a.xlsx", OLE, "old format .xls"),
    "xls": ("a.xls", OLE, "old format .xls"),
    "password": ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "html named xls": ("a.xls", b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table></html>", "web page"),
    "macro by name": ("a.xlsm", as_xlsx([row()]), "contains macros"),
    "macro by content": ("a.xlsx", rebuilt(same, {"xl/vbaProject.bin": b"x"}), "contains macros"),
    "empty": ("a.csv", b"", "is empty"),
    "blank": ("a.csv", b"\r\n \r\n", "is empty"),
    "header only": ("a.csv", as_csv([]), "no rows"),
    "header only xlsx": ("a.xlsx", as_xlsx([]), "no rows"),
    "header missing": ("a.csv", as_csv([], ["0001", "周明", "13800138000"]), "is a header"),
    "300 columns": ("a.csv", as_csv([], [f"c{at}" for at in range(300)]), "300 columns"),
    "same header twice": ("a.csv", as_csv([[*row()[:9], "2"]], [*HEADER[:9], "登记编号"]), "stands twice"),
    "two of one field": ("a.csv", as_csv([[*row()[:9], "2"]], [*HEADER[:9], "受理时间"]), "mean the same"),
    "workbook as csv": ("a.csv", as_xlsx([row()]), "is a workbook"),
    "text as workbook": ("a.xlsx", as_csv([row()]), "no .xlsx workbook"),
    "cut off": ("a.xlsx", as_xlsx([row()])[:-200], "damaged"),
    "pdf": ("a.pdf", b"%PDF-1.7", "neither .xlsx nor .csv"),
    "no ending": ("ledger", as_csv([row()]), "neither .xlsx nor .csv"),
    "open quote": ("a.csv", as_csv([row()]) + b'"', "cannot be read as CSV"),
}


@pytest.mark.parametrize("kind", WRONG_FILES)
def test_c34_a_file_that_is_no_ledger_says_which_it_is(kind: str) -> None:
    name, content, sentence = WRONG_FILES[kind]
    with pytest.raises(FileRefused, match=sentence):
        read(content, name)


def book(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """Return a workbook that a function fills."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as made:
        fill(made)
    return written.getvalue()


def test_c34_merged_cells_refuse_their_rows(city: Bureau) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = made.add_worksheet()
        sheet.merge_range(0, 0, 0, 9, "2023年投诉台账")
        for at, cells in enumerate([HEADER, row(), row(number="2"), row(number="3")], start=1):
            sheet.write_row(at, 0, cells)
        sheet.merge_range(2, 1, 3, 1, "周明")

    judged = take(city, book(fill), "a.xlsx")
    assert outcomes(judged) == ["refused", "refused", "new"]
    assert "merged cells" in said(judged)[1]


def test_c34_hidden_sheets_are_left_out_and_named_and_two_ledgers_refused(city: Bureau) -> None:
    def fill(made: xlsxwriter.Workbook, *, hidden: bool) -> None:
        for title in ("一月", "二月"):
            sheet = made.add_worksheet(title)
            sheet.write_row(0, 0, HEADER)
            sheet.write_row(1, 0, row(number=title))
            if hidden and title == "二月":
                sheet.hide()
        made.add_worksheet("说明").write(0, 0, "填表说明")

    with pytest.raises(FileRefused, match="一月, 二月"):
        read(book(lambda made: fill(made, hidden=False)))
    judged = take(city, book(lambda made: fill(made, hidden=True)), "a.xlsx")
    assert [say(one) for one in judged.notes] == [
        "The hidden sheet “二月” was left out.",
        "The sheet “说明” holds no ledger and was left out.",
    ]
    assert only(city).number == "一月"


def test_c34_columns_that_mean_nothing_are_named(city: Bureau) -> None:
    judged = take(city, as_csv([["1", *row()]], ["序号", *HEADER]))
    assert [say(one) for one in judged.notes] == ["Columns that were not taken over: 序号."]


def test_c34_a_row_with_more_cells_than_the_header_is_refused(city: Bureau) -> None:
    judged = take(city, as_csv([[*row(), "x"], row(number="2")]))
    assert outcomes(judged) == ["refused", "new"]


BAD_PARTS = {
    "../evil.xml": "does not belong",
    "/etc/passwd": "does not belong",
    "xl\\..\\..\\a.xml": "does not belong",
    "C:/a.xml": "does not belong",
    "xl/embeddings/inner.zip": "contains another file",
    "xl/embeddings/inner.xlsx": "contains another file",
}


@pytest.mark.parametrize("part", BAD_PARTS)
def test_c35_parts_that_lead_out_of_the_workbook_or_hold_another(part: str) -> None:
    with pytest.raises(FileRefused, match=BAD_PARTS[part]):
        read(rebuilt(same, {part: b"x"}))


def test_c35_a_container_under_an_innocent_name() -> None:
    with pytest.raises(FileRefused, match="contains another file"):
        read(rebuilt(same, {"xl/media/image1.png": as_xlsx([row()])}))


def test_c35_a_link_in_the_container() -> None:
    written = io.BytesIO(rebuilt(same))
    with zipfile.ZipFile(written, "a") as box:
        link = zipfile.ZipInfo("xl/media/link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        box.writestr(link, "/etc/passwd")
    with pytest.raises(FileRefused, match="does not belong"):
        read(written.getvalue())


def test_c35_a_hundred_thousand_parts() -> None:
    written = io.BytesIO(rebuilt(same))
    with zipfile.ZipFile(written, "a", zipfile.ZIP_STORED) as box:
        for at in range(5000):
            box.writestr(f"xl/media/{at}", b"")
    with pytest.raises(FileRefused, match=r"parts inside; at most 1000"):
        read(written.getvalue())


@pytest.mark.parametrize(
    "cells", [["abc", "内容", "x"], ["", "内容", "x"], [2, "内容", "x", "y"], [2, "内容"]]
)
def test_c34_a_sheet_that_only_looks_like_our_second_one(city: Bureau, cells: list[object]) -> None:
    """Row, column, text: so an export of ours carries over what is too long for a cell."""

    def fill(made: xlsxwriter.Workbook) -> None:
        for name, rows in (("a", [HEADER, row()]), ("b", [["行", "列", "内容"], cells])):
            sheet = made.add_worksheet(name)
            for at, one in enumerate(rows):
                sheet.write_row(at, 0, one)

    assert outcomes(take(city, book(fill), "a.xlsx")) == ["new"]


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (b"worksheets/sheet1.xml", "at most 200000 rows"),
        (b"xl/worksheets/sheet1.xml", "at most 200000 rows"),
        (b"/xl/worksheets/sheet1.xml", "at most 200000 rows"),
        (b"Worksheets/Sheet1.xml", "damaged"),
    ],
)
def test_c32_a_sheet_that_nobody_looked_at_is_not_read(target: bytes, sentence: str) -> None:
    """The library finds parts under more spellings than ours."""
    far = b'<row r="300000"><c r="B300000"><v>1</v></c></row></sheetData>'

    def change(name: str, content: bytes) -> bytes:
        if name == "xl/_rels/workbook.xml.rels":
            return content.replace(b"worksheets/sheet1.xml", target)
        return content.replace(b"</sheetData>", far) if name.endswith("sheet1.xml") else content

    with pytest.raises(FileRefused, match=sentence):
        read(rebuilt(change))


@pytest.mark.parametrize(
    ("areas", "sentence"),
    [
        (["A1:A1048576"], "merged areas"),
        ([f"A{at}:B{at}" for at in range(3, 10_100)], "merged areas"),
        (["B2:C3", "C3:D4"], "damaged"),
        (["B2:C3"] * 60, "damaged"),
    ],
)
def test_c31_merged_areas_without_measure_are_refused(areas: list[str], sentence: str) -> None:
    """Sixty times the same one over a cell doubled what was kept of it sixty times."""
    merged = "".join(f'<mergeCell ref="{one}"/>' for one in areas)

    def change(name: str, content: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return content
        return content.replace(b"</sheetData>", f"</sheetData><mergeCells>{merged}</mergeCells>".encode())

    with pytest.raises(FileRefused, match=sentence):
        read(rebuilt(change))


def test_c31_an_error_in_a_merged_area_stays_what_it_is() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        sheet = made.add_worksheet()
        for at, cells in enumerate([HEADER, row()]):
            sheet.write_row(at, 0, cells)
        sheet.merge_range(1, 8, 1, 9, "")
        sheet.write_formula(1, 8, "=1/0", None, "#DIV/0!")

    assert read(book(fill)).lines[0].cells[8].code == "error_value"


def pointing(text: str, cells: int) -> bytes:
    """Return a workbook with one shared text and many cells that point to it."""
    shared = f"<sst><si><t>{text}</t></si></sst>".encode()
    rows = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, cells + 1))

    def change(name: str, content: bytes) -> bytes:
        if name == "xl/sharedStrings.xml":
            return content[: content.index(b"<sst")] + shared.replace(b"<sst>", SST)
        if not name.endswith("sheet1.xml"):
            return content
        begin, end = content.index(b"<sheetData>") + 11, content.index(b"</sheetData>")
        return content[:begin] + rows.encode() + content[end:]

    return rebuilt(change)


SST = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def test_c31_one_text_under_many_cells_is_measured_before_it_is_read() -> None:
    """Two thousand times 20,000 characters in some kilobytes."""
    bomb = pointing("很长" * 10_000, 2_000)
    assert len(bomb) < 64 * 1024
    tracemalloc.start()
    try:
        with pytest.raises(FileRefused, match="characters together"):
            read(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_c31_a_text_that_no_cell_can_hold_is_refused() -> None:
    with pytest.raises(FileRefused, match="which no spreadsheet program writes"):
        read(pointing("长" * 32_768, 1))
    with pytest.raises(FileRefused, match="No row among the first"):
        read(pointing("长" * 32_767, 1))


def test_c40_a_ledger_is_scanned_before_it_is_kept(
    app: Flask, client_as: SignIn, city: Bureau, settings: Settings
) -> None:
    parts = client_as.services
    client = client_as("intake")
    with clamd() as daemon:
        receiving = replace(parts.receiving, scanner=ClamdScanner(daemon.address, 5))
        install(app, replace(parts, receiving=receiving))
        refused = bring(client, "a.csv", as_csv([row(text=TEST_FILE)]))
        assert (refused.status_code, "已拒收" in refused.text) == (422, True)
        assert files_left(settings) == []
        assert bring(client, "a.csv", as_csv([row()])).status_code == 303
    silent = replace(parts.receiving, scanner=ClamdScanner("tcp://127.0.0.1:1", 1))
    install(app, replace(parts, receiving=silent))
    refused = bring(client, "b.csv", as_csv([row()]))
    assert (refused.status_code, "没有应答" in refused.text) == (503, True)
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LedgerImport)) == 1
