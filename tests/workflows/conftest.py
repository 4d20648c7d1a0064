"""A library with an empty database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests import postgresql
from tests.workflows.runtime.world import World


def _fill(url: URL) -> None:
    made = World(url.render_as_string(hide_password=False))
    made.create()
    made.database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world on SQLite, then on PostgreSQL, with its tables, triggers and calendar, and nothing else."""
    if request.param == "sqlite":
        made = World(f"sqlite:///{tmp_path / 'library.db'}")
        made.create()
        yield made
        made.database.dispose()
        return
    server = request.getfixturevalue("postgresql_server")
    template = postgresql.template_of(server, _fill, "t_library_of_the_durable_floor")
    with postgresql.database(server, template) as url:
        made = World(url.render_as_string(hide_password=False))
        yield made
        made.database.dispose()
