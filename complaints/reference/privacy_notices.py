"""The privacy notice that is read out before personal data are written down, in dated versions.

个人信息保护法第十七条 asks for telling before the processing, 第三十五条 for the same from organs of the
state. Each matter keeps the version that was read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from workflows.definition import Label


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """One version of the words, in force from a day (Asia/Shanghai) until the next version's."""

    version: str
    valid_from: date
    words: Label


def privacy_notice(day: date) -> PrivacyNotice:
    """Return the version in force on the day; on a day before the first one, the first."""
    in_force = [one for one in _notices() if one.valid_from <= day]
    return in_force[-1] if in_force else _notices()[0]


def known_versions() -> frozenset[str]:
    """Return every version there ever was."""
    return frozenset(one.version for one in _notices())


@cache
def _notices() -> tuple[PrivacyNotice, ...]:
    """Read all versions, the oldest first."""
    text = files("complaints.reference").joinpath("data/privacy-notices.yaml").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = yaml.safe_load(text)
    found = [PrivacyNotice(row["version"], row["valid_from"], Label(row["zh"], row["en"])) for row in rows]
    return tuple(sorted(found, key=lambda one: one.valid_from))
