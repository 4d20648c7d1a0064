"""One way to write a value as text, so that the same value always has the same digest.

Only what can be written in one way is let in: text, integers, booleans, None, and lists and string-keyed
mappings of them. Floats, dates and objects are refused, since their text depends on who writes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any

from cryptography.hazmat.primitives import hashes

ALGORITHMS = ("sm3", "sha256")
_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring,
    int: str,
    type(None): lambda _none: "null",
}


_SM3 = hashes.Hash(hashes.SM3())
"""An SM3 that has taken in nothing: to copy it is quicker than to look the algorithm up."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_TEXT = frozenset({str})
_PLAIN = frozenset(_WRITTEN) | {bool}


def canonical(value: Any) -> str:
    """Return the value as JSON with sorted keys and no spaces.

    Raises TypeError for what has no single text.
    """
    _refuse_ambiguous(value)
    return _ENCODER.encode(value)


def template_of(names: Iterable[str]) -> str:
    """Return the canonical text of a mapping of these names, `%s` standing for each value; see `flat`."""
    return f"{{{','.join(f'{canonical(name)}:%s' for name in sorted(names))}}}"


def flat(template: str, values: Iterable[str | int | None]) -> str:
    """Return what `canonical` returns for a mapping of plain values, given in the order of their names.

    A log is checked by writing each of its events this way, so it has to be quick. Raises TypeError for what
    is neither text nor whole number nor None.
    """
    try:
        return template % tuple([_WRITTEN[type(value)](value) for value in values])
    except KeyError as error:
        raise TypeError(f"a value of {error} is neither text nor whole number") from None


def digest(text: str, algorithm: str = "sm3") -> str:
    """Return the digest of the text's UTF-8 bytes as lower-case hex: SM3 (GB/T 32905-2016) or SHA-256."""
    return digest_of(text.encode("utf-8"), algorithm).hex()


def digest_of(data: bytes, algorithm: str) -> bytes:
    """Return the digest of the bytes. Raises ValueError for an unknown algorithm."""
    if algorithm == "sha256":
        return hashlib.sha256(data).digest()
    if algorithm == "sm3":
        state = _SM3.copy()
        state.update(data)
        return state.finalize()
    raise ValueError(f"unknown digest {algorithm!r}; use one of {', '.join(ALGORITHMS)}")


def _refuse_ambiguous(value: Any) -> None:
    """Raise TypeError for what has no single text; the usual kinds are told by their exact types, quickly."""
    kind = type(value)
    if kind in _PLAIN:
        return
    if kind is dict or isinstance(value, Mapping):
        fits = _TEXT.issuperset(map(type, value)) or all(isinstance(key, str) for key in value)
        parts = value.values()
    else:
        fits, parts = isinstance(value, list | tuple | str | int), value
    if not fits:
        raise TypeError(f"a value of type {kind.__name__} has no single text")
    if isinstance(value, str | int) or _PLAIN.issuperset(map(type, parts)):
        return
    for one in parts:
        _refuse_ambiguous(one)
