"""A session arranged ahead: both sides told, shown in order of time, moved or called off with its reason."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from complaints.dossier import messages
from complaints.mediation.appointments import arranged
from tests.bureau import SignIn, post
from tests.complaints.mediation.pages import fields, queries_of
from tests.factories import AGREE, APPRAISE, ARRANGE, CHALLENGE, TERMINATE, Matters
from workflows.runtime.replay import verify
from workflows.runtime.tables import outbox

WHEN = {"session_on": "2026-11-26", "session_at": "14:30", "session_way": "on_site"}
TOLD = {"told_complainant": "phone", "told_respondent": "phone"}
ON_SITE = WHEN | TOLD | {"session_place": "米公市场监管所调解室", "bring": "发票和安装单"}
BY_PHONE = {"session_on": "2026-11-25", "session_at": "9:05", "session_way": "phone"}


@pytest.fixture
def number(matters: Matters) -> str:
    """A complaint in mediation."""
    return matters.in_state("mediating")


def sent(client, number: str, page: str = "arrange", **typed: str):
    """Send the form as its page shows it."""
    path = f"/mediation/{number}/{page}"
    return post(client, path, **(fields(client.get(path).text) | typed))


def planned(matters: Matters, number: str) -> str:
    """Return the arranged session in words, or an empty text."""
    found = arranged(matters.standing(number).row["vars"])
    return f"{found.on} {found.at} {found.way} {found.place}".strip() if found else ""


def notices(matters: Matters, name: str) -> list[str]:
    """Return the texts of the messages of that name."""
    with matters.city.database.reading() as session:
        rows = session.execute(select(outbox).where(outbox.c.message == name).order_by(outbox.c.id))
        return [messages.compose(session, matters.engine, row).text for row in rows.mappings().all()]


def test_both_sides_learn_when_where_and_before_whom(
    matters: Matters, number: str, client_as: SignIn
) -> None:
    client = client_as("handler")
    answer = sent(client, number, **ON_SITE)
    assert (answer.status_code, answer.location) == (303, f"/matters/{number}"), answer.text
    assert "已约定：2026-11-26 (周四) 14:30" in client.get(f"/matters/{number}").text
    assert planned(matters, number) == "2026-11-26 14:30 on_site 米公市场监管所调解室"
    page = client.get(f"/matters/{number}").text
    assert "2026-11-26 (周四) 14:30 现场，米公市场监管所调解室" in page
    (text,) = notices(matters, "notice.session")
    assert "定于2026年11月26日14:30进行现场调解，地点：米公市场监管所调解室。" in text
    assert "请携带：发票和安装单。" in text
    assert "调解人员：承办2。" in text
    assert "《市场监督管理投诉举报处理办法》第二十一条" in text
    here = matters.standing(number)
    with matters.reading("supervisor") as work:
        unseal = matters.engine.settings.unseal
        assert verify(work.connection, matters.engine.library, here.instance_id, unseal) is None


def test_a_session_by_phone_needs_no_place(matters: Matters, number: str, client_as: SignIn) -> None:
    assert sent(client_as("handler"), number, **BY_PHONE).status_code == 303
    assert planned(matters, number) == "2026-11-25 09:05 phone"
    assert notices(matters, "notice.session")[0].count("地点") == 0


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"session_on": "2026-11-23"}, "session_on"),
        ({"session_on": "2026-02-30"}, "session_on"),
        ({"session_on": "2026-11-24", "session_at": "09:59"}, "session_at"),
        ({"session_at": "25:00"}, "session_at"),
        ({"session_at": "下午"}, "session_at"),
        ({"session_way": "by_pigeon"}, "session_way"),
        ({"session_place": ""}, "session_place"),
        ({"told_respondent": ""}, "told_respondent"),
        ({"told_complainant": ""}, "told_complainant"),
        ({"told_complainant": "rumour"}, "told_complainant"),
    ],
)
def test_what_cannot_be_arranged_is_told_under_its_field(
    matters: Matters, number: str, client_as: SignIn, typed: dict[str, str], field: str
) -> None:
    answer = sent(client_as("handler"), number, **(ON_SITE | typed))
    assert answer.status_code == 422
    assert f'id="{field}-e"' in answer.text
    assert "发票和安装单" in answer.text
    assert planned(matters, number) == ""
    assert notices(matters, "notice.session") == []


@pytest.mark.parametrize("action", ["arrange_session", "change_session"])
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"session_on": "2026-11-24", "session_at": "10:00"}, "session_at"),
        ({"session_on": "2027-01-25"}, "late_ok"),
    ],
)
def test_the_matters_own_form_refuses_what_the_desks_does(
    matters: Matters, number: str, client_as: SignIn, action: str, typed: dict[str, str], field: str
) -> None:
    """It is 10:00 on 2026-11-24; the last day to work to is 2027-01-22."""
    if action == "change_session":
        matters.walk(number, ARRANGE)
    before = planned(matters, number)
    client = client_as("handler")
    page = f"/mediation/{number}/{action.partition('_')[0]}"
    said = ON_SITE | {"change": "moved", "reason": "商家有检查"} | typed
    for path in (page, f"/matters/{number}/do/{action}"):
        answer = post(client, path, **(fields(client.get(page).text) | said))
        assert answer.status_code == 422, path
        assert f'id="{field}-e"' in answer.text, path
    assert planned(matters, number) == before
    if field == "late_ok":
        ticked = fields(client.get(page).text) | said | {"late_ok": "y"}
        assert post(client, f"/matters/{number}/do/{action}", **ticked).status_code == 303


@pytest.mark.parametrize(("typed", "kept"), [("9:05", "09:05"), ("1430", "14:30"), ("９：０５", "09:05")])
def test_a_time_is_typed_as_people_type_it(
    matters: Matters, number: str, client_as: SignIn, typed: str, kept: str
) -> None:
    assert sent(client_as("handler"), number, **(BY_PHONE | {"session_at": typed})).status_code == 303
    assert planned(matters, number).split()[1] == kept


def test_later_today_is_early_enough(matters: Matters, number: str, client_as: SignIn) -> None:
    typed = ON_SITE | {"session_on": "2026-11-24", "session_at": "10:01"}
    assert sent(client_as("handler"), number, **typed).status_code == 303


def test_a_day_after_the_mediation_is_warned_of_by_name(
    matters: Matters, number: str, client_as: SignIn
) -> None:
    """Accepted on 2026-11-24: the sixtieth day is Saturday 2027-01-23, Friday the last to work to."""
    client = client_as("handler")
    late = ON_SITE | {"session_on": "2027-01-25"}
    answer = sent(client, number, **late)
    assert answer.status_code == 422
    assert "2027-01-22" in answer.text
    assert 'name="late_ok"' in answer.text
    assert planned(matters, number) == ""
    again = post(client, f"/mediation/{number}/arrange", **(fields(answer.text) | late), late_ok="y")
    assert again.status_code == 303
    desk = client.get("/mediation").text
    assert "晚于调解期限" in desk or "after the last day of the mediation" in desk


def test_the_last_day_itself_is_no_warning(matters: Matters, number: str, client_as: SignIn) -> None:
    typed = ON_SITE | {"session_on": "2027-01-22"}
    assert sent(client_as("handler"), number, **typed).status_code == 303


def test_a_double_click_arranges_one(matters: Matters, number: str, client_as: SignIn) -> None:
    client = client_as("handler")
    path = f"/mediation/{number}/arrange"
    typed = fields(client.get(path).text) | ON_SITE
    for _ in range(2):
        assert post(client, path, **typed).status_code == 303
    assert len(notices(matters, "notice.session")) == 1
    assert "session_arranged" not in matters.standing(number).row["vars"]
    refused = client.get(path).text
    assert 'name="session_on"' not in refused
    assert "2026-11-26" in refused


def desk_order(html: str) -> list[tuple[str, str]]:
    """Return kind and number of the desk's arranged sessions, in their order."""
    return re.findall(r'<li class="is-(past|today|ahead)">.*?href="/matters/([0-9-]+)"', html, re.DOTALL)


