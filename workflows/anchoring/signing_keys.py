"""The key that signs anchors: a file that lies apart from what it vouches for, readable for its owner alone.

Whoever can read the database folder must not find the key there, or a signature would prove nothing.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_TOO_LARGE = 64 * 1024
"""Bytes; no key file is as long."""


class SigningKeyError(ValueError):
    """The key cannot be used; the text is one sentence: what is wrong, what to do."""


def make(path: Path, apart_from: Path) -> str:
    """Make a key in a new file, and its public part in a second that ends in .pub; return the public key.

    Raises SigningKeyError where a file is there already, or lies where no key may lie.
    """
    _refuse_inside(path, apart_from)
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _write_new(path, private, 0o600)
    _write_new(path.with_name(f"{path.name}.pub"), public, 0o644)
    return key.public_key().public_bytes_raw().hex()


def load(path: Path, apart_from: Path) -> Ed25519PrivateKey:
    """Return the key in the file.

    Raises SigningKeyError where it lies inside the folder that it vouches for, where others may read it, or
    where it is no such key.
    """
    _refuse_inside(path, apart_from)
    data = _read(path)
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SigningKeyError(f"Others than its owner may read the key {path}: run chmod 600 on it.")
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError(
            f"{path} holds no Ed25519 key without password: make one with cli log anchor-key."
        )
    return key


def load_public(path: Path) -> str:
    """Return the public key in the file as hex. Raises SigningKeyError where it is none."""
    try:
        key = serialization.load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise SigningKeyError(f"{path} holds no public key of Ed25519: give the file that ends in .pub.")
    return key.public_bytes_raw().hex()


def is_inside(path: Path, folder: Path) -> bool:
    """Tell whether the path lies in the folder, links followed."""
    return path.resolve().is_relative_to(folder.resolve())


def _refuse_inside(path: Path, folder: Path) -> None:
    if is_inside(path, folder):
        raise SigningKeyError(
            f"The key {path} lies inside {folder}: keep it elsewhere, apart from what it vouches for."
        )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_TOO_LARGE)
    except OSError as error:
        raise SigningKeyError(
            f"The key {path} cannot be read ({error.strerror}): name another file."
        ) from error


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise SigningKeyError(f"{path} exists already and is not replaced: name another file.") from None
    except OSError as error:
        raise SigningKeyError(f"{path} cannot be written ({error.strerror}): name another file.") from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
