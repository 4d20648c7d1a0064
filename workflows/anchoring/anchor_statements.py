"""What an anchor says, signed: one root over the heads of all chains at one moment, and its file.

A hash chain shows that events were changed, but whoever can write the database can write a whole chain anew.
An anchor ends that: its root is signed with a key that does not lie beside the database (Ed25519, RFC 8032),
and its file is kept elsewhere. A file names each instance with the event it ended with and the first quarter
of that event's hash, so that what is missing later can be told by name; the root proves the whole.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workflows.canonical import ALGORITHMS, canonical, digest

FORMAT = "workflow-anchor/1"
NONE_BEFORE = "0" * 64
SHORT = 16
"""Hexadecimal digits of a head's hash that a file keeps."""


class AnchorFileError(ValueError):
    """The file is no anchor; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where one chain ended: the instance, its last event and that event's hash, whole or its beginning."""

    instance_id: int
    seq: int
    hash: str

    @property
    def leaf(self) -> str:
        """Return the leaf that stands for the head; its hash must be whole."""
        return f"{self.instance_id} {self.seq} {self.hash}"

    @property
    def short(self) -> str:
        """Return the head as a file keeps it."""
        return f"{self.instance_id} {self.seq} {self.hash[:SHORT]}"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed.

    `day` is that of Asia/Shanghai, `at_us` UTC microseconds; `events` counts those of all instances.
    `previous` is the root of the anchor before, `prior_check` how that one stood when this one was made:
    `first`, `stands`, `broken`, or `unchecked` where its file was not at hand.
    """

    number: int
    day: date
    at_us: int
    algorithm: str
    instances: int
    events: int
    heads_root: str
    heads_digest: str
    previous: str
    prior_check: str

    @property
    def facts(self) -> dict[str, Any]:
        """Return the statement as canonical values."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {"format": FORMAT, **told, "day": self.day.isoformat()}

    @property
    def root(self) -> str:
        """Return the digest of all that is signed: the one number that stands for the log on that day."""
        return digest(canonical(self.facts), self.algorithm)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A signed statement. Key and signature are lower-case hex."""

    statement: Statement
    public_key: str
    signature: str

    @property
    def signed(self) -> bool:
        """Tell whether the signature is that of the named key over this statement."""
        return is_signed(canonical(self.statement.facts), self.public_key, self.signature)


def sign(statement: Statement, key: Ed25519PrivateKey) -> Anchor:
    """Return the statement signed."""
    signature = key.sign(canonical(statement.facts).encode("utf-8"))
    return Anchor(statement, key.public_key().public_bytes_raw().hex(), signature.hex())


def is_signed(text: str, public_key: str, signature: str) -> bool:
    """Tell whether the signature is that of the key over the text."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), text.encode("utf-8"))
    except (InvalidSignature, ValueError):
        return False
    return True


def heads_digest(heads: Sequence[str], algorithm: str) -> str:
    """Return the digest of the heads as a file keeps them."""
    return digest("\n".join(heads), algorithm)


def written(anchor: Anchor, heads: Sequence[str]) -> str:
    """Return the text of an anchor's file: canonical JSON, the same for the same anchor."""
    return canonical(
        {
            "statement": anchor.statement.facts,
            "root": anchor.statement.root,
            "public_key": anchor.public_key,
            "signature": anchor.signature,
            "heads": list(heads),
        }
    )


@dataclass(frozen=True, slots=True)
class AnchorFile:
    """An anchor with the heads it names, as read from a file."""

    anchor: Anchor
    heads: tuple[Head, ...]


def read(text: str) -> AnchorFile:
    """Read an anchor's file. Raises AnchorFileError where it is none, or says two things at once.

    Whether the signature is good is asked of the anchor; that the heads are those of the statement is held
    here.
    """
    try:
        kept = json.loads(text)
        told = dict(kept["statement"])
        if told.pop("format") != FORMAT:
            raise AnchorFileError(f"it is not of the format {FORMAT}")
        statement = Statement(**{**told, "day": date.fromisoformat(told["day"])})
        anchor = Anchor(statement, str(kept["public_key"]), str(kept["signature"]))
        heads = [str(one) for one in kept["heads"]]
        found = tuple(_head(one) for one in heads)
        root = kept["root"]
    except AnchorFileError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise AnchorFileError(f"it cannot be read as an anchor ({type(error).__name__})") from error
    if statement.algorithm not in ALGORITHMS:
        raise AnchorFileError(f"its algorithm {statement.algorithm!r} is unknown")
    try:
        fits = root == statement.root and statement.heads_digest == heads_digest(heads, statement.algorithm)
    except TypeError as error:
        raise AnchorFileError("its statement holds values that no anchor has") from error
    if not fits or len(found) != statement.instances:
        raise AnchorFileError("its root or its heads are not those of its statement: it was changed")
    return AnchorFile(anchor, found)


def _head(text: str) -> Head:
    instance_id, seq, beginning = text.split(" ")
    return Head(int(instance_id), int(seq), beginning)
