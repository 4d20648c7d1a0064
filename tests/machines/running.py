"""Runs the machine a number of times from a seed, which a failure names: the same seed, the same runs."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machines.machine import BureauMachine
from tests.machines.town import Town

RUNS = int(os.environ.get("MACHINE_RUNS", "100"))
STEPS = int(os.environ.get("MACHINE_STEPS", "50"))
SEED = int(os.environ.get("MACHINE_SEED", "20261124"))


def run_machine(town: Town, runs: int, steps: int, from_seed: int, *, shrink: bool = True) -> None:
    """Walk; raises the first difference with the rules that led to it, shortened where asked for."""
    machine = seed(from_seed)(type("BureauMachine", (BureauMachine,), {"town": town}))
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=runs,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                phases=phases,
                report_multiple_bugs=False,
                print_blob=False,
                verbosity=Verbosity.normal,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Exception as difference:
        difference.add_note(f"MACHINE_SEED={from_seed}, {runs} runs of {steps} steps")
        raise
