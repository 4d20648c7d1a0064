"""The log as a file for process mining: made whole or not at all, without names, and never unnoticed."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from complaints.app import build_services
from complaints.commands import log_export
from complaints.foundation.database import Database
from complaints.organisation.models import SecurityEvent
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.walking import PHONE, Walk
from tests.workflows.export.standards import ocel_faults, xes_faults


@pytest.fixture
def walk(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> Walk:
    return Walk(city, build_services(settings, clock, database).engine)


@pytest.fixture
def number(walk: Walk) -> str:
    walk.register()
    return walk.accepted()


def lines(database: Database) -> list[tuple[str, bool]]:
    with database.reading() as session:
        found = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "log_export"))
        return [(one.subject, one.success) for one in found]


@pytest.mark.parametrize(("kind", "faults"), [("xes", xes_faults), ("ocel", ocel_faults)])
def test_a_log_leaves(
    number: str, settings: Settings, database: Database, tmp_path: Path, kind: str, faults: Any
) -> None:
    target = tmp_path / f"log.{kind}"
    done = run(settings, "log", "export", "--format", kind, "--out", str(target), "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert (facts["histories"], facts["bytes"]) == (2, target.stat().st_size)
    text = target.read_text(encoding="utf-8")
    assert faults(text) == []
    for word in (number, "李梅", PHONE, "酸奶", "惠民超市", "长虹路"):
        assert word not in text
    assert "intake" in text or kind == "ocel"
    assert target.stat().st_mode & 0o077 == 0
    assert lines(database) == [(f"{kind} all 2 log.{kind}", True)]
    assert [one.name for one in tmp_path.iterdir() if "log" in one.name and one.name != target.name] == []


def test_one_state_is_written_whoever_writes_meanwhile(
    number: str, walk: Walk, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(histories: Iterable[Any], *_told: Any, **_more: Any) -> Iterable[Any]:
        # counted, and not yet read
        walk.register()
        walk.act("handler", number, "add_note", note="已联系双方")
        return histories

    monkeypatch.setattr(log_export, "with_progress", busy)
    target = tmp_path / "log.ocel"
    done = run(settings, "log", "export", "--format", "ocel", "--out", str(target), "--json")
    assert json.loads(done.stdout)["histories"] == 2
    text = target.read_text(encoding="utf-8")
    assert ocel_faults(text) == []
    assert "add_note" not in text


def test_only_what_was_asked_for(number: str, settings: Settings, clock: SetClock, tmp_path: Path) -> None:
    today = clock.today().isoformat()
    for given, found in (
        (("--procedure", "complaint"), 2),
        (("--procedure", "lead"), 0),
        (("--from", today, "--to", today), 2),
        (("--to", "2020-01-01"), 0),
    ):
        target = str(tmp_path / "log.xes")
        done = run(settings, "log", "export", "--format", "xes", "--out", target, "--json", *given)
        assert json.loads(done.stdout)["histories"] == found, given


def test_numbers_leave_only_for_a_reason_that_is_kept(
    number: str, settings: Settings, database: Database, tmp_path: Path
) -> None:
    target = tmp_path / "log.ocel"
    asked = ("log", "export", "--format", "ocel", "--out", str(target), "--numbers")
    refused = run(settings, *asked, "--reason", " ")
    assert refused.exit_code == 1
    assert "--reason" in refused.stderr
    assert run(settings, *asked, "--reason", "复核第三季度").exit_code == 0
    assert number in target.read_text(encoding="utf-8")
    assert lines(database) == [("ocel all 2 log.ocel with numbers: 复核第三季度", True)]


def test_bad_questions_get_a_sentence(number: str, settings: Settings, tmp_path: Path) -> None:
    target = str(tmp_path / "log.xes")
    for given, said in (
        (("--procedure", "complaints", "--out", target), "write one of complaint, lead"),
        (("--from", "2026-05-02", "--to", "2026-05-01", "--out", target), "swap them"),
        (("--to", "9999-12-31", "--out", target), "give a nearer one"),
        (("--out", str(tmp_path / "none" / "log.xes")), "make it first"),
    ):
        done = run(settings, "log", "export", "--format", "xes", *given)
        assert (done.exit_code, said in done.stderr) == (1, True), done.stderr
    assert not (tmp_path / "log.xes").exists()


def test_a_failure_leaves_the_earlier_file(
    number: str, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "log.xes"
    target.write_text("the earlier one", encoding="utf-8")

    def full(_histories: Any, file: Any) -> int:
        file.write("half a lo")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(log_export.WRITERS, "xes", full)
    done = run(settings, "log", "export", "--format", "xes", "--out", str(target))
    assert done.exit_code == 1
    assert "cannot be written (No space left" in done.stderr
    assert target.read_text(encoding="utf-8") == "the earlier one"
    assert sorted(tmp_path.glob("*log*")) == [target]
