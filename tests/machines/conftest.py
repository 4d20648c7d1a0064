"""The bureau of the machines, on both databases; one of each a process."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from complaints.foundation.database import Database
from tests import postgresql
from tests.machines.town import Town


@pytest.fixture(scope="session")
def sqlite_town(sqlite_template: Path) -> Iterator[Town]:
    """The bureau on SQLite."""
    folder = Path(tempfile.mkdtemp(prefix="fangxin-machine-", dir=postgresql.fastest_place()))
    path = folder / "town.db"
    shutil.copyfile(sqlite_template, path)
    opened = Database(f"sqlite:///{path}")
    yield Town(opened)
    opened.dispose()
    shutil.rmtree(folder)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest) -> Iterator[Town]:
    """The bureau on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_town")
        return
    template = request.getfixturevalue("postgresql_template")
    with postgresql.database(request.getfixturevalue("postgresql_server"), template) as url:
        opened = Database(url)
        yield Town(opened)
        opened.dispose()
