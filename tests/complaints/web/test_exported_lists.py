"""Every list that can be taken away, held against its page: the same rows and words, the same order."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from complaints.organisation.models import SecurityEvent
from complaints.web import exports
from tests.bureau import SignIn
from tests.complaints.ledgers.importing import take
from tests.complaints.ledgers.sheets import as_csv
from tests.complaints.ledgers.sheets import row as ledger_row
from tests.factories import FILE_LEAD, LEAD, PHONE, Matters
from tests.paying import Paying

NUMBER = "编号"
DAYS = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")
FIGURES = re.compile(r"-?[\d.]*")


@dataclass(frozen=True, slots=True)
class List:
    """A list: who sees it, where, and the columns whose words the page does not print as such."""

    who: str
    page: str
    beyond: set[str] = field(default_factory=set)
    rows: int | None = None


LISTS = [
    List("operator", "/hotline", {"时限"}),
    List("intake", "/intake?tab=new", {"时限", "状态"}),
    List("intake", "/intake?tab=dispatched", {"时限", "状态"}),
    List("handler", "/mediation?tab=mine"),
    List("handler", "/mediation?tab=unit"),
    List("handler", "/mediation?tab=tasks"),
    List("station", "/station", {"时限", "状态", "依据"}),
    List("handler", "/cases?tab=open", {"时限"}),
    List("handler", "/cases?tab=filed", {"时限"}),
    List("handler", "/cases?tab=concluded", {"状态"}),
    List("handler", "/payouts?tab=verify", {"时限", "状态", "依据"}),
    List("operator", "/revisits"),
    List("supervisor", "/supervision/figures/accepted", {"时限"}),
    List("supervisor", "/supervision/figures/accepted?ending=late&ending=missing", {"时限"}),
    List("auditor", "/supervision/figures/handled?basis=accepted", {"时限"}),
    List("intake", "/ledgers"),
    List("intake", "/ledgers/conflicts"),
    List("system_admin", "/admin/outbox?state=all"),
    List("system_admin", "/admin/outbox?state=sent"),
]


@pytest.fixture
def world(standing_as: SignIn, standing_matters: Matters) -> SignIn:
    """Matters of every kind in many states; made with the module's first test."""
    with standing_as.city.database.writing() as session:
        session.execute(delete(SecurityEvent).where(SecurityEvent.kind == exports.LOGGED))
    matters = standing_matters
    if "暖气" not in standing_as("handler").get("/mediation?tab=unit").text:
        paying = Paying(standing_as.city, matters.engine)
        paying.fund()
        for state in ("registered", "dispatched", "accepted", "mediating", "closed"):
            matters.in_state(state, title=f"暖气不热 <{state}> & “退款”")
        for case in range(2):
            number = matters.in_state("mediating", title=f"先赔与线索 {case}")
            matters.walk(number, LEAD)
            if case:
                matters.walk(matters.lead_of(number), *FILE_LEAD)
            paying.apply(number, receipt_number=f"0082-{case}")
        matters.a_dispute()
        matters.a_dispute()
        for name, said in (("2023年台账.csv", "甲"), ("=1+1.csv", "乙")):
            cells = ledger_row(unit="米公市场监管所", reply=said)
            take(standing_as.city, as_csv([cells]), name)
    return standing_as


def taken(client: FlaskClient, page: str) -> list[dict[str, str]]:
    """Return the rows of the list as .csv."""
    answer = client.get(f"{page}{'&' if '?' in page else '?'}export=csv")
    assert answer.status_code == 200, answer.text
    rows = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    return list(rows)


def words(page: str) -> str:
    """Return what a page says, without its marks and blanks."""
    body = page[page.index("<main") :]
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]+>", "", body)))


@pytest.mark.parametrize("one", LISTS, ids=lambda one: f"{one.who}:{one.page}")
def test_a_file_has_what_the_page_shows(world: SignIn, one: List) -> None:
    client = world(one.who)
    page = client.get(one.page)
    assert page.status_code == 200
    said, rows = words(page.text), taken(client, one.page)
    numbers = [row[NUMBER] for row in rows if NUMBER in row]
    places = [said.index(number) for number in numbers]
    if not one.page.startswith("/admin"):
        assert places == sorted(places), numbers
    assert page.text.count("data-row") in (0, len(rows))
    for row in rows:
        for label, cell in row.items():
            if label in one.beyond | {"口径"} or DAYS.fullmatch(cell) or FIGURES.fullmatch(cell):
                continue
            plain = cell.removeprefix("'").removesuffix("(暂定)")
            assert re.sub(r"\s+", "", plain) in said, (label, cell)


@pytest.mark.parametrize("one", LISTS, ids=lambda one: f"{one.who}:{one.page}")
def test_every_list_offers_both_formats_at_its_own_address(world: SignIn, one: List) -> None:
    page = world(one.who).get(one.page).text
    offered = {html.unescape(found) for found in re.findall(r'href="([^"]*export=[a-z]+)"', page)}
    assert any(url.endswith("export=xlsx") for url in offered)
    client = world(one.who)
    for url in offered:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert answer.headers["Content-Disposition"].startswith("attachment"), url
        answer.close()


def test_the_lists_of_the_figures_add_up(world: SignIn) -> None:
    client = world("supervisor")
    figures = taken(client, "/supervision?list=figures")
    assert [row["指标"] for row in figures] == ["受理", "处理", "回复"]
    behind = taken(client, "/supervision/figures/accepted")
    counted = sum(int(figures[0][name]) for name in ("到期或已办", "尚未到期", "不计入"))
    assert counted == len(behind) > 0
    assert all("2026-11-24" in row["口径"] for row in figures)


def test_the_ledger_leaves_with_both_sides_of_each_posting_in_yuan(world: SignIn) -> None:
    rows = taken(world("cashier"), "/payouts?list=ledger")
    assert [row["金额（元）"] for row in rows] == ["50000.00"]
    assert rows[0]["先赔"] == ""


def test_no_full_phone_or_name_leaves_in_any_file(world: SignIn) -> None:
    for one in LISTS:
        client = world(one.who)
        told = client.get(f"{one.page}{'&' if '?' in one.page else '?'}export=csv").text
        assert PHONE not in told
        assert "陈晓民" not in told


def test_a_ledgers_name_runs_as_no_formula_and_a_conflict_names_both_sides(world: SignIn) -> None:
    client = world("intake")
    brought = taken(client, "/ledgers")
    assert [(one["台账"], one["新增"], one["冲突"]) for one in brought] == [
        ("'=1+1.csv", "0", "1"),
        ("2023年台账.csv", "1", "0"),
    ]
    [waiting] = taken(client, "/ledgers/conflicts")
    told = [waiting[name] for name in ("编号", "原记录收到日期", "另一份内容来自", "行")]
    assert told == ["2023-0001", "2023-03-01", "'=1+1.csv", "2"]
    # the head of an office has its records, not the county's ledgers
    assert taken(world("head"), "/ledgers/conflicts") == [waiting]
    assert taken(world("head"), "/ledgers") == []


def test_another_office_takes_nothing_of_this_one_away(world: SignIn) -> None:
    client = world("other_handler")
    for page in ("/mediation?tab=unit", "/cases?tab=open", "/payouts?tab=verify"):
        assert taken(client, page) == []
    assert taken(world("other_station"), "/station") == []
