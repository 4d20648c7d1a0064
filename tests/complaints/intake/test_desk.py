"""The board and dispatching: hints with reasons, one confirmation that lists each, refusals one by one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints.dossier import progress
from complaints.dossier.progress import Submitted
from complaints.dossier.refusals import Denied
from complaints.dossier.registration import ConsumerGiven, MatterGiven, MerchantGiven
from complaints.dossier.work import Work
from complaints.hotline.actions import register_complaint
from complaints.intake import actions
from complaints.intake.remedies import other_ways
from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Duty, DutyRoster, Person
from complaints.organisation.roles import Role
from complaints.organisation.units import unit_by_path
from tests.bureau import CITY, COUNTY, OFFICE, OTHER_OFFICE, Bureau, SignIn, post
from tests.complaints.registering import statements
from workflows.runtime.tables import denial, instance


class Desk:
    """The intake desk of the small bureau, whose officer may dispatch in the whole city."""

    def __init__(self, app: Flask, city: Bureau) -> None:
        self.city, self.engine = city, app.extensions["fangxin"].engine
        with city.database.writing() as session:
            person, root = session.get(Person, city.person_ids["intake"]), unit_by_path(session, CITY)
            assert person is not None
            assert root is not None
            first = city.clock.today() - timedelta(days=1)
            grant_role(session, person, Role.INTAKE, root, day=first, now=city.clock.now())

    def a_call(self, title: str = "空调不制冷", unit: str = OFFICE, address: str = "汉水桥路 88 号") -> str:
        """Register a complaint by telephone; return its number."""
        with self.city.database.writing() as session:
            return register_complaint(
                self.work(session, "operator"),
                MatterGiven(title=title, facts=title, demands=("refund",)),
                ConsumerGiven(name="周慧敏", phone="13800138000", address="汉江街道"),
                MerchantGiven(name="云栖家电", address=address, unit_path=unit),
                "",
            ).number

    def work(self, session: Any, username: str) -> Work:
        return Work(session, self.city.actor(username), self.engine, self.city.clock)

    def act(self, username: str, number: str, action: str, **payload: Any) -> None:
        with self.city.database.writing() as session:
            work = self.work(session, username)
            progress.act(work, progress.standing(work, number), action, payload)

    def row(self, number: str) -> Any:
        with self.city.database.reading() as session:
            work = self.work(session, "supervisor")
            return progress.standing(work, number).row


@pytest.fixture
def desk(app: Flask, city: Bureau) -> Desk:
    """The intake desk."""
    return Desk(app, city)


def send(client: FlaskClient, chosen: dict[str, str], page: str = "") -> Any:
    """Confirm the page that lists the chosen matters, each with its unit."""
    query = "&".join(f"n={number}" for number in chosen)
    page = page or client.get(f"/intake/dispatch?{query}").text
    fields: dict[str, Any] = dict(re.findall(r'name="((?:key|version)-[^"]+)" value="([^"]*)"', page))
    fields |= {f"unit-{number}": unit for number, unit in chosen.items()}
    return post(client, "/intake/dispatch", n=list(chosen), **fields)


def test_the_board_shows_new_matters_with_a_hint_and_its_reason(client_as: SignIn, desk: Desk) -> None:
    known, named = desk.a_call("已知经营地"), desk.a_call("地址里有区名", unit="", address="樊城区大庆路")
    with desk.city.database.writing() as session:
        county = unit_by_path(session, COUNTY)
        assert county is not None
        county.region_code = "420606"
    nowhere = desk.a_call("没有线索", unit="", address="不详")
    page = client_as("intake").get("/intake").text
    for number in (known, named, nowhere):
        assert number in page
    assert "米公市场监管所" in page
    assert "樊城区市场监督管理局" in page
    assert "13800138000" not in page
    assert "周慧敏" not in page


def test_several_go_at_once_each_to_its_named_receiver(client_as: SignIn, desk: Desk) -> None:
    first, second = desk.a_call(), desk.a_call("第二件")
    answer = send(client_as("intake"), {first: OFFICE, second: OTHER_OFFICE})
    assert answer.status_code == 303, answer.text
    people = desk.city.person_ids
    assert (desk.row(first)["state"], desk.row(first)["unit_path"]) == ("dispatched", OFFICE)
    assert desk.row(first)["owner_id"] == people["handler"]
    assert desk.row(second)["owner_id"] == people["other_handler"]
    assert desk.row(second)["first_responder_id"] == people["operator"]


def test_the_result_lists_where_each_lies(client_as: SignIn, desk: Desk) -> None:
    number, client = desk.a_call(), client_as("intake")
    page = client.get(send(client, {number: OFFICE}).location).text
    assert number in page
    assert "米公市场监管所" in page


def test_what_cannot_go_says_why_and_does_not_hold_up_the_rest(client_as: SignIn, desk: Desk) -> None:
    good, without_unit, late = desk.a_call("可以"), desk.a_call("没选单位"), desk.a_call("已被分送")
    client = client_as("intake")
    chosen = {good: OFFICE, without_unit: "", late: OFFICE}
    page = client.get("/intake/dispatch?" + "&".join(f"n={number}" for number in chosen)).text
    desk.act("intake", late, "dispatch", unit=OTHER_OFFICE, receiver=desk.city.person_ids["other_handler"])
    answer = send(client, chosen, page)
    assert answer.status_code == 409
    assert desk.row(good)["unit_path"] == OFFICE
    assert desk.row(without_unit)["state"] == "registered"
    assert desk.row(late)["unit_path"] == OTHER_OFFICE
    assert answer.text.count('class="bad"') == 2
    assert "您本人已于2026-11-24 10:00在另一个页面办理了“分送" in answer.text


def test_a_double_click_dispatches_once(client_as: SignIn, desk: Desk) -> None:
    number, client = desk.a_call(), client_as("intake")
    page = client.get(f"/intake/dispatch?n={number}").text
    assert send(client, {number: OFFICE}, page).status_code == 303
    seq = desk.row(number)["seq"]
    assert send(client, {number: OFFICE}, page).status_code == 303
    assert desk.row(number)["seq"] == seq


def test_a_unit_without_receiver_is_no_destination(client_as: SignIn, desk: Desk) -> None:
    number = desk.a_call()
    with desk.city.database.writing() as session:
        for row in session.scalars(select(DutyRoster).where(DutyRoster.duty == Duty.RECEIVER.value)):
            session.delete(row)
    answer = send(client_as("intake"), {number: OFFICE})
    assert answer.status_code == 409
    assert desk.row(number)["state"] == "registered"


def test_a_refused_dispatch_is_written_down(client_as: SignIn, desk: Desk) -> None:
    number = desk.a_call()
    desk.act("intake", number, "refuse", item="1", reason="不属于职责", remedies_told=True)
    client = client_as("intake")
    fields = {
        "n": number,
        f"unit-{number}": OFFICE,
        f"version-{number}": str(desk.row(number)["row_version"]),
    }
    assert post(client, "/intake/dispatch", **fields).status_code == 409
    with desk.city.database.reading() as session:
        assert session.scalars(select(denial.c.action)).all() == ["dispatch"]


@pytest.mark.parametrize("number", ["420600-20261124-99999-1", "x", "' OR 1=1 --"])
def test_a_number_that_is_none_is_said_so(client_as: SignIn, desk: Desk, number: str) -> None:
    answer = post(client_as("intake"), "/intake/dispatch", n=number)
    assert answer.status_code == 409
    assert client_as("intake").get("/intake?matter=" + number).status_code == 200


def test_the_panel_shows_the_matter_masked_with_what_may_be_done(client_as: SignIn, desk: Desk) -> None:
    number = desk.a_call()
    client = client_as("intake")
    for answer in (
        client.get(f"/intake?matter={number}"),
        client.get(f"/intake?matter={number}", headers={"HX-Request": "true"}),
    ):
        assert "138****8000" in answer.text
        assert "13800138000" not in answer.text
        assert f"/matters/{number}/do/refuse" in answer.text
        assert f'name="version-{number}"' in answer.text


def returned(desk: Desk, ruling: str, unit: str) -> None:
    """Have a dispatched matter returned and ruled upon."""
    number = desk.a_call()
    desk.act("intake", number, "dispatch", unit=OFFICE, receiver=desk.city.person_ids["handler"])
    desk.act("handler", number, "return_to_intake", reason_code="no_authority", reason="经营地不在本辖区")
    with desk.city.database.writing() as session:
        work = desk.work(session, "intake")
        here = progress.standing(work, number)
        actions.rule_on_return(work, here, ruling, unit, "经营地核实", Submitted())
    row = desk.row(number)
    assert (row["state"], row["unit_path"]) == ("dispatched", unit)


def test_a_ruling_names_the_old_unit_or_another(desk: Desk) -> None:
    returned(desk, "upheld", OFFICE)
    returned(desk, "other_unit", OTHER_OFFICE)


@pytest.mark.parametrize(("ruling", "unit"), [("upheld", OTHER_OFFICE), ("other_unit", OFFICE)])
def test_a_ruling_that_contradicts_its_unit_is_refused(desk: Desk, ruling: str, unit: str) -> None:
    with pytest.raises(Denied):
        returned(desk, ruling, unit)


def test_a_ruling_sent_twice_is_done_once(client_as: SignIn, desk: Desk) -> None:
    number, client = desk.a_call(), client_as("intake")
    desk.act("intake", number, "dispatch", unit=OFFICE, receiver=desk.city.person_ids["handler"])
    desk.act("handler", number, "return_to_intake", reason_code="no_authority", reason="经营地不在本辖区")
    page = client.get(f"/matters/{number}/do/rule_on_return").text
    fields = dict(re.findall(r'name="(idempotency_key|form_version)"[^>]*value="([^"]*)"', page))
    said = fields | {"ruling": "upheld", "unit": OTHER_OFFICE, "reason": "经营地核实"}
    refused = post(client, f"/matters/{number}/do/rule_on_return", **said)
    assert refused.status_code == 422
    assert "退回它的单位" in refused.text
    said["unit"] = OFFICE
    for _click in range(2):
        assert post(client, f"/matters/{number}/do/rule_on_return", **said).status_code == 303
    assert desk.row(number)["unit_path"] == OFFICE


def test_a_dispatch_that_stands_needs_no_unit_to_be_chosen(client_as: SignIn, desk: Desk) -> None:
    number, client = desk.a_call(), client_as("intake")
    desk.act("intake", number, "dispatch", unit=OFFICE, receiver=desk.city.person_ids["handler"])
    desk.act("handler", number, "return_to_intake", reason_code="no_authority", reason="经营地不在本辖区")
    page = client.get(f"/matters/{number}/do/rule_on_return").text
    assert f'data-upheld="{OFFICE}"' in page
    assert "维持原分送的退回米公市场监管所，不用选" in page
    fields = dict(re.findall(r'name="(idempotency_key|form_version)"[^>]*value="([^"]*)"', page))
    other = fields | {"ruling": "other_unit", "unit": "", "reason": "经营地核实"}
    assert post(client, f"/matters/{number}/do/rule_on_return", **other).status_code == 422
    for _click in range(2):
        said = other | {"ruling": "upheld"}
        assert post(client, f"/matters/{number}/do/rule_on_return", **said).status_code == 303
    row = desk.row(number)
    assert (row["state"], row["unit_path"]) == ("dispatched", OFFICE)
    assert row["owner_id"] == desk.city.person_ids["handler"]


def test_the_panel_and_the_ruling_say_why_it_came_back(client_as: SignIn, desk: Desk) -> None:
    number, client = desk.a_call(), client_as("intake")
    assert "为什么退回" not in client.get(f"/intake?matter={number}").text
    desk.act("intake", number, "dispatch", unit=OFFICE, receiver=desk.city.person_ids["handler"])
    desk.act("handler", number, "return_to_intake", reason_code="no_authority", reason="经营地不在本辖区")
    desk.act("intake", number, "add_note", note="问过商家")
    with desk.city.database.reading() as session:
        handler = session.get(Person, desk.city.person_ids["handler"])
        assert handler is not None
    for path in (f"/intake?matter={number}", f"/matters/{number}/do/rule_on_return"):
        page = client.get(path).text
        assert handler.name in page
        assert "经营地不在本辖区" in page
        assert "问过商家" not in page, "the return is what is ruled upon, not the note after it"


def test_units_that_nobody_receives_for_stand_last_and_cannot_be_chosen(
    client_as: SignIn, desk: Desk
) -> None:
    number, client = desk.a_call(unit=COUNTY), client_as("intake")
    pages = (f"/intake?matter={number}", f"/intake/dispatch?n={number}", f"/matters/{number}/do/dispatch")
    for path in pages:
        options = re.findall(r"<option ([^>]*)>([^<]+)</option>", client.get(path).text)
        units = [(attributes, words) for attributes, words in options if 'value="/' in attributes]
        closed = [("disabled" in attributes, "没有指定接收人" in words) for attributes, words in units]
        assert closed == sorted(closed), path
        assert closed[0] == (False, False), path
        assert closed[-1] == (True, True), path
        assert not [one for one, _words in units if "disabled" in one and "selected" in one], path


def test_the_other_ways_are_filled_in_but_are_no_reason(client_as: SignIn, desk: Desk) -> None:
    number, client = desk.a_call(), client_as("intake")
    page = client.get(f"/matters/{number}/do/refuse").text
    assert "《中华人民共和国消费者权益保护法》第三十九条" in page
    assert "（五）向人民法院提起诉讼" in page
    with desk.city.database.reading() as session:
        ways = other_ways(desk.work(session, "intake"))
    fields = dict(re.findall(r'name="(idempotency_key|form_version)"[^>]*value="([^"]*)"', page))
    said = fields | {"item": "1", "remedies_told": "y"}
    assert post(client, f"/matters/{number}/do/refuse", **said, reason=ways).status_code == 422
    assert desk.row(number)["state"] == "registered"
    answer = post(client, f"/matters/{number}/do/refuse", **said, reason=f"不属于市场监管职责。\n{ways}")
    assert answer.status_code == 303, answer.text
    assert desk.row(number)["state"] == "refused"


def test_a_refusal_names_all_that_is_missing_at_once(client_as: SignIn, desk: Desk) -> None:
    number, client = desk.a_call(), client_as("intake")
    with desk.city.database.reading() as session:
        ways = other_ways(desk.work(session, "intake"))
    page = client.get(f"/matters/{number}/do/refuse").text
    fields = dict(re.findall(r'name="(idempotency_key|form_version)"[^>]*value="([^"]*)"', page))
    for reason, said in ((ways, "只有其他解决途径，没有写明理由。"), ("", "“理由”还没有填写。")):
        answer = post(client, f"/matters/{number}/do/refuse", **fields, reason=reason)
        assert answer.status_code == 422
        for words in (said, "“不予受理的情形”还没有填写。", "请勾选“已写明其他解决途径”。"):
            assert words in answer.text, (reason, words)
    assert "“理由”还没有填写" not in post(client, f"/matters/{number}/do/refuse", **fields, reason=ways).text


def test_lists_hold_what_their_names_say(client_as: SignIn, desk: Desk) -> None:
    new, sent = desk.a_call("还没有分送"), desk.a_call("已经分送")
    desk.act("intake", sent, "dispatch", unit=OFFICE, receiver=desk.city.person_ids["handler"])
    client = client_as("intake")
    pages = client.get("/intake").text, client.get("/intake?tab=dispatched").text
    # beside the list stands the first matter, with what is like it
    first, second = (page.split('id="panel"')[0] for page in pages)
    assert new in first
    assert sent not in first
    assert sent in second
    assert new not in second
    assert client.get("/intake?tab=others").status_code == 404


@pytest.mark.parametrize("username", ["operator", "handler", "supervisor", "security_admin"])
def test_only_the_intake_desk_comes_in(client_as: SignIn, desk: Desk, username: str) -> None:
    client = client_as(username)
    assert client.get("/intake").status_code == 403
    assert post(client, "/intake/dispatch", n=desk.a_call()).status_code == 403


def cost(client: FlaskClient, desk: Desk) -> int:
    with statements(desk.city.database) as seen:
        assert client.get("/intake").status_code == 200
    return len(seen)


def test_a_long_board_costs_no_more_queries(client_as: SignIn, desk: Desk) -> None:
    client = client_as("intake")
    for n in range(5):
        desk.a_call(f"第 {n} 件")
    few = cost(client, desk)
    for n in range(35):
        desk.a_call(f"再 {n} 件")
    assert cost(client, desk) == few
    with desk.city.database.reading() as session:
        assert len(session.scalars(select(instance.c.id)).all()) == 40
