"""A library with an empty database of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workflows.runtime.world import World


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """A world on SQLite, then on PostgreSQL."""
    made = World(database_url)
    made.create()
    yield made
    made.database.dispose()
