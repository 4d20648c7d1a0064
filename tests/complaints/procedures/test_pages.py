"""The pages of the procedures: versions with counts, a picture, what differs, and a move rehearsed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from complaints.app import build_services
from complaints.commands.parts import Parts
from complaints.foundation.database import Database
from complaints.procedures import queries
from config import Settings
from tests.bureau import Bureau, SetClock, SignIn
from tests.fourth_version import add_fourth
from tests.walking import Walk
from workflows.runtime import migration
from workflows.versioning.migration_plans import read_plan

pytestmark = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)


@pytest.fixture
def accepted(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> str:
    return Walk(city, build_services(settings, clock, database).engine).accepted()


@pytest.mark.parametrize("who", ["operator", "handler", "supervisor", "system_admin"])
def test_everybody_finds_the_versions_in_the_rail(accepted: str, client_as: SignIn, who: str) -> None:
    page = client_as(who).get("/procedures")
    assert page.status_code == 200
    assert "市场监督管理投诉举报处理办法" in page.text
    assert 'href="/procedures/complaint/3"' in page.text
    assert 'href="/procedures"' in client_as(who).get("/procedures/complaint/3").text


def test_a_version_shows_its_picture_with_counts_and_what_was_proved(
    accepted: str, client_as: SignIn
) -> None:
    page = client_as("handler").get("/procedures/complaint/3").text
    assert "<svg" in page
    assert "已受理" in page
    assert "任何时候都有且只有一名承办人。" in page
    assert accepted not in page


def test_what_is_not_there_is_no_fault(city: Bureau, client_as: SignIn) -> None:
    client = client_as("supervisor")
    for address in ("/complaint/99", "/nothing/1", "/complaint/3/99", "/complaint/98/99/rehearsal"):
        assert client.get(f"/procedures{address}").status_code == 404


def test_a_version_does_not_differ_from_itself(city: Bureau, client_as: SignIn) -> None:
    assert "没有差别" in client_as("handler").get("/procedures/complaint/3/3").text


def test_without_a_plan_the_rehearsal_says_so(city: Bureau, client_as: SignIn) -> None:
    assert "没有变更方案" in client_as("supervisor").get("/procedures/complaint/3/3/rehearsal").text
    assert client_as("handler").get("/procedures/complaint/3/3/rehearsal").status_code == 403


def test_the_difference_and_the_rehearsal_of_a_move(
    accepted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    plan = add_fourth(tmp_path, monkeypatch)
    monkeypatch.setattr(queries, "plan_file", lambda *_versions: plan)
    monkeypatch.setattr(queries, "read_plan", lambda name, old, new: read_plan(name, old, new, plan))
    client_as = request.getfixturevalue("client_as")
    page = client_as("supervisor").get("/procedures/complaint/3/4").text
    assert "办理条件：取消双方同意调解。" in page
    assert "涉及在办事项 1 件" in page
    assert 'href="/procedures/complaint/3/4/rehearsal"' in page
    assert "rehearsal" not in client_as("operator").get("/procedures/complaint/3/4").text
    rehearsal = client_as("supervisor").get("/procedures/complaint/3/4/rehearsal").text
    assert f'href="/matters/{accepted}"' in rehearsal
    assert "已受理 → 已经受理" in rehearsal
    assert "时限“调解期限”：重新开始" in rehearsal


def test_the_timeline_tells_the_move(
    accepted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    settings, clock, database = (request.getfixturevalue(one) for one in ("settings", "clock", "database"))
    plan = add_fourth(tmp_path, monkeypatch)
    engine = build_services(settings, clock, database).engine

    writing = Parts(settings, database, clock).writing_connection
    moves = migration.migrate(engine, writing, read_plan("complaint", 3, 4, plan), "统一办理")
    assert [one.move.reasons for one in moves] == [()]
    page = request.getfixturevalue("client_as")("handler").get(f"/matters/{accepted}").text
    assert "改按第4版流程办理，该版自2026-04-15起施行（原为第3版）" in page
    assert "调解期限开始计算，到" in page
    assert "统一办理" in page
    assert "已经受理" in page
    found = re.search(rf'href="(/matters/{accepted}/clocks/mediation-[0-9]+/print)"', page)
    assert found is not None
    paper = request.getfixturevalue("client_as")("handler").get(found[1]).text
    assert '<td data-l="事项">流程版本</td><td data-l="对期限的影响">期限开始' in paper
    assert "migrate" not in paper
