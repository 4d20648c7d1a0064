"""The root over a list of texts, as RFC 6962 (Certificate Transparency) section 2.1 builds it.

A leaf is hashed with 0x00 before it and a pair with 0x01, so that no leaf can pretend to be a pair. A list of
n leaves is split at the largest power of two below n; the root of none is the digest of nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from workflows.canonical import digest_of

LEAF, NODE = b"\x00", b"\x01"


class Growing:
    """A list that grows leaf by leaf; of it only the roots of whole subtrees are kept, one a power of two."""

    def __init__(self, algorithm: str) -> None:
        """Begin an empty list, hashed by `sm3` or `sha256`."""
        self._algorithm = algorithm
        self._whole: list[tuple[int, bytes]] = []

    def add(self, leaf: str) -> None:
        """Add the next leaf."""
        size, found = 1, self._digest(LEAF + leaf.encode("utf-8"))
        while self._whole and self._whole[-1][0] == size:
            found = self._digest(NODE + self._whole.pop()[1] + found)
            size *= 2
        self._whole.append((size, found))

    @property
    def root(self) -> str:
        """Return the root over the leaves so far, as lower-case hex."""
        if not self._whole:
            return self._digest(b"").hex()
        found = self._whole[-1][1]
        for _size, before in reversed(self._whole[:-1]):
            found = self._digest(NODE + before + found)
        return found.hex()

    def _digest(self, data: bytes) -> bytes:
        return digest_of(data, self._algorithm)


def root_of(leaves: Iterable[str], algorithm: str) -> str:
    """Return the root over the leaves in their order, as lower-case hex."""
    growing = Growing(algorithm)
    for leaf in leaves:
        growing.add(leaf)
    return growing.root
