"""The machine must bite: each fault that is planted in the application is found within a build's runs."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from tests.machines.faults import FAULTS
from tests.machines.planting import engine_of_its_own
from tests.machines.running import RUNS, SEED, STEPS, run_machine, run_way
from tests.machines.town import Town
from tests.machines.ways import WAYS

pytestmark = pytest.mark.slow
BITES = (AssertionError, IntegrityError, sqlite3.IntegrityError)
"""What is raised where the application differs from the model or breaks a rule of the tables."""


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults(fault: str, sqlite_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(fault, sqlite_town, monkeypatch)
    found = _difference(fault, sqlite_town)
    assert found, f"not found in {RUNS} runs of {STEPS} steps"
    assert re.search(FAULTS[fault].words, found), found


def test_nothing_is_left_of_a_planted_fault(sqlite_town: Town) -> None:
    fault = "the role is not checked"
    with pytest.MonkeyPatch.context() as patch:
        _plant(fault, sqlite_town, patch)
        assert _difference(fault, sqlite_town)
    run_machine(sqlite_town, 5, STEPS, SEED)


def _plant(fault: str, town: Town, patch: pytest.MonkeyPatch) -> None:
    engine_of_its_own(town, patch)
    FAULTS[fault].plant(town, patch)


def _difference(fault: str, town: Town) -> str:
    """Return what the machine finds, or nothing; where something else broke, the plant is wrong: raise it."""
    way = FAULTS[fault].way
    try:
        if way:
            run_way(town, WAYS[way])
        else:
            run_machine(town, RUNS, STEPS, SEED, shrink=False)
    except Exception as difference:
        return " / ".join(_told(difference))
    return ""


def _told(difference: BaseException | None) -> Iterator[str]:
    """Yield what was found first and, as every run ends with a comparison, what that found too."""
    while difference is not None:
        if not isinstance(difference, BITES):
            raise difference
        yield f"{type(difference).__name__}: {difference}".replace("\n", " ")
        difference = difference.__context__
