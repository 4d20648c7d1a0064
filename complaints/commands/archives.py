"""A backup's file: a manifest, the database's dump, the attachments; never a key.

The manifest stands first and names every other member with its size and SHA-256. It is sealed with a keyed
hash that only the installation's own field key makes, so that a cut archive and an edited one are both
refused.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any

from complaints.foundation.encryption import FieldCipher
from complaints.foundation.errors import Invalid

FORMAT = 1
MANIFEST, DUMP, ATTACHMENTS = "manifest.json", "database.dump", "attachments"
LARGEST_MANIFEST = 256 * 1024 * 1024
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `files` gives size in bytes and SHA-256 by the member's name."""

    format: int
    made_at: str
    database: str
    """`sqlite` or `postgresql`."""
    revision: str
    key_id: str
    """Which field key the personal values were encrypted with; it tells nothing about the key."""
    files: Mapping[str, Mapping[str, Any]]


def described(folder: Path) -> dict[str, dict[str, Any]]:
    """Return size and digest of every file in a folder, by its name in the archive.

    What a hidden folder holds is still being written, and what goes meanwhile was nobody's.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            with suppress(FileNotFoundError):
                found[name.as_posix()] = {"size": path.stat().st_size, "sha256": _digest(path)}
    return found


def write(target: Path, manifest: Manifest, sources: Mapping[str, Path], cipher: FieldCipher) -> None:
    """Write the archive beside its place, then put it there in one move, readable for its owner alone."""
    draft = target.with_name(f".{target.name}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
                content = _sealed(manifest, cipher)
                head = tarfile.TarInfo(MANIFEST)
                head.size = len(content)
                archive.addfile(head, BytesIO(content))
                for name in manifest.files:
                    archive.add(sources[name], arcname=name, recursive=False)
            file.flush()
            os.fsync(file.fileno())
        # unlike a rename, a link never takes the place of a file that came meanwhile
        os.link(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def unpack(source: Path, folder: Path, cipher: FieldCipher) -> Manifest:
    """Put the members into the folder and return the manifest. Raises Invalid for any archive that is not
    whole and ours.
    """
    try:
        with _opened(source) as archive:
            members = iter(archive)
            manifest = _manifest(archive, next(members, None), cipher)
            left = dict(manifest.files)
            for member in members:
                wanted = left.pop(member.name, None)
                if wanted is None or not member.isfile():
                    raise Invalid(_edited(f"it holds {member.name!r}, which its manifest does not name once"))
                _take(archive, member, wanted, folder)
            _read_to_the_end(archive)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise Invalid(
            f"The backup is cut or damaged ({type(error).__name__}): take another copy of it."
        ) from error
    if left:
        raise Invalid(f"The backup is cut: {len(left)} of its files are missing. Take another copy of it.")
    return manifest


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    if not source.is_file():
        raise Invalid(f"There is no backup {str(source)!r}: name a file that cli backup wrote.")
    with tarfile.open(source, mode="r:gz") as archive:
        yield archive


def _manifest(archive: tarfile.TarFile, member: tarfile.TarInfo | None, cipher: FieldCipher) -> Manifest:
    """Read the manifest and prove that it was sealed with this very key."""
    if member is None or member.name != MANIFEST or not member.isfile() or member.size > LARGEST_MANIFEST:
        raise Invalid("This is no backup of this program: name a file that cli backup wrote.")
    try:
        sealed = json.loads(_stream(archive, member).read())
        manifest, seal = Manifest(**sealed["manifest"]), str(sealed["seal"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(_edited("its manifest cannot be read")) from error
    if manifest.format != FORMAT:
        raise Invalid(
            f"The backup has format {manifest.format}, this program reads {FORMAT}: use its own release."
        )
    if manifest.key_id != cipher.key_id:
        raise Invalid(
            f"The backup was made with the field key {manifest.key_id}, the key given is {cipher.key_id}: "
            "give the key of that installation."
        )
    if seal != cipher.keyed_hash(_canonical(manifest)):
        raise Invalid(_edited("its manifest does not fit its seal"))
    return manifest


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, wanted: Mapping[str, Any], folder: Path) -> None:
    """Copy one member out and compare size and digest."""
    parts = PurePosixPath(member.name).parts
    if ".." in parts or PurePosixPath(member.name).is_absolute():
        raise Invalid(_edited(f"the name {member.name!r} leads out of the folder"))
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    found, size = hashlib.sha256(), 0
    stream = _stream(archive, member)
    with target.open("wb") as file:
        while chunk := stream.read(CHUNK):
            found.update(chunk)
            size += len(chunk)
            file.write(chunk)
    if size != wanted["size"] or found.hexdigest() != wanted["sha256"]:
        raise Invalid(_edited(f"{member.name!r} differs from its digest"))


def _read_to_the_end(archive: tarfile.TarFile) -> None:
    """Read what is left, so that the compression's own check sum is compared; a cut file raises EOFError."""
    while archive.fileobj is not None and archive.fileobj.read(CHUNK):
        continue


def _stream(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(member)
    if stream is None:
        raise Invalid(_edited(f"{member.name!r} is no file"))
    return stream


def _sealed(manifest: Manifest, cipher: FieldCipher) -> bytes:
    seal = cipher.keyed_hash(_canonical(manifest))
    return json.dumps({"manifest": asdict(manifest), "seal": seal}, ensure_ascii=False).encode()


def _canonical(manifest: Manifest) -> str:
    return "backup " + json.dumps(asdict(manifest), sort_keys=True, ensure_ascii=False)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _edited(what: str) -> str:
    return f"The backup was edited or damaged: {what}. Take another copy of it."
