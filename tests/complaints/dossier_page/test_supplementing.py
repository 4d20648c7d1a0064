"""What the call left out is added later: nothing is overwritten silently, and addresses stay masked."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text

from complaints.dossier import progress
from complaints.dossier.callers import by_phone, find_merchants
from complaints.dossier.completing import what_stands
from complaints.dossier.models import Matter, Merchant
from complaints.dossier.refusals import Denied
from complaints.dossier.registration import ConsumerGiven, MatterGiven, MerchantGiven
from complaints.hotline.actions import register_complaint
from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Person, Unit
from complaints.organisation.roles import Role
from tests.bureau import DESK, OFFICE, Bureau, SignIn, post
from tests.complaints.dossier_page.test_acting import Form
from tests.factories import DISPATCH, PHONE, Matters
from workflows.runtime import event_log, replay

ADDRESS = "襄阳市樊城区人民广场路 9 号 3 单元"
CODE = "91420600MA4900001X"
RIGHT_CODE = "91350100M000100Y43"
"""The example of GB 32100-2015, whose check character fits."""


def stands(matters: Matters, number: str) -> dict[str, object]:
    with matters.city.database.reading() as session:
        return what_stands(session.scalars(select(Matter).where(Matter.number == number)).one())


def a_call(matters: Matters) -> str:
    """Return a complaint of somebody who did not say where he lives, against a merchant of no known code."""
    with matters.work("operator") as work:
        return register_complaint(
            work,
            MatterGiven("冰箱漏水", "冰箱漏水。", demands=("refund",)),
            ConsumerGiven(name="周慧敏", phone="13800138000"),
            MerchantGiven(name="云栖家电", address="汉水桥路"),
            "",
        ).number


def merchants(matters: Matters) -> list[Merchant]:
    """Return the rows of all merchants, oldest first."""
    with matters.reading("supervisor") as work:
        return list(work.session.scalars(select(Merchant).order_by(Merchant.id)))


def last_event(matters: Matters, number: str) -> tuple[event_log.Event, dict[str, str]]:
    """Return the matter's last event with its private texts by field."""
    with matters.reading("supervisor") as work:
        instance_id = matters.standing(number).instance_id
        event = event_log.events_of(work.connection, instance_id)[-1]
        texts = work.engine.private_texts(work.connection, instance_id)
        return event, {field: words for (seq, field), words in texts.items() if seq == event.seq}


