"""A bureau that stands through all tests of a module, once on each database: for tests that only look, or
that each bring a matter of their own. What one test leaves there, the next one finds.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from complaints.app import build_services
from complaints.foundation.database import Database
from complaints.web.services import install
from tests import bureau, postgresql
from tests.bureau import Bureau, SetClock, SignIn
from tests.factories import Matters, matters_of

FIELD_KEY = bytes(range(32))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def standing_city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bureau]:
    """The small bureau on a database that lives as long as the module's tests."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            path = tmp_path_factory.mktemp("standing") / "fangxin.db"
            shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            url = f"sqlite:///{path}"
        else:
            template = request.getfixturevalue("postgresql_template")
            server = request.getfixturevalue("postgresql_server")
            made = stack.enter_context(postgresql.database(server, template))
            url = made.render_as_string(hide_password=False)
        opened = Database(url)
        stack.callback(opened.dispose)
        yield bureau.found(opened, SetClock())


@pytest.fixture
def standing_app(
    application: Flask, standing_city: Bureau, tmp_path_factory: pytest.TempPathFactory
) -> Flask:
    """The application on the standing bureau, whose clock stands at its start again."""
    standing_city.clock.at = bureau.START
    folder = Path(tmp_path_factory.getbasetemp())
    url = standing_city.database.reader.url.render_as_string(hide_password=False)
    settings = bureau.settings(url, folder, FIELD_KEY)
    install(application, build_services(settings, standing_city.clock, standing_city.database))
    return application


@pytest.fixture
def standing_as(standing_app: Flask, standing_city: Bureau) -> SignIn:
    """Sign somebody in at the standing bureau."""
    return SignIn(standing_app, standing_city)


@pytest.fixture
def standing_matters(standing_app: Flask, standing_city: Bureau) -> Matters:
    """Matters of the standing bureau, brought into any state."""
    return matters_of(standing_app, standing_city)
