"""Procedures as the command line lists, checks and draws them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from complaints.app import build_services
from complaints.dossier import engine
from complaints.foundation.database import Database
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.walking import Walk
from workflows import loading, rule_files


def test_the_list_says_what_governs_today(settings: Settings) -> None:
    facts = json.loads(run(settings, "procedures", "list", "--json").stdout)
    assert {one["procedure"] for one in facts} == {"complaint", "station_dispute", "lead", "payout"}
    assert all(len(one["fingerprint"]) == 64 for one in facts)
    assert "complaint 3" in run(settings, "procedures", "list").stdout


def test_all_procedures_hold(settings: Settings) -> None:
    done = run(settings, "procedures", "verify")
    assert done.exit_code == 0, done.output
    assert "complaint 3: ok" in done.stdout
    assert "closed_has_no_open_payout: 还有先赔没有办完的投诉不能办结。" in done.stdout
    assert "guards taken as free choices: additions_wait" in done.stdout
    facts = json.loads(run(settings, "procedures", "verify", "--json").stdout)
    (proof,) = (
        one["proof"] for one in facts["verified"] if (one["procedure"], one["version"]) == ("complaint", 3)
    )
    assert proof["situations"] > 1000
    assert {"owner_always_set", "closed_has_no_open_payout"} <= {one["name"] for one in proof["invariants"]}
    assert proof["abstracted"]["children"] == ["lead", "payout"]


def test_a_promise_that_can_be_broken_is_told_with_the_way_to_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(
        tmp_path,
        monkeypatch,
        "decision_told, result_told, no_open_payout, all",
        "decision_told, result_told, all",
    )
    done = run(settings, "procedures", "verify")
    assert done.exit_code == 1
    assert "申请购假先赔→ 待补正身份材料 —撤回投诉→ 已撤回 —办结→ 已办结" in done.stderr


def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """Have the commands read the procedures with one word changed in the complaint's."""
    folder = tmp_path / "procedures"
    folder.mkdir()
    for path in loading.PROCEDURES.iterdir():
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    complaint = folder / "complaint.3.yaml"
    text = complaint.read_text(encoding="utf-8")
    assert old in text
    complaint.write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setattr(engine, "PROCEDURES", folder)
    # the verified procedures of this process are kept; read them anew for this test
    monkeypatch.setattr(engine, "_verified", engine._verified.__wrapped__)


def test_a_planted_fault_is_named(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(tmp_path, monkeypatch, "needs: [is_owner, both_consent]", "needs: [no_such_guard]")
    done = run(settings, "procedures", "verify")
    assert done.exit_code == 1
    assert "no_such_guard" in done.stderr


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_a_rule_set_by_which_matters_are_counted_refuses_to_boot_once_changed(
    city: Bureau,
    settings: Settings,
    database: Database,
    clock: SetClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert run(settings, "init").exit_code == 0
    Walk(city, build_services(settings, clock, database).engine).accepted()
    for path in rule_files.RULES.iterdir():
        text = path.read_text(encoding="utf-8")
        if path.name == "order-121.yaml":
            assert "    n: 60\n" in text
            text = text.replace("    n: 60\n", "    n: 90\n", 1)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    assert "rule set order-121: ok (from 2026-04-15 on, draft, fingerprint" in verified(settings).stdout
    monkeypatch.setattr(engine, "shipped_rules", lambda: rule_files.load_rule_book(tmp_path))
    monkeypatch.setattr(engine, "_verified", engine._verified.__wrapped__)
    for command in (("procedures", "verify"), ("worker", "--once"), ("init",)):
        done = run(settings, *command)
        assert done.exit_code == 1, done.output
        assert "The rule set order-121 was changed, and matters are counted by it: restore it" in done.stderr


def verified(settings: Settings) -> Result:
    done = run(settings, "procedures", "verify")
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize(("kind", "start"), [("mermaid", "stateDiagram-v2"), ("svg", "<svg")])
def test_a_picture(settings: Settings, kind: str, start: str) -> None:
    done = run(settings, "procedures", "graph", "complaint", "--format", kind)
    assert done.stdout.startswith(start)
    assert "已受理" in done.stdout


def test_a_net_for_mining_tools(settings: Settings) -> None:
    done = run(settings, "procedures", "graph", "lead", "--format", "pnml")
    assert done.stdout.startswith("<?xml")
    assert 'id="p.verifying"' in done.stdout


def test_counts_of_now(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> None:
    walk = Walk(city, build_services(settings, clock, database).engine)
    walk.register()
    walk.accepted()
    walk.accepted()
    text = run(settings, "procedures", "graph", "complaint", "--counts").stdout
    assert '"已登记 (1)" as registered' in text
    assert '"已受理 (2)" as accepted' in text
    assert '"已办结 (0)" as closed' in text
    assert "(" not in run(settings, "procedures", "graph", "lead").stdout.split("[*]")[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("graph", "complaints"), "write one of complaint"),
        (("graph", "lead", "--version", "9"), "has no version 9"),
    ],
)
def test_a_mistake_is_told_in_words(settings: Settings, arguments: tuple[str, ...], words: str) -> None:
    done = run(settings, "procedures", *arguments)
    assert done.exit_code == 1
    assert words in done.stderr


def test_each_version_is_compared_by_the_rules_of_its_own_time(settings: Settings) -> None:
    """Version 2 lay between the two, and its rules are neither of theirs."""
    text = run(settings, "procedures", "diff", "complaint", "1", "3").stdout
    assert "对照的规则：2019-12-31，工商行政管理部门处理消费者投诉办法" in text
    assert "；2026-04-15，市场监督管理投诉举报处理办法" in text
    assert "时限长度“调解期限”（mediation）" in text
    assert "45个工作日" not in text
    back = run(settings, "procedures", "diff", "complaint", "3", "1").stdout
    assert "对照的规则：2026-04-15，" in back
    assert "45个工作日" in run(settings, "procedures", "diff", "complaint", "2", "3").stdout
    assert "新增操作“交办工作”（ask_work）" in text
    assert "协办工作" not in text
