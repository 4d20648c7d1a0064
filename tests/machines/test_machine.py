"""Everybody does everything at random, also what is forbidden: the application answers as the model says."""

from __future__ import annotations

import pytest

from tests.machines.edges import edges
from tests.machines.running import PARTS, RUNS, SEED, STEPS, run_machine
from tests.machines.town import Town
from tests.machines.typed import FORMS


def test_every_action_is_in_the_model() -> None:
    for kind, forms in FORMS.items():
        assert set(forms) == set(edges(kind))


def test_a_few_runs(town: Town) -> None:
    run_machine(town, 5, 20, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_all_runs(town: Town, part: int) -> None:
    run_machine(town, max(1, RUNS // PARTS), STEPS, SEED + 10_000 * part)
