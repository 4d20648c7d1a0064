"""A bureau at which files are sent, one a module and database: each test sends to a complaint of its own."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from complaints.app import build_services
from complaints.dossier.models import Attachment, Matter
from complaints.foundation.database import Database
from complaints.gateways.file_store import FolderStore
from complaints.gateways.scanning import Scanner
from complaints.organisation.models import SecurityEvent
from complaints.web.services import Services, install
from complaints.web.submissions import fresh_key
from tests import bureau, postgresql
from tests.bureau import PASSWORD, SetClock, csrf_token, post
from tests.conftest import FIELD_KEY
from tests.factories import Matters

File = tuple[str, bytes]
"""Name and content."""


class Desk:
    """The bureau with its store, and browsers in which people are signed in."""

    def __init__(self, app: Flask, url: str, folder: Path) -> None:
        self.app, self.clock, self.database = app, SetClock(), Database(url)
        self.settings = bureau.settings(url, folder, FIELD_KEY)
        self.city = bureau.found(self.database, self.clock)
        self.parts = build_services(self.settings, self.clock, self.database)
        self.matters = Matters(self.city, self.parts.engine)
        self._browsers: dict[str, tuple[FlaskClient, str]] = {}

    def install(self, parts: Services | None = None) -> None:
        """Give the application this bureau."""
        install(self.app, parts or self.parts)

    def scan_with(self, scanner: Scanner) -> None:
        """Put a scanner before the store."""
        self.install(replace(self.parts, receiving=replace(self.parts.receiving, scanner=scanner)))

    def browser(self, who: str) -> tuple[FlaskClient, str]:
        """Return a browser of that person with its CSRF token."""
        if who not in self._browsers:
            client = self.app.test_client()
            assert post(client, "/sign-in", username=who, password=PASSWORD).status_code == 303
            self._browsers[who] = client, csrf_token(client, "/password")
        return self._browsers[who]

    def send(
        self, number: str, *files: File, who: str = "handler", kind: str = "receipt", key: str = ""
    ) -> TestResponse:
        """Send files as the form does."""
        client, token = self.browser(who)
        data = {
            "csrf_token": token,
            "idempotency_key": key or fresh_key(),
            "form_version": "1",
            "kind": kind,
            "file": [(io.BytesIO(content), name) for name, content in files],
        }
        return client.post(
            f"/matters/{number}/do/attach", data=data, content_type="multipart/form-data", buffered=True
        )

    def get(self, path: str, who: str = "handler") -> TestResponse:
        """Open a page."""
        return self.browser(who)[0].get(path)

    def post(self, path: str, who: str = "handler", **fields: Any) -> TestResponse:
        """Send a plain form."""
        client, token = self.browser(who)
        return client.post(path, data={"csrf_token": token, **fields})

    def complaint(self) -> str:
        """Return a complaint that the handler owns."""
        return self.matters.in_state("accepted")

    def rows(self, number: str) -> Sequence[Attachment]:
        """Return the files of a matter, withdrawn ones included."""
        with self.database.reading() as session:
            asked = select(Attachment).join(Matter, Matter.id == Attachment.matter_id)
            return session.scalars(asked.where(Matter.number == number).order_by(Attachment.number)).all()

    def kept(self) -> set[str]:
        """Return the names of everything in the store, finished or not."""
        store = self.parts.receiving.store
        assert isinstance(store, FolderStore)
        return {one.name for one in (*store.held(), *store.unfinished())}

    def events(self, number: str) -> int:
        """Return how often a file was attached, as the log tells it."""
        here = self.matters.standing(number)
        from workflows.runtime import event_log

        with self.database.reading() as session:
            found = event_log.events_of(session.connection(), here.instance_id)
        return sum(one.action == "attach" for one in found)

    def logged(self, kind: str) -> int:
        """Return how many lines of the kind the security log has."""
        with self.database.reading() as session:
            asked = select(func.count()).select_from(SecurityEvent).where(SecurityEvent.kind == kind)
            return int(session.execute(asked).scalar_one())


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def bureau_of_files(
    request: pytest.FixtureRequest, application: Flask, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """The bureau on SQLite and on PostgreSQL."""
    folder = tmp_path_factory.mktemp("files")
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "fangxin.db")
        made = _desk(application, f"sqlite:///{folder / 'fangxin.db'}", folder)
        yield made
        made.database.dispose()
        return
    template = request.getfixturevalue("postgresql_template")
    with postgresql.database(request.getfixturevalue("postgresql_server"), template) as url:
        made = _desk(application, url.render_as_string(hide_password=False), folder)
        yield made
        made.database.dispose()


@pytest.fixture
def desk(bureau_of_files: Desk) -> Desk:
    """The same with the application on it and no scanner."""
    bureau_of_files.install()
    return bureau_of_files


def _desk(app: Flask, url: str, folder: Path) -> Desk:
    made = Desk(app, url, folder)
    made.install()
    return made


def told(answer: TestResponse) -> str:
    """Return what a page says is wrong."""
    return f"{answer.status_code} {re.findall(r'class=.bad.>.*?<span>(.*?)</span>', answer.text, re.DOTALL)}"


def refused(desk: Desk, number: str, *files: File, says: str, status: int = 422, **more: Any) -> str:
    """Send files that are not taken: a clear word, nothing kept, no event, and the kind still chosen."""
    before, events, rows = desk.kept(), desk.events(number), len(desk.rows(number))
    answer = desk.send(number, *files, **more)
    assert answer.status_code == status, told(answer)
    assert says in answer.text, told(answer)
    assert (desk.kept(), desk.events(number), len(desk.rows(number))) == (before, events, rows)
    return answer.text


def taken(desk: Desk, number: str, *files: File, **more: Any) -> Attachment:
    """Send files that are taken; return the row of the last."""
    answer = desk.send(number, *files, **more)
    assert answer.status_code == 303, told(answer)
    return desk.rows(number)[-1]


# -- files ------------------------------------------------------------------------------------------------

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_OFFICE = "application/vnd.openxmlformats-officedocument."
MAIN = {
    "docx": f"{_OFFICE}wordprocessingml.document.main+xml",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet.main+xml",
}


def picture(format_: str = "JPEG", size: tuple[int, int] = (60, 40), **more: Any) -> bytes:
    """Return a picture with something to see in it."""
    image = Image.effect_noise(size, 60).convert("RGB")
    out = io.BytesIO()
    image.save(out, format_, **more)
    return out.getvalue()


def office(kind: str, entries: Mapping[str, bytes] | None = None, types: str = "") -> bytes:
    """Return the smallest docx or xlsx, with more entries where given."""
    listed = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/main.xml" ContentType="{types or MAIN[kind]}"/></Types>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("[Content_Types].xml", listed)
        container.writestr("word/document.xml" if kind == "docx" else "xl/workbook.xml", "<main/>")
        for name, content in (entries or {}).items():
            container.writestr(name, content)
    return out.getvalue()
