"""A fresh database for each run, in memory where there is room."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from complaints.foundation.database import Database
from tests import postgresql

Fresh = Callable[[], Database]


@pytest.fixture
def fresh(sqlite_template: Path) -> Iterator[Fresh]:
    """Make a migrated SQLite database, each time another."""
    with ExitStack() as stack:

        def make() -> Database:
            folder = Path(tempfile.mkdtemp(prefix="fangxin-year-", dir=postgresql.fastest_place()))
            stack.callback(shutil.rmtree, folder)
            shutil.copyfile(sqlite_template, folder / "year.db")
            database = Database(f"sqlite:///{folder / 'year.db'}")
            stack.callback(database.dispose)
            return database

        yield make
