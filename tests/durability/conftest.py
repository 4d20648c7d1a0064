"""A bureau's database in a folder of its own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgresql
from tests.durability.serving import Place


@pytest.fixture
def sqlite_place(sqlite_template: Path, tmp_path: Path) -> Place:
    """The bureau on SQLite."""
    path = tmp_path / "fangxin.db"
    shutil.copyfile(sqlite_template, path)
    made = Place(f"sqlite:///{path}", tmp_path)
    made.found()
    return made


@pytest.fixture
def postgresql_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The bureau on PostgreSQL."""
    template = request.getfixturevalue("postgresql_template")
    with postgresql.database(request.getfixturevalue("postgresql_server"), template) as url:
        made = Place(url.render_as_string(hide_password=False), tmp_path)
        made.found()
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """The bureau on either."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found
