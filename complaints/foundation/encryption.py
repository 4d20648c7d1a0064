"""Personal values at rest: SM4-GCM ciphertext (GB/T 32907), and a keyed SM3 hash (GB/T 32905) to find equal
ones.

A stored value is `<key id>.<nonce, ciphertext and tag in base64url>`. The key id tells a wrong key from a
damaged value. Files are sealed in the same way, with a key of their own.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable, Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

NONCE = 12
TAG = 16


class UnreadableError(Exception):
    """A stored value cannot be read: another key, or a damaged value."""


class FieldCipher:
    """Encrypts single values and makes keyed hashes of them; both keys come from the one field key."""

    def __init__(self, field_key: bytes) -> None:
        """Derive the keys from 32 secret bytes."""
        if len(field_key) != 32:
            raise ValueError("a field key has 32 bytes")
        self._key = _derive(field_key, b"fangxin field encryption", 16)
        self._file_key = _derive(field_key, b"fangxin file encryption", 16)
        self._keyed = hmac.HMAC(_derive(field_key, b"fangxin keyed hash", 32), hashes.SM3())
        self.key_id = _derive(field_key, b"fangxin key id", 4).hex()

    def encrypt(self, value: str) -> str:
        """Return the ciphertext; twice the same value gives two different ones."""
        nonce = os.urandom(NONCE)
        encryptor = Cipher(algorithms.SM4(self._key), modes.GCM(nonce)).encryptor()
        sealed = encryptor.update(value.encode()) + encryptor.finalize()
        return f"{self.key_id}.{base64.urlsafe_b64encode(nonce + sealed + encryptor.tag).decode()}"

    def decrypt(self, stored: str) -> str:
        """Return the value. Raises UnreadableError for another key's value or a changed one."""
        key_id, _, body = stored.partition(".")
        if key_id != self.key_id:
            raise UnreadableError(
                f"the value was encrypted with the field key {key_id}, this one is {self.key_id}"
            )
        try:
            raw = base64.urlsafe_b64decode(body)
            nonce, sealed, tag = raw[:NONCE], raw[NONCE:-TAG], raw[-TAG:]
            decryptor = Cipher(algorithms.SM4(self._key), modes.GCM(nonce, tag)).decryptor()
            return (decryptor.update(sealed) + decryptor.finalize()).decode()
        except (binascii.Error, InvalidTag, ValueError) as error:
            raise UnreadableError("the value was damaged or changed outside the application") from error

    def seal(self, chunks: Iterable[bytes], bound_to: str) -> Iterator[bytes]:
        """Yield a file's ciphertext as it is read: key id, nonce, ciphertext, tag.

        It opens only under the name it is `bound_to`, so that of two files neither passes for the other.
        """
        nonce = os.urandom(NONCE)
        encryptor = Cipher(algorithms.SM4(self._file_key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(bound_to.encode())
        yield self.key_id.encode() + nonce
        for chunk in chunks:
            yield encryptor.update(chunk)
        yield encryptor.finalize() + encryptor.tag

    def unseal(self, sealed: bytes, bound_to: str) -> bytes:
        """Return a file's content. Raises UnreadableError for another key's file or a changed one."""
        head = len(self.key_id)
        if sealed[:head] != self.key_id.encode():
            raise UnreadableError(f"the file was not encrypted with the field key {self.key_id}")
        nonce, body, tag = sealed[head : head + NONCE], sealed[head + NONCE : -TAG], sealed[-TAG:]
        try:
            decryptor = Cipher(algorithms.SM4(self._file_key), modes.GCM(nonce, tag)).decryptor()
            decryptor.authenticate_additional_data(bound_to.encode())
            return decryptor.update(body) + decryptor.finalize()
        except (InvalidTag, ValueError) as error:
            raise UnreadableError("the file was damaged or changed outside the application") from error

    def keyed_hash(self, normalised: str) -> str:
        """Return the hash, 64 hexadecimal digits, by which an equal normalised value is found."""
        maker = self._keyed.copy()
        maker.update(normalised.encode())
        return maker.finalize().hex()


def _derive(field_key: bytes, purpose: bytes, length: int) -> bytes:
    """Derive a key for one purpose."""
    return HKDF(hashes.SM3(), length, None, purpose).derive(field_key)


class _Configured:
    """The cipher of this process.

    A column cannot know the settings, so create_app and the commands put it here.
    """

    cipher: FieldCipher | None = None


def configure(cipher: FieldCipher) -> None:
    """Use the cipher for all encrypted columns of this process."""
    _Configured.cipher = cipher


def cipher() -> FieldCipher:
    """Return the cipher of this process. Raises RuntimeError before `configure`."""
    if _Configured.cipher is None:
        raise RuntimeError(
            "no field cipher is configured: call complaints.foundation.encryption.configure first"
        )
    return _Configured.cipher


def keyed_hash(normalised: str) -> str:
    """Return the keyed hash of a normalised value by the cipher of this process."""
    return cipher().keyed_hash(normalised)


class EncryptedText(TypeDecorator[str]):
    """A text column that only ever reaches the database encrypted. It cannot be searched or sorted.

    Keep a keyed hash.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt on the way in."""
        return None if value is None else cipher().encrypt(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else cipher().decrypt(value)
