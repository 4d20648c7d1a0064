"""The fingerprint of a procedure: SHA-256 over everything that decides, without the wording.

Labels, articles and other texts stay out, so that a better wording is not a new version.
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
    plain = _plain(procedure)
    del plain["fingerprint"]
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _plain(value: Any) -> Any:
    """Return the value as JSON's own types; a Label becomes null, whatever it says."""
    if value is None or isinstance(value, Label):
        return None
    if isinstance(value, enum.Enum | date):
        return str(value)
    if dataclasses.is_dataclass(value):
        return {
            one.name: None if one.name == _CITATION else _plain(getattr(value, one.name))
            for one in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
