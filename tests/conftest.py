"""Fixtures every test may use.

Fresh databases, the application, a clock to set, a small bureau, people signed in.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection
from sqlalchemy.engine import URL

from complaints.app import build_services, create_app
from complaints.foundation import encryption
from complaints.foundation.database import Database
from complaints.migrations import head, migrate
from complaints.reference.calendar_loading import load_calendar
from complaints.reference.loading import load_reference_data
from complaints.web.services import install
from config import Settings
from tests import bureau, postgresql
from tests.bureau import Bureau, SetClock, SignIn
from workflows.calendars.working_calendar import WorkingCalendar
from workflows.runtime import calendar_table

# once for both folders of browser tests: one Chromium and one server a process
pytest_plugins = ("tests.browser.fixtures", "tests.standing", "tests.turns")

FIELD_KEY = bytes(range(32))
ReadCalendar = Callable[[Connection], WorkingCalendar]


@pytest.fixture(scope="session", autouse=True)
def _field_cipher() -> None:
    """Encrypt personal fields with the tests' key, whether or not a test builds the application."""
    encryption.configure(encryption.FieldCipher(FIELD_KEY))


@pytest.fixture(scope="session", autouse=True)
def _calendars_once() -> Iterator[ReadCalendar]:
    """Build each revision of the working calendar once a process; nearly every test begins with the same.

    Gives the function that is stood in for.
    """
    kept: dict[str, WorkingCalendar] = {}
    real = calendar_table.read_calendar

    def read_calendar(connection: Connection) -> WorkingCalendar:
        revision = calendar_table.revision(connection)
        if revision not in kept:
            kept[revision] = real(connection)
        return kept[revision]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calendar_table, "read_calendar", read_calendar)
        yield real


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


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file with reference data, to copy; one a process."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _fill(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: URL) -> str:
    """Name of a migrated PostgreSQL database with reference data, to copy; one a run."""
    return postgresql.template_of(
        postgresql_server, lambda url: _fill(url.render_as_string(hide_password=False)), f"t_fangxin_{head()}"
    )


@pytest.fixture(scope="session")
def sqlite_bureau(sqlite_template: Path) -> Path:
    """A copy of that file in which the tests' bureau is founded, to copy; one a process."""
    path = sqlite_template.with_name("bureau.db")
    shutil.copyfile(sqlite_template, path)
    _found(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_bureau(postgresql_server: URL, postgresql_template: str) -> str:
    """Name of a copy of that database in which the tests' bureau is founded, to copy; one a run."""
    return postgresql.template_of(
        postgresql_server,
        lambda url: _found(url.render_as_string(hide_password=False)),
        f"t_bureau_{head()}",
        postgresql_template,
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a migrated database with reference data, on SQLite and on PostgreSQL.

    A copy, made in milliseconds; where the test asks for the `city`, of one in which it is founded already.
    """
    filled = "bureau" if "city" in request.fixturenames else "template"
    if request.param == "sqlite":
        path = tmp_path / "fangxin.db"
        shutil.copyfile(request.getfixturevalue(f"sqlite_{filled}"), path)
        yield f"sqlite:///{path}"
        return
    template = request.getfixturevalue(f"postgresql_{filled}")
    with postgresql.database(request.getfixturevalue("postgresql_server"), template) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A migrated database with reference data and nobody in it, on SQLite and on PostgreSQL."""
    opened = Database(migrated_url)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands at Tuesday 2026-11-24 10:00 in Asia/Shanghai until a test moves it."""
    return SetClock()


@pytest.fixture
def settings(migrated_url: str, tmp_path: Path) -> Settings:
    """Settings with cheap password hashes."""
    return bureau.settings(migrated_url, tmp_path, FIELD_KEY)


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application without a database, built once a process: templates and procedures are read once."""
    folder = tmp_path_factory.mktemp("instance")
    built = create_app(bureau.settings(f"sqlite:///{folder / 'none.db'}", folder, FIELD_KEY))
    built.testing = True
    return built


@pytest.fixture
def app(application: Flask, settings: Settings, clock: SetClock, database: Database) -> Flask:
    """The application on the database and the clock of the test."""
    install(application, build_services(settings, clock, database))
    return application


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without scripts in which nobody is signed in. CSRF tokens are checked as in life."""
    return app.test_client()


@pytest.fixture
def city(database: Database, clock: SetClock) -> Bureau:
    """A small bureau with one person for each role; see tests.bureau."""
    return bureau.founded(database, clock) or bureau.found(database, clock)


@pytest.fixture
def client_as(app: Flask, city: Bureau) -> SignIn:
    """Sign somebody in.

    `client_as("handler")` gives a browser in which the handler of the bureau is signed in.
    """
    return SignIn(app, city)


def _fill(url: str) -> None:
    """Migrate an empty database and load reference data and the working calendars."""
    opened = Database(url)
    migrate(opened)
    with opened.writing() as session:
        load_reference_data(session)
        load_calendar(session, bureau.SetClock().now_us())
    opened.dispose()


def _found(url: str) -> None:
    """Found the tests' bureau in a migrated database."""
    opened = Database(url)
    bureau.found(opened, SetClock())
    opened.dispose()
