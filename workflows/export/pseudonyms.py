"""Names that stand for people and instances in an exported log: the same within one export, and never the
real ones.

The key is made for one export and kept nowhere: two exports cannot be joined by their pseudonyms, and nobody
finds out by trying which number stands behind one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from uuid import UUID

SYSTEM = "system"
"""Who acts where nobody does: a timer, a calendar notice, a child that reports."""


class Pseudonyms:
    """The pseudonyms of one export: the first bits of an HMAC-SHA256 of kind and number."""

    def __init__(self, key: bytes | None = None) -> None:
        """Take a fresh random key, or, for a test, this one."""
        self._key = key or secrets.token_bytes(32)

    def identity(self, kind: str, *numbers: int) -> str:
        """Return a UUID for the thing of that kind with these numbers."""
        # marked as a random one: that is what it is to everybody without the key
        return str(UUID(bytes=self._digest(kind, *numbers)[:16], version=4))

    def person(self, person_id: int) -> str:
        """Return the name that stands for the person, or `system`."""
        return f"person-{self._digest('person', person_id).hex()[:12]}" if person_id else SYSTEM

    def _digest(self, kind: str, *numbers: int) -> bytes:
        said = ":".join([kind, *map(str, numbers)])
        return hmac.new(self._key, said.encode(), hashlib.sha256).digest()
