"""Every list that can be taken away, held against its page: the same rows and words, the same order."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import dataclass, field
from itertools import product

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from complaints.ledgers.contents import Prepared, Refused
from complaints.ledgers.importing import prepare_rows, read_ledger, unit_finder
from complaints.ledgers.sentences import FileRefused
from complaints.organisation.models import SecurityEvent
from complaints.web import exports
from tests.bureau import CITY, Bureau, SignIn, post
from tests.complaints.ledgers.importing import take
from tests.complaints.ledgers.sheets import as_csv
from tests.complaints.ledgers.sheets import row as ledger_row
from tests.complaints.web.listed_matters import NAME, fill
from tests.complaints.web.offered_lists import offered
from tests.factories import PHONE, Matters

NUMBER = "编号"
ROWS = {
    "/hotline": r'<li><a href="/matters/',
    "/station": r'<li><a href="/station/',
    "/payouts": r"<li[^>]*><a [^>]*data-open",
    "/supervision/figures": r'<tr><th scope="row"><a href="/matters/',
}
"""How a row begins on the pages on which nobody walks from row to row by keys."""
SEVERAL = ("/supervision?",)
"""A page of several lists in one form, whose rows are not counted here."""
SEARCH = "/search?q=暖气"
"""The hits of these words; they lie at an address of their own."""
DAYS = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?")
FIGURES = re.compile(r"-?[\d.]*")


@dataclass(frozen=True, slots=True)
class List:
    """A list: who sees it, where, and the columns whose words the page does not print as such."""

    who: str
    page: str
    beyond: set[str] = field(default_factory=set)
    matters: bool = True
    """Whether each row is a matter: the import of ledgers takes such a list back."""
    shown: bool = True
    """Whether its page prints it: the rows of a whole ledger are in its file alone."""
    days: int = 0
    """Days from now on which it has rows."""


LISTS = [
    List("operator", "/hotline", {"时限"}),
    List("intake", "/intake?tab=new", {"时限", "状态"}),
    List("intake", "/intake?tab=returned", {"时限", "状态"}),
    List("intake", "/intake?tab=identity", {"时限", "状态"}),
    List("intake", "/intake?tab=dispatched", {"时限", "状态"}),
    List("handler", "/mediation?tab=mine"),
    List("other_handler", "/mediation?tab=offered", {"下一步"}),
    List("handler", "/mediation?tab=helping"),
    List("handler", "/mediation?tab=unit"),
    List("handler", "/mediation?tab=tasks"),
    List("station", "/station", {"时限", "状态", "依据"}),
    List("handler", "/cases?tab=open", {"时限"}),
    List("handler", "/cases?tab=filed", {"时限"}),
    List("handler", "/cases?tab=concluded", {"状态"}),
    List("handler", "/cases?tab=not_filed"),
    List("handler", "/cases?tab=passed"),
    List("handler", "/payouts?tab=verify", {"时限", "状态", "依据"}),
    List("handler", "/payouts?tab=approve", {"时限", "状态", "依据"}),
    List("handler", "/payouts?tab=pay", {"时限", "状态", "依据"}),
    List("handler", "/payouts?tab=recover", {"时限", "状态", "依据"}),
    List("handler", "/payouts?tab=ended", {"时限", "状态", "依据"}),
    List("cashier", "/payouts?list=ledger", matters=False, shown=False),
    List("operator", "/revisits"),
    List("supervisor", "/supervision/figures/accepted", {"时限"}),
    List("supervisor", "/supervision/figures/accepted?ending=late&ending=missing", {"时限"}),
    List("auditor", "/supervision/figures/handled?basis=accepted", {"时限"}),
    List("supervisor", "/supervision/figures/replied", {"时限"}),
    List("supervisor", "/supervision?list=overdue", days=60),
    List("supervisor", "/supervision?list=soon", days=8),
    List("supervisor", "/supervision?list=units", matters=False),
    List("supervisor", "/supervision?list=figures", matters=False, shown=False),
    List("handler", SEARCH),
    List("intake", "/ledgers", matters=False),
    List("intake", "/ledgers/conflicts", matters=False),
    List("intake", "/ledgers/1", matters=False),
    *(
        List("system_admin", f"/admin/outbox?state={state}", matters=False)
        for state in ("all", "pending", "ambiguous", "dead", "sent")
    ),
]


def name(one: List) -> str:
    """Return what a test of the list is called."""
    return f"{one.who}:{one.page}"


@pytest.fixture
def world(standing_as: SignIn, standing_matters: Matters) -> SignIn:
    """Matters of every kind in many states; made with the module's first test.

    Every merchant is called by a mobile, and titles name the complainant.
    """
    with standing_as.city.database.writing() as session:
        session.execute(delete(SecurityEvent).where(SecurityEvent.kind == exports.LOGGED))
    city, matters = standing_as.city, standing_matters
    if "暖气" not in standing_as("handler").get("/mediation?tab=unit").text:
        fill(matters)
        for name, said in (("2023年台账.csv", "甲"), ("=1+1.csv", "乙")):
            cells = ledger_row(unit="米公市场监管所", reply=said)
            take(city, as_csv([cells]), name)
    return standing_as


def place(client: FlaskClient, page: str) -> str:
    """Return where the page is."""
    return post(client, "/search", q="暖气").headers["Location"] if page == SEARCH else page


def file_of(client: FlaskClient, page: str, form: str) -> bytes:
    """Take the list away."""
    at = place(client, page)
    answer = client.get(f"{at}{'&' if '?' in at else '?'}export={form}")
    assert answer.status_code == 200, answer.text
    return answer.data


def taken(client: FlaskClient, page: str) -> list[dict[str, str]]:
    """Return the rows of the list as .csv."""
    rows = csv.DictReader(io.StringIO(file_of(client, page, "csv").decode("utf-8-sig"), newline=""))
    return list(rows)


def words(page: str) -> str:
    """Return what a page says, without its marks and blanks."""
    body = page[page.index("<main") :]
    return re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]+>", "", body)))


@pytest.mark.parametrize("one", [one for one in LISTS if one.shown], ids=name)
def test_a_file_has_what_the_page_shows(world: SignIn, one: List) -> None:
    world.city.clock.move(days=one.days)
    client = world(one.who)
    page = client.get(place(client, one.page))
    assert page.status_code == 200
    said, rows = words(page.text), taken(client, one.page)
    at = 0
    for number in [row[NUMBER] for row in rows if NUMBER in row]:
        # after the one before: of several lists on a page another may name the number earlier
        at = said.index(number, 0 if one.page.startswith("/admin") else at)
    assert rows, "the world leaves this list empty"
    begins = next((words for start, words in ROWS.items() if one.page.startswith(start)), "data-row")
    assert one.page.startswith(SEVERAL) or len(re.findall(begins, page.text)) == len(rows)
    assert not [personal for personal in (PHONE, NAME) if personal in page.text]
    for row in rows:
        for label, cell in row.items():
            if label in one.beyond | {"口径"} or DAYS.fullmatch(cell) or FIGURES.fullmatch(cell):
                continue
            plain = cell.removeprefix("'").removesuffix("(暂定)")
            assert re.sub(r"\s+", "", plain) in said, (label, cell)


@pytest.mark.parametrize("one", LISTS, ids=name)
def test_every_list_offers_both_formats_at_its_own_address(world: SignIn, one: List) -> None:
    client = world(one.who)
    page = client.get(place(client, one.page)).text
    offered = {html.unescape(found) for found in re.findall(r'href="([^"]*export=[a-z]+)"', page)}
    assert any(url.endswith("export=xlsx") for url in offered)
    for url in offered:
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert answer.headers["Content-Disposition"].startswith("attachment"), url
        answer.close()


def test_no_list_of_the_application_is_forgotten_here(world: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_EXPORTS", 1_000)
    people = {who: world(who) for who in world.city.person_ids}
    for one in LISTS:
        file_of(people[one.who], one.page, "csv")
    here = names_taken(world.city)
    for url, who in offered(people).items():
        people[who].get(url).close()
    assert here == names_taken(world.city)


def names_taken(city: Bureau) -> set[str]:
    """Return which lists were taken away until now, by their words in the security log."""
    with city.database.reading() as session:
        subjects = session.scalars(select(SecurityEvent.subject).where(SecurityEvent.kind == exports.LOGGED))
        return {one.rsplit(" ", 2)[0] for one in subjects}


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
    assert [row["金额（元）"] for row in rows] == ["50000.00", "8.00"]
    assert [bool(row["先赔"]) for row in rows] == [False, True]
    assert all(row["借"] and row["贷"] for row in rows)


def test_no_full_phone_or_name_leaves_in_any_file(world: SignIn) -> None:
    for one in LISTS:
        client = world(one.who)
        told = file_of(client, one.page, "csv").decode()
        assert len(told.splitlines()) > 1, one
        assert PHONE not in told
        assert NAME not in told


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
        # of an empty list too the head is understood
        assert brought_back(world.city, "list.csv", file_of(client, page, "csv")) == []
    assert taken(world("other_station"), "/station") == []


@pytest.mark.parametrize("one", [one for one in LISTS if one.matters], ids=name)
def test_the_import_of_ledgers_takes_a_list_of_matters_back(world: SignIn, one: List) -> None:
    world.city.clock.move(days=one.days)
    client = world(one.who)
    numbers = [row[NUMBER] for row in taken(client, one.page)]
    assert numbers
    for language, form in product(("en", "zh_Hans_CN"), exports.FORMATS):
        assert post(client, "/language", language=language).status_code == 303
        assert brought_back(world.city, f"list.{form}", file_of(client, one.page, form)) == numbers


def brought_back(city: Bureau, file_name: str, content: bytes) -> list[str]:
    """Return the numbers that the import reads in a file; it may refuse no row."""
    try:
        ledger = read_ledger(file_name, content, {})
    except FileRefused as refused:
        assert refused.why["code"] == "no_rows", refused.sentence  # noqa: PT017 - why, not whether
        return []
    with city.database.reading() as session:
        unit_of = unit_finder(session, CITY, None)
    rows = prepare_rows(ledger, unit_of, city.clock.today(), lambda _done, _total: None)
    assert not [row.whys for row in rows if isinstance(row, Refused)]
    return [row.content.number for row in rows if isinstance(row, Prepared)]
