"""Bad inputs 37, 43 and 44 as far as they are names of files."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from complaints.dossier.file_names import cleaned
from tests.bad_inputs.files_desk import PDF, Desk, bureau_of_files, desk, refused, taken

__all__ = ["bureau_of_files", "desk"]


@pytest.fixture(scope="module")
def number(bureau_of_files: Desk) -> str:
    bureau_of_files.install()
    return bureau_of_files.complaint()


@pytest.mark.parametrize(
    "given",
    [
        "发票.pdf",
        "my receipt (1).pdf",
        "𠮷野家㐂.pdf",
        "収据 №5 'x' %41;.pdf",
        "a.b.c.PDF",
    ],
)
def test_c37_a_name_is_kept_and_served_as_it_was(desk: Desk, given: str) -> None:
    number = desk.complaint()
    assert taken(desk, number, (given, PDF)).name == given
    header = desk.get(f"/matters/{number}/files/1/content").headers["Content-Disposition"]
    found = re.fullmatch(
        r"attachment; filename=\"file-1\.pdf\"; filename\*=UTF-8''([A-Za-z0-9._~%-]+)", header
    )
    assert found, header
    assert unquote(found[1]) == given


def test_c37_a_name_never_leads_anywhere(desk: Desk) -> None:
    number = desk.complaint()
    chinese = "长" * 200
    for turn, (given, kept) in enumerate(
        (
            ("../../etc/passwd.pdf", "passwd.pdf"),
            ("/etc/x.pdf", "x.pdf"),
            ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
            ("看\u200b不\u2066见\ufeff.pdf", "看不见.pdf"),
            ("  两头 空格 .pdf", "两头 空格 .pdf"),
            (f"{chinese}.pdf", f"{'长' * 83}.pdf"),
        ),
        1,
    ):
        row = taken(desk, number, (given, PDF + b"%%" + str(turn).encode() + b"\n%%EOF\n"))
        assert row.name == kept
        assert len(row.name.encode()) <= 255
        assert re.fullmatch("[0-9a-f]{32}", row.store_name)
        answer = desk.get(f"/matters/{number}/files/{turn}/content")
        assert answer.status_code == 200
        assert "\n" not in answer.headers["Content-Disposition"]
        assert "Set-Cookie" not in dict(answer.headers)


@pytest.mark.parametrize(
    "given",
    ["CON", ".htaccess", "a.pdf\0.exe", "  ", "\u202efdp.exe", ".pdf", "a.exe\u200b", "..", "/"],
)
def test_c37_a_name_that_says_nothing_or_lies_is_refused(desk: Desk, number: str, given: str) -> None:
    refused(desk, number, (given, PDF), says="不接收这种文件")


def test_c37_numbers_of_people_in_a_name_are_masked(desk: Desk) -> None:
    number = desk.complaint()
    taken(desk, number, ("陈晓民13800138000身份证420602199001011234.pdf", PDF))
    taken(desk, number, ("IMG_20261124_101530.pdf", PDF + b"\n%%EOF"))
    for path in (f"/matters/{number}", f"/matters/{number}/files/1"):
        page = desk.get(path).text
        assert "13800138000" not in page
        assert "420602199001011234" not in page
        assert "陈晓民138****8000" in page
    assert "IMG_20261124_101530.pdf" in desk.get(f"/matters/{number}").text
    header = desk.get(f"/matters/{number}/files/1/content").headers["Content-Disposition"]
    assert "13800138000" not in header


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("..\\..\\a.pdf", "a.pdf"),
        ("C:\\Windows\\系统.pdf", "系统.pdf"),
        ("a\r\nX-Evil: 1\r\n\r\n.pdf", "aX-Evil: 1.pdf"),
        ("a\0.pdf", "a.pdf"),
        ("\ud800.pdf", ".pdf"),
        ("a\u2028b\x1b[31m.pdf", "ab[31m.pdf"),
        ("e\u0301" * 100 + ".pdf", "e\u0301" * 83 + ".pdf"),
        ("名" * 300, "名" * 85),
        ("a" * 300 + "." + "b" * 300, "a" * 255),
        ("", ""),
    ],
)
def test_c37_what_no_browser_sends_is_cleaned_as_well(given: str, kept: str) -> None:
    assert cleaned(given) == kept
    assert len(cleaned(given).encode()) <= 255


def test_c43_a_name_is_text_on_every_page(desk: Desk) -> None:
    number = desk.complaint()
    evil = "'><img src=x onerror=alert(1)>{{7*7}}${x}.pdf"
    taken(desk, number, (evil, PDF))
    refusal = refused(desk, number, ("<script>alert(1)<x>.exe", PDF), says="&lt;x&gt;.exe")
    pages = [desk.get(f"/matters/{number}").text, desk.get(f"/matters/{number}/files/1").text, refusal]
    for page in pages:
        assert "<img src=x" not in page
        assert "<script>alert" not in page
    assert all("{{7*7}}${x}.pdf" in page for page in pages[:2])


def test_c44_a_line_break_in_a_name_reaches_no_header_and_no_log(desk: Desk) -> None:
    number = desk.complaint()
    # a raw one ends the part's head: there is no file then
    refused(desk, number, ("a\r\nX-Evil: 1\r\n\r\n<html>.pdf", PDF), says="文件")
    # browsers write it so
    row = taken(desk, number, ("a%0D%0AX-Evil: 1.pdf", PDF))
    answer = desk.get(f"/matters/{number}/files/{row.number}/content")
    assert "X-Evil" not in answer.headers
    assert "\n" not in answer.headers["Content-Disposition"]
    assert answer.data == PDF
