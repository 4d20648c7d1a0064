"""Reading a zip container of XML that may be cut off or damaged.

The library raises for wrong bytes whatever went wrong while it read them: `zlib.error` is no OSError and no
ValueError, and a part in an encoding that nobody knows is a LookupError.
"""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from xml.parsers import expat

_DAMAGE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError),
    *(expat.ExpatError, LookupError, ValueError, ArithmeticError, RuntimeError),
)
"""RuntimeError with NotImplementedError: a method, a version or a lock that the library cannot open."""
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What office files are packed with (ECMA-376-2); of others a few bytes may ask for gigabytes."""


@contextmanager
def damage_is(refusal: Exception) -> Iterator[None]:
    """Raise the refusal where the container cannot be read; trouble of the disk stays what it is."""
    try:
        yield
    except _DAMAGE as error:
        raise refusal from error
    except OSError as error:
        # a directory that is said to begin before the file does
        if error.errno != errno.EINVAL:
            raise
        raise refusal from error


def is_packed_plainly(entries: Iterable[zipfile.ZipInfo]) -> bool:
    """Tell whether every part is packed as office files are."""
    return all(one.compress_type in _METHODS for one in entries)
