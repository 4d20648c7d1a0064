"""The move in a process of its own, for the tests that kill it or run several at once."""

from __future__ import annotations

import sys
from datetime import datetime

from tests.workflows.runtime.moving import plan, two_versions
from tests.workflows.runtime.world import World
from workflows.runtime import migration


def moved(url: str, now: str, say: bool = False) -> int:
    """Move every loan; return how many this process moved. With `say` a line tells that the first has."""
    world = World(url, two_versions())
    world.now = datetime.fromisoformat(now)
    done = 0
    for one in migration.migrate(world.engine, world.writing, plan(), "新规则施行"):
        done += not one.move.reasons
        if say and done == 1:
            print("working", flush=True)  # noqa: T201 - the test waits for this line
    world.database.dispose()
    return done


if __name__ == "__main__":
    moved(sys.argv[1], sys.argv[2], say=True)
