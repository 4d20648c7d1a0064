"""Complaints of 2011, of 2025 and of the week in which the rules changed, from registration to the end.

The bureau's clock is set to their days. Each is decided, mediated and ended by the rules of its own time, and
the pages cite those.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from complaints.dossier.refusals import Denied
from tests.bureau import Bureau, SignIn, post
from tests.complaints.mediation.pages import fields
from tests.walking import Walk
from workflows.runtime.tables import deadline, instance


@pytest.fixture
def walk(city: Bureau, client_as: SignIn) -> Walk:
    return Walk(city, client_as.services.engine)


def go_to(city: Bureau, day: date, hour: int = 2) -> None:
    """Set the bureau's clock to ten in the morning of the day (Asia/Shanghai), or another hour of UTC."""
    city.clock.at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def clocks(city: Bureau) -> dict[str, tuple[str, int, str, date]]:
    """Return, by clock, the rule set, the number and unit of days, and the nominal last day."""
    with city.database.reading() as session:
        rows = session.execute(select(deadline).order_by(deadline.c.id)).mappings()
        return {row["clock"]: (row["rule_set"], row["n"], row["unit"], row["nominal"]) for row in rows}


def version(city: Bureau, number: str, walk: Walk) -> int:
    with city.database.reading() as session:
        found = select(instance.c.version).where(
            instance.c.subject_type == "matter", instance.c.subject_id == walk.matter(number).id
        )
        return int(session.scalars(found).one())


def mediate(walk: Walk, number: str) -> None:
    walk.act(
        "handler",
        number,
        "record_consent",
        consent_complainant=True,
        consent_respondent=True,
        channel="phone",
    )
    walk.act("handler", number, "begin_mediation")


def tell(walk: Walk, number: str, city: Bureau, what: str = "tell_decision") -> None:
    told = {"channel": "phone", "told_on": city.clock.today().isoformat()}
    proofs = ("proof",) if what == "tell_decision" else ("proof_complainant", "proof_respondent")
    walk.act("handler", number, what, **told, **dict.fromkeys(proofs, "通话录音"))


def test_an_appeal_of_2011_ends_by_the_rules_of_2011(city: Bureau, client_as: SignIn, walk: Walk) -> None:
    go_to(city, date(2011, 3, 7))
    number = walk.dispatched()
    assert version(city, number, walk) == 1
    assert clocks(city)["accept_decision"] == ("order-51", 5, "day", date(2011, 3, 12))
    go_to(city, date(2011, 3, 10))
    walk.act("handler", number, "accept")
    assert clocks(city)["mediation"] == ("order-51", 60, "day", date(2011, 5, 9))
    tell(walk, number, city)
    mediate(walk, number)
    page = client_as("handler").get(f"/matters/{number}").text
    assert "第51号" in page
    assert "《市场监督管理投诉举报处理" not in page
    assert "原文未核对" in page
    go_to(city, date(2011, 4, 6))
    walk.act("handler", number, "agree", form="performed", amount=800, terms="退货退款")
    # nobody had to be told within a number of days, so no clock of the law runs
    assert "tell_result" not in clocks(city)
    tell(walk, number, city, "tell_result")
    walk.act("handler", number, "close")
    go_to(city, date(2011, 4, 8))
    walk.act("supervisor", number, "revisit", grade="satisfied")
    assert walk.matter(number).received_on == date(2011, 3, 7)


def test_a_complaint_of_2025_ends_by_the_earlier_of_two_limits(
    city: Bureau, client_as: SignIn, walk: Walk
) -> None:
    go_to(city, date(2025, 3, 3))
    number = walk.dispatched()
    assert version(city, number, walk) == 2
    assert clocks(city)["accept_decision"] == ("order-20-and-778", 7, "workday", date(2025, 3, 12))
    walk.act("handler", number, "accept")
    # 45 working days would end on 2025-05-08: the sixty days of the Regulation end first
    assert clocks(city)["mediation"] == ("order-20-and-778", 60, "day", date(2025, 5, 2))
    tell(walk, number, city)
    mediate(walk, number)
    with pytest.raises(Denied) as early:
        walk.act("handler", number, "terminate", item="5", reason="没有达成协议")
    [why] = early.value.reasons
    assert why.code == "period_not_over"
    assert why.article is not None
    assert "第二十一条第五项" in why.article.zh
    # only the respondent's refusal ends it under Order 20, and that is item 3
    with pytest.raises(Denied) as unfounded:
        walk.act("handler", number, "terminate", item="3", reason="拒绝调解")
    assert [one.code for one in unfounded.value.reasons] == ["refusal_not_established"]
    go_to(city, date(2025, 4, 30))
    client = client_as("handler")
    form = client.get(f"/matters/{number}/do/terminate").text
    assert "四十五个工作日" in form
    assert "《市场监督管理投诉举报处理暂行办法》第二十一条" in form
    assert "死亡" not in form
    walk.act("handler", number, "terminate", item="5", reason="没有达成协议")
    assert clocks(city)["tell_result"] == ("order-20-and-778", 7, "workday", date(2025, 5, 14))
    tell(walk, number, city, "tell_result")
    walk.act("handler", number, "close")
    page = client.get(f"/matters/{number}?whole=1").text
    assert "四十五个工作日" in page
    assert "投诉举报处理办法》" not in page


