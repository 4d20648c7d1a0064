"""Tests that are generated for any verified definition, from what a test says of its small world.

`World` says who is there and how forms are filled in; `walk` plays matters on paper, without a database,
until every edge was fired and every guard was seen on both sides; `coverage` is the gate that names what is
missing. `roles` tries every role at every place, `clocks` every limit around holidays. Each check returns
sentences, one a fault, so that any test runner can assert that there are none.

What is expected is worked out here a second time, in the plainest way, from the definition and the guards;
what is judged are `Compiled`, `plan_step` and the timers.
"""

from workflows.testing.clocks import boundary_days, clock_faults
from workflows.testing.coverage import missing
from workflows.testing.paper import Paper
from workflows.testing.roles import role_faults, state_faults
from workflows.testing.walking import Walk, walk
from workflows.testing.world import Try, World

__all__ = [
    "Paper",
    "Try",
    "Walk",
    "World",
    "boundary_days",
    "clock_faults",
    "missing",
    "role_faults",
    "state_faults",
    "walk",
]
