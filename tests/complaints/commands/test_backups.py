"""A backup brings everything back but the keys; what is cut, edited or not ours is refused before anything
is replaced.
"""

from __future__ import annotations

import json
import tarfile
import threading
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from complaints.app import build_services
from complaints.commands import archives
from complaints.dossier.models import Matter
from complaints.foundation.database import Database
from complaints.foundation.encryption import FieldCipher
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.walking import Walk
from workflows.runtime.triggers import drop_triggers


@pytest.fixture
def walk(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> Walk:
    return Walk(city, build_services(settings, clock, database).engine)


@pytest.fixture
def backup(walk: Walk, settings: Settings, tmp_path: Path) -> Path:
    """A backup of two matters and one attachment."""
    walk.register()
    walk.accepted()
    photo = settings.instance_dir / "attachments" / "ab" / "photo.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"\xff\xd8" + b"photo" * 1000)
    file = tmp_path / "backup.tar.gz"
    done = run(settings, "backup", str(file))
    assert done.exit_code == 0, done.output
    return file


def matters(database: Database) -> int:
    with database.reading() as session:
        return session.execute(select(func.count()).select_from(Matter)).scalar_one()


def restore(settings: Settings, database: Database, file: Path, *more: str, **environment: str):
    """Restore as in life: nothing else is connected."""
    database.dispose()
    return run(settings, "restore", str(file), *more, **environment)


def test_everything_comes_back_and_the_present_is_kept(
    backup: Path, walk: Walk, settings: Settings, database: Database
) -> None:
    walk.register()
    photo = settings.instance_dir / "attachments" / "ab" / "photo.jpg"
    photo.write_bytes(b"lost")
    done = restore(settings, database, backup, "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["matters verified"] == 2
    assert "before" in facts["database before"]
    assert matters(database) == 2
    assert photo.read_bytes().startswith(b"\xff\xd8photo")
    assert run(settings, "log", "verify").exit_code == 0
    walk.register()
    assert matters(database) == 3


def test_no_key_is_in_it_and_nobody_else_reads_it(backup: Path, settings: Settings) -> None:
    assert backup.stat().st_mode & 0o077 == 0
    with tarfile.open(backup) as archive:
        names = archive.getnames()
        content = b"".join(archive.extractfile(name).read() for name in names)  # type: ignore[union-attr]
    assert names == ["manifest.json", "database.dump", "attachments/ab/photo.jpg"]
    for secret in (settings.field_key, settings.field_key.hex().encode(), settings.secret_key.encode()):
        assert secret not in content
    assert b"13800138000" not in content


def test_another_key_is_refused(backup: Path, settings: Settings, database: Database) -> None:
    done = restore(settings, database, backup, FIELD_KEY="ab" * 32)
    assert done.exit_code == 1
    assert "give the key of that installation" in done.stderr
    assert matters(database) == 2


def test_without_a_key_it_asks_and_makes_none(
    backup: Path, settings: Settings, database: Database, tmp_path: Path
) -> None:
    empty = tmp_path / "elsewhere"
    done = restore(settings, database, backup, FIELD_KEY="", INSTANCE_DIR=str(empty))
    assert done.exit_code == 1
    assert "give FIELD_KEY" in done.stderr
    assert not (empty / "field_key").exists()


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_archive_is_refused(backup: Path, settings: Settings, database: Database, part: float) -> None:
    content = backup.read_bytes()
    backup.write_bytes(content[: int(len(content) * part)])
    done = restore(settings, database, backup)
    assert done.exit_code == 1
    assert "cut" in done.stderr
    assert "Traceback" not in done.output
    assert matters(database) == 2


def rewrite(file: Path, **members: bytes | None) -> None:
    """Write the archive anew with other content for some members; None drops one."""
    with tarfile.open(file) as archive:
        content = {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]
    content |= {name: new for name, new in members.items() if new is not None}
    with tarfile.open(file, "w:gz") as archive:
        for name, body in content.items():
            if members.get(name, b"") is not None:
                head = tarfile.TarInfo(name)
                head.size = len(body)
                archive.addfile(head, BytesIO(body))


def manifest_of(file: Path) -> dict:
    with tarfile.open(file) as archive:
        return json.loads(archive.extractfile("manifest.json").read())  # type: ignore[union-attr]


def test_an_edited_archive_is_refused(backup: Path, settings: Settings, database: Database) -> None:
    whole = backup.read_bytes()
    sealed = manifest_of(backup)
    forged = json.loads(json.dumps(sealed))
    forged["manifest"]["files"]["database.dump"] = {"size": 4, "sha256": "0" * 64}
    for members, words in (
        ({"database.dump": b"DROP"}, "differs from its digest"),
        ({"attachments/ab/photo.jpg": b"another"}, "differs from its digest"),
        ({"more.txt": b"more"}, "does not name"),
        ({"database.dump": b"DROP", "manifest.json": json.dumps(forged).encode()}, "its seal"),
        ({"manifest.json": b"[]"}, "cannot be read"),
        ({"attachments/ab/photo.jpg": None}, "missing"),
    ):
        backup.write_bytes(whole)
        rewrite(backup, **members)
        done = restore(settings, database, backup)
        assert done.exit_code == 1, words
        assert words in done.stderr
    assert matters(database) == 2


def test_a_newer_revision_and_another_database_are_refused(
    backup: Path, settings: Settings, database: Database, tmp_path: Path
) -> None:
    cipher = FieldCipher(settings.field_key)
    unpacked = tmp_path / "unpacked"
    manifest = archives.unpack(backup, unpacked, cipher)
    sources = {name: unpacked / name for name in manifest.files}
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[manifest.database]
    for changed, words in (
        (replace(manifest, revision="9999"), "does not know"),
        (replace(manifest, database=other), f"holds a {other} database"),
        (replace(manifest, format=9), "format 9"),
    ):
        file = tmp_path / f"{words[:4]}.tar.gz"
        archives.write(file, changed, sources, cipher)
        done = restore(settings, database, file)
        assert done.exit_code == 1
        assert words in done.stderr
    assert matters(database) == 2


def test_a_log_that_does_not_hold_is_not_put_in_place(
    walk: Walk, settings: Settings, database: Database, tmp_path: Path
) -> None:
    walk.accepted()
    with database.writing() as session:
        drop_triggers(session.connection())
        session.execute(text("UPDATE wf_event SET at_us = at_us + 1 WHERE seq = 2"))
    file = tmp_path / "tampered.tar.gz"
    assert run(settings, "backup", str(file)).exit_code == 0
    walk.register()
    done = restore(settings, database, file)
    assert done.exit_code == 1
    assert "event 2: its content differs from its hash" in done.stderr
    assert matters(database) == 2


def test_a_database_in_use_is_not_replaced(backup: Path, settings: Settings, database: Database) -> None:
    with database.reading() as session:
        session.execute(text("SELECT count(*) FROM matter"))
        done = run(settings, "restore", str(backup))
    assert done.exit_code == 1
    assert "in use" in done.stderr
    assert matters(database) == 2


def test_a_new_machine_takes_the_keys_from_a_file(
    backup: Path, settings: Settings, database: Database, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(f"FIELD_KEY={settings.field_key.hex()}\nSECRET_KEY={settings.secret_key}\n")
    there = tmp_path / "there"
    url = make_url(settings.database_url)
    if database.is_sqlite:
        new = f"sqlite:///{there / 'fangxin.db'}"
    else:
        new = url.set(database=f"{url.database}_there").render_as_string(hide_password=False)
    given = {"FIELD_KEY": "", "SECRET_KEY": "", "INSTANCE_DIR": str(there), "DATABASE_URL": new}
    done = restore(settings, database, backup, "--key-file", str(keys), **given)
    assert done.exit_code == 0, done.output
    assert (there / "field_key").read_text() == settings.field_key.hex()
    assert (there / "attachments" / "ab" / "photo.jpg").exists()
    assert run(settings, "log", "verify", **given).exit_code == 0
    opened = Database(new)
    assert matters(opened) == 2
    opened.dispose()


def test_a_backup_while_people_write_is_of_one_moment(
    walk: Walk, settings: Settings, database: Database, tmp_path: Path
) -> None:
    stop = threading.Event()
    written: list[str] = []

    def write() -> None:
        while not stop.is_set():
            written.append(walk.register())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        file = tmp_path / "live.tar.gz"
        assert run(settings, "backup", str(file)).exit_code == 0
    finally:
        stop.set()
        writer.join()
    done = restore(settings, database, file, "--json")
    assert done.exit_code == 0, done.output
    assert 0 <= json.loads(done.stdout)["matters verified"] <= len(written)


def test_it_overwrites_nothing(backup: Path, settings: Settings, tmp_path: Path) -> None:
    done = run(settings, "backup", str(backup))
    assert done.exit_code == 1
    assert "exists already" in done.stderr
    assert "no folder" in run(settings, "backup", str(tmp_path / "no" / "b.tar.gz")).stderr