def test_the_form_begins_with_what_stands_and_hides_the_address(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    client = client_as("handler")
    assert f'href="/matters/{number}/do/supplement"' in client.get(f"/matters/{number}").text
    page = client.get(f"/matters/{number}/do/supplement").text
    for value in ("襄阳云栖家电有限公司", "3,299.00"):
        assert f'value="{value}"' in page
    for shown in ("樊城区汉江街道汉水桥路 88 号", "襄阳市樊城区****", "138****8000", "陈**"):
        assert f"现为 {shown}；留空则不变" in page
    for secret in ("米公街道 12 号", PHONE, "陈晓民"):
        assert secret not in page
    assert 'value="樊城区' not in page, "an address that is sent with another name would go over to that firm"
    assert "_before" not in page


def test_the_event_keeps_what_stood_before(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    before = stands(matters, number)
    client = client_as("handler")
    form = Form(client, f"/matters/{number}/do/supplement")
    typed = {
        "address": ADDRESS,
        "merchant_name": before["merchant_name"],
        "merchant_address": "樊城区汉江街道汉水桥路 98 号",
        "merchant_code": RIGHT_CODE.lower(),
        "amount": "3,199",
        "note": "来电人回电更正",
    }
    answer = form.send(**typed)
    assert (answer.status_code, answer.location) == (303, f"/matters/{number}")
    assert stands(matters, number) == before | {
        "address": ADDRESS,
        "merchant_name": before["merchant_name"],
        "merchant_code": RIGHT_CODE,
        "merchant_address": "樊城区汉江街道汉水桥路 98 号",
        "amount": 319_900,
    }
    event, texts = last_event(matters, number)
    assert texts == {
        "address": ADDRESS,
        "address_before": before["address"],
        "merchant_address": "樊城区汉江街道汉水桥路 98 号",
        "merchant_address_before": before["merchant_address"],
        "merchant_code": RIGHT_CODE,
        "note": "来电人回电更正",
    }
    assert (event.typed["amount"], event.typed["amount_before"]) == (319_900, 329_900)
    page = client.get(f"/matters/{number}").text
    assert "原被投诉人地址" in page
    assert "汉水桥路 88 号" in page
    assert "人民广场路" not in page, "a full address costs a reason, in the timeline as well"


def test_the_address_that_stood_before_costs_a_reason_and_a_credit_code_none(
    matters: Matters, client_as: SignIn
) -> None:
    number, client = matters.in_state("dispatched"), client_as("handler")
    code = "914206000000012345"
    matters.do("handler", number, "supplement", address=ADDRESS, merchant_code=code)
    matters.do("handler", number, "supplement", merchant_code=RIGHT_CODE)
    page = client.get(f"/matters/{number}").text
    assert page.count(code) >= 1, "what an enterprise is registered by is no person's number"
    assert "米公街道 12 号" not in page
    shown = post(client, f"/matters/{number}/reveal/texts", reason="核对原登记地址").text
    assert "米公街道 12 号" in shown
    assert ADDRESS in shown


def test_no_word_of_it_lies_readable_in_the_log(matters: Matters, city: Bureau) -> None:
    number = matters.in_state("dispatched")
    matters.do("handler", number, "supplement", address=ADDRESS, merchant_address="汉水桥路 98 号")
    with city.database.reading() as session:
        rows = [str(tuple(row)) for row in session.execute(text("SELECT * FROM wf_event"))]
        rows += [str(tuple(row)) for row in session.execute(text("SELECT * FROM wf_private_text"))]
        rows += [str(tuple(row)) for row in session.execute(text("SELECT * FROM consumer"))]
    for secret in ("人民广场路", "汉水桥路", "米公街道"):
        assert not [row for row in rows if secret in row or ascii(secret)[1:-1] in row], secret


def test_guards_learn_what_is_known_now(matters: Matters) -> None:
    number = a_call(matters)
    matters.walk(number, DISPATCH)
    with pytest.raises(Denied) as refused:
        matters.do("handler", number, "accept")
    assert [why.code for why in refused.value.reasons] == ["identity_not_known"]
    matters.do("handler", number, "supplement", address=ADDRESS)
    matters.do("handler", number, "accept")
    assert matters.standing(number).state == "accepted"
    with matters.reading("supervisor") as work:
        then = replay.replay(work.connection, matters.standing(number).instance_id)
    assert (then.vars["identity_known"], then.vars["respondent_named"]) == (True, True)


def test_a_merchant_that_others_name_is_left_to_them(matters: Matters) -> None:
    first, second = matters.in_state("dispatched"), matters.in_state("dispatched")
    with matters.work("supervisor") as work:
        one, other = (
            work.session.scalars(select(Matter).where(Matter.number == number)).one()
            for number in (first, second)
        )
        other.merchant = one.merchant
    matters.do("handler", first, "supplement", merchant_code=RIGHT_CODE)
    assert stands(matters, first)["merchant_code"] == RIGHT_CODE
    assert stands(matters, second)["merchant_code"] == ""
    old, new = merchants(matters)[0], merchants(matters)[-1]
    assert (new.name, new.address, new.unit_path) == (old.name, old.address, OFFICE)


def test_another_name_is_another_firm_and_the_first_stays_as_it_was(matters: Matters) -> None:
    number = matters.in_state("dispatched")
    matters.do("handler", number, "supplement", merchant_code=RIGHT_CODE)
    before = merchants(matters)
    matters.do("handler", number, "supplement", merchant_name="襄阳云帆家电有限公司")
    old, new = merchants(matters)
    assert [(one.name, one.uscc, one.address, one.unit_path) for one in before] == [
        (old.name, old.uscc, old.address, old.unit_path)
    ]
    assert (new.name, new.initials, new.uscc, new.address, new.unit_path) == (
        "襄阳云帆家电有限公司",
        "xyyfjdyxgs",
        "",
        "",
        "",
    )
    with matters.reading("supervisor") as work:
        assert [one.id for one in find_merchants(work.session, "云栖家电")] == [old.id]
    texts = last_event(matters, number)[1]
    assert texts["merchant_code_before"] == RIGHT_CODE
    assert texts["merchant_address_before"] == old.address
    assert last_event(matters, number)[0].typed["respondent_named"] is False


def test_what_is_typed_with_another_name_belongs_to_that_firm(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/supplement")
    same_place = str(stands(matters, number)["merchant_address"])
    assert form.send(merchant_name="云帆家电", merchant_address=same_place).status_code == 303
    new = merchants(matters)[-1]
    assert (new.name, new.uscc, new.address, new.unit_path) == ("云帆家电", "", same_place, "")
    assert "merchant_address" not in last_event(matters, number)[1], "it is where the first firm was"


def test_what_was_empty_is_filled_and_another_address_points_to_no_office(matters: Matters) -> None:
    number = matters.in_state("dispatched")
    matters.do("handler", number, "supplement", merchant_code=RIGHT_CODE)
    [only] = merchants(matters)
    assert (only.uscc, only.unit_path) == (RIGHT_CODE, OFFICE)
    matters.do("handler", number, "supplement", merchant_address="襄城区南街 1 号")
    old, new = merchants(matters)
    assert (old.address, old.unit_path) == (only.address, OFFICE)
    assert (new.name, new.uscc, new.address, new.unit_path) == (old.name, RIGHT_CODE, "襄城区南街 1 号", "")


def test_blanks_in_a_name_are_no_other_firm(matters: Matters) -> None:
    number = matters.in_state("dispatched")
    with matters.work("supervisor") as work:
        work.session.scalars(select(Merchant)).one().name = "云栖  家电"
    matters.do("handler", number, "supplement", merchant_name="云栖 家电", amount=5)
    assert [one.name for one in merchants(matters)] == ["云栖  家电"]


def test_a_wrong_number_does_not_stay(matters: Matters, client_as: SignIn) -> None:
    number, client = matters.in_state("dispatched"), client_as("handler")
    form = Form(client, f"/matters/{number}/do/supplement")
    typed = {"consumer_name": "陈小民", "consumer_phone": "139 0013 9000", "reply_channel": "email"}
    assert form.send(**typed, consumer_email="chen@Example.com").status_code == 303
    now = stands(matters, number)
    assert [now[name] for name in ("consumer_name", "consumer_phone", "reply_channel", "consumer_email")] == [
        "陈小民",
        "13900139000",
        "email",
        "chen@example.com",
    ]
    with matters.reading("supervisor") as work:
        for phone, found in (("13900139000", [number]), (PHONE, [])):
            assert list(work.session.scalars(select(Matter.number).where(by_phone(phone)))) == found
    event, texts = last_event(matters, number)
    assert (texts["consumer_phone"], texts["consumer_phone_before"]) == ("13900139000", PHONE)
    assert (texts["consumer_name"], texts["consumer_name_before"]) == ("陈小民", "陈晓民")
    assert (event.typed["reply_channel"], event.typed["reply_channel_before"]) == ("email", "phone")
    for secret in (PHONE, "13900139000", "陈小民", "chen@"):
        assert secret not in str(event.typed)
    page = client.get(f"/matters/{number}").text
    for shown in ("139****9000", "138****8000", "c***@example.com"):
        assert shown in page
    assert PHONE not in page
    assert PHONE in post(client, f"/matters/{number}/reveal/texts", reason="核对原电话").text
    matters.do("handler", number, "supplement", reply_channel="sms")
    assert stands(matters, number)["consumer_email"] == "", "kept only while it is the wished way"
    assert last_event(matters, number)[1] == {"consumer_email_before": "chen@example.com"}


def test_the_same_form_twice_is_one_act(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/supplement")
    typed = {"merchant_name": "云栖家电", "merchant_address": "汉水桥路 98 号", "amount": "3,299.00"}
    first, second = form.send(**typed), form.send(**typed)
    assert first.location == second.location == f"/matters/{number}"
    with matters.reading("supervisor") as work:
        events = event_log.events_of(work.connection, matters.standing(number).instance_id)
    assert [one.action for one in events].count("supplement") == 1


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({}, "", "没有一处与已登记的不同"),
        ({"merchant_name": "云" * 121}, "merchant_name", "最多"),
        ({"merchant_code": "9" * 19}, "merchant_code", "为 18 位：请核对，或者留空"),
        ({"address": "路" * 201}, "address", "最多"),
        ({"amount": "十元"}, "amount", "金额"),
        ({"consumer_phone": "12345"}, "consumer_phone", "12345"),
        ({"consumer_phone": "1380013"}, "consumer_phone", ""),
        ({"consumer_email": "chen@example.com"}, "consumer_email", "同时选择“电子邮件”"),
        ({"reply_channel": "email", "consumer_email": "chen"}, "consumer_email", "电子邮箱"),
        ({"reply_channel": "email"}, "consumer_email", "答复发到哪个电子邮箱？"),
    ],
)
def test_what_cannot_be_taken_comes_back_with_a_sentence(
    matters: Matters, client_as: SignIn, typed: dict[str, str], field: str, told: str
) -> None:
    number = matters.in_state("dispatched")
    before = stands(matters, number)
    answer = Form(client_as("handler"), f"/matters/{number}/do/supplement").send(**typed)
    assert answer.status_code == 422
    assert told in answer.text
    if field:
        [beneath] = re.findall(rf'<div id="{field}-e">(.*?)</div>', answer.text, re.DOTALL)
        assert told in beneath
        assert f'value="{typed.get(field, "")}"' in answer.text
    assert stands(matters, number) == before
    assert last_event(matters, number)[0].action == "dispatch"


def test_everything_that_cannot_be_taken_is_said_at_once(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    before = stands(matters, number)
    wrong = {
        "amount": ("-5", "不能为负数"),
        "consumer_phone": ("12345", "12345"),
        "consumer_email": ("chen", "电子邮箱"),
        "consumer_name": ("陈" * 41, "最多 40"),
        "merchant_code": (CODE + "9", "为 18 位：请核对"),
        "note": ("😀" * 6000, "最多 5000"),
    }
    typed = {name: value for name, (value, _told) in wrong.items()}
    answer = Form(client_as("handler"), f"/matters/{number}/do/supplement").send(**typed)
    assert answer.status_code == 422
    for name, (value, told) in wrong.items():
        [beneath] = re.findall(rf'<div id="{name}-e">(.*?)</div>', answer.text, re.DOTALL)
        assert told in beneath, name
        assert value in answer.text, "nothing typed is lost"
    assert "同时选择“电子邮件”" in answer.text, "no second round for what goes with the address"
    for said in ("校验码不符", "已按所填保存"):
        assert said not in answer.text
    assert stands(matters, number) == before


def test_a_long_note_is_taken_as_long_as_a_story(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/supplement")
    assert form.send(amount="5", note="说" * 5000).status_code == 303
    assert last_event(matters, number)[1]["note"] == "说" * 5000


def test_a_name_is_needed_where_no_merchant_was_named(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    with matters.work("supervisor") as work:
        work.session.scalars(select(Matter).where(Matter.number == number)).one().merchant = None
    form = Form(client_as("handler"), f"/matters/{number}/do/supplement")
    answer = form.send(merchant_address="汉水桥路 98 号")
    assert answer.status_code == 422
    assert "是哪一家？请把经营者名称一并填上。" in answer.text
    assert form.send(merchant_name="云栖家电", merchant_address="汉水桥路 98 号").status_code == 303
    assert stands(matters, number)["merchant_name"] == "云栖家电"


def test_who_may_complete_it(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = matters.in_state("dispatched")
    for who, told in (("operator", "甲 1 号"), ("intake", "甲 2 号"), ("handler", "甲 3 号")):
        matters.do(who, number, "supplement", address=told)
        assert stands(matters, number)["address"] == told
    with city.database.writing() as session:
        person, office = (
            session.get(Person, city.person_ids["other_handler"]),
            session.get(Unit, city.unit_ids[OFFICE]),
        )
        assert person is not None
        assert office is not None
        grant_role(session, person, Role.HANDLER, office, day=city.clock.today(), now=city.clock.now())
    with pytest.raises(Denied) as refused:
        matters.do("other_handler", number, "supplement", address="甲 4 号")
    assert [why.code for why in refused.value.reasons] == ["not_the_holder"]


def test_after_the_decision_only_the_owner_completes_it(matters: Matters, client_as: SignIn) -> None:
    for state in ("identity_asked", "returned"):
        number = matters.in_state(state)
        for who in ("operator", "intake"):
            matters.do(who, number, "supplement", address=f"{state} {who}")
    for state in ("accepted", "mediating", "mediated", "refused", "redo"):
        number = matters.in_state(state)
        for who in ("operator", "intake"):
            client = client_as(who)
            assert f"/matters/{number}/do/supplement" not in client.get(f"/matters/{number}").text, state
            page = client.get(f"/matters/{number}/do/supplement")
            assert page.status_code == 409
            assert "登记内容只能由承办人补充、更正" in page.text
            with pytest.raises(Denied) as refused:
                matters.do(who, number, "supplement", address="甲 5 号", consumer_phone="1380013")
            assert [why.code for why in refused.value.reasons] == ["decision_made"], state
        matters.do("handler", number, "supplement", address="甲 6 号")
        assert stands(matters, number)["address"] == "甲 6 号"


def test_what_is_over_is_completed_no_more(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("closed")
    assert client_as("handler").get(f"/matters/{number}/do/supplement").status_code == 409


def test_what_stood_before_cannot_be_typed(matters: Matters) -> None:
    """Past the page's own act, the engine takes no value that only the application may give."""
    number = matters.in_state("dispatched", address="")
    typed = {"amount": 5, "identity_known": True}
    with matters.work("handler") as work:
        here = progress.standing(work, number)
        with pytest.raises(Denied) as refused:
            progress.act(work, here, "supplement", typed)
    assert [why.code for why in refused.value.reasons] == ["derived_field"]


@pytest.mark.parametrize(
    ("typed", "told"),
    [(RIGHT_CODE, ""), ("", ""), (CODE, "校验码"), ("420600000012345", "15"), (CODE[:-1], "17 位")],
)
def test_a_credit_code_that_cannot_be_right_warns_while_it_is_typed(
    client_as: SignIn, typed: str, told: str
) -> None:
    for who in ("operator", "intake", "handler"):
        answer = post(client_as(who), "/registration/code", merchant_code=typed)
        assert answer.status_code == 200
        assert (told in answer.text) if told else ("<p" not in answer.text)
        assert "保存" not in answer.text, "nothing is saved by typing"


def test_a_doubtful_code_is_kept_and_warned_of(matters: Matters, client_as: SignIn) -> None:
    number, client = matters.in_state("dispatched"), client_as("handler")
    form = Form(client, f"/matters/{number}/do/supplement")
    assert form.send(merchant_code=CODE).status_code == 303
    assert stands(matters, number)["merchant_code"] == CODE
    assert "校验码不符。已按所填保存。" in client.get(f"/matters/{number}").text
    assert "校验码" in client.get(f"/matters/{number}/do/supplement").text


def test_a_complaint_of_the_hotline_is_completed_by_its_operator(matters: Matters, client_as: SignIn) -> None:
    number = a_call(matters)
    form = Form(client_as("operator"), f"/matters/{number}/do/supplement")
    assert form.send(address=ADDRESS, merchant_name="云栖家电").status_code == 303
    assert stands(matters, number)["address"] == ADDRESS
    assert matters.standing(number).row["unit_path"] == DESK
