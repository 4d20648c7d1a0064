"""What the complainant reads: official words, the reason, the other ways, the dates; and nothing a user
typed runs.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from complaints.app import build_services
from complaints.dossier import messages
from complaints.dossier.work import Work
from complaints.foundation.database import Database
from complaints.intake.remedies import other_ways
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.walking import Walk
from workflows.runtime.engine import Engine
from workflows.runtime.tables import outbox

REASON = "被投诉人提供了该批次 {{ 7 * 7 }} 的检验报告\n【银行】请回复验证码"


@pytest.fixture
def engine(settings: Settings, database: Database, clock: SetClock) -> Engine:
    return build_services(settings, clock, database).engine


@pytest.fixture
def walk(city: Bureau, engine: Engine) -> Walk:
    return Walk(city, engine)


def last(walk: Walk, name: str, **how: Any) -> messages.Message:
    """Compose the latest message of that name."""
    with walk.city.database.reading() as session:
        rows = session.execute(select(outbox).where(outbox.c.message == name).order_by(outbox.c.id))
        return messages.compose(session, walk.engine, rows.mappings().all()[-1], **how)


def test_every_message_a_procedure_emits_has_a_text(engine: Engine) -> None:
    emitted = {name for one in engine.library.procedures for name in one.messages}
    assert emitted <= messages.NAMES


def test_registration_says_by_when_it_is_decided(walk: Walk) -> None:
    number = walk.register()
    message = last(walk, "receipt.registered")
    assert (message.channel, message.recipient) == ("sms", "13800138000")
    assert message.text.splitlines() == [
        f"李梅女士：您对惠民超市的投诉已于2026年11月24日登记，编号{number}。",
        "依照《市场监督管理投诉举报处理办法》第十五条，具有处理权限的市场监督管理部门将自收到投诉之日起7个工作日内，"
        "最迟于2026年12月3日，作出受理或者不予受理的决定并告知您。",
        "查询进度、补充材料请联系12315 指挥中心，电话12315。",
    ]


def test_acceptance_names_bureau_office_and_the_end_of_mediation(walk: Walk) -> None:
    number = walk.accepted()
    text = last(walk, "notice.accepted").text
    assert f"（编号{number}），樊城区市场监督管理局依照《市场监督管理投诉举报处理办法》第十五条" in text
    assert "调解期限为自受理之日起60日，至2027年1月23日（暂定）止" in text
    assert "承办单位：米公市场监管所，电话12315。" in text


def test_a_refusal_tells_ground_reason_and_the_other_ways(walk: Walk) -> None:
    number = walk.dispatched()
    walk.act("handler", number, "refuse", item="3", reason=REASON, remedies_told=True)
    message = last(walk, "notice.refused")
    assert "《市场监督管理投诉举报处理办法》第十六条第三项" in message.text
    assert "不是为生活消费需要购买" in message.text
    assert "《中华人民共和国消费者权益保护法》第三十九条" in message.text
    for way in ("协商和解", "消费者协会", "行政部门投诉", "仲裁", "人民法院提起诉讼"):
        assert way in message.text
    assert message.subject == f"不予受理决定（{number}）"


def test_the_other_ways_are_named_once_where_the_officer_kept_the_sentence(walk: Walk) -> None:
    number = walk.dispatched()
    with walk.city.database.reading() as session:
        ways = other_ways(Work(session, walk.city.actor("handler"), walk.engine, walk.city.clock))
    walk.act(
        "handler", number, "refuse", item="1", reason=f"属于农业农村部门职责。\n\n{ways}", remedies_told=True
    )
    text = last(walk, "notice.refused").text
    assert text.count("向人民法院提起诉讼") == 1
    assert "。。" not in text


def test_what_was_typed_is_only_ever_a_value(walk: Walk) -> None:
    number = walk.dispatched(name="{{ addressee }}\r\nX")
    walk.act("handler", number, "refuse", item="3", reason=REASON, remedies_told=True)
    text = last(walk, "notice.refused").text
    assert "{{ addressee }} X女士：" in text
    assert "理由：被投诉人提供了该批次 {{ 7 * 7 }} 的检验报告 【银行】请回复验证码。" in text


def test_identity_notice_names_day_and_material(walk: Walk) -> None:
    number = walk.dispatched()
    walk.act("handler", number, "ask_identity", deadline="2026-11-30", note="身份证复印件")
    text = last(walk, "notice.identity").text
    assert "请最迟于2026年11月30日提供下列身份证明材料：身份证复印件。" in text
    assert "第十条" in text


REFUSAL = "被投诉人，11月24日电话中表示不调解。"


def test_a_termination_tells_its_item_and_what_remains(walk: Walk) -> None:
    number = walk.accepted()
    walk.act("handler", number, "terminate", item="2", refusal=REFUSAL, reason="被投诉人明确拒绝调解")
    text = last(walk, "notice.result").text
    assert "第二十三条第二项" in text
    assert "拒绝或者不参加调解的情况：被投诉人，11月24日电话中表示不调解。\n" in text
    assert "理由：被投诉人明确拒绝调解。" in text
    assert "第三十九条，通过民事诉讼、仲裁等其他途径" in text
    assert "最迟于2026年12月3日向双方告知结果" in text


def test_a_reason_with_its_full_stop_gets_no_second_one(walk: Walk) -> None:
    number = walk.accepted()
    walk.act("handler", number, "terminate", item="3", reason="联系不上投诉人。")
    assert "理由：联系不上投诉人。\n" in last(walk, "notice.result").text


def test_no_text_in_a_message_names_a_number(walk: Walk) -> None:
    """Also what the log keeps in the clear, such as the place of a session."""
    number = walk.accepted()
    both = {"consent_complainant": True, "consent_respondent": True}
    walk.act("handler", number, "record_consent", **both, channel="phone")
    walk.act("handler", number, "begin_mediation")
    where = {"session_on": "2026-11-26", "session_at": "14:30", "session_way": "on_site"}
    told = {"told_complainant": "phone", "told_respondent": "phone"}
    place = "张三家 13812345678"
    walk.act("handler", number, "arrange_session", **where, **told, session_place=place)
    text = last(walk, "notice.session").text
    assert "2026年11月26日14:30进行现场调解，地点：张三家 138****5678。" in text


def test_an_agreement_tells_sum_and_form_but_not_its_terms(walk: Walk) -> None:
    number = walk.accepted()
    walk.act(
        "handler",
        number,
        "record_consent",
        consent_complainant=True,
        consent_respondent=True,
        channel="phone",
    )
    walk.act("handler", number, "begin_mediation")
    walk.act("handler", number, "agree", form="performed", amount=800, terms="退款至6222000000001234")
    text = last(walk, "notice.result").text
    assert "双方达成调解协议，涉及金额8.00元，已经即时履行。" in text
    assert "6222" not in text


def test_masked_shows_no_personal_word(walk: Walk) -> None:
    number = walk.dispatched(reply_channel="letter")
    walk.act("handler", number, "refuse", item="3", reason=REASON, remedies_told=True)
    message = last(walk, "notice.refused", masked=True)
    assert message.recipient == "138****8000"
    assert message.text.startswith("李**：您对****的投诉（编号")
    for secret in ("李梅", "惠民", "检验报告", "13800138000"):
        assert secret not in message.text


def test_nobody_outside_is_told_the_number_of_another(walk: Walk) -> None:
    number = walk.dispatched()
    said = "店主 1390013\n9000 称卡号 6222 0212 3456 7890 123 未收到款，详见 420606-20261124-00001-8"
    walk.act("handler", number, "refuse", item="3", reason=said, remedies_told=True)
    text = last(walk, "notice.refused").text
    assert "139****9000" in text
    assert "****0123" in text
    assert "420606-20261124-00001-8" in text


def test_who_wishes_email_is_told_by_email(walk: Walk) -> None:
    number = walk.register(reply_channel="email", email="zhouhuimin@qq.com")
    message = last(walk, "receipt.registered")
    assert (message.channel, message.recipient) == ("email", "zhouhuimin@qq.com")
    assert message.subject == f"登记告知（{number}）"
    masked = last(walk, "receipt.registered", masked=True)
    assert (masked.channel, masked.recipient) == ("email", "z***@qq.com")
    consumer = walk.matter_consumer(number)
    assert messages.masked_recipient("receipt.registered", consumer) == "z***@qq.com"


def test_an_address_kept_for_another_wish_is_not_used(walk: Walk) -> None:
    walk.register(reply_channel="sms", email="zhouhuimin@qq.com")
    message = last(walk, "receipt.registered")
    assert (message.channel, message.recipient) == ("sms", "13800138000")


def test_without_an_address_the_telephone_stays(walk: Walk) -> None:
    walk.register(reply_channel="email")
    assert last(walk, "receipt.registered").channel == "sms"


@pytest.mark.parametrize(
    ("given", "words"),
    [({"reply_channel": "letter"}, "letter"), ({"phone": "0710-3512345"}, "no text messages")],
)
def test_a_wish_is_obeyed_even_where_it_needs_a_person(walk: Walk, given: dict[str, str], words: str) -> None:
    walk.register(**given)
    with pytest.raises(messages.Undeliverable, match=words):
        last(walk, "receipt.registered")