def test_a_complaint_that_crosses_is_decided_by_the_old_and_mediated_by_the_new_rules(
    city: Bureau, client_as: SignIn, walk: Walk
) -> None:
    go_to(city, date(2026, 4, 10))
    number = walk.dispatched()
    go_to(city, date(2026, 4, 20))
    client = client_as("handler")
    refusing = client.get(f"/matters/{number}/do/refuse").text
    assert "依法成立的其他调解组织" in refusing
    assert "冒用他人名义" not in refusing
    sent = post(client, f"/matters/{number}/do/refuse", **fields(refusing), item="7")
    assert "不是适用规定中的一项" in sent.text
    walk.act("handler", number, "accept")
    assert version(city, number, walk) == 2
    running = clocks(city)
    assert running["accept_decision"][:3] == ("order-20-and-778", 7, "workday")
    assert running["mediation"] == ("order-121", 60, "day", date(2026, 6, 19))
    ending = client.get(f"/matters/{number}/do/terminate").text
    assert "死亡或者主体资格灭失" in ending
    assert "四十五个工作日" not in ending


def test_a_head_may_have_it_counted_by_the_other_rules_for_a_reason(
    city: Bureau, client_as: SignIn, walk: Walk
) -> None:
    go_to(city, date(2026, 4, 10))
    number = walk.dispatched()
    go_to(city, date(2026, 4, 20))
    walk.act("handler", number, "accept")
    head = client_as("head")
    page = head.get(f"/matters/{number}/do/choose_rule_set").text
    assert 'value="order-20-and-778"' in page
    assert 'value="order-121"' in page
    same = post(
        head, f"/matters/{number}/do/choose_rule_set", **fields(page), rule_set="order-121", reason="x"
    )
    assert same.status_code == 422
    assert "已经按这一规章计算" in same.text
    done = post(
        head,
        f"/matters/{number}/do/choose_rule_set",
        **fields(page),
        rule_set="order-20-and-778",
        reason="收到在先，按收到之日的规定",
    )
    assert done.status_code == 303, done.text
    # sixty days of the Regulation, before 45 working days: the same length by another article
    assert clocks(city)["mediation"] == ("order-20-and-778", 60, "day", date(2026, 6, 19))
    told = head.get(f"/matters/{number}?whole=1").text
    assert "改用另一规章计算调解期限" in told
    assert "国务院令第778号" in told
    assert "收到在先，按收到之日的规定" in told
    # the grounds of ending go with the clock
    assert "四十五个工作日" in client_as("handler").get(f"/matters/{number}/do/terminate").text


def test_who_never_crossed_has_no_other_rules_to_choose(city: Bureau, walk: Walk) -> None:
    go_to(city, date(2025, 3, 3))
    number = walk.accepted()
    with pytest.raises(Denied) as refused:
        walk.act("head", number, "choose_rule_set", rule_set="order-20-and-778", reason="x")
    assert [one.code for one in refused.value.reasons] == ["one_rule_set"]


def appraised(city: Bureau, walk: Walk, number: str, sent: date, back: date) -> None:
    """Send goods to the laboratory and enter its report, each on its own day."""
    go_to(city, sent)
    said = {"commissioned_on": sent.isoformat(), "approved_by": city.person_ids["head"]}
    walk.act("handler", number, "start_appraisal", body="质检所", paper="委 1", **said)
    go_to(city, back)
    ended = {"paper": "报 1", "result_on": back.isoformat(), "result": "不合格"}
    walk.act("handler", number, "finish_appraisal", **ended)


def crossing_2020(city: Bureau, walk: Walk) -> str:
    """Return a complaint received under Order 62 and accepted under Order 20, in mediation."""
    go_to(city, date(2019, 12, 30))
    number = walk.dispatched()
    go_to(city, date(2020, 1, 3))
    walk.act("handler", number, "accept")
    tell(walk, number, city)
    mediate(walk, number)
    return number


