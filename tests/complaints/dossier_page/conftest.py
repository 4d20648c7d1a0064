"""The factory of matters on the application of the test, and the bureau of which copies are made."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests import bureau, postgresql
from tests.bureau import Bureau
from tests.complaints.dossier_page.worlds import FileShelf, ServerShelf, Worlds
from tests.conftest import FIELD_KEY
from tests.factories import Matters, matters_of


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    """Matters in any state, by real steps."""
    return matters_of(app, city)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def signed_in_bureau(request: pytest.FixtureRequest, application: Flask) -> Iterator[Worlds]:
    """The bureau with everybody signed in, on SQLite and on PostgreSQL; one of each a process."""
    folder = Path(tempfile.mkdtemp(prefix="fangxin-worlds-", dir=postgresql.fastest_place()))
    shelf: FileShelf | ServerShelf
    if request.param == "sqlite":
        shelf = FileShelf(request.getfixturevalue("sqlite_template"), folder)
    else:
        template = request.getfixturevalue("postgresql_template")
        shelf = ServerShelf(template, request.getfixturevalue("postgresql_server"))
    settings = bureau.settings(shelf.url.render_as_string(hide_password=False), folder, FIELD_KEY)
    made = Worlds(application, settings, shelf)
    yield made
    made.database.dispose()
    if isinstance(shelf, ServerShelf):
        shelf.close()
    shutil.rmtree(folder)


@pytest.fixture
def worlds(signed_in_bureau: Worlds) -> Worlds:
    """The same with the application on it, to walk scenes in copies."""
    signed_in_bureau.install()
    return signed_in_bureau