def test_the_desk_shows_them_in_order_of_time(matters: Matters, client_as: SignIn) -> None:
    client = client_as("handler")
    one, two, three, four = (matters.in_state("mediating") for _ in range(4))
    for number, day, time in (
        (one, 27, "09:00"),
        (two, 26, "15:00"),
        (three, 26, "09:30"),
        (four, 25, "16:00"),
    ):
        typed = ON_SITE | {"session_on": f"2026-11-{day}", "session_at": time}
        assert sent(client, number, **typed).status_code == 303
    matters.city.clock.move(days=2)
    client = client_as("handler")
    found = desk_order(client.get("/mediation").text)
    assert found == [("past", four), ("today", three), ("today", two), ("ahead", one)]
    assert desk_order(client_as("head").get("/mediation?tab=unit").text) == found
    assert desk_order(client.get("/mediation?tab=tasks").text) == []
    few, _page = queries_of(matters.city, lambda: client.get("/mediation"))
    for number in (matters.in_state("mediating") for _ in range(3)):
        sent(client, number, **(ON_SITE | {"session_on": "2026-11-30"}))
    many, page = queries_of(matters.city, lambda: client.get("/mediation"))
    assert len(desk_order(page.text)) == 7
    assert many <= few


def test_the_held_session_fills_from_the_arranged_one(
    matters: Matters, number: str, client_as: SignIn
) -> None:
    sent(client_as("handler"), number, **ON_SITE)
    matters.city.clock.move(days=3)
    client = client_as("handler")
    page = client.get(f"/mediation/{number}/session").text
    assert 'value="2026-11-26"' in page
    assert 'value="现场，米公市场监管所调解室"' in page
    typed = {"held_on": "2026-11-26", "place": "米公", "outcome": "adjourned", "notes": "双方各让一步"}
    assert post(client, f"/mediation/{number}/session", **(fields(page) | typed)).status_code == 303
    assert planned(matters, number) == ""
    assert sent(client, number, **(ON_SITE | {"session_on": "2026-11-30"})).status_code == 303


