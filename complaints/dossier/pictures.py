"""Pictures: how large they are before they are decoded, whether they are whole, and a small one to show.

The original stays as it came, byte for byte: it is evidence. What pages show is drawn anew from it, without
anything but the picture (no place, no camera, no hidden second file).
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from threading import Lock
from typing import BinaryIO

from flask_babel import gettext as _
from PIL import ExifTags, Image, ImageOps

from complaints.dossier.file_content import broken
from complaints.dossier.file_names import shown
from complaints.foundation.errors import Invalid

MOST_PIXELS = 50_000_000
"""Width times height: what telephones take, 48 million, and a little more."""
LONGEST_SIDE = 20_000
"""Pixels."""
PREVIEW_SIDE = 1280
"""Pixels of the longer side of what pages show."""
_FORMATS = ("JPEG", "PNG", "WEBP")
_LYING = frozenset({5, 6, 7, 8})
"""Orientations (EXIF) under which a picture is looked at with its sides changed."""
_ONE_AT_A_TIME = Lock()
"""Decoding takes memory by the pixel: 200 MB for the largest. Warnings are also set for the whole process."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's size in pixels as it is looked at, whether it names the place it was taken, and its small
    copy (JPEG).
    """

    width: int
    height: int
    has_place: bool
    preview: bytes


def looked_at(name: str, content: BinaryIO) -> Picture:
    """Judge a picture by its head, then decode it. Raises Invalid where it is too large or not whole."""
    content.seek(0)
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # others are about what cameras write beside the picture, and no fault of it
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(content, formats=_FORMATS) as image:
                _check_size(name, image.size)
                return _decoded(image)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _too_large(name) from error
        # what the decoders raise for bytes that no picture has
        except (OSError, SyntaxError, ValueError, TypeError, EOFError, struct.error) as error:
            raise broken(name) from error


def _check_size(name: str, size: tuple[int, int]) -> None:
    width, height = size
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise _too_large(name)


def _too_large(name: str) -> Invalid:
    return Invalid(
        _(
            "%(name)s has too many pixels: at most %(most)s million. Send a smaller picture.",
            name=shown(name),
            most=MOST_PIXELS // 1_000_000,
        )
    )


def _decoded(image: Image.Image) -> Picture:
    has_place = bool(image.getexif().get_ifd(ExifTags.IFD.GPSInfo))
    size = image.size
    # a JPEG is decoded at the size that is wanted, but read to its end
    image.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))
    image.load()
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) in _LYING
    small = ImageOps.exif_transpose(image)
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    out = io.BytesIO()
    _on_white(small).save(out, "JPEG", quality=80)
    width, height = size[::-1] if turned else size
    return Picture(width, height, has_place, out.getvalue())


def _on_white(image: Image.Image) -> Image.Image:
    """Return the picture without transparency and without anything that came with it."""
    bare = Image.new("RGB", image.size, "white")
    whole = image.convert("RGBA")
    bare.paste(whole, mask=whole.getchannel("A"))
    return bare