def test_what_crosses_into_2020_stands_still_and_is_told_by_order_20(
    city: Bureau, client_as: SignIn, walk: Walk
) -> None:
    number = crossing_2020(city, walk)
    assert version(city, number, walk) == 1
    before = clocks(city)["mediation"]
    assert before[0] == "order-20"
    form = client_as("handler").get(f"/matters/{number}/do/start_appraisal").text
    assert "自这一天起（含当日）停止计算期限" in form
    appraised(city, walk, number, date(2020, 1, 6), date(2020, 2, 20))
    assert clocks(city)["mediation"][3] > before[3]
    page = client_as("handler").get(f"/matters/{number}?whole=1").text
    assert "《市场监督管理投诉举报处理暂行办法》第二十条" in page
    walk.act("handler", number, "agree", form="performed", amount=800, terms="退货退款")
    assert clocks(city)["tell_result"][:3] == ("order-20", 7, "workday")


def test_by_order_62_the_mediation_runs_on_during_an_appraisal(
    city: Bureau, client_as: SignIn, walk: Walk
) -> None:
    go_to(city, date(2019, 5, 6))
    number = walk.dispatched()
    walk.act("handler", number, "accept")
    mediate(walk, number)
    before = clocks(city)["mediation"]
    form = client_as("handler").get(f"/matters/{number}/do/start_appraisal").text
    assert "适用的规章没有停止计算的规定" in form
    assert "自这一天起（含当日）停止计算期限" not in form
    appraised(city, walk, number, date(2019, 5, 8), date(2019, 6, 10))
    assert clocks(city)["mediation"] == before


def test_chosen_rules_that_know_no_pause_count_what_stood_still(
    city: Bureau, client_as: SignIn, walk: Walk
) -> None:
    """Sixty days of Order 62 from the acceptance, and the proof of them agrees."""
    number = crossing_2020(city, walk)
    appraised(city, walk, number, date(2020, 1, 6), date(2020, 1, 20))
    walk.act("head", number, "choose_rule_set", rule_set="order-62", reason="按收到之日的规定")
    assert clocks(city)["mediation"] == ("order-62", 60, "day", date(2020, 3, 3))
    with city.database.reading() as session:
        rows = session.execute(select(deadline).where(deadline.c.clock == "mediation")).mappings()
        (seq,) = {row["opened_seq"] for row in rows}
    client = client_as("handler")
    assert "仍计入期限" in client.get(f"/matters/{number}?whole=1").text
    proof = client.get(f"/matters/{number}/clocks/mediation-{seq}")
    assert proof.status_code == 200
    assert "60" in proof.text
    assert "2020-03-03" in proof.text


def test_commissioned_before_the_legal_end_gives_back_what_was_left(
    city: Bureau, client_as: SignIn, walk: Walk
) -> None:
    """The sixtieth day is a holiday, so the period goes on to 4 October: two days of it were left."""
    go_to(city, date(2026, 8, 3))
    number = walk.dispatched()
    walk.act("handler", number, "accept")
    tell(walk, number, city)
    mediate(walk, number)
    assert clocks(city)["mediation"][3] == date(2026, 10, 2)
    appraised(city, walk, number, date(2026, 10, 3), date(2026, 10, 20))
    with city.database.reading() as session:
        row = session.execute(select(deadline).where(deadline.c.clock == "mediation")).mappings().one()
    assert (row["alert_due"], row["legal_due"]) == (date(2026, 10, 21), date(2026, 10, 21))
    proof = client_as("handler").get(f"/matters/{number}/clocks/mediation-{row['opened_seq']}").text
    assert "送检时尚未用完的期限" in proof


def test_a_choice_of_rules_mends_no_limit_that_has_passed(city: Bureau, walk: Walk) -> None:
    """By Order 62 it ends on 3 March 2020, by Order 20 later: until that day alone may that be chosen."""
    number = crossing_2020(city, walk)
    go_to(city, date(2020, 3, 2))
    walk.act("head", number, "choose_rule_set", rule_set="order-62", reason="按收到之日的规定")
    go_to(city, date(2020, 3, 4))
    with pytest.raises(Denied) as late:
        walk.act("head", number, "choose_rule_set", rule_set="order-20", reason="期限更长")
    [why] = late.value.reasons
    assert (why.code, why.fields) == ("limit_has_passed", ("rule_set",))
    go_to(city, date(2020, 3, 3))
    walk.act("head", number, "choose_rule_set", rule_set="order-20", reason="按受理之日的规定")
    # the earlier end may be chosen at any time
    go_to(city, date(2020, 9, 1))
    walk.act("head", number, "choose_rule_set", rule_set="order-62", reason="按收到之日的规定")
    assert clocks(city)["mediation"][3] == date(2020, 3, 3)