def test_a_moved_session_is_an_event_with_its_reason(
    matters: Matters, number: str, client_as: SignIn
) -> None:
    client = client_as("handler")
    sent(client, number, **ON_SITE)
    moved = TOLD | {
        "change": "moved",
        "reason": "商家当天有检查",
        "session_on": "2026-11-27",
        "session_at": "10:00",
        "session_way": "video",
        "session_place": "",
    }
    answer = sent(client, number, "change", **moved)
    assert answer.status_code == 303, answer.text
    assert planned(matters, number) == "2026-11-27 10:00 video"
    assert "已改到：2026-11-27 (周五) 10:00" in client.get(f"/matters/{number}").text
    (text,) = notices(matters, "notice.session_changed")
    assert "改在2026年11月27日10:00进行，方式：音频、视频。" in text
    assert "原因：商家当天有检查。" in text
    assert "商家当天有检查" in client.get(f"/matters/{number}").text


def test_a_called_off_session_leaves_no_time(matters: Matters, number: str, client_as: SignIn) -> None:
    client = client_as("handler")
    sent(client, number, **ON_SITE)
    typed = {
        "change": "called_off",
        "reason": "投诉人住院",
        "session_way": "on_site",
        "session_place": "米公",
    }
    assert sent(client, number, "change", **typed).status_code == 303
    assert "调解已取消" in client.get(f"/matters/{number}").text
    known = json.loads(matters.standing(number).row["vars"])
    assert {name: known[name] for name in known if name.startswith("session_")} == dict.fromkeys(
        ("session_on", "session_at", "session_way", "session_place")
    )
    assert "取消" in notices(matters, "notice.session_changed")[0]
    assert 'name="change"' not in client.get(f"/mediation/{number}/change").text


@pytest.mark.parametrize("change", ["moved", ""])
def test_a_change_says_what_it_is(matters: Matters, number: str, client_as: SignIn, change: str) -> None:
    client = client_as("handler")
    sent(client, number, **ON_SITE)
    answer = sent(client, number, "change", change=change, reason="天气")
    assert answer.status_code == 422
    assert ('id="session_on-e"' if change else 'id="change-e"') in answer.text
    assert planned(matters, number).startswith("2026-11-26")


def test_it_can_be_called_off_while_a_challenge_is_open_or_goods_are_tested(
    matters: Matters, client_as: SignIn
) -> None:
    client = client_as("handler")
    for step in (CHALLENGE, APPRAISE):
        number = matters.in_state("mediating")
        sent(client, number, **ON_SITE)
        matters.walk(number, step)
        typed = {"change": "called_off", "reason": "先等结果"}
        assert sent(client, number, "change", **typed).status_code == 303, step


def test_a_session_is_recorded_while_goods_are_tested(
    matters: Matters, number: str, client_as: SignIn
) -> None:
    """It was held in the morning, and the goods were sent away in the afternoon."""
    client = client_as("handler")
    sent(client, number, **ON_SITE | {"session_on": "2026-11-24", "session_at": "10:30"})
    matters.walk(number, APPRAISE)
    held = {"held_on": "2026-11-24", "place": "米公", "outcome": "adjourned", "notes": "双方同意送检"}
    assert sent(client, number, "session", **held).status_code == 303
    assert (planned(matters, number), matters.standing(number).state) == ("", "appraising")


@pytest.mark.parametrize("step", [AGREE, TERMINATE])
def test_the_end_of_the_mediation_leaves_no_session(
    matters: Matters, number: str, client_as: SignIn, step
) -> None:
    client = client_as("handler")
    sent(client, number, **ON_SITE)
    matters.walk(number, step)
    assert planned(matters, number) == ""
    assert desk_order(client.get("/mediation").text) == []


def test_only_the_owner_arranges(matters: Matters, number: str, client_as: SignIn) -> None:
    page = client_as("head").get(f"/mediation/{number}/arrange").text
    assert 'name="session_on"' not in page
    assert client_as("other_handler").get(f"/mediation/{number}/arrange").status_code == 404


def test_no_warning_while_the_clock_stands_still(matters: Matters, number: str, client_as: SignIn) -> None:
    """Appraisal time is not counted (SAMR Order 121, art. 22): nobody knows the last day yet."""
    client = client_as("handler")
    sent(client, number, **ON_SITE)
    matters.walk(number, APPRAISE)
    day = (matters.city.clock.today() + timedelta(days=90)).isoformat()
    typed = (
        TOLD | WHEN | {"change": "moved", "reason": "等检测报告", "session_on": day, "session_place": "米公"}
    )
    assert sent(client, number, "change", **typed).status_code == 303
    desk = client.get("/mediation").text
    assert day in desk
    assert "晚于调解期限" not in desk
