"""Two versions of our own procedure: compared in words, rehearsed, and moved between by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from complaints.app import build_services
from complaints.foundation.database import Database
from complaints.organisation.models import SecurityEvent
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.fourth_version import PLAN, add_fourth
from tests.walking import Walk
from workflows.runtime.tables import instance


@pytest.fixture
def fourth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return add_fourth(tmp_path, monkeypatch)


@pytest.fixture
def accepted(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> str:
    """Return the number of an accepted complaint that runs on version 3."""
    return Walk(city, build_services(settings, clock, database).engine).accepted()


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_the_difference_reads_like_a_document(accepted: str, fourth: Path, settings: Settings) -> None:
    text = run(settings, "procedures", "diff", "complaint", "3", "4").stdout
    assert "“投诉”流程：第3版（2026-04-15起）与第4版（2026-04-15起）对照" in text
    assert "按第3版办理的在办事项：1件" in text
    assert "取消操作“收回”（take_back）。" in text
    assert (
        "操作“开始调解”（begin_mediation）：办理条件：取消双方同意调解（both_consent）。（涉及在办事项1件）"
        in text
    )
    assert "时限“调解期限”（mediation）：提醒（到期前的工作日）：取消-3。（涉及在办事项1件）" in text
    assert text.index("仅修改文字") > text.index("take_back")
    assert "文字由“已受理”改为“已经受理”" in text
    english = run(settings, "procedures", "diff", "complaint", "3", "4", "--language", "en").stdout
    assert "Gone: action “Take back” (take_back)." in english
    facts = json.loads(run(settings, "procedures", "diff", "complaint", "3", "4", "--json").stdout)
    (line,) = [one for one in facts["differences"] if one["name"] == "begin_mediation"]
    assert (line["aspect"], line["states"], line["touches"]) == ("needs", ["accepted"], 1)


def test_a_rehearsal_writes_nothing_and_the_move_does_what_it_said(
    accepted: str, fourth: Path, settings: Settings, database: Database
) -> None:
    asked = ("procedures", "migrate", "complaint", "3", "4", "--plan", str(fourth))
    shown = run(settings, *asked, "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert f"{accepted}  已受理 → 已经受理" in shown.stdout
    assert "时限“调解期限”：重新开始" in shown.stdout
    assert "时限“受理决定并告知”：不变" in shown.stdout
    assert "将变更1件；留在第3版0件；方案不涉及（已经结束或者其他状态）0件" in shown.stdout
    assert version_of(database) == 3
    facts = json.loads(run(settings, *asked, "--dry-run", "--json").stdout)
    assert [one["matter"] for one in facts["matters"]] == [accepted]
    assert {one["clock"]: one["what"] for one in facts["matters"][0]["clocks"]}["mediation"] == "restart"
    done = json.loads(run(settings, *asked, "--reason", "统一 办理", "--json").stdout)
    assert (done["moved"], done["stay"], version_of(database)) == (1, 0, 4)
    assert done["matters"][0]["clocks"] == facts["matters"][0]["clocks"]
    with database.reading() as session:
        line = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "procedure_migrated")).one()
    assert line.subject == "complaint 3 to 4: 统一 办理"
    again = json.loads(run(settings, *asked, "--reason", "统一办理", "--json").stdout)
    assert again["moved"] == 0
    assert run(settings, "log", "verify").exit_code == 0
    listed = json.loads(run(settings, "procedures", "list", "--json").stdout)
    assert {one["version"]: one["open_matters"] for one in listed if one["procedure"] == "complaint"}[4] == 1


def version_of(database: Database) -> int:
    with database.reading() as session:
        return int(session.execute(select(instance.c.version)).scalar_one())


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("migrate", "complaint", "3", "4"), "Say why the matters are moved: --reason TEXT"),
        (("migrate", "complaint", "3", "4", "--dry-run"), "There is no plan complaint.3-4.yaml"),
        (("migrate", "complaint", "3", "9", "--dry-run"), "has no version 9"),
        (("diff", "complaint", "3", "9"), "has no version 9"),
    ],
)
def test_a_mistake_is_told_in_words(
    fourth: Path, city: Bureau, settings: Settings, arguments: tuple[str, ...], words: str
) -> None:
    done = run(settings, "procedures", *arguments)
    assert done.exit_code == 1
    assert words in done.stderr


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_a_plan_with_a_gap_is_refused_before_anything_is_done(
    accepted: str, fourth: Path, settings: Settings, database: Database
) -> None:
    fourth.write_text(PLAN.replace("mediation: restart, ", ""), encoding="utf-8")
    asked = ("procedures", "migrate", "complaint", "3", "4", "--reason", "x", "--plan", str(fourth))
    done = run(settings, *asked)
    assert done.exit_code == 1
    assert "clocks › mediation: nothing says what becomes of it" in done.stderr
    assert version_of(database) == 3
    with database.reading() as session:
        assert (
            session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "procedure_migrated")).all()
            == []
        )
