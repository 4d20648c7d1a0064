"""The move in a process of its own, for the tests that kill it or run several at once."""

from __future__ import annotations

import sys
from datetime import datetime

from tests.workflows.runtime.moving import plan, two_versions
from tests.workflows.runtime.processes import Dying
from tests.workflows.runtime.world import World
from workflows.runtime import migration


def moved(url: str, now: str) -> int:
    """Move every loan; return how many this process moved."""
    return _moved(World(url, two_versions()), now)


def _moved(world: World, now: str) -> int:
    world.now = datetime.fromisoformat(now)
    moves = migration.migrate(world.engine, world.writing, plan(), "新规则施行")
    done = sum(not one.move.reasons for one in moves)
    world.database.dispose()
    return done


if __name__ == "__main__":
    _moved(Dying(sys.argv[1], int(sys.argv[3]), sys.argv[4], two_versions()), sys.argv[2])
