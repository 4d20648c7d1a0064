"""The calendar page: what a notice moves is shown first, one click loads it, the worker moves it once."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from complaints.commands.working import Worker
from complaints.organisation.models import SecurityEvent
from complaints.organisation.roles import Role
from tests.bureau import Bureau, SetClock, SignIn, at_bureau, csrf_token, post
from tests.walking import Walk
from workflows.runtime.tables import calendar_revision, event

NOTICE = """
year: 2027
source: {title: 国务院办公厅关于2027年部分节假日安排的通知（试验用）}
days_off:
  - {date: 2027-01-01, name: 元旦, statutory: true}
  - {date: 2027-01-23, name: 试验, statutory: true}
"""


LOADER = r"系统\d+"


@pytest.fixture
def walk(city: Bureau, client_as: SignIn) -> Walk:
    return Walk(city, client_as.services.engine)


@pytest.fixture
def number(walk: Walk) -> str:
    """A complaint whose mediation ends in the year without a notice."""
    return walk.accepted()


def preview(client: FlaskClient, text: str = NOTICE, name: str = "cn-2027.yaml") -> TestResponse:
    fields = {"csrf_token": csrf_token(client, "/admin/calendar"), "file": (io.BytesIO(text.encode()), name)}
    return client.post("/admin/calendar/preview", data=fields, content_type="multipart/form-data")


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the form that loads."""
    form = page[page.index('action="/admin/calendar/load"') :]
    found = {}
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        found[name[1] if name else ""] = unescape(value[1]) if value else ""
    return found


def worked(client_as: SignIn, clock: SetClock, minutes: int = 2) -> None:
    clock.move(minutes=minutes)
    Worker(client_as.services, lambda _line: None).drain()


def test_a_notice_is_shown_loaded_once_and_moved(
    walk: Walk, client_as: SignIn, clock: SetClock, number: str
) -> None:
    client = client_as("system_admin")
    page = preview(client).text
    assert number not in page, "this administrator reads no matters"
    assert "您可以查看的事项的期限" not in page
    assert "米公市场监管所" in page
    assert "2027-01-23" in page
    with walk.city.database.reading() as session:
        before = session.execute(select(func.count()).select_from(calendar_revision)).scalar_one()
    given = hidden(page)
    for _double_click in range(2):
        answer = client.post("/admin/calendar/load", data=given)
        assert (answer.status_code, answer.location) == (303, "/admin/calendar")
    with walk.city.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(calendar_revision)) == before + 1
        logged = session.query(SecurityEvent).filter_by(kind="calendar_loaded").all()
    assert len(logged) == 1
    after = client.get("/admin/calendar").text
    assert "正在重新计算期限" in after
    assert re.search(rf"这些日期已经载入（{LOADER}，2026-11-24 \d\d:\d\d）", after)
    worked(client_as, clock, minutes=1)
    counted = client.get("/admin/calendar").text
    assert "正在重新计算期限" not in counted, "nothing is left; the worker only looks once more"
    assert "已按此日历计算；期限变动或转为确定的事项：1件" in counted
    worked(client_as, clock)
    worked(client_as, clock, minutes=3)
    shown = client.get("/admin/calendar").text
    assert "期限变动或转为确定的事项：1件" in shown
    with walk.city.database.reading() as session:
        assert session.scalar(select(func.count()).where(event.c.kind == "calendar")) == 1
    told = client_as("supervisor").get(f"/matters/{number}").text
    assert "调解期限：法定到期日 2027-01-23 (周六) → 2027-01-24 (周日)，由暂定转为确定" in told
    assert preview(client).text.count("这些日期已经载入") == 1


def test_who_was_overtaken_looks_again(walk: Walk, client_as: SignIn, number: str) -> None:
    client = client_as("system_admin")
    given = hidden(preview(client).text)
    other = NOTICE.replace("2027-01-23", "2027-01-22")
    assert client.post("/admin/calendar/load", data=hidden(preview(client, other).text)).status_code == 303
    answer = client.post("/admin/calendar/load", data=given)
    assert answer.status_code == 409
    assert re.search(rf"期间已载入另一份通知（{LOADER}，2026-11-24 \d\d:\d\d）", answer.text)
    assert client.post("/admin/calendar/load", data=hidden(answer.text)).status_code == 303


