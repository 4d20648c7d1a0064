"""Bad inputs 37, 43 and 44 as far as they are names of files."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from complaints.dossier.file_names import cleaned, shown
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
    taken(desk, number, ("通话 138-0013-8000.pdf", PDF + b"\n%%EOF\n"))
    header = desk.get(f"/matters/{number}/files/3/content").headers["Content-Disposition"]
    assert unquote(header).endswith("通话 138****8000.pdf")
    for path in (f"/matters/{number}", f"/matters/{number}/files/3"):
        assert "138-0013-8000" not in desk.get(path).text


@pytest.mark.parametrize(
    ("given", "masked"),
    [
        ("通话 138-0013-8000.m4a", "通话 138****8000.m4a"),
        ("通话138 0013 8000.m4a", "通话138****8000.m4a"),
        ("138_0013_8000_20231115101530.mp3", "138****8000_20231115101530.mp3"),
        ("138.0013.8000.m4a", "138****8000.m4a"),
        ("+86 138 0013 8000.amr", "+86 138****8000.amr"),
        ("+8613800138000.amr", "+86 138****8000.amr"),
        ("0086-13800138000.amr", "0086 138****8000.amr"),
        ("１３８００１３８０００.jpg", "138****8000.jpg"),
        ("１３８－００１３－８０００.jpg", "138****8000.jpg"),
        ("20231115_13800138000.m4a", "20231115_138****8000.m4a"),
        ("20231115_13512345678.m4a", "20231115_135****5678.m4a"),
        ("2023-11-15 138 0013 8000.m4a", "2023-11-15 138****8000.m4a"),
        ("通话录音@张三(13800138000)_20231115101530.mp3", "通话录音@张三(138****8000)_20231115101530.mp3"),
        ("0710-3512345.mp3", "0710-****345.mp3"),
        ("07103512345.mp3", "0710-****345.mp3"),
        ("(0710)3512345.mp3", "0710-****345.mp3"),
        ("张三(07103512345).mp3", "张三(0710-****345).mp3"),
        ("027 8765 4321.mp3", "027-****321.mp3"),
        ("20231115_0710-3512345.mp3", "20231115_0710-****345.mp3"),
        ("身份证420602 19900101 1234.jpg", "身份证420602********1234.jpg"),
        ("４２０６０２１９９００１０１１２３Ｘ.jpg", "420602********123X.jpg"),
        ("6222 0210 0101 1234 567.jpg", "****4567.jpg"),
        ("6222-0210-0101-1234.jpg", "****1234.jpg"),
        ("13800138000和13900139000.jpg", "138****8000和139****9000.jpg"),
        ("2023111513512345678.jpg", "****5678.jpg"),
    ],
)
def test_c37_numbers_in_a_name_are_masked_however_they_are_written(given: str, masked: str) -> None:
    assert shown(given) == masked


@pytest.mark.parametrize(
    "given",
    [
        "20231115_123456.jpg",
        "IMG_20231115_153045.jpg",
        "IMG20231115153045.jpg",
        "IMG_20231115_153045_123.jpg",
        "PXL_20231115_153045123.jpg",
        "Screenshot_2023-11-15-15-30-45-123_com.tencent.mm.jpg",
        "VID_2013-11-15 13.45.59.mp4",
        "２０２３１１１５＿１５３０４５.jpg",
        "mmexport1700000000000.jpg",
        "1700000000_1.jpg",
        "IMG_0001 (2).jpg",
        "0000000012.pdf",
        "告知书 420600-20261124-00001-7.pdf",
        "2023年11月15日检测报告第3号.pdf",
        "发票 12315-1.pdf",
        "发票299.00元.pdf",
    ],
)
def test_c37_what_a_camera_and_a_clerk_write_stays(given: str) -> None:
    assert shown(given) == given


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
