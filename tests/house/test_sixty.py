"""Each of the sixty bad inputs is met by a test that bears its number, or waits for a feature that is named.

The sixty are listed in docs/assurance.md; the tests stand in tests/bad_inputs.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "bad_inputs"
NUMBERED = re.compile(r"test_c(\d\d)_\w+")
ALL = {f"c{number:02d}" for number in range(1, 61)}

WAITING: dict[str, str] = {}
"""Numbers that nothing meets yet, each with the feature it waits for."""

PARTLY = {
    "c05": "printing rare characters into a document waits for documents made from templates",
    "c08": "a lone surrogate in JSON waits for an interface that reads JSON; until then JSON is refused",
    "c15": "marks in a document made from a template wait for those documents",
    "c42": "a template that somebody uploads waits for documents made from templates",
    "c43": "scripts in JSON inside a page wait for a page that has any",
    "c60": "slow clients and request smuggling are the server's: they wait for the release run on its image",
}
"""Numbers that are met as far as what they touch exists, each with what is left."""


def present() -> dict[str, list[str]]:
    """Return the tests of each number."""
    found: dict[str, list[str]] = {}
    for file in sorted(FOLDER.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            named = NUMBERED.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
            if named is not None:
                found.setdefault(f"c{named[1]}", []).append(f"{file.name}::{named[0]}")
    return found


def test_every_number_is_met_or_waits() -> None:
    met = set(present())
    assert met <= ALL, sorted(met - ALL)
    assert ALL - met - set(WAITING) == set(), "neither met nor waiting"
    assert met & set(WAITING) == set(), "met and said to wait"


def test_what_waits_says_for_what() -> None:
    assert set(WAITING) <= ALL
    assert set(PARTLY) <= set(present())
    for reason in (*WAITING.values(), *PARTLY.values()):
        assert len(reason) > 20, reason