def test_the_preview_shows_both_days_and_sets_what_moves_apart(
    walk: Walk, client_as: SignIn, clock: SetClock, number: str
) -> None:
    clock.move(days=2)
    walk.accepted()  # ends on Monday 25 January: people would work to the Friday before
    text = NOTICE.replace("2027-01-23, name: 试验, statutory: true", "2027-01-25, name: 试验")
    page = preview(client_as("system_admin"), text).text
    movers, only_final = page[page.index("<h3>") :].split("<h3>")[1:]
    assert re.findall(r"2027-01-\d\d", movers) == ["2027-01-25", "2027-01-22", "2027-01-25"]
    assert "-3天" in movers
    assert only_final.startswith('日期不变，转为确定 <span class="num">1</span>')


def test_the_preview_lists_the_days_and_a_loaded_year_can_be_opened(client_as: SignIn, city: Bureau) -> None:
    client = client_as("system_admin")
    text = NOTICE + "make_up_days:\n  - {date: 2027-01-31, for: 春节}\n"
    days = preview(client, text).text
    days = days[days.index('id="named"') :]
    listed = re.findall(r"<li>(.*?)</li>", days[: days.index("</section>")])
    assert [re.sub(r"<[^>]+>", "", one) for one in listed] == [
        "2027-01-01 (周五) 元旦 法定",
        "2027-01-23 (周六) 试验 法定",
        "2027-01-31 (周日) 春节 调休上班",
    ]
    year = client.get("/admin/calendar").text
    year = year[year.index("2026年放假与上班的日子") :]
    assert "2026-02-14 (周六)" in year[: year.index("</details>")]
    with client.session_transaction() as session:
        session["language"] = "en"
    assert "worked to make up" in preview(client, text).text


def test_matters_are_named_to_who_may_see_them(
    walk: Walk, client_as: SignIn, clock: SetClock, number: str
) -> None:
    """The numbers are those of the units that the reader watches; the total tells the rest."""
    clock.move(days=2)
    moved = walk.accepted()
    at_bureau(walk.city, "system_admin", Role.SUPERVISOR)
    text = NOTICE.replace("2027-01-23, name: 试验, statutory: true", "2027-01-25, name: 试验")
    page = preview(client_as("system_admin"), text).text
    page = page[page.index("您可以查看的事项的期限") :]
    assert re.findall(r'href="/matters/([0-9-]+)"', page) == [moved, number]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "必须有year、source和days_off"),
        ("year: [", "第1行第8列"),
        (NOTICE.replace("2027", "2029"), "2026年的通知之后是2029年的通知"),
        (NOTICE + "  - {date: 2027-01-01, name: 元旦}\n", "2027-01-01列出了两次"),
        (NOTICE.replace("2027-01-23", "2027-02-30"), "第6行"),
        (
            NOTICE.replace("元旦, statutory: true", "元旦"),
            "以下各日是法定节假日，但没有标明：2027-01-01 元旦。请在这些日期后写上",
        ),
    ],
)
def test_a_bad_file_is_told_with_its_place(client_as: SignIn, city: Bureau, text: str, sentence: str) -> None:
    answer = preview(client_as("system_admin"), text)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_without_a_file_it_asks_for_one(client_as: SignIn, city: Bureau) -> None:
    client = client_as("system_admin")
    assert preview(client, "", name="").status_code == 422
    assert post(client, "/admin/calendar/preview").status_code == 422
    assert post(client, "/admin/calendar/load", content="year: [").status_code == 422


def test_forgotten_holidays_of_the_law_are_named(client_as: SignIn, city: Bureau) -> None:
    page = preview(client_as("system_admin")).text
    assert "没有列出的法定节假日" in page
    assert "春节" in page
    assert "法律没有规定的法定标记" in page
    assert "2027-01-23 试验" in page


@pytest.mark.parametrize("who", ["handler", "head", "supervisor", "security_admin", "audit_admin"])
def test_nobody_else_comes_in(client_as: SignIn, city: Bureau, who: str) -> None:
    client = client_as(who)
    assert client.get("/admin/calendar").status_code == 403
    for path in ("/admin/calendar/preview", "/admin/calendar/load"):
        assert post(client, path).status_code == 403
