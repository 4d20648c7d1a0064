"""The pages of the procedures: everybody may read them, and nobody learns more than is theirs."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select

from complaints.app import build_services
from complaints.foundation.database import Database
from complaints.organisation.roles import Role
from complaints.procedures import queries
from config import Settings
from tests.bureau import OTHER_OFFICE, Bureau, SetClock, SignIn
from tests.complaints.counted_queries import statements
from tests.factories import Matters, matters_of
from tests.fourth_version import add_fourth
from tests.walking import Walk
from workflows.runtime.tables import instance
from workflows.runtime.version_counts import running_by_state
from workflows.versioning.migration_plans import read_plan

PAGE = "/procedures/complaint"


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


@pytest.fixture
def accepted(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> str:
    """Return the number of an accepted complaint that runs on version 3, beside which one is dispatched."""
    walk = Walk(city, build_services(settings, clock, database).engine)
    walk.dispatched()
    return walk.accepted()


@pytest.fixture
def elsewhere(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> str:
    """Return the number of a complaint that another office has."""
    walk = Walk(city, build_services(settings, clock, database).engine)
    number = walk.register()
    walk.act("intake", number, "dispatch", unit=OTHER_OFFICE, receiver=city.person_ids["other_handler"])
    return number


@pytest.fixture
def fourth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a plan to move to a fourth version, which is added before the application starts."""
    plan = add_fourth(tmp_path, monkeypatch)
    there = {("complaint", 3, 4): plan}
    monkeypatch.setattr(queries, "plan_file", lambda *asked: there.get(asked, plan.with_name("none")))
    monkeypatch.setattr(queries, "read_plan", partial(read_plan, file=plan))
    return plan


def counts(page: str) -> dict[str, str]:
    """Return the numbers of the picture by state."""
    cards = re.findall(r'<g class="state state--(\w+)">(.*?)</g>', page, re.DOTALL)
    found = {}
    for state, card in cards:
        number = re.search(r'class="count".*?<text [^>]*>([\d,]+)</text>', card, re.DOTALL)
        if number is not None:
            found[state] = number[1]
    return found


@pytest.mark.parametrize("who", [*Role, "other_handler"])
def test_everybody_reads_every_procedure(city: Bureau, client_as: SignIn, who: str) -> None:
    client = client_as(str(who))
    page = client.get("/procedures")
    assert page.status_code == 200
    for name in ("complaint", "lead", "payout", "station_dispute"):
        assert f'href="/procedures/{name}/' in page.text
        assert client.get(f"/procedures/{name}").status_code == 200


def test_nobody_reads_them_without_signing_in(city: Bureau, app: Flask) -> None:
    assert app.test_client().get("/procedures").status_code == 303


def test_a_person_counts_what_that_person_may_see(matters: Matters, client_as: SignIn) -> None:
    for _ in range(3):
        matters.in_state("accepted")
    matters.in_state("closed")
    everything = counts(client_as("supervisor").get(PAGE).text)
    assert (everything["accepted"], everything["closed"], everything["registered"]) == ("3", "1", "0")
    handled = counts(client_as("handler").get(PAGE).text)
    assert handled["accepted"] == "3"
    assert set(counts(client_as("other_handler").get(PAGE).text).values()) == {"0"}


def test_what_is_under_way_is_one_number_everywhere(
    matters: Matters, client_as: SignIn, database: Database
) -> None:
    """A closed complaint that is still to be called back is under way, wherever it is counted."""
    for state in ("accepted", "closed", "revisited"):
        matters.in_state(state)
    client = client_as("supervisor")
    listed = client.get("/procedures").text
    (row,) = re.findall(r"<tr data-row>(?:(?!</tr>).)*/procedures/complaint/3\".*?</tr>", listed, re.DOTALL)
    assert '<td class="r num fold-i" data-l="在办">2</td>' in row
    assert "在办 2" in client.get(PAGE).text
    compared = client.get("/procedures/complaint/3/2").text
    assert "按第3版办理的在办事项：2 件。" in compared
    for page in (listed, compared):
        assert "或者办结后仍有时限在计算，如待回访" in page
    with database.reading() as session:
        counted = running_by_state(session.connection())
    assert counted["complaint", 3] == {"accepted": 1, "closed": 1}


def test_who_sees_no_matter_is_shown_no_number(matters: Matters, client_as: SignIn) -> None:
    matters.in_state("accepted")
    page = client_as("system_admin").get(PAGE).text
    assert counts(page) == {}
    assert "件数只向办理和督察人员显示" in page
    assert "/matters/" not in page


def test_no_count_of_questions_grows_with_the_matters(
    matters: Matters, client_as: SignIn, database: Database
) -> None:
    client = client_as("supervisor")
    asked = []
    for more in (1, 4):
        for _ in range(more):
            matters.in_state("accepted")
        client.get(PAGE)
        asked.append(len(statements(database, lambda: client.get(PAGE))))
        asked.append(len(statements(database, lambda: client.get("/procedures"))))
    assert asked[:2] == asked[2:]


