"""A limit on paper: what a court asks for, the same as the command line counts, and the same years later."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient

from complaints.commands.working import Worker
from config import Settings
from tests.bureau import Bureau, SetClock, SignIn
from tests.complaints.commands.running import run
from tests.factories import ACCEPT, APPRAISE, BEGIN, CONSENT, TELL_DECISION, filled
from tests.walking import Walk
from workflows.calendars.holiday_files import read_holiday_text
from workflows.runtime.calendar_table import load_years

NOTICE = b"""
year: 2027
source: {title: "\xe8\xaf\x95\xe9\xaa\x8c\xe9\x80\x9a\xe7\x9f\xa5"}
days_off:
  - {date: 2027-01-01, name: x, statutory: true}
  - {date: 2027-01-23, name: x, statutory: true}
"""


@pytest.fixture
def walk(city: Bureau, client_as: SignIn) -> Walk:
    return Walk(city, client_as.services.engine)


def load(walk: Walk, client_as: SignIn, clock: SetClock, notice: bytes = NOTICE) -> None:
    with walk.city.database.writing() as session:
        load_years(session.connection(), [read_holiday_text(notice, "x")], clock.now_us())
    clock.move(minutes=3)
    Worker(client_as.services, lambda _line: None).drain()


def printed(client: FlaskClient, number: str, clock: str) -> str:
    matter = client.get(f"/matters/{number}").text
    found = re.search(rf'href="(/matters/{number}/clocks/{clock}-[0-9]+/print)"', matter)
    assert found is not None, "each clock of the page leads to its paper"
    answer = client.get(found[1])
    assert answer.status_code == 200
    return answer.text


def days_of(page: str) -> list[tuple[str, str]]:
    """Return day and running number of each line."""
    table = page[page.index('class="table in tight days"') :]
    found = re.findall(
        r'<th scope="row" class="num">(\d{4}-\d\d-\d\d)[^<]*</th><td class="r num">([^<]+)<', table
    )
    return [(day, "" if number == "–" else number) for day, number in found]


def counted(settings: Settings, page: str) -> list[tuple[str, str]]:
    """Run the command that the paper names, and return its lines likewise."""
    command = html.unescape(re.search(r"cli (calendar due [^<]+)<", page)[1]).split()  # type: ignore[index]
    done = run(settings, *command, "--json")
    assert done.exit_code == 0, done.output
    return [(one["date"], str(one["number"] or "")) for one in json.loads(done.stdout)["days"]]


def test_the_paper_tells_rule_events_days_notices_and_how_to_check(
    walk: Walk, client_as: SignIn, settings: Settings
) -> None:
    number = walk.accepted()
    page = printed(client_as("handler"), number, "mediation")
    for words in (
        "市场监督管理投诉举报处理办法",
        "2027-01-23",
        "暂定",
        "期限开始",
        "打印人",
        "日历",
        "放假通知尚未公布",
    ):
        assert words in page
    head = re.search(r'<code class="hash">([0-9a-f]{64})</code>', page)
    assert head is not None
    assert len(days_of(page)) == 61
    assert days_of(page) == counted(settings, page)
    verify = re.search(r"cli (log verify --instance \d+)", page)
    assert verify is not None
    assert run(settings, *verify[1].split()).exit_code == 0


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2012, 3, 1), "该规章全文未核对"),
        (date(2023, 3, 1), "该规章没有关于期间计算的条款"),
        # beside Order 20 binds the Regulation (State Council Order 778), whose text was not read
        (date(2025, 3, 3), "该规章全文未核对"),
        (date(2026, 4, 20), "《市场监督管理投诉举报处理办法》第四十五条"),
    ],
)
def test_the_first_day_is_left_out_by_the_rules_of_the_clocks_own_time(
    walk: Walk, client_as: SignIn, clock: SetClock, day: date, words: str
) -> None:
    clock.at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
    number, handler = walk.accepted(), client_as("handler")
    page = printed(handler, number, "mediation")
    assert f"开始之日，不计入（{words}" in page
    assert ("第四十五条" in page) is (day.year == 2026)


def test_a_limit_of_the_offices_own_cites_no_article_for_its_first_day(walk: Walk, client_as: SignIn) -> None:
    number = walk.accepted()
    walk.act("handler", number, "terminate", item="3", reason="双方明确表示无法达成协议")
    page = printed(client_as("handler"), number, "close_file")
    assert "内部要求：告知并归档的期限" in page
    assert "开始之日，不计入" in page
    assert "第四十五条" not in page


def test_a_clock_counted_by_an_earlier_calendar_is_still_proven_by_that(
    walk: Walk, client_as: SignIn, clock: SetClock, settings: Settings
) -> None:
    """One mediation is terminated before the notice comes, one runs on: the first stays as it was counted."""
    ended, running = walk.accepted(), walk.accepted()
    handler = client_as("handler")
    before = printed(handler, running, "mediation")
    walk.act("handler", ended, "terminate", item="3", reason="双方明确表示无法达成协议")
    old = paper_of_ended(handler, ended)
    load(walk, client_as, clock)
    assert days_of(paper_of_ended(handler, ended)) == days_of(old)
    assert "此前已经终结" in paper_of_ended(handler, ended)
    after = printed(handler, running, "mediation")
    assert days_of(after) != days_of(before)
    assert days_of(after) == counted(settings, after)
    assert days_of(before) == counted(settings, before), "the earlier paper can be counted again"
    assert "重新计算：法定到期日 2027-01-23 (周六) → 2027-01-24 (周日)，由暂定转为确定" in after
    assert "不符" not in before + after


def test_a_limit_met_before_a_provisional_end_is_in_time_for_good(
    walk: Walk, client_as: SignIn, clock: SetClock
) -> None:
    """Nothing counts it again: its day keeps the mark, how it stands bears none."""
    clock.move(days=34)  # 28 December: seven working days reach into a year without a notice
    number = walk.dispatched()
    handler = client_as("handler")
    before = printed(handler, number, "accept_decision")
    assert "暂定</span>" in before
    assert "通知载入后本期限重新计算" in before
    for who, action, said in (ACCEPT, TELL_DECISION):
        walk.act(who, number, action, **filled(walk.city, said))
    cards = handler.get(f"/matters/{number}").text
    card = cards[cards.index('id="clock-accept_decision') :]
    stands, _end, day = card[: card.index("</div>")].partition("完成")
    assert "按时" in stands
    assert "暂定" not in stands
    assert "（暂定）" in day
    after = printed(handler, number, "accept_decision")
    assert "暂定</span>" in after
    assert "通知载入后本期限重新计算" not in after


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_the_paper_and_the_timeline_name_the_date_that_moved(
    walk: Walk, client_as: SignIn, clock: SetClock, language: str
) -> None:
    """One mediation keeps its legal end and is to be done earlier; the other only becomes final."""
    settled = walk.accepted()
    clock.move(days=2)
    earlier = walk.accepted()
    off = NOTICE.replace(b"2027-01-23, name: x, statutory: true", b"2027-01-25, name: x")
    load(walk, client_as, clock, off)
    handler = client_as("handler")
    with handler.session_transaction() as session:
        session["language"] = language
    zh = language != "en"
    moved = (
        "提醒日 2027-01-25 (周一) → 2027-01-22 (周五)，由暂定转为确定"
        if zh
        else "work to 2027-01-25 (Mon) → 2027-01-22 (Fri), final now"
    )
    kept = "法定到期日 2027-01-23 (周六)，由暂定转为确定" if zh else "legal limit 2027-01-23 (Sat), final now"
    for number, words in ((earlier, moved), (settled, kept)):
        assert f"{'重新计算：' if zh else 'counted again: '}{words}" in printed(handler, number, "mediation")
        assert words in handler.get(f"/matters/{number}").text


def test_the_paper_says_whether_a_newer_calendar_was_heeded(
    walk: Walk, client_as: SignIn, clock: SetClock
) -> None:
    """One limit stands still, one ends before the new notice matters, one is not counted again yet."""
    paused, running = walk.accepted(), walk.accepted()
    for who, action, said in (CONSENT, BEGIN, APPRAISE):
        walk.act(who, paused, action, **filled(walk.city, said))
    with walk.city.database.writing() as session:
        load_years(session.connection(), [read_holiday_text(NOTICE, "x")], clock.now_us())
    clock.move(minutes=3)
    handler = client_as("handler")
    assert "正在按现行日历重新计算" in printed(handler, running, "mediation")
    assert "恢复计算时按现行日历计算" in printed(handler, paused, "mediation")
    assert "按现行日历计算，日期不变" in printed(handler, running, "accept_decision")


def paper_of_ended(client: FlaskClient, number: str) -> str:
    for seq in range(1, 12):
        answer = client.get(f"/matters/{number}/clocks/mediation-{seq}/print")
        if answer.status_code == 200:
            return answer.text
    raise AssertionError("the ended clock has no paper")


def test_while_the_clock_stands_still_the_days_are_those_as_if_it_went_on(
    walk: Walk, client_as: SignIn, clock: SetClock, settings: Settings
) -> None:
    number = walk.accepted()
    for who, action, said in (CONSENT, BEGIN, APPRAISE):
        walk.act(who, number, action, **filled(walk.city, said))
    clock.move(days=10)
    page = printed(client_as("handler"), number, "mediation")
    assert "委 2026-018" in page
    assert "自2026-11-24 (周二)起中止计算" in page
    assert days_of(page) == counted(settings, page)
    assert days_of(page)[-1][1] == "60"
    assert "在此之前，记录的到期日为2027-01-23" in page
    # whoever reads the dates has read before them what they hang on
    assert page.index("以下按明日恢复计时推算") < page.index("<dt>名义到期日</dt>")


def test_the_card_of_a_clock_that_stands_still_shows_no_end_that_holds_no_more(
    walk: Walk, client_as: SignIn, clock: SetClock
) -> None:
    number = walk.accepted()
    for who, action, said in (CONSENT, BEGIN, APPRAISE):
        walk.act(who, number, action, **filled(walk.city, said))
    clock.move(days=10)
    handler = client_as("handler")
    card = re.search(
        r'<div class="ck[^>]*id="clock-mediation-\d+">.*?</div>', handler.get(f"/matters/{number}").text, re.S
    )
    assert card is not None
    # the ten days up to today are not counted
    assert "如果明日恢复计时：提醒日 " in card[0]
    assert "法定到期日 2027-02-02 (周二)" in card[0]
    assert "2027-01-23" not in card[0]
    assert "<b>2027-02-02 (周二)</b>" in printed(handler, number, "mediation")


def test_who_may_not_see_the_matter_gets_no_paper(walk: Walk, client_as: SignIn) -> None:
    number = walk.accepted()
    handler = client_as("handler")
    path = re.search(
        rf"/matters/{number}/clocks/mediation-[0-9]+/print", handler.get(f"/matters/{number}").text
    )
    assert path is not None
    assert client_as("system_admin").get(path[0]).status_code == 403
    assert client_as("station").get(path[0]).status_code == 404
    assert handler.get(f"/matters/{number}/clocks/mediation-99/print").status_code == 404
