"""The move in a process of its own, for the tests that kill it or run several at once."""

from __future__ import annotations

import sys
from datetime import datetime

from tests.workflows.runtime.moving import plan, two_versions
from tests.workflows.runtime.world import World
from workflows.runtime import migration


def moved(url: str, now: str) -> int:
    """Move every loan; return how many this process moved."""
    world = World(url, two_versions())
    world.now = datetime.fromisoformat(now)
    done = sum(
        not one.move.reasons for one in migration.migrate(world.engine, world.writing, plan(), "新规则施行")
    )
    world.database.dispose()
    return done


if __name__ == "__main__":
    two_versions()
    print("working", flush=True)  # noqa: T201 - the test waits for this line
    moved(sys.argv[1], sys.argv[2])
