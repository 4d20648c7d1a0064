"""Store and rows are held against each other: what is missing is named, what is nobody's is swept."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from flask import Flask

from complaints.commands.working import Worker
from complaints.dossier.attachments import attach
from complaints.dossier.file_upkeep import YOUNG, look, sweep
from complaints.dossier.progress import Submitted, standing
from complaints.dossier.receiving import NotNow, Received, Receiving
from complaints.foundation.database import Database
from complaints.gateways.file_store import FolderStore, Kept, StoreFull
from complaints.gateways.scanning import NoScanner
from config import Settings
from tests.bad_inputs.files_desk import PDF, picture
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.factories import Matters, matters_of


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


@pytest.fixture
def store(settings: Settings) -> FolderStore:
    return FolderStore(settings.instance_dir / "attachments")


@pytest.fixture
def receiving(store: FolderStore) -> Receiving:
    return Receiving(store, NoScanner())


def attached(matters: Matters, receiving: Receiving, name: str, content: bytes) -> tuple[str, Received]:
    number = matters.a_complaint()
    received = receiving.receive(name, io.BytesIO(content))
    with matters.work("operator") as work:
        attach(work, standing(work, number), {"kind": "receipt", "file": received}, Submitted())
    return number, received


def place(settings: Settings, name: str) -> Path:
    return settings.instance_dir / "attachments" / name[:2] / name[2:4] / name


def age(path: Path, clock: SetClock, how: timedelta) -> None:
    at = (clock.now() - how).timestamp()
    os.utime(path, (at, at))


def test_what_is_nobodys_goes_once_it_is_old_and_nothing_else(
    app: Flask,
    matters: Matters,
    receiving: Receiving,
    store: FolderStore,
    settings: Settings,
    database: Database,
    clock: SetClock,
) -> None:
    with app.test_request_context():
        _number, received = attached(matters, receiving, "发票.jpg", picture())
    orphan, young = store.put(io.BytesIO(b"left by a crash")), store.put(io.BytesIO(b"just now"))
    begun = settings.instance_dir / "attachments" / ".incoming" / ("a" * 32)
    begun.write_bytes(b"half a file")
    for path in (begun, place(settings, orphan.name), place(settings, received.store_name)):
        age(path, clock, YOUNG + timedelta(minutes=1))
    age(place(settings, young.name), clock, YOUNG - timedelta(minutes=1))
    with database.reading() as session:
        found = look(session, store, clock.now(), digests=True)
    assert (found.files, found.is_sound) == (2, True)
    assert (found.without_row, found.unfinished) == ([orphan.name], [begun.name])
    assert sweep(database, store, clock.now) == 2
    left = {one.name for one in store.held()}
    assert left == {young.name, received.store_name, received.preview_name}
    assert sweep(database, store, clock.now) == 0


def test_the_command_names_what_is_missing_or_changed_and_ends_with_one(
    app: Flask,
    matters: Matters,
    receiving: Receiving,
    settings: Settings,
) -> None:
    with app.test_request_context():
        gone, first = attached(matters, receiving, "发票.pdf", PDF)
        changed, second = attached(matters, receiving, "报告.pdf", PDF + b"\n%%EOF")
    assert run(settings, "attachments", "check", "--digests").exit_code == 0
    place(settings, second.store_name).write_bytes(b"another")
    done = run(settings, "attachments", "check")
    assert (done.exit_code, "missing: none" in done.stdout) == (0, True)
    place(settings, first.store_name).unlink()
    done = run(settings, "attachments", "check", "--digests", "--json")
    assert done.exit_code == 1
    facts = json.loads(done.stdout)
    assert facts["missing"] == [f"{gone} file 1 ({first.store_name})"]
    assert facts["damaged"] == [f"{changed} file 1 ({second.store_name})"]


def test_a_backup_carries_every_file_and_names_one_that_is_missing(
    app: Flask,
    matters: Matters,
    receiving: Receiving,
    settings: Settings,
    database: Database,
    tmp_path: Path,
) -> None:
    with app.test_request_context():
        gone, first = attached(matters, receiving, "发票.pdf", PDF)
        _number, second = attached(matters, receiving, "现场.jpg", picture())
    whole, damaged = tmp_path / "whole.tar.gz", tmp_path / "damaged.tar.gz"
    begun = settings.instance_dir / "attachments" / ".incoming" / "half"
    begun.write_bytes(b"half a file")
    done = run(settings, "backup", str(whole), "--json")
    assert (done.exit_code, json.loads(done.stdout)["missing files"]) == (0, 0), done.output
    kept = place(settings, second.store_name).read_bytes()
    place(settings, first.store_name).unlink()
    place(settings, second.store_name).write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    done = run(settings, "backup", str(damaged), "--json")
    assert (done.exit_code, json.loads(done.stdout)["missing files"]) == (0, 2)
    assert f"missing: {gone} file 1 ({first.store_name})" in done.stderr
    assert f"differs from its digest: {_number} file 1" in done.stderr
    database.dispose()
    done = run(settings, "restore", str(damaged), "--json")
    assert (done.exit_code, json.loads(done.stdout)["missing files"]) == (0, 2), done.output
    assert f"missing: {gone} file 1" in done.stderr
    database.dispose()
    done = run(settings, "restore", str(whole), "--json")
    assert (done.exit_code, json.loads(done.stdout)["missing files"]) == (0, 0), done.output
    with receiving.store.open(first.store_name) as file:
        assert file.read() == PDF
    assert place(settings, second.store_name).read_bytes() == kept
    assert not list((settings.instance_dir / "attachments").glob(".incoming/half"))
    assert run(settings, "attachments", "check", "--digests").exit_code == 0


def test_a_worker_sweeps_once_an_hour_and_survives_a_store_that_fails(
    app: Flask, city: Bureau, store: FolderStore, settings: Settings, clock: SetClock
) -> None:
    parts, said = app.extensions["fangxin"], list[str]()
    orphan = store.put(io.BytesIO(b"left by a crash"))
    age(place(settings, orphan.name), clock, timedelta(hours=2))
    one = Worker(parts, said.append)
    _run_shortly(one)
    assert not list(store.held())
    assert any("files without a matter removed: 1" in line for line in said)

    class Failing(FolderStore):
        def discard(self, name: str) -> None:
            raise OSError(5, "Input/output error")

    orphan = store.put(io.BytesIO(b"another"))
    age(place(settings, orphan.name), clock, timedelta(hours=2))
    failing = replace(parts, receiving=Receiving(Failing(settings.instance_dir / "attachments"), NoScanner()))
    _run_shortly(Worker(failing, said.append))
    assert any("cannot be swept now" in line for line in said)
    assert [held.name for held in store.held()] == [orphan.name]


def _run_shortly(one: Worker) -> None:
    thread = threading.Thread(target=one.run, args=(lambda: True,))
    thread.start()
    time.sleep(0.3)
    one.stop.set()
    thread.join(20)


def test_a_preview_that_finds_no_room_takes_the_original_with_it(app: Flask, tmp_path: Path) -> None:
    class OneOnly(FolderStore):
        def put(self, content: BinaryIO) -> Kept:
            if list(self.held()):
                raise StoreFull("full")
            return super().put(content)

    store = OneOnly(tmp_path / "attachments")
    with app.test_request_context(), pytest.raises(NotNow):
        Receiving(store, NoScanner()).receive("现场.jpg", io.BytesIO(picture()))
    assert not list(store.held())
