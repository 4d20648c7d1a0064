"""What a loaded notice moved, as a supervisor sees it: the own units' limits, all days, also as a file."""

from __future__ import annotations

import csv
import io
import re

import pytest

from complaints.commands.working import Worker
from complaints.foundation.database import Database
from tests.bureau import OTHER_OFFICE, SetClock, SignIn
from tests.complaints.counted_queries import statements
from tests.factories import Matters
from workflows.calendars.holiday_files import read_holiday_text
from workflows.runtime.calendar_table import load_years

NOTICE = """
year: 2027
source: {title: 国务院办公厅关于2027年部分节假日安排的通知（试验用）}
days_off:
  - {date: 2027-01-01, name: 元旦, statutory: true}
  - {date: 2027-01-23, name: 试验, statutory: true}
"""
ALERT_DAY = """
year: 2027
source: {title: 国务院办公厅关于2027年部分节假日安排的通知（试验用）}
days_off:
  - {date: 2027-01-01, name: 元旦, statutory: true}
  - {date: 2027-01-25, name: 试验}
"""
ELSEWHERE = ("intake", "dispatch", {"unit": OTHER_OFFICE, "receiver": "other_handler"})
PAGE = "/supervision/moved"


def load(client_as: SignIn, clock: SetClock, notice: str = NOTICE) -> None:
    with client_as.city.database.writing() as session:
        load_years(session.connection(), [read_holiday_text(notice.encode(), "x")], clock.now_us())
    clock.move(minutes=3)
    Worker(client_as.services, lambda _line: None).drain()


def numbers(page: str) -> list[str]:
    return re.findall(r'<a href="/matters/([0-9-]+)">', page)


def test_before_any_loading_the_page_says_what_will_be_there(client_as: SignIn) -> None:
    page = client_as("supervisor").get(PAGE)
    assert page.status_code == 200
    assert "所辖单位没有期限变动" in page.text
    assert "export=" not in page.text
    assert client_as("handler").get(PAGE).status_code == 403
    assert f'href="{PAGE}"' in client_as("supervisor").get("/supervision").text


def test_each_moved_limit_stands_with_both_days_and_the_file_says_the_same(
    matters: Matters, client_as: SignIn, clock: SetClock
) -> None:
    accepted = matters.in_state("accepted")
    young = matters.in_state("dispatched")
    load(client_as, clock)
    client = client_as("supervisor")
    page = client.get(PAGE).text
    assert numbers(page) == [accepted]
    assert young not in page
    row = page[page.index(accepted) : page.index("</tr>", page.index(accepted))]
    assert re.findall(r"2027-01-\d\d", row) == ["2027-01-22", "2027-01-23", "2027-01-24"]
    assert "暂定" in row[: row.index("2027-01-24")]
    assert "暂定" not in row[row.index("2027-01-24") :]
    assert "+1天" in row
    export = re.search(rf'href="({PAGE}[^"]*export=csv)"', page)
    assert export is not None
    answer = client.get(export[1].replace("&amp;", "&"))
    [line] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    assert (line["编号"], line["结果"], line["原提醒日"], line["现提醒日"]) == (
        accepted,
        "已变动",
        "2027-01-22",
        "2027-01-22",
    )
    assert (line["原法定到期日"], line["现法定到期日"]) == ("2027-01-23", "2027-01-24")


def test_a_moved_day_to_work_to_is_shown_and_set_apart_from_what_only_became_final(
    matters: Matters, client_as: SignIn, clock: SetClock
) -> None:
    settled = matters.in_state("accepted")
    clock.move(days=2)
    moved = matters.in_state("accepted")  # ends on Monday 25 January; a moved day off leaves its legal end
    load(client_as, clock, ALERT_DAY)
    page = client_as("supervisor").get(PAGE).text
    assert numbers(page) == [moved, settled], "what moved stands first, though it came later"
    movers, only_final = page[page.index("<h3>") :].split("<h3>")[1:]
    assert re.match(r'已变动 <span class="num">1</span>', movers)
    assert re.match(r'日期不变，由暂定转为确定 <span class="num">1</span>', only_final)
    days = re.findall(r"2027-01-\d\d", movers)
    assert days == ["2027-01-25", "2027-01-22", "2027-01-25"], "both days to work to, and the legal one"
    assert "-3天" in movers
    assert "暂定</span>" not in only_final
    client = client_as("supervisor")
    with client.session_transaction() as session:
        session["language"] = "en"
    english = client.get(PAGE).text
    assert "Keep both days and are only final now" in english
    assert "-3 days" in english


def test_another_loading_has_a_list_of_its_own(matters: Matters, client_as: SignIn, clock: SetClock) -> None:
    number = matters.in_state("accepted")
    load(client_as, clock)
    clock.move(days=1)
    load(client_as, clock, NOTICE.replace("2027-01-23", "2027-01-24"))
    client = client_as("supervisor")
    page = client.get(PAGE).text
    assert numbers(page) == [number]
    assert re.findall(r"2027-01-2\d", page[page.index(number) :])[1:3] == ["2027-01-24", "2027-01-23"]
    earlier = re.findall(rf'href="({PAGE}\?calendar=[0-9a-f]+)">', page)
    first = client.get(earlier[-1]).text
    assert re.findall(r"2027-01-2\d", first[first.index(number) :])[1:3] == ["2027-01-23", "2027-01-24"]
    assert client.get(f"{PAGE}?calendar=none").status_code == 404


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_a_head_reads_the_own_office_only(matters: Matters, client_as: SignIn, clock: SetClock) -> None:
    here, there = matters.in_state("accepted"), matters.a_complaint()
    matters.walk(there, ELSEWHERE, ("other_handler", "accept", {}))
    load(client_as, clock)
    assert numbers(client_as("head").get(PAGE).text) == [here]
    assert sorted(numbers(client_as("supervisor").get(PAGE).text)) == sorted([here, there])


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_more_rows_take_no_more_queries(matters: Matters, client_as: SignIn, clock: SetClock) -> None:
    database = client_as.city.database
    matters.in_state("accepted")
    load(client_as, clock)
    few = asked(client_as, database)
    clock.move(days=1)
    for _ in range(6):
        matters.in_state("accepted")
    load(client_as, clock, NOTICE.replace("2027-01-23", "2027-01-24"))
    many = asked(client_as, database)
    assert (few[0], many[0]) == (1, 7)
    assert few[1] == many[1]


def asked(client_as: SignIn, database: Database) -> tuple[int, int]:
    """Return how many matters the page lists and how many statements it takes."""
    client = client_as("supervisor")
    listed = len(numbers(client.get(PAGE).text))
    return listed, len(statements(database, lambda: client.get(PAGE)))
