"""A library with two versions of its process and an empty database of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workflows.runtime.moving import two_versions
from tests.workflows.runtime.world import World


@pytest.fixture
def moving(world: World) -> Iterator[World]:
    """The world of the other tests, with both versions of the loan."""
    made = World(world.url, two_versions())
    yield made
    made.database.dispose()
