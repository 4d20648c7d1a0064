"""One bureau with things to find on each database, made once a process: searching changes none of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from complaints.app import build_services
from complaints.foundation.database import Database
from complaints.web.services import install
from tests import bureau, postgresql
from tests.bureau import SetClock, SignIn
from tests.complaints.search.searching import Ground, fill
from tests.conftest import FIELD_KEY


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def filled_ground(
    request: pytest.FixtureRequest, application: Flask, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """The bureau with things to find."""
    folder = tmp_path_factory.mktemp("search")
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_bureau"), folder / "fangxin.db")
        yield from _filled(application, f"sqlite:///{folder / 'fangxin.db'}", folder)
        return
    template = request.getfixturevalue("postgresql_bureau")
    with postgresql.database(request.getfixturevalue("postgresql_server"), template) as url:
        yield from _filled(application, url.render_as_string(hide_password=False), folder)


def _filled(application: Flask, url: str, folder: Path) -> Iterator[Ground]:
    database, clock = Database(url), SetClock()
    city = bureau.founded(database, clock)
    assert city is not None
    made = Ground(application, city)
    _install(made, url, folder)
    fill(made)
    yield made
    database.dispose()


def _install(made: Ground, url: str, folder: Path) -> None:
    settings = bureau.settings(url, folder, FIELD_KEY)
    install(made.app, build_services(settings, made.city.clock, made.city.database))


@pytest.fixture
def ground(filled_ground: Ground, tmp_path: Path) -> Ground:
    """The same, with the application on it."""
    url = filled_ground.city.database.url.render_as_string(hide_password=False)
    _install(filled_ground, url, tmp_path)
    return filled_ground


@pytest.fixture
def signed_in(ground: Ground) -> SignIn:
    """Sign somebody in there."""
    return SignIn(ground.app, ground.city)
