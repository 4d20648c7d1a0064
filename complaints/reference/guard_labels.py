"""What people call the guards of the procedures: a code name tells a supervisor nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import yaml

from workflows.definition import Label


@cache
def guard_labels() -> Mapping[str, Label]:
    """Return the label of every guard, by its code name."""
    text = files("complaints.reference").joinpath("data/guard-labels.yaml").read_text(encoding="utf-8")
    rows: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return MappingProxyType({name: Label(row["zh"], row["en"]) for name, row in rows.items()})
