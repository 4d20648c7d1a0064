"""Fixtures every test may use: a fresh database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests import postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """URL of the run's PostgreSQL server; started with the first test that needs it."""
    with postgresql.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'fangxin.db'}"
        return
    with postgresql.database(request.getfixturevalue("postgresql_server")) as url:
        yield url.render_as_string(hide_password=False)
