"""The fingerprint of a procedure: SHA-256 over everything that decides, without the wording.

Labels, articles and other texts stay out, so that a better wording is not a new version. So does what stands
at its default, as if it were not written: what a later release lets a definition say changes no version that
does not say it.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from workflows.definition import Label, Procedure

_CITATION = "article"
"""A field that only cites, by its words or by the subject of an article."""


def fingerprint(procedure: Procedure) -> str:
    """Return the SHA-256, in hexadecimal, of the procedure's canonical JSON without labels and without
    itself.
    """
    plain = _plain(dataclasses.replace(procedure, fingerprint=""))
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def says(value: Any, told: Any) -> bool:
    """Tell whether a text that was once read as JSON decides the same as a procedure, or a part of it.

    Wording counts no more than in the fingerprint, and what the text does not know stands at its default.
    """
    if isinstance(value, Label):
        return True
    if isinstance(value, enum.Enum | date):
        return bool(told == str(value))
    if dataclasses.is_dataclass(value):
        return isinstance(told, dict) and all(
            says(getattr(value, one.name), told[one.name])
            if one.name in told
            else _is_left_out(one, getattr(value, one.name))
            for one in dataclasses.fields(value)
            if one.name not in (_CITATION, "fingerprint")
        )
    if isinstance(value, Mapping):
        return (
            isinstance(told, dict)
            and told.keys() == {str(key) for key in value}
            and all(says(entry, told[str(key)]) for key, entry in value.items())
        )
    if isinstance(value, tuple):
        return (
            isinstance(told, list)
            and len(told) == len(value)
            and all(says(entry, one) for entry, one in zip(value, told, strict=True))
        )
    return type(value) is type(told) and bool(value == told)


def _is_left_out(one: dataclasses.Field[Any], entry: Any) -> bool:
    """Tell whether a field says what it says where nobody writes it."""
    if one.default_factory is not dataclasses.MISSING:
        return bool(entry == one.default_factory())
    return one.default is not dataclasses.MISSING and bool(entry == one.default)


def _plain(value: Any) -> Any:
    """Return the value as JSON's own types; a Label becomes null, whatever it says."""
    if value is None or isinstance(value, Label):
        return None
    if isinstance(value, enum.Enum | date):
        return str(value)
    if dataclasses.is_dataclass(value):
        said = ((one, getattr(value, one.name)) for one in dataclasses.fields(value) if one.name != _CITATION)
        return {one.name: _plain(entry) for one, entry in said if not _is_left_out(one, entry)}
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
