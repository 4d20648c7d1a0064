"""Style, types and directions are tests like any other: what a tool says is shown when it objects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


def says_nothing_against_it(*command: str) -> None:
    """Run one of the environment's tools in the root; fail with its own words where it objects."""
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)} objects:\n{done.stdout}{done.stderr}", pytrace=False)


def test_style() -> None:
    says_nothing_against_it("ruff", "check", "--no-fix", ".")


def test_layout() -> None:
    says_nothing_against_it("ruff", "format", "--check", "--diff", ".")


def test_types() -> None:
    says_nothing_against_it("mypy")


def test_directions() -> None:
    says_nothing_against_it("lint-imports", "--no-logo")
