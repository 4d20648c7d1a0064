"""Where files are kept: by default a folder of this machine, under names that only the server makes.

A file is whole and on the disk before its name is given out: it is written beside its place, synced, moved
there in one step, and the folder is synced too. So whoever commits the name afterwards never names a file
that a power cut takes away. Every file is encrypted with the installation's field key, as personal values in
the database are: papers show what is sealed there.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from complaints.foundation import encryption
from complaints.foundation.encryption import UnreadableError

FOLDER, INCOMING = "attachments", ".incoming"
"""The store in the instance folder, and in it what is still being written."""
CHUNK = 256 * 1024
_NAME = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StoreFull(Exception):  # noqa: N818 - no error of the program
    """There is no room for the file. Nothing of it was kept."""


class FileDamaged(FileNotFoundError):  # noqa: N818 - no error of the program
    """A file of that name is there, but is not what was once put there."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept: its name in the store, its own size in bytes and SHA-256 in hexadecimal digits."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Held:
    """A file found in the store; `changed_at` in seconds since 1970 (UTC)."""

    name: str
    size: int
    changed_at: float


class FileStore(Protocol):
    """Keeps files by names of its own."""

    def put(self, content: BinaryIO) -> Kept:
        """Keep what is read from the content's present place. Raises StoreFull."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a kept file. Raises FileNotFoundError, and FileDamaged where it is not what it was."""
        ...

    def discard(self, name: str) -> None:
        """Remove a kept file, where it is there."""
        ...

    def held(self) -> Iterator[Held]:
        """Yield every kept file, in the order of names."""
        ...

    def unfinished(self) -> Iterator[Held]:
        """Yield what was begun and never finished."""
        ...

    def discard_unfinished(self, name: str) -> None:
        """Remove what was begun and never finished."""
        ...


class FolderStore:
    """Keeps files in a folder, in folders by the first digits of their names, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it is made with the first file."""
        self._folder, self._incoming = folder, folder / INCOMING

    def put(self, content: BinaryIO) -> Kept:
        """Write, sync, move. Nothing stays behind where that fails."""
        name = secrets.token_hex(16)
        draft = self._incoming / name
        try:
            self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            size, digest = _write(draft, content)
            place = self._place(name)
            self._make_folders(place.parent)
            draft.rename(place)
            _sync_folder(place.parent)
        except BaseException as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno in _NO_ROOM:
                raise StoreFull(os.strerror(error.errno or errno.ENOSPC)) from error
            raise
        return Kept(name, size, digest)

    def open(self, name: str) -> BinaryIO:
        """Decrypt and open for reading; nothing of a changed file is given out."""
        with self._place(name).open("rb") as file:
            sealed = file.read()
        try:
            return io.BytesIO(encryption.cipher().unseal(sealed, name))
        except UnreadableError as error:
            raise FileDamaged(errno.ENOENT, str(error)) from error

    def discard(self, name: str) -> None:
        """Remove it."""
        self._place(name).unlink(missing_ok=True)

    def held(self) -> Iterator[Held]:
        """Walk the folders; what goes meanwhile is passed over, and what is not ours too."""
        for path in sorted(self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")):
            if _NAME.fullmatch(path.name):
                yield from _held(path)

    def unfinished(self) -> Iterator[Held]:
        """Look into the folder of what is being written."""
        for path in sorted(self._incoming.glob("*")):
            yield from _held(path)

    def discard_unfinished(self, name: str) -> None:
        """Remove it."""
        if _NAME.fullmatch(name):
            (self._incoming / name).unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        """Return where the file lies. A name that the store did not make has no place."""
        if not _NAME.fullmatch(name):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return self._folder / name[:2] / name[2:4] / name

    def _make_folders(self, folder: Path) -> None:
        """Make the two folders of a name and sync what names them, so that a power cut keeps both."""
        for one in (folder.parent, folder):
            if not one.is_dir():
                one.mkdir(mode=0o700, exist_ok=True)
                _sync_folder(one.parent)


def _write(draft: Path, content: BinaryIO) -> tuple[int, str]:
    """Encrypt, write and sync; return size and digest of what was read."""
    found, size = hashlib.sha256(), 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        while chunk := content.read(CHUNK):
            found.update(chunk)
            size += len(chunk)
            yield chunk

    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        for part in encryption.cipher().seal(chunks(), draft.name):
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    return size, found.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _held(path: Path) -> Iterator[Held]:
    with suppress(FileNotFoundError):
        facts = path.stat()
        yield Held(path.name, facts.st_size, facts.st_mtime)
