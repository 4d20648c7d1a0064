"""The root over a list is that of RFC 6962, section 2.1."""

from __future__ import annotations

from hashlib import sha256

import pytest

from workflows.anchoring.merkle import root_of


def by_definition(leaves: list[bytes]) -> bytes:
    """The recursive definition of the standard, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


@pytest.mark.parametrize("n", [*range(20), 63, 64, 65, 100])
def test_it_is_the_root_of_the_standard(n: int) -> None:
    leaves = [f"leaf {one}" for one in range(n)]
    assert root_of(leaves, "sha256") == by_definition([one.encode() for one in leaves]).hex()


def test_known_values() -> None:
    """The roots of the reference implementation's own test list, google/certificate-transparency."""
    given = ["", "\x00", "\x10", " !", "01", "@ABC", "PQRSTUVW", "`abcdefghijklmno"]
    assert root_of([], "sha256") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of(given[:1], "sha256") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(given[:2], "sha256") == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"


@pytest.mark.parametrize("algorithm", ["sm3", "sha256"])
def test_order_number_and_content_all_count(algorithm: str) -> None:
    roots = {
        root_of(leaves, algorithm) for leaves in (["a", "b"], ["b", "a"], ["a"], ["a", "b", "b"], ["ab"], [])
    }
    assert len(roots) == 6


def test_a_pair_is_no_leaf() -> None:
    pair = b"\x00".join([b"a"]).decode()
    assert root_of([pair, pair], "sm3") != root_of([pair + pair], "sm3")
