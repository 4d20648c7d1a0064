"""What stands around the form: earlier matters, merchants, hints, drafts. With script and without."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints.dossier.registration import ConsumerGiven, MatterGiven, MerchantGiven
from complaints.dossier.work import Work
from complaints.hotline.actions import register_complaint
from complaints.hotline.queries import next_steps
from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Person, SecurityEvent, Unit
from complaints.organisation.roles import Role
from complaints.organisation.units import unit_by_path
from tests.bureau import DESK, OFFICE, Bureau, SignIn, post
from tests.complaints.registering import CALL, form_key, matters_in, statements

PHONE = "13800138000"


@pytest.fixture
def take(app: Flask, city: Bureau):
    """Register a complaint as somebody: take("operator", title, merchant)."""

    def take(
        who: str, title: str, merchant: str = "云栖家电", phone: str = PHONE, address: str = "汉水桥路"
    ) -> str:
        with city.database.writing() as session:
            matter = register_complaint(
                Work(session, city.actor(who), app.extensions["fangxin"].engine, city.clock),
                MatterGiven(title=title, facts=f"{title}。只有办案人能看的经过。", demands=("refund",)),
                ConsumerGiven(name="周慧敏", phone=phone, address="汉江街道"),
                MerchantGiven(name=merchant, address=address, unit_path=OFFICE),
                "",
            )
            return matter.number

    return take


@pytest.fixture
def second_operator(city: Bureau) -> str:
    """The name of another person who takes calls."""
    with city.database.writing() as session:
        person, desk = session.get(Person, city.person_ids["auditor"]), unit_by_path(session, DESK)
        assert person is not None
        assert isinstance(desk, Unit)
        first = city.clock.today() - timedelta(days=1)
        grant_role(session, person, Role.OPERATOR, desk, day=first, now=city.clock.now())
    return "auditor"


def test_the_caller_history_shows_what_another_took_but_no_more(
    client_as: SignIn, take, second_operator: str
) -> None:
    theirs, mine = take(second_operator, "空调不制冷"), take("operator", "冰箱漏水")
    take("operator", "别人的事", phone="13900139000")
    answer = post(client_as("operator"), "/hotline/caller", phone="138-0013-8000").text
    assert theirs in answer
    assert "空调不制冷" in answer
    assert f'href="/matters/{mine}"' in answer
    assert f'href="/matters/{theirs}"' not in answer
    for hidden in ("别人的事", "只有办案人能看的经过", PHONE, "周慧敏"):
        assert hidden not in answer


def test_looking_at_what_another_took_leaves_a_trace(
    client_as: SignIn, city: Bureau, take, second_operator: str
) -> None:
    theirs, client = take(second_operator, "空调不制冷"), client_as("operator")
    take("operator", "自己的", phone="13900139000")
    for phone in (PHONE, "13900139000"):
        post(client, "/hotline/caller", phone=phone)
    with city.database.reading() as session:
        [line] = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "caller_history"))
    assert (line.actor_id, line.subject) == (city.person_ids["operator"], f"1: {theirs}")


def looks(city: Bureau) -> list[str]:
    with city.database.reading() as session:
        found = select(SecurityEvent.subject).where(SecurityEvent.kind == "caller_history")
        return list(session.scalars(found.order_by(SecurityEvent.id)))


def test_a_draft_shown_again_is_no_new_look(
    client_as: SignIn, city: Bureau, take, second_operator: str
) -> None:
    theirs, client = take(second_operator, "空调不制冷"), client_as("operator")
    post(client, "/hotline/caller", phone=PHONE)
    post(client, "/drafts/hotline.call", phone=PHONE, facts="说到一半")
    for _time in range(3):
        assert theirs in client.get("/hotline").text
    post(client, "/hotline", phone=PHONE)
    assert looks(city) == [f"1: {theirs}"]
    post(client, "/hotline/caller", phone=PHONE)
    assert len(looks(city)) == 2, "typed once more it is looked up once more"


def test_a_number_that_was_only_kept_in_a_draft_is_looked_up_by_the_page(
    client_as: SignIn, city: Bureau, take, second_operator: str
) -> None:
    first, client = take(second_operator, "空调不制冷"), client_as("operator")
    post(client, "/drafts/hotline.call", phone=PHONE)
    client.get("/hotline")
    client.get("/hotline")
    second = take(second_operator, "空调又不制冷")
    client.get("/hotline")
    client.get("/hotline")
    assert looks(city) == [f"1: {first}", f"2: {second} {first}"]
    city.clock.move(hours=13)
    client_as("operator").get("/hotline")
    assert len(looks(city)) == 3, "another shift is another look"


def test_a_suggestion_that_names_the_same_caller_is_a_look(
    client_as: SignIn, city: Bureau, take, second_operator: str
) -> None:
    theirs, client = take(second_operator, "空调不制冷"), client_as("operator")
    typed = {"phone": PHONE, "facts": "空调不制冷。只有办案人能看的经过。"}
    assert theirs in post(client, "/hotline/similar", **(typed | {"phone": "13900139000"})).text
    assert looks(city) == [], "another's number tells nothing of this one"
    for _time in range(2):
        answer = post(client, "/hotline/similar", **typed).text
        assert theirs in answer
        assert "来电人相同" in answer
    assert looks(city) == [f"1: {theirs}"]


def test_the_trace_names_every_matter_that_was_shown(
    client_as: SignIn, city: Bureau, take, second_operator: str
) -> None:
    numbers = {take(second_operator, f"第 {n} 次") for n in range(20)}
    post(client_as("operator"), "/hotline/caller", phone=PHONE)
    [line] = looks(city)
    assert set(line.removeprefix("20: ").split()) == numbers


def test_an_unfinished_number_finds_nothing(client_as: SignIn, take) -> None:
    take("operator", "冰箱漏水")
    client = client_as("operator")
    assert "冰箱漏水" not in post(client, "/hotline/caller", phone="1380013800").text
    assert post(client, "/hotline/caller", phone="").status_code == 200


def test_open_complaints_of_the_merchant_are_shown(client_as: SignIn, take, second_operator: str) -> None:
    take(second_operator, "空调不制冷", phone="13900139000")
    client = client_as("operator")
    assert "空调不制冷" in post(client, "/hotline/similar", merchant_name="云栖家电").text
    assert "空调不制冷" not in post(client, "/hotline/similar", merchant_name="别家").text


@pytest.mark.parametrize("typed", ["云栖", "yqjd", "qjd", "云栖家电"])
def test_merchants_are_found_by_part_and_initials(client_as: SignIn, take, typed: str) -> None:
    take("operator", "空调不制冷")
    answer = post(client_as("operator"), "/registration/merchants", merchant_name=typed)
    assert 'name="merchant_pick"' in answer.text
    assert "汉水桥路" in answer.text


def test_signs_of_the_search_itself_are_taken_literally(client_as: SignIn, take) -> None:
    take("operator", "空调不制冷")
    answer = post(client_as("operator"), "/registration/merchants", merchant_name="%")
    assert 'name="merchant_pick"' not in answer.text


def test_a_picked_merchant_is_the_known_one(client_as: SignIn, city: Bureau, take) -> None:
    take("operator", "空调不制冷")
    client = client_as("operator")
    picked = post(client, "/registration/merchant", merchant_pick="1", merchant_name="yq")
    assert 'name="merchant_id" value="1"' in picked.text
    # the similar complaints read the form, in which the pick stands only after the swap
    assert picked.headers["HX-Trigger-After-Swap"] == "merchant-chosen"
    key = form_key(client, "/hotline")
    answer = post(
        client, "/hotline", **(CALL | {"idempotency_key": key, "merchant_id": "1", "merchant_address": ""})
    )
    assert answer.status_code == 303, answer.text
    first, second = matters_in(city.database)
    assert first.merchant_id == second.merchant_id


@pytest.mark.parametrize("bad", ["999999", "x", "-1", "1; DROP TABLE merchant", "9" * 40])
def test_a_merchant_that_is_none_is_not_taken(client_as: SignIn, bad: str) -> None:
    assert post(client_as("operator"), "/registration/merchant", merchant_pick=bad).status_code == 200


def test_the_category_is_suggested_with_its_words_and_never_set(client_as: SignIn) -> None:
    client = client_as("operator")
    answer = post(client, "/registration/category", facts="冰箱不制冷，报修没人上门", category="", problem="")
    assert 'value="G05,P02"' in answer.text
    assert "<mark>冰箱</mark>" in answer.text
    assert not re.search(r'<option selected value="[GP]', answer.text)
    taken = post(client, "/registration/category", facts="冰箱不制冷，报修", take="G05,P02")
    assert '<option selected value="G05">' in taken.text
    assert '<option selected value="P02">' in taken.text
    assert 'name="take"' not in taken.text


def test_without_script_a_look_keeps_the_form_and_answers_on_the_page(client_as: SignIn, take) -> None:
    take("operator", "空调不制冷")
    client = client_as("operator")
    fields = CALL | {"merchant_name": "yqjd", "category": "", "problem": "", "look": "all"}
    answer = post(client, "/hotline", **fields)
    assert (answer.status_code, answer.location) == (303, "/hotline")
    page = client.get("/hotline").text
    assert CALL["facts"] in page
    assert 'name="merchant_pick" value="1"' in page
    assert 'name="take"' in page
    assert "空调不制冷" in page
    post(client, "/hotline", **(fields | {"merchant_pick": "1"}))
    assert 'name="merchant_id" value="1"' in client.get("/hotline").text


def test_a_draft_is_back_after_a_crash_and_can_be_thrown_away(client_as: SignIn, city: Bureau) -> None:
    client = client_as("operator")
    post(client, "/drafts/hotline.call", phone="13800138000", facts="说到一半", demands=["refund"])
    page = client_as("operator").get("/hotline").text
    assert "说到一半" in page
    assert "10:00:00" in page
    assert re.search(r'value="refund" checked', page)
    assert 'formaction="/hotline/discard"' in page
    assert post(client, "/hotline/discard").status_code == 303
    assert "说到一半" not in client.get("/hotline").text


def test_registering_forgets_the_draft(client_as: SignIn) -> None:
    client = client_as("operator")
    post(client, "/drafts/hotline.call", facts="说到一半")
    post(client, "/hotline", **(CALL | {"idempotency_key": form_key(client, "/hotline")}))
    assert "说到一半" not in client.get("/hotline").text


def test_what_comes_next_is_counted_by_the_working_calendar(app: Flask, city: Bureau) -> None:
    with city.database.reading() as session:
        work = Work(session, city.actor("operator"), app.extensions["fangxin"].engine, city.clock)
        decision, mediation, call_back = next_steps(work, city.clock.today())
    assert (decision.limit, decision.by.isoformat()) == (7, "2026-12-03")
    assert (mediation.limit, call_back.limit) == (60, 7)
    assert "第十五条" in decision.article or "art. 15" in decision.article


def ask_caller(client: FlaskClient, city: Bureau) -> int:
    """Return how many statements the history of a number costs."""
    with statements(city.database) as seen:
        post(client, "/hotline/caller", phone=PHONE)
    return len(seen)


def test_a_long_history_costs_no_more_queries(client_as: SignIn, city: Bureau, take) -> None:
    client = client_as("operator")
    for n in range(3):
        take("operator", f"第 {n} 件")
    few = ask_caller(client, city)
    for n in range(12):
        take("operator", f"再 {n} 件")
    assert ask_caller(client, city) == few