def test_it_says_what_was_proved_and_by_which_rules(city: Bureau, client_as: SignIn) -> None:
    page = client_as("handler").get(PAGE).text
    assert "首接责任人从不改变。" in page
    assert "7 个工作日" in page
    assert "《市场监督管理投诉举报处理办法》第十五条" in page
    assert "2026-04-15 起" in page
    # where two limits bind at once each stands with its own basis
    assert "第二十一条第五项<br>《中华人民共和国消费者权益保护法实施条例》第四十六条" in page
    english = client_as("handler")
    with english.session_transaction() as session:
        session["language"] = "en"
    page = english.get(PAGE).text
    assert "The first responder never changes." in page
    assert "7 working days" in page


def test_the_picture_leaves_as_a_file(matters: Matters, client_as: SignIn) -> None:
    matters.in_state("accepted")
    answer = client_as("supervisor").get("/procedures/complaint/3.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Content-Disposition"] == "attachment; filename=complaint-3.svg"
    assert counts(answer.text)["accepted"] == "1"
    assert "var(" not in answer.text
    ElementTree.fromstring(answer.text)  # noqa: S314 - our own picture


@pytest.mark.parametrize(
    "path",
    [
        "/procedures/nothing",
        "/procedures/complaint/98",
        "/procedures/complaint/99.svg",
        "/procedures/complaint/3/99",
        "/procedures/nothing/1/2",
    ],
)
def test_what_is_not_there_gets_a_sentence(city: Bureau, client_as: SignIn, path: str) -> None:
    answer = client_as("handler").get(path)
    assert answer.status_code == 404
    assert "请从列表中选择" in answer.text


def test_without_a_number_it_is_the_version_in_force(city: Bureau, client_as: SignIn) -> None:
    assert "第 3 版 施行中" in client_as("handler").get(PAGE).text


def test_two_versions_are_compared_in_words(
    fourth: Path, matters: Matters, client_as: SignIn, database: Database
) -> None:
    matters.in_state("accepted")
    with database.writing() as session:
        assert session.execute(select(instance.c.version)).scalar_one() == 4
    client = client_as("supervisor")
    page = client.get(PAGE).text
    assert "/procedures/complaint/3/4" in page
    told = client.get("/procedures/complaint/4/3").text
    assert "取消操作" in told
    assert "涉及在办事项 1 件" in told
    handler = client_as("handler").get("/procedures/complaint/4/3").text
    assert "取消操作" in handler
    assert "涉及在办事项" not in handler


def test_a_version_does_not_differ_from_itself_and_no_plan_leads_to_it(
    city: Bureau, client_as: SignIn
) -> None:
    client = client_as("supervisor")
    answer = client.get("/procedures/complaint/3/3")
    assert (answer.status_code, answer.location) == (303, "/procedures/complaint/3")
    assert "没有变更方案" in client.get("/procedures/complaint/3/3/rehearsal").text


def test_who_leads_or_keeps_the_tables_rehearses(fourth: Path, city: Bureau, client_as: SignIn) -> None:
    address = "/procedures/complaint/3/4/rehearsal"
    for who in ("system_admin", "supervisor", "auditor", "head"):
        client = client_as(who)
        assert client.get(address).status_code == 200
        assert address in client.get("/procedures/complaint/3/4").text
    for who in ("handler", "operator", "security_admin", "cashier"):
        client = client_as(who)
        assert client.get(address).status_code == 403
        assert address not in client.get("/procedures/complaint/3/4").text


def test_a_rehearsal_counts_and_names_nothing(
    accepted: str, fourth: Path, client_as: SignIn, database: Database
) -> None:
    client = client_as("system_admin")
    page = client.get("/procedures/complaint/3/4/rehearsal").text
    said = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "逐件演练 2 件。" in said
    assert "已受理 → 已经受理 1" in said
    assert "已分送 1" in said
    assert "调解期限：重新开始" in said
    assert "米公市场监管所 2" in said
    assert "不再可以办理： 收回" in said
    assert accepted not in page
    assert "李梅" not in page
    with database.reading() as session:
        assert set(session.scalars(select(instance.c.version))) == {3}


def test_a_rehearsal_counts_for_a_reader_only_what_is_theirs(
    accepted: str, elsewhere: str, fourth: Path, client_as: SignIn
) -> None:
    address = "/procedures/complaint/3/4/rehearsal"
    own = client_as("head").get(address).text
    assert accepted in own
    assert elsewhere not in own
    assert "逐件演练 2 件。" in own
    assert elsewhere in client_as("supervisor").get(address).text
    everything = client_as("system_admin").get(address).text
    assert "逐件演练 3 件。" in everything
    assert "/matters/" not in everything


def test_a_place_in_the_list_that_no_number_names_is_no_fault(
    accepted: str, fourth: Path, client_as: SignIn
) -> None:
    address = "/procedures/complaint/3/4/rehearsal?after="
    for after in ("9" * 30, "-" + "9" * 30, "x", "-1"):
        assert client_as("supervisor").get(address + after).status_code == 200
