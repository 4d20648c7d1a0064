"""A matter that moved to another version: its timeline says so, and the paper for a court too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from complaints.app import build_services
from complaints.commands.parts import Parts
from complaints.foundation.database import Database
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.fourth_version import add_fourth
from tests.walking import Walk
from workflows.runtime import migration
from workflows.versioning.migration_plans import read_plan

pytestmark = pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)


@pytest.fixture
def accepted(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> str:
    return Walk(city, build_services(settings, clock, database).engine).accepted()


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
