"""Runs the machine a number of times from a seed, which a failure names: the same seed, the same runs."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machines.machine import BureauMachine
from tests.machines.paper import DONE, Verdict
from tests.machines.town import Town
from tests.machines.ways import Call, Way

RUNS = int(os.environ.get("MACHINE_RUNS", "50"))
STEPS = int(os.environ.get("MACHINE_STEPS", "50"))
SEED = int(os.environ.get("MACHINE_SEED", "20261124"))


PARTS = 4
"""Tests over which the runs are spread, to be shared among the processes of a test run."""
PORTION = 4
"""Runs that share their first dice: the draws of so few are alike, those of another portion are not."""


def run_way(town: Town, way: Way) -> Verdict:
    """Go a pinned way; raises the first difference. Return how its last turn had to be answered."""
    machine = _machine(town, SEED)()
    answer = DONE
    try:
        for turn in way.turns:
            if isinstance(turn, Call):
                machine.register(turn.who, turn.caller)
            else:
                answer = machine.send(turn.who, turn.action, turn.form, turn.place)
    finally:
        machine.teardown()
    return answer


def run_machine(town: Town, runs: int, steps: int, from_seed: int, *, shrink: bool = True) -> None:
    """Walk; raises the first difference with the rules that led to it, shortened where asked for."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    chosen = settings(
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=phases,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    for done in range(0, runs, PORTION):
        salt = from_seed + done
        machine = seed(salt)(_machine(town, salt))
        number = min(PORTION, runs - done)
        try:
            run_state_machine_as_test(machine, settings=settings(chosen, max_examples=number))
        except Exception as difference:
            again = f"MACHINE_SEED={salt} MACHINE_RUNS={number * PARTS} MACHINE_STEPS={steps}"
            difference.add_note(f"again: {again}")
            raise


def _machine(town: Town, salt: int) -> type[BureauMachine]:
    return type("BureauMachine", (BureauMachine,), {"town": town, "salt": salt})
