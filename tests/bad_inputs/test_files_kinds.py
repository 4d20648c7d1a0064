"""Bad inputs 31 and 33 to 36: containers that are bombs or hide something, and files of two kinds in one."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from complaints.dossier import file_content
from tests.bad_inputs.files_desk import (
    MAIN,
    PDF,
    Desk,
    bureau_of_files,
    desk,
    office,
    picture,
    refused,
    taken,
)

__all__ = ["bureau_of_files", "desk"]

OTHER = "文件内容与扩展名不符"
KIND = "不接收这种文件"


@pytest.fixture(scope="module")
def number(bureau_of_files: Desk) -> str:
    bureau_of_files.install()
    return bureau_of_files.complaint()


def test_what_a_bureau_needs_is_taken(desk: Desk) -> None:
    number = desk.complaint()
    box = lambda kind, body: (len(body) + 8).to_bytes(4, "big") + kind + body  # noqa: E731
    film = box(b"ftyp", b"mp42\0\0\0\0mp42isom") + box(b"mdat", b"\1" * 40)
    sound = box(b"ftyp", b"M4A \0\0\0\0M4A mp42") + box(b"mdat", b"\2" * 40)
    for name, content, media_type in (
        ("发票.jpg", picture(), "image/jpeg"),
        ("现场.JPEG", picture(), "image/jpeg"),
        ("截图.png", picture("PNG"), "image/png"),
        ("图.webp", picture("WEBP"), "image/webp"),
        ("报告.pdf", PDF, "application/pdf"),
        ("情况说明.docx", office("docx"), f"{MAIN['docx'].removesuffix('.main+xml')}"),
        ("清单.xlsx", office("xlsx"), f"{MAIN['xlsx'].removesuffix('.main+xml')}"),
        ("通话.mp3", b"ID3\x03\0\0\0\0\0\0" + b"\0" * 100, "audio/mpeg"),
        ("通话.wav", b"RIFF\x2c\0\0\0WAVEfmt " + b"\0" * 100, "audio/x-wav"),
        ("通话.amr", b"#!AMR\n" + b"\0" * 100, "audio/amr"),
        ("现场.mp4", film, "video/mp4"),
        ("通话.m4a", sound, "audio/mp4"),
    ):
        row = taken(desk, number, (name, content))
        assert (row.name, row.media_type, row.size) == (name, media_type, len(content))
        answer = desk.get(f"/matters/{number}/files/{row.number}/content")
        assert answer.data == content, name
        assert answer.headers["Content-Type"].partition(";")[0] == media_type


def test_c31_a_container_that_unpacks_to_far_more_is_refused_unread(
    desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = office("xlsx", {"xl/worksheets/sheet1.xml": bytes(20_000_000)})
    assert len(bomb) < 100_000
    monkeypatch.setattr(file_content, "_content_types", None)  # nothing may be read from it
    refused(desk, number, ("清单.xlsx", bomb), says="解压后远大于文件本身")
    many = office("docx", {f"word/{place}": b"" for place in range(file_content.MOST_ENTRIES)})
    refused(desk, number, ("说明.docx", many), says="解压后远大于文件本身")


def test_c33_entities_are_no_business_of_ours(desk: Desk, number: str) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><l>&b;</l>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        container.writestr("[Content_Types].xml", laughs + MAIN["docx"].encode())
    refused(desk, number, ("说明.docx", out.getvalue()), says=OTHER)
    # a part of the document is never opened here, whatever it declares
    taken(desk, number, ("另一份.docx", office("docx", {"word/footer.xml": laughs})))


def test_c34_a_spreadsheet_or_document_that_is_another_thing(desk: Desk, number: str) -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    for name, content, says in (
        ("台账.xlsx", old, "设有密码或者是旧格式"),
        ("台账.xls", old, KIND),
        ("台账.xls", b"<html><table></table></html>", KIND),
        ("台账.xlsx", b"<html><table></table></html>", OTHER),
        ("台账.xlsm", office("xlsx"), KIND),
        ("台账.xlsx", office("docx"), OTHER),
        ("台账.docx", office("xlsx"), OTHER),
        ("台账.xlsx", office("xlsx", {"xl/vbaProject.bin": b"macro"}), "含有宏"),
        ("台账.xlsx", office("xlsx", types="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "含有宏"),
        ("台账.xlsx", office("xlsx", types="text/html"), OTHER),
        ("台账.xlsx", b"", "是空文件"),
        ("台账.xlsx", office("xlsx")[:-30], "不完整或者已损坏"),
        ("发票", picture(), KIND),
        ("发票.", picture(), KIND),
        ("程序.exe", b"MZ" + bytes(200), KIND),
        ("网页.html", b"<html></html>", KIND),
        ("压缩.zip", office("docx"), KIND),
    ):
        refused(desk, number, (name, content), says=says)


def test_c35_what_a_container_must_not_hold(desk: Desk, number: str) -> None:
    link = zipfile.ZipInfo("word/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO(office("docx"))
    with zipfile.ZipFile(out, "a") as container:
        container.writestr(link, "/etc/passwd")
    refused(desk, number, ("说明.docx", out.getvalue()), says="内含指向文件以外的路径")
    for name in ("../secret_key", "word/../../x", "/etc/passwd", "..\\..\\x", "C:/x", "word\\..\\..\\x"):
        refused(desk, number, ("说明.docx", office("docx", {name: b"x"})), says="内含指向文件以外的路径")
    for name in ("word/a.zip", "word/embeddings/setup.EXE", "a.js", "word/x.vbs"):
        refused(desk, number, ("说明.docx", office("docx", {name: b"x"})), says="内含程序或者压缩包")
    locked = bytearray(office("docx"))
    at = locked.index(b"PK\x01\x02")
    locked[at + 8] |= 1
    refused(desk, number, ("说明.docx", bytes(locked)), says="设有密码或者是旧格式")


def test_c36_two_kinds_in_one_file_are_refused_or_handed_out_as_a_file(desk: Desk, number: str) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    gif = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"
    for name, content, says in (
        ("照片.jpg", b"<html><script>alert(1)</script></html>", OTHER),
        ("照片.jpg", svg, OTHER),
        ("照片.svg", svg, KIND),
        ("照片.gif", gif, KIND),
        ("照片.png", gif + office("docx"), OTHER),
        ("说明.docx", gif + office("docx"), OTHER),
        ("说明.docx", picture() + office("docx"), OTHER),
        ("照片.png", picture(), OTHER),
        ("报告.pdf", picture(), OTHER),
        ("照片.jpg", PDF, OTHER),
        ("报告.pdf", b" " + PDF, OTHER),
    ):
        refused(desk, number, (name, content), says=says)
    hidden = picture() + b"<script>alert(document.domain)</script>" + office("docx")
    script = PDF.replace(b"/Type/Catalog", b"/Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>")
    for name, content in (("夹带.jpg", hidden), ("脚本.pdf", script)):
        row = taken(desk, number, (name, content))
        answer = desk.get(f"/matters/{number}/files/{row.number}/content")
        assert answer.data == content
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    shown = desk.get(f"/matters/{number}/files/{desk.rows(number)[-2].number}/preview")
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert b"script" not in shown.data
    assert b"PK\x03\x04" not in shown.data
