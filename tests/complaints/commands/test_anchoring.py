"""The log is anchored by hand and by the worker, and held against an anchor that lies elsewhere."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from complaints.app import build_services
from complaints.commands.working import Worker
from complaints.foundation.database import Database
from complaints.web.services import Services
from config import LogSettings, Settings, SettingsError
from tests.bureau import OFFICE, Bureau, SetClock
from tests.complaints.commands.running import run
from tests.walking import Walk
from workflows.anchoring import signing_keys
from workflows.runtime import anchors
from workflows.runtime.triggers import drop_triggers


@pytest.fixture
def vault(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    """A place elsewhere, with a key."""
    folder = tmp_path_factory.mktemp("vault")
    signing_keys.make(folder / "key", settings.instance_dir)
    return folder


@pytest.fixture
def walk(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> Walk:
    walk = Walk(city, build_services(settings, clock, database).engine)
    walk.register()
    walk.accepted()
    return walk


def last_event_goes(database: Database) -> None:
    """Cut the tail of matter 1 the crude way; what the rows say then does not matter to an anchor."""
    with database.writing() as session:
        drop_triggers(session.connection())
        session.execute(text("DELETE FROM wf_event WHERE instance_id = 2 AND seq = 3"))


# -- by hand


def test_an_anchor_by_hand_and_the_check_against_it(
    walk: Walk, settings: Settings, database: Database, vault: Path
) -> None:
    out, key = vault / "today.json", {"ANCHOR_KEY": str(vault / "key")}
    done = run(settings, "log", "anchor", "--out", str(out), "--json", **key)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["anchor"], told["new"], told["instances"]) == (1, True, 2)
    kept = out.read_bytes()
    again = json.loads(run(settings, "log", "anchor", "--out", str(out), "--json", **key).stdout)
    assert (again["new"], again["root"]) == (False, told["root"])
    assert out.read_bytes() == kept
    whole = run(settings, "log", "verify", "--anchor", str(out), "--public-key", str(vault / "key.pub"))
    assert whole.exit_code == 0, whole.output
    assert "all that 1 anchor named still stands" in whole.stdout
    assert "Warning" not in whole.stderr
    walk.register()
    later = run(settings, "log", "verify", "--anchor", str(out))
    assert later.exit_code == 0
    assert "believed by the key in its own file" in later.stderr
    last_event_goes(database)
    found = run(settings, "log", "verify", "--all", "--anchor", str(out), "--json")
    assert found.exit_code == 1
    sentences = json.loads(found.stdout)["troubles"]
    assert any("its events after 2 are gone, up to event 3" in one for one in sentences)


def test_a_foreign_or_changed_anchor_proves_nothing(walk: Walk, settings: Settings, vault: Path) -> None:
    out = vault / "today.json"
    run(settings, "log", "anchor", "--out", str(out), ANCHOR_KEY=str(vault / "key"))
    signing_keys.make(vault / "other", settings.instance_dir)
    done = run(settings, "log", "verify", "--anchor", str(out), "--public-key", str(vault / "other.pub"))
    assert (done.exit_code, "signed by another key" in done.stderr) == (1, True)
    out.write_text(out.read_text(encoding="utf-8").replace('"number":1', '"number":2'), encoding="utf-8")
    done = run(settings, "log", "verify", "--anchor", str(out))
    assert (done.exit_code, "it was changed" in done.stderr) == (1, True)


def test_kept_anchors_are_held_against_the_key_given_or_set(
    walk: Walk, settings: Settings, vault: Path
) -> None:
    """Whoever owns the database can cut the log and sign it anew with a key of his own."""
    ours, other = vault / "key", vault / "other"
    signing_keys.make(other, settings.instance_dir)
    run(settings, "log", "anchor", "--out", str(vault / "a.json"), ANCHOR_KEY=str(other))
    unsaid = run(settings, "log", "verify")
    assert (unsaid.exit_code, "signed by the key that it names itself" in unsaid.stdout) == (0, True)
    given = run(settings, "log", "verify", "--public-key", f"{ours}.pub")
    by_default = run(settings, "log", "verify", ANCHOR_KEY=str(ours))
    for done in (given, by_default):
        assert (done.exit_code, "anchor 1: it was signed by another key" in done.stderr) == (1, True)
    both = ("--public-key", f"{ours}.pub", "--public-key", f"{other}.pub")
    changed = run(settings, "log", "verify", *both, ANCHOR_KEY=str(ours))
    assert (changed.exit_code, "signed by the key given or set" in changed.stdout) == (0, True)
    ours.chmod(0o644)
    unread = run(settings, "log", "verify", ANCHOR_KEY=str(ours))
    assert (unread.exit_code, "no anchor is held against ANCHOR_KEY" in unread.stderr) == (0, True)


def test_an_anchor_that_the_database_has_lost_is_missed(
    walk: Walk, settings: Settings, database: Database, vault: Path
) -> None:
    out = vault / "today.json"
    run(settings, "log", "anchor", "--out", str(out), ANCHOR_KEY=str(vault / "key"))
    with database.writing() as session:
        drop_triggers(session.connection())
        session.execute(text("DELETE FROM wf_anchor"))
    done = run(settings, "log", "verify", "--anchor", str(out))
    assert (done.exit_code, "is not among the anchors" in done.stderr) == (1, True)


def test_what_cannot_be_done_is_said_in_one_sentence(walk: Walk, settings: Settings, vault: Path) -> None:
    key = str(vault / "key")
    cases: tuple[tuple[tuple[str, ...], dict[str, str], str], ...] = (
        (("anchor", "--out", str(vault / "a.json")), {}, "cli log anchor-key FILE and set ANCHOR_KEY"),
        (("anchor",), {"ANCHOR_KEY": key}, "give --out FILE, or set ANCHOR_DIR"),
        (("anchor", "--out", str(settings.instance_dir / "a.json")), {"ANCHOR_KEY": key}, "kept apart"),
        (("anchor", "--out", str(vault / "no" / "a.json")), {"ANCHOR_KEY": key}, "cannot be written"),
        (("anchor", "--out", str(vault / "a")), {"ANCHOR_KEY": str(vault / "none")}, "cannot be read"),
        (("anchor-key", key), {}, "exists already"),
        (("anchor-key", str(settings.instance_dir / "key")), {}, "lies inside"),
        (("verify", "--anchor", key), {}, "cannot be used"),
        (("verify", "--anchor", key, "--public-key", key), {}, "no public key"),
    )
    for arguments, environment, said in cases:
        done = run(settings, "log", *arguments, **environment)
        assert done.exit_code == 1, arguments
        assert said in done.stderr, (arguments, done.stderr)
        assert "Traceback" not in done.stderr
    os.chmod(key, 0o644)
    done = run(settings, "log", "anchor", "--out", str(vault / "a.json"), ANCHOR_KEY=key)
    assert "chmod 600" in done.stderr


@pytest.mark.parametrize("name", ["ANCHOR_KEY", "ANCHOR_DIR"])
def test_nothing_of_an_anchor_lies_inside_the_instance_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({"INSTANCE_DIR": str(tmp_path), name: str(tmp_path / "inside")})


# -- by the worker


@pytest.fixture
def anchoring(settings: Settings, vault: Path) -> Settings:
    """Settings of a place where the worker anchors."""
    (vault / "out").mkdir()
    return replace(settings, log=LogSettings("sm3", vault / "key", vault / "out"))


def worked(settings: Settings, clock: SetClock, database: Database) -> list[str]:
    said: list[str] = []
    parts: Services = build_services(settings, clock, database)
    for one in (Worker(parts, said.append), Worker(parts, said.append)):
        one.drain()
    return [line for line in said if "anchored" in line]


def test_the_worker_anchors_once_a_day(
    walk: Walk, anchoring: Settings, clock: SetClock, database: Database
) -> None:
    folder = anchoring.log.anchor_dir
    assert folder is not None
    assert len(worked(anchoring, clock, database)) == 1
    assert worked(anchoring, clock, database) == []
    clock.move(days=1)
    assert len(worked(anchoring, clock, database)) == 1
    assert sorted(one.name for one in folder.iterdir()) == [
        "anchor-2026-11-24-000001.json",
        "anchor-2026-11-25-000002.json",
    ]
    with database.snapshot() as connection:
        latest = [one.statement.prior_check for one, _wrong in anchors.latest(connection, 5)]
    assert latest == ["stands", "first"]


def test_a_clock_that_ran_ahead_keeps_no_anchor_back(
    walk: Walk, anchoring: Settings, clock: SetClock, database: Database
) -> None:
    clock.move(days=40)
    assert len(worked(anchoring, clock, database)) == 1
    clock.move(days=-40)
    assert len(worked(anchoring, clock, database)) == 1
    assert worked(anchoring, clock, database) == []
    with database.snapshot() as connection:
        assert {wrong for _anchor, wrong in anchors.latest(connection, 5)} == {""}


def test_a_lost_file_is_written_again_the_same_day(
    walk: Walk, anchoring: Settings, clock: SetClock, database: Database
) -> None:
    folder = anchoring.log.anchor_dir
    assert folder is not None
    worked(anchoring, clock, database)
    (kept,) = folder.iterdir()
    before = kept.read_bytes()
    kept.unlink()
    assert len(worked(anchoring, clock, database)) == 1
    assert kept.read_bytes() == before


def test_the_next_anchor_tells_that_the_one_before_fell(
    walk: Walk, anchoring: Settings, clock: SetClock, database: Database
) -> None:
    worked(anchoring, clock, database)
    last_event_goes(database)
    clock.move(days=1)
    worked(anchoring, clock, database)
    with database.snapshot() as connection:
        last = anchors.last(connection)
    assert last is not None
    assert last.statement.prior_check == "broken"
    health = json.loads(run(anchoring, "health", "--json").stdout)
    assert health["anchor"]["state"] == "trouble"


def test_a_worker_without_a_usable_key_says_so_and_goes_on(
    walk: Walk, anchoring: Settings, clock: SetClock, database: Database
) -> None:
    key = anchoring.log.anchor_key
    assert key is not None
    key.chmod(0o644)
    said = worked(anchoring, clock, database)
    assert len(said) == 2
    assert "chmod 600" in said[0]


def test_a_place_that_is_not_there_leaves_no_anchor_without_a_file(
    walk: Walk, anchoring: Settings, clock: SetClock, database: Database
) -> None:
    folder = anchoring.log.anchor_dir
    assert folder is not None
    folder.rmdir()
    said = worked(anchoring, clock, database)
    assert len(said) == 2
    assert "cannot be written" in said[0]
    with database.snapshot() as connection:
        assert anchors.how_many(connection) == 0
    folder.mkdir()
    assert len(worked(anchoring, clock, database)) == 1


def test_without_an_anchor_health_says_so(walk: Walk, settings: Settings) -> None:
    health = json.loads(run(settings, "health", "--json").stdout)
    assert health["anchor"]["state"] == "attention"
    assert health["anchor"]["words"].startswith("none")


# -- the algorithm


def test_a_chain_may_cross_from_one_algorithm_to_the_other(
    walk: Walk, settings: Settings, clock: SetClock, database: Database
) -> None:
    otherwise = replace(settings, log=LogSettings("sha256"))
    other = Walk(walk.city, build_services(otherwise, clock, database).engine)
    number = walk.register()
    other.act("intake", number, "dispatch", unit=OFFICE, receiver=walk.city.person_ids["handler"])
    with database.reading() as session:
        rows = session.execute(text("SELECT hash_alg FROM wf_event WHERE instance_id = 3 ORDER BY seq"))
        assert list(rows.scalars()) == ["sm3", "sha256"]
    assert run(settings, "log", "verify").exit_code == 0
