"""The operator's page: what is typed becomes a complaint, once, or comes back with a sentence."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from complaints.web.models import Draft
from tests.bureau import DESK, Bureau, SignIn, post
from tests.complaints.registering import CALL, form_key, matters_in
from workflows.runtime.tables import deadline, instance


def register(client: FlaskClient, **changed: Any) -> TestResponse:
    """Fill the page in and send it."""
    return post(client, "/hotline", **(CALL | {"idempotency_key": form_key(client, "/hotline")} | changed))


def test_everything_said_is_kept(client_as: SignIn, city: Bureau) -> None:
    answer = register(client_as("operator"))
    assert answer.status_code == 303, answer.text
    [matter] = matters_in(city.database)
    assert answer.location == f"/hotline/registered/{matter.number}"
    assert (matter.channel, matter.facts, matter.title) == ("phone", CALL["facts"], CALL["title"])
    assert matter.happened_on is not None
    assert (matter.happened_on.isoformat(), matter.amount_fen) == ("2026-10-18", 329_900)
    assert (matter.category_code, matter.problem_code) == ("G05", "P02")
    assert (matter.demands, matter.evidence) == (["exchange", "compensation"], ["invoice"])
    assert (matter.consent_publish, matter.consent_entrust) == (True, False)
    assert matter.notice_version == "2026-1"
    consumer, merchant = matter.consumer, matter.merchant
    assert consumer is not None
    assert merchant is not None
    assert (consumer.name, consumer.phone, consumer.gender) == ("周慧敏", "13800138000", "female")
    assert (consumer.address, consumer.reply_channel) == ("樊城区汉江街道", "sms")
    assert (merchant.name, merchant.address) == ("襄阳云栖家电有限公司", "樊城区汉水桥路 88 号")


def test_it_lies_at_the_desk_and_counts_from_today(client_as: SignIn, city: Bureau) -> None:
    register(client_as("operator"))
    with city.database.reading() as session:
        row = session.execute(select(instance)).mappings().one()
        due = session.execute(select(deadline.c.legal_due).where(deadline.c.clock == "accept_decision"))
        assert due.scalar_one().isoformat() == "2026-12-03"
    operator = city.person_ids["operator"]
    assert (row["owner_id"], row["first_responder_id"]) == (operator, operator)
    assert (row["unit_path"], row["state"]) == (DESK, "registered")


def test_no_personal_value_lies_readable_in_the_database(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    post(client, "/drafts/hotline.call", **CALL)
    register(client, id_type="id_card", id_number="11010519491231002X")
    with city.database.reading() as session:
        rows = [str(tuple(row)) for row in session.execute(text("SELECT * FROM consumer"))]
        rows += [str(tuple(row)) for row in session.execute(text("SELECT * FROM wf_event"))]
        rows += [str(tuple(row)) for row in session.execute(text("SELECT * FROM draft"))]
    assert len(rows) > 1
    for secret in ("13800138000", "8000", "11010519491231002X", "周慧敏", "汉江街道"):
        assert not [row for row in rows if secret in row], secret


def test_a_double_click_registers_once(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    key = form_key(client, "/hotline")
    first = register(client, idempotency_key=key)
    second = register(client, idempotency_key=key)
    assert first.location == second.location
    assert len(matters_in(city.database)) == 1


def test_a_used_page_sent_with_other_words_says_so(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    key = form_key(client, "/hotline")
    register(client, idempotency_key=key)
    answer = register(client, idempotency_key=key, name="周国强")
    assert answer.status_code == 409
    assert 'value="周国强"' in answer.text
    assert f'value="{key}"' not in answer.text
    assert len(matters_in(city.database)) == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("phone", "1380013800"),
        ("phone", "1' OR 1=1"),
        ("name", ""),
        ("name", "周" * 41),
        ("facts", "  "),
        ("facts", "很" * 5001),
        ("merchant_name", ""),
        ("merchant_address", ""),
        ("merchant_code", "9" * 19),
        ("happened_on", "2026-11-25"),
        ("happened_on", "2026-02-30"),
        ("happened_on", "昨天"),
        ("amount", "12.345"),
        ("amount", "-5"),
        ("amount", "1e9"),
        ("amount", "99999999999999"),
        ("demands", []),
        ("demands", ["revenge"]),
        ("category", "G00"),
        ("gender", "x"),
        ("id_number", "110105194912310021"),
        ("evidence", ["none", "invoice"]),
        ("notice_read", ""),
    ],
)
def test_what_cannot_be_read_comes_back_with_a_sentence(
    client_as: SignIn, city: Bureau, field: str, typed: Any
) -> None:
    changed = {field: typed} | ({"id_type": "id_card"} if field == "id_number" else {})
    if field == "notice_read":
        changed = {"notice_read": []}
    answer = register(client_as("operator"), **changed)
    assert answer.status_code == 422
    assert f'id="{field}-e"' in answer.text
    assert CALL["facts"] in answer.text or field == "facts"
    assert "13800138000" in answer.text.replace(" ", "") or field == "phone"
    assert not matters_in(city.database)
    with city.database.reading() as session:
        assert session.scalar(select(Draft.form)) == "hotline.call"


def test_email_is_kept_encrypted_and_only_where_it_was_wished(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    answer = register(client, reply_channel="email", email=" ZhouHM@QQ.com ")
    assert answer.status_code == 303, answer.text
    register(client, reply_channel="phone", email="other@qq.com")
    first, second = (matter.consumer for matter in matters_in(city.database))
    assert first is not None
    assert second is not None
    assert (first.reply_channel, first.email) == ("email", "ZhouHM@qq.com")
    assert (second.reply_channel, second.email) == ("phone", "")
    with city.database.reading() as session:
        rows = [str(tuple(row)) for row in session.execute(text("SELECT * FROM consumer"))]
    assert not [row for row in rows if "qq.com" in row or "ZhouHM" in row]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "要发到哪个电子邮箱"), ("zhou", "不是电子邮箱地址"), ("z" * 255 + "@qq.com", "最多 254 个字符")],
)
def test_email_is_asked_for_and_checked(client_as: SignIn, city: Bureau, typed: str, sentence: str) -> None:
    answer = register(client_as("operator"), reply_channel="email", email=typed)
    assert answer.status_code == 422
    [told] = re.findall(r'<div id="email-e">(.*?)</div>', answer.text, re.DOTALL)
    assert sentence in told
    assert told.count("<p") == 1
    assert not matters_in(city.database)


@pytest.mark.parametrize("typed", ["12345", "12315", "110", "4008001234"])
def test_a_service_number_is_not_the_callers(client_as: SignIn, city: Bureau, typed: str) -> None:
    client = client_as("operator")
    answer = register(client, phone=typed)
    assert answer.status_code == 422
    assert "服务号码" in answer.text
    assert "号码填完后显示" in post(client, "/hotline/caller", phone=typed).text
    assert not matters_in(city.database)


def test_a_landline_with_its_area_code_is_the_callers(client_as: SignIn, city: Bureau) -> None:
    assert register(client_as("operator"), phone="0710-3512345 转 8").status_code == 303
    consumer = matters_in(city.database)[0].consumer
    assert consumer is not None
    assert consumer.phone == "0710-3512345-8"


def test_signs_no_keyboard_types_are_left_out(client_as: SignIn, city: Bureau) -> None:
    answer = register(
        client_as("operator"), facts="坏了\x00\x08。", name="周\x00慧敏", happened_on="２０２６-10-18"
    )
    assert answer.status_code == 303, answer.text
    assert matters_in(city.database)[0].facts == "坏了。"


def test_without_a_title_the_first_words_are_one(client_as: SignIn, city: Bureau) -> None:
    register(client_as("operator"), title="", facts="冰箱不制冷。店里说只能修。")
    assert matters_in(city.database)[0].title == "冰箱不制冷"


def test_without_an_address_the_identity_is_not_known(client_as: SignIn, city: Bureau) -> None:
    register(client_as("operator"), address="")
    with city.database.reading() as session:
        assert '"identity_known":false' in session.scalars(select(instance.c.vars)).one()


def test_the_number_is_shown_to_read_out(client_as: SignIn) -> None:
    client = client_as("operator")
    answer = client.get(register(client).location)
    assert answer.status_code == 200
    assert "420600-20261124-00001-" in answer.text
    assert "2026-12-03" in answer.text


@pytest.mark.parametrize("username", ["handler", "supervisor", "station", "system_admin"])
def test_only_operators_come_in(client_as: SignIn, username: str) -> None:
    client = client_as(username)
    assert client.get("/hotline").status_code == 403
    assert post(client, "/hotline/caller", phone="13800138000").status_code == 403
    assert post(client, "/registration/merchants", merchant_name="云").status_code == 403


def test_a_doubtful_credit_code_is_kept_and_warned_of(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    answer = register(client, merchant_code="91420600MA4900001X")
    assert answer.status_code == 303
    merchant = matters_in(city.database)[0].merchant
    assert merchant is not None
    assert merchant.uscc == "91420600MA4900001X"
    assert "校验码不符。已按所填保存。" in client.get(answer.location).text


def test_a_refused_credit_code_is_not_said_to_be_saved(client_as: SignIn) -> None:
    client = client_as("operator")
    answer = register(client, merchant_code="91420600MA4900001X9")
    assert answer.status_code == 422
    assert "统一社会信用代码为 18 位：请核对，或者留空" in answer.text
    for said in ("校验码", "已按所填保存", "19 位"):
        assert said not in answer.text, "one sentence, not two that contradict each other"
