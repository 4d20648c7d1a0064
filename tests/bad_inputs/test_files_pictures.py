"""Bad input 38: pictures too large to decode, pictures that say where they were taken, broken ones."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import ExifTags, Image

from complaints.dossier import pictures
from tests.bad_inputs.files_desk import Desk, bureau_of_files, desk, picture, refused, taken

__all__ = ["bureau_of_files", "desk"]


@pytest.fixture(scope="module")
def number(bureau_of_files: Desk) -> str:
    bureau_of_files.install()
    return bureau_of_files.complaint()


def png(width: int, height: int) -> bytes:
    """Return a PNG that claims a size: a head, a few bytes of nothing, an end."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_c38_a_picture_of_billions_of_pixels_is_refused_by_its_head(
    desk: Desk, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    flood = png(50_000, 50_000)
    assert len(flood) < 1024
    monkeypatch.setattr(pictures, "_decoded", None)  # it must not come so far
    for size in ((50_000, 50_000), (7_100, 7_100), (20_001, 1), (2**31 - 1, 2**31 - 1)):
        refused(desk, number, ("大图.png", png(*size)), says="像素")


def test_c38_broken_pictures_are_refused(desk: Desk, number: str) -> None:
    whole = picture(size=(400, 300))
    plain = picture("PNG", (200, 150))
    for name, content in (
        ("半张.jpg", whole[: len(whole) // 2]),
        ("少尾.jpg", whole[:-200]),
        ("只有头.jpg", whole[:30]),
        ("半张.png", plain[: len(plain) // 2]),
        ("假的.png", png(300, 300)),
        ("坏的.webp", picture("WEBP", (200, 150))[:-100]),
        ("乱码.jpg", b"\xff\xd8\xff\xe0" + bytes(500)),
    ):
        refused(desk, number, (name, content), says="不完整或者已损坏")


def test_c38_the_place_stays_in_the_original_and_leaves_the_preview(desk: Desk) -> None:
    number = desk.complaint()
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Telephone"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (32.0, 0.0, 30.0)
    exif[ExifTags.Base.Orientation] = 6
    content = picture(size=(1600, 900), exif=exif, quality=5)
    row = taken(desk, number, ("现场.jpg", content))
    assert (row.has_place, row.width, row.height) == (True, 900, 1600)
    page = desk.get(f"/matters/{number}/files/1").text
    assert "原件带有拍摄位置" in page
    assert desk.get(f"/matters/{number}/files/1/content").data == content
    shown = desk.get(f"/matters/{number}/files/1/preview").data
    with Image.open(io.BytesIO(shown)) as image:
        assert dict(image.getexif()) == {}
        assert image.size == (720, 1280)
        assert image.info.get("exif") is None
    plain = taken(desk, number, ("室内.png", picture("PNG")))
    assert plain.has_place is False
