"""The page of the anchors: honest without one, plain with one, alarmed where something is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from complaints.administration.anchor_rows import rows
from complaints.administration.anchoring import Anchored, anchor_log
from complaints.foundation.database import Database
from config import LogSettings, Settings
from tests.bureau import Bureau, SetClock, SignIn
from tests.walking import Walk
from workflows.anchoring import signing_keys
from workflows.runtime.triggers import drop_triggers

PAGE = "/admin/anchors"


@pytest.fixture
def anchoring(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    vault: Path = tmp_path_factory.mktemp("vault")
    signing_keys.make(vault / "key", settings.instance_dir)
    return replace(settings, log=LogSettings("sm3", vault / "key", vault))


def anchor(settings: Settings, database: Database, clock: SetClock) -> Anchored:
    return anchor_log(settings, database, clock)


def test_without_an_anchor_it_says_what_is_missing(city: Bureau, client_as: SignIn) -> None:
    page = client_as("auditor").get(PAGE).text
    assert "日志尚无锚定" in page
    assert "cli log anchor-key" in page


@pytest.mark.parametrize("who", ["auditor", "audit_admin", "system_admin"])
def test_who_may_see_it_finds_it_in_the_rail(city: Bureau, client_as: SignIn, who: str) -> None:
    client = client_as(who)
    page = client.get(PAGE)
    assert page.status_code == 200
    assert f'href="{PAGE}"' in page.text
    assert "/matters/" not in page.text


@pytest.mark.parametrize("who", ["handler", "operator", "security_admin", "supervisor"])
def test_others_may_not(city: Bureau, client_as: SignIn, who: str) -> None:
    assert client_as(who).get(PAGE).status_code == 403


def test_administration_leads_the_audit_administrator_there(city: Bureau, client_as: SignIn) -> None:
    assert client_as("audit_admin").get("/admin").headers["Location"] == PAGE


def test_the_root_stands_there_whole_for_the_daily_report(
    city: Bureau, client_as: SignIn, anchoring: Settings, database: Database, clock: SetClock
) -> None:
    Walk(city, client_as.services.engine).accepted()
    done = anchor(anchoring, database, clock)
    page = client_as("auditor").get(PAGE).text
    assert done.anchor.statement.root in page
    assert "日志根（第1号，SM3，事项1件，事件3条）" in page
    assert "签名有效" in page
    clock.move(days=3)
    assert "距今已3天" in client_as("auditor").get(PAGE).text


def test_what_is_gone_is_told(
    city: Bureau, client_as: SignIn, anchoring: Settings, database: Database, clock: SetClock
) -> None:
    Walk(city, client_as.services.engine).accepted()
    anchor(anchoring, database, clock)
    with database.writing() as session:
        drop_triggers(session.connection())
        session.execute(text("UPDATE wf_instance SET seq = 2"))
        session.execute(text("DELETE FROM wf_event WHERE seq = 3"))
    page = client_as("auditor").get(PAGE).text
    assert "日志与签名时不一致" in page
    assert "现有记录少于当时" in page
    clock.move(days=1)
    anchor(anchoring, database, clock)
    page = client_as("auditor").get(PAGE).text
    assert "下次锚定时发现记录缺失或者被改写" in page


def test_each_row_knows_how_it_stood_the_next_time(
    city: Bureau, anchoring: Settings, database: Database, clock: SetClock
) -> None:
    for _day in range(5):
        anchor(anchoring, database, clock)
        clock.move(days=1)
    with database.snapshot() as connection:
        whole = rows(connection, 10, 0)
        pages = [row for skip in (0, 2, 4) for row in rows(connection, 2, skip)]
    assert [row.check for row in whole] == ["", "stands", "stands", "stands", "stands"]
    assert pages == whole
    assert {row.wrong for row in whole} == {""}
