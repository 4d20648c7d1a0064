"""Bad inputs 39 and 53 of the ledgers: cut off, too large, no room; another unit's."""

from __future__ import annotations

import errno
import gc
import io
import os
import re
from collections.abc import Callable
from typing import Any, BinaryIO

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from complaints.dossier.record_models import LedgerImport
from complaints.gateways.file_store import FolderStore, Kept, StoreFull
from complaints.ledgers.models import LedgerConflict
from config import Settings
from tests.bureau import COUNTY, OTHER_COUNTY, Bureau, SignIn, csrf_token, post
from tests.complaints.ledgers.rooms import bring, checked
from tests.complaints.ledgers.sheets import OWN, as_csv, row
from tests.complaints.ledgers.test_room import files_left

LEDGER = as_csv([row(), row(number="2")])
_FRESH = re.compile(r'(?:value|content|nonce)="[^"]*"|"X-CSRFToken": "[^"]*"|datetime="[^"]*"|next=[^"]*')


def kept(city: Bureau, settings: Settings) -> tuple[int, int]:
    """Return how many ledgers and how many files of ledgers are kept."""
    with city.database.reading() as session:
        rows = session.scalar(select(func.count()).select_from(LedgerImport)) or 0
    return rows, len(files_left(settings))


@pytest.fixture
def request_of(app: Flask, client_as: SignIn) -> Callable[[bytes], dict[str, Any]]:
    """Make the request of an upload as a server hands it on, in the officer's browser."""
    client = client_as("intake")
    token = csrf_token(client)

    def made(content: bytes) -> dict[str, Any]:
        data = {"csrf_token": token, "unit": COUNTY, "file": (io.BytesIO(content), "台账.csv")}
        environ = EnvironBuilder("/ledgers", method="POST", data=data).get_environ()
        client._add_cookies_to_wsgi(environ)
        return environ

    return made


def status(app: Flask, environ: dict[str, Any], **changed: Any) -> int:
    """Send it without a client that would mend it."""
    _body, said, _headers = run_wsgi_app(app, environ | changed, buffered=True)
    return int(said[:3])


# -- c39 ----------------------------------------------------------------------------------------------------


def test_c39_a_ledger_cut_off_half_way_leaves_nothing(
    app: Flask, city: Bureau, settings: Settings, request_of: Callable[[bytes], dict[str, Any]]
) -> None:
    body = request_of(LEDGER)["wsgi.input"].read()
    for part in (10, len(body) // 2, len(body) - 5):
        assert status(app, request_of(LEDGER), **{"wsgi.input": io.BytesIO(body[:part])}) == 400
    endless = request_of(LEDGER)
    del endless["CONTENT_LENGTH"]
    assert status(app, endless) == 400
    assert kept(city, settings) == (0, 0)
    assert status(app, request_of(LEDGER)) == 303
    assert kept(city, settings) == (1, 1)


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # werkzeug drops what it has begun
def test_c39_one_byte_too_many_is_not_read(
    app: Flask,
    client_as: SignIn,
    city: Bureau,
    settings: Settings,
    request_of: Callable[[bytes], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def limited(one_less: int, **changed: Any) -> int:
        environ = request_of(LEDGER)
        monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", int(environ["CONTENT_LENGTH"]) - one_less)
        if changed:
            # without a length the bytes are counted while they come
            del environ["CONTENT_LENGTH"]
        return status(app, environ, **changed)

    assert limited(1) == 413
    assert limited(1, **{"wsgi.input_terminated": True}) == 413
    answer = bring(client_as("intake"), "大.csv", LEDGER + bytes(3000))
    assert (answer.status_code, "上限" in answer.text) == (413, True), answer.text
    assert kept(city, settings) == (0, 0)
    assert limited(0) == 303
    gc.collect()


def test_c39_a_full_disk_says_so_keeps_nothing_and_goes_on_when_there_is_room(
    client_as: SignIn, city: Bureau, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as("intake")

    def full(_store: FolderStore, content: BinaryIO) -> Kept:
        content.read(10)
        raise StoreFull(os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "put", full)
        answer = bring(client, "台账.csv", LEDGER)
        assert (answer.status_code, "存储空间不足" in answer.text) == (503, True), answer.text
        assert f'selected value="{COUNTY}"' in answer.text, "what was chosen stays chosen"
        assert client.get("/ledgers").status_code == 200
    assert kept(city, settings) == (0, 0)
    assert bring(client, "台账.csv", LEDGER).status_code == 303
    assert kept(city, settings) == (1, 1)


# -- c53 ----------------------------------------------------------------------------------------------------


def test_c53_a_ledger_or_a_conflict_of_another_is_as_if_it_were_not_there(
    client_as: SignIn, city: Bureau
) -> None:
    desk, head = client_as("intake"), client_as("head")
    for content in (as_csv([row()]), as_csv([row(reply="未达成一致。")])):
        brought = checked(desk, "a.csv", content)
        assert post(desk, f"/ledgers/{brought.id}/confirm").status_code == 303
    waiting = checked(desk, "b.csv", as_csv([row(number="2")])).id
    unknown = checked(desk, "c.csv", as_csv([row()], OWN)).id
    with city.database.reading() as session:
        [conflict] = session.scalars(select(LedgerConflict.id))
    settle = {"choice": "take", "reason": "核对纸质档案"}
    doors: tuple[tuple[str, int, dict[str, str] | None], ...] = (
        ("/ledgers/{}", waiting, None),
        ("/ledgers/{}?export=csv", waiting, None),
        ("/ledgers/{}/progress", waiting, None),
        ("/ledgers/{}/columns", unknown, None),
        ("/ledgers/conflicts/{}", conflict, None),
        ("/ledgers/{}/confirm", waiting, {"skip_refused": "y"}),
        ("/ledgers/{}/drop", waiting, {}),
        ("/ledgers/{}/again", unknown, {}),
        ("/ledgers/{}/columns", unknown, {"head": "1-1", "column_1": "number"}),
        ("/ledgers/conflicts/{}", conflict, settle),
    )
    for address, theirs, sent in doors:
        pages = []
        for number in (theirs, 99_999):
            where = address.format(number)
            answer = head.get(where) if sent is None else post(head, where, **sent)
            assert answer.status_code == 404, where
            pages.append(_FRESH.sub("", answer.text).replace(f"/{number}", ""))
        assert pages[0] == pages[1], address
    assert bring(head, "d.csv", as_csv([row()]), unit=OTHER_COUNTY).status_code == 422
    assert "b.csv" not in head.get("/ledgers").text
    assert f"/ledgers/conflicts/{conflict}" not in head.get("/ledgers/conflicts").text
    with city.database.reading() as session:
        stages = dict(session.execute(select(LedgerImport.id, LedgerImport.stage)).all())
        assert session.get_one(LedgerConflict, conflict).settled_at is None
    assert (stages[waiting], stages[unknown]) == ("checked", "failed")
    for far in ("0", "-1", "2147483648", "9" * 30, "1e3", "x"):
        for path in ("/ledgers/{}", "/ledgers/conflicts/{}", "/ledgers/{}/columns"):
            assert desk.get(path.format(far)).status_code == 404, (path, far)
