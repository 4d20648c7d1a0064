"""Acting from the page: once for each form, with every reason when it is refused, and nothing typed lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from complaints.organisation.accounts import grant_role, name_for_duty
from complaints.organisation.models import Duty, DutyRoster, Person, Unit
from complaints.organisation.roles import Role
from complaints.web.models import Draft
from tests.bureau import OFFICE, OTHER_OFFICE, Bureau, SignIn, csrf_token
from tests.factories import ACCEPT, DISPATCH, Matters
from workflows.runtime import event_log
from workflows.runtime.tables import denial


class Form:
    """A form as a browser without scripts sends it.

    Hidden fields as the page gave them, the rest as typed.
    """

    def __init__(self, client: FlaskClient, path: str) -> None:
        self.client, self.path = client, path
        # some actions have a better form of their own, whose key and version serve here as well
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200, path
        self.hidden = hidden_fields(page.text)

    def send(self, **typed: Any) -> TestResponse:
        return self.client.post(self.path, data=self.hidden | typed)


def hidden_fields(html: str) -> dict[str, str]:
    form = html[html.index('<form class="form') :] if '<form class="form' in html else html
    pairs = re.findall(r'<input[^>]*type="hidden"[^>]*>', form)
    found: dict[str, str] = {}
    for one in pairs:
        name, value = re.search(r'name="([^"]+)"', one), re.search(r'value="([^"]*)"', one)
        if name and value:
            found.setdefault(name[1], value[1])
    return found


def events(matters: Matters, number: str) -> list[str]:
    instance = matters.standing(number).instance_id
    with matters.city.database.reading() as session:
        return [one.action for one in event_log.events_of(session.connection(), instance)]


def denials(city: Bureau) -> list[tuple[object, ...]]:
    with city.database.reading() as session:
        rows = session.execute(select(denial.c.action, denial.c.actor_id).order_by(denial.c.id))
        return [tuple(row) for row in rows]


def test_a_form_sent_twice_acts_once(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/accept")
    first, second = form.send(note="事实清楚"), form.send(note="事实清楚")
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location == f"/matters/{number}"
    assert events(matters, number).count("accept") == 1


def test_a_form_used_for_something_else_is_offered_again(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/add_note")
    assert form.send(note="第一次").status_code == 303
    again = form.send(note="另外写的内容")
    assert again.status_code == 409
    assert "另外写的内容" in again.text
    assert hidden_fields(again.text)["idempotency_key"] != form.hidden["idempotency_key"]
    resent = form.client.post(form.path, data=hidden_fields(again.text) | {"note": "另外写的内容"})
    assert resent.status_code == 303
    assert events(matters, number).count("add_note") == 2


def test_a_stale_form_says_what_changed_and_keeps_what_was_typed(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = matters.in_state("mediating")
    form = Form(client_as("handler"), f"/matters/{number}/do/terminate")
    matters.do(
        "handler",
        number,
        "hold_session",
        held_on="2026-11-24",
        place="调解室",
        outcome="adjourned",
        notes="改期",
    )
    answer = form.send(item="3", reason="双方明确表示无法达成协议")
    assert answer.status_code == 409
    assert re.search(r"您本人已于[-0-9]+ [0-9:]+在另一个页面办理了“记录一次调解”。", answer.text)
    assert city.actor("handler").name in answer.text
    assert "双方明确表示无法达成协议" in answer.text
    assert re.search(r'value="3"\s+checked', answer.text)
    sent = form.client.post(
        form.path, data=hidden_fields(answer.text) | {"item": "3", "reason": "双方明确表示无法达成协议"}
    )
    assert sent.status_code == 303
    assert matters.standing(number).state == "terminated"


def test_a_form_without_its_version_counts_as_old(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    client = client_as("handler")
    token = csrf_token(client)
    answer = client.post(f"/matters/{number}/do/accept", data={"csrf_token": token})
    assert answer.status_code == 409
    assert matters.standing(number).state == "dispatched"


def test_a_note_makes_no_open_form_stale(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/accept")
    matters.do("head", number, "add_note", note="请尽快")
    assert form.send().status_code == 303


def test_who_goes_back_after_a_step_is_told_that_it_is_done(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    handler = client_as("handler")
    assert Form(handler, f"/matters/{number}/do/accept").send().status_code == 303
    back = handler.get(f"/matters/{number}/do/accept")
    assert back.status_code == 409
    assert "您本人已于2026-11-24 10:00办理了“受理”。" in back.text
    assert "本件现在是“已受理”" in back.text
    assert "只能在以下状态办理" not in back.text
    # another step since, or another person's: then it simply does not fit any more
    matters.do("handler", number, "add_note", note="已电话联系")
    assert "只能在以下状态办理" in handler.get(f"/matters/{number}/do/accept").text
    other = matters.in_state("accepted")
    matters.do("head", other, "add_note", note="请尽快")
    assert "您本人已于" not in handler.get(f"/matters/{other}/do/accept").text


def test_every_reason_is_shown_and_the_denial_recorded(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = matters.in_state("mediated")
    client = client_as("other_handler")
    assert client.get(f"/matters/{number}/do/close").status_code == 404, "not this person's at all"
    head = client_as("head")
    shown = head.get(f"/matters/{number}/do/close")
    assert shown.status_code == 409
    assert "只有承办人可以办结" in shown.text
    assert "结果还没有告知" in shown.text
    data = {"csrf_token": csrf_token(head), "form_version": str(_version(matters, number))}
    answer = head.post(f"/matters/{number}/do/close", data=data)
    assert answer.status_code == 409
    assert "只有承办人可以办结" in answer.text
    assert "结果还没有告知" in answer.text
    assert denials(city) == [("close", city.person_ids["head"])]
    assert events(matters, number).count("close") == 0


def _version(matters: Matters, number: str) -> int:
    return int(matters.standing(number).row["row_version"])


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"item": "3", "reason": ""}, "还没有填写"),
        ({"item": "99", "reason": "理由写在这里"}, "不是适用规定中的一项"),
        ({"item": "2", "reason": "理由写在这里"}, "联系不上的，不等于拒绝或者不参加"),
        ({"item": "5", "reason": "理由写在这里"}, "调解期限还没有届满"),
    ],
)
def test_what_is_typed_wrongly_is_said_beneath_its_field(
    matters: Matters, client_as: SignIn, typed: dict[str, str], told: str
) -> None:
    number = matters.in_state("mediating")
    answer = Form(client_as("handler"), f"/matters/{number}/do/terminate").send(**typed)
    assert answer.status_code == 422
    assert told in answer.text
    assert typed["reason"] in answer.text
    assert typed["reason"] in client_as("handler").get(f"/matters/{number}/do/terminate").text, (
        "kept as a draft"
    )
    assert matters.standing(number).state == "mediating"


@pytest.mark.parametrize(
    ("state", "who", "action", "field", "told"),
    [
        ("returned", "intake", "rule_on_return", "unit", "“承办单位”还没有填写。"),
        ("mediating", "handler", "terminate", "reason", "“理由”还没有填写。"),
        ("dispatched", "handler", "refuse", "remedies_told", "规定的其他途径。请勾选"),
    ],
)
def test_a_field_says_one_sentence_the_more_telling(
    matters: Matters, client_as: SignIn, state: str, who: str, action: str, field: str, told: str
) -> None:
    number = matters.in_state(state)
    answer = Form(client_as(who), f"/matters/{number}/do/{action}").send()
    assert answer.status_code == 422
    [beneath] = re.findall(rf'<div id="{field}-e">(.*?)</div>', answer.text, re.DOTALL)
    assert told in beneath
    assert beneath.count("<p") == 1
    assert "请填写这一项" not in answer.text


def test_money_and_days_are_taken_as_people_write_them(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    form = Form(client_as("handler"), f"/matters/{number}/do/agree")
    wrong = form.send(form="performed", amount="三千元", terms="退货退款")
    assert wrong.status_code == 422
    assert "三千元" in wrong.text
    right = form.send(form="performed", amount="￥3,299.50", terms="退货退款")
    assert right.status_code == 303
    assert '"amount":329950' in matters.standing(number).row["vars"]
    tell = Form(client_as("handler"), f"/matters/{number}/do/tell_result")
    proofs = {"channel": "phone", "proof_complainant": "录音", "proof_respondent": "录音"}
    assert tell.send(told_on="2026年13月1日", **proofs).status_code == 422
    assert tell.send(told_on="2026/11/24", **proofs).status_code == 303


def test_an_act_that_asks_nothing_is_sent_from_the_panel(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    matters.walk(number, ACCEPT, ("handler", "record_consent", {**_BOTH}))
    client = client_as("handler")
    page = client.get(f"/matters/{number}").text
    start = page.index(f'action="/matters/{number}/do/begin_mediation"')
    form = page[start : page.index("</form>", start)]
    sent = client.post(f"/matters/{number}/do/begin_mediation", data=hidden_fields(form))
    assert sent.status_code == 303
    assert matters.standing(number).state == "mediating"


_BOTH = {"consent_complainant": True, "consent_respondent": True, "channel": "phone"}


def test_an_action_of_another_state_says_so(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    client = client_as("handler")
    answer = client.get(f"/matters/{number}/do/finish_redo")
    assert answer.status_code == 409
    assert "重新办理" in answer.text
    assert client.get(f"/matters/{number}/do/no_such_thing").status_code == 404


# -- who gets it ---------------------------------------------------------------------------------------------


def test_a_dispatch_goes_to_the_units_named_receiver(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = matters.in_state("registered")
    form = Form(client_as("intake"), f"/matters/{number}/do/dispatch")
    assert form.send(unit=OFFICE, receiver="1").status_code == 303
    row = matters.standing(number).row
    assert (row["owner_id"], row["unit_path"]) == (city.person_ids["handler"], OFFICE)


def test_a_unit_without_a_receiver_is_named_and_refused(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = matters.in_state("registered")
    with city.database.writing() as session:
        unit_id = city.unit_ids[OTHER_OFFICE]
        for row in session.scalars(select(DutyRoster).where(DutyRoster.unit_id == unit_id)):
            row.valid_to = city.clock.today().replace(day=1)
    form = Form(client_as("intake"), f"/matters/{number}/do/dispatch")
    answer = form.send(unit=OTHER_OFFICE, note="请办理")
    assert answer.status_code == 422
    assert "柿铺市场监管所" in answer.text
    assert "请办理" in answer.text
    assert form.send(unit="/999999/", note="请办理").status_code == 422
    assert matters.standing(number).state == "registered"
    with city.database.writing() as session:
        receiver = session.get_one(Person, city.person_ids["other_handler"])
        name_for_duty(session, session.get_one(Unit, unit_id), Duty.RECEIVER, receiver, city.clock.today())
    assert form.send(unit=OTHER_OFFICE, note="请办理").status_code == 303


def test_a_handover_waits_for_its_receiver(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = matters.in_state("mediating")
    with city.database.writing() as session:
        head = session.get_one(Person, city.person_ids["head"])
        office = session.get_one(Unit, city.unit_ids[OFFICE])
        grant_role(session, head, Role.HANDLER, office, day=city.clock.today(), now=city.clock.now())
    client = client_as("handler")
    form = Form(client, f"/matters/{number}/do/offer_handover")
    stranger = f"{city.person_ids['other_handler']}@{OTHER_OFFICE}"
    assert form.send(receiver=stranger, reason="休假").status_code == 422
    chosen = f"{city.person_ids['head']}@{OFFICE}"
    assert form.send(receiver=chosen, reason="休假").status_code == 303
    assert matters.standing(number).row["owner_id"] == city.person_ids["handler"]
    taker = client_as("head")
    page = taker.get(f"/matters/{number}").text
    start = page.index(f'action="/matters/{number}/do/accept_handover"')
    data = hidden_fields(page[start : page.index("</form>", start)])
    assert taker.post(f"/matters/{number}/do/accept_handover", data=data).status_code == 303
    assert matters.standing(number).row["owner_id"] == city.person_ids["head"]


def test_a_matter_that_leaves_ones_sight_leads_to_the_desk(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/return_to_intake")
    answer = form.send(reason_code="no_authority", reason="经营地在别处")
    assert (answer.status_code, answer.location) == (303, "/")
    assert form.client.get(f"/matters/{number}").status_code == 404


def test_two_clicks_open_one_lead(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = matters.in_state("accepted")
    form = Form(client_as("handler"), f"/matters/{number}/do/open_lead")
    for _click in range(2):
        assert form.send(clue="货架上另有三十一盒过期酸奶").status_code == 303
    page = client_as("handler").get(f"/matters/{number}").text
    lead = matters.lead_of(number)
    assert page.count(f'id="lead-{lead}"') == 1
    row = matters.standing(lead).row
    assert (row["owner_id"], row["unit_path"]) == (city.person_ids["handler"], OFFICE)
    assert matters.standing(lead).matter.consumer_id is None
    assert matters.standing(number).state == "accepted"
    assert client_as("operator").get(f"/matters/{lead}").status_code == 404


def test_a_draft_comes_back_and_goes_with_the_act(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = matters.in_state("dispatched")
    client = client_as("handler")
    path = f"/matters/{number}/do/accept"
    name = f"dossier_page.{number}.accept"
    kept = client.post(f"/drafts/{name}", data={"note": "写到一半", "csrf_token": csrf_token(client)})
    assert kept.status_code == 200
    assert "写到一半" in client.get(path).text
    assert Form(client, path).send(note="写完了").status_code == 303
    with city.database.reading() as session:
        assert session.get(Draft, (city.person_ids["handler"], name)) is None


def test_the_walk_of_a_complaint_through_the_pages(matters: Matters, client_as: SignIn) -> None:
    """From dispatch to the call-back with forms alone."""
    number = matters.in_state("registered")
    matters.walk(number, DISPATCH)
    client = client_as("handler")
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("accept", {}),
        ("tell_decision", {"channel": "sms", "told_on": "2026-11-24", "proof": "回执"}),
        ("record_consent", {"consent_complainant": "yes", "consent_respondent": "yes", "channel": "phone"}),
        ("begin_mediation", {}),
        (
            "hold_session",
            {"held_on": "2026-11-24", "place": "电话", "outcome": "offer", "notes": "商家愿意换货"},
        ),
        ("agree", {"form": "performed", "amount": "3299", "terms": "退货退款"}),
        (
            "tell_result",
            {
                "channel": "phone",
                "told_on": "2026-11-24",
                "proof_complainant": "录音",
                "proof_respondent": "录音",
            },
        ),
        ("close", {}),
    )
    for action, typed in steps:
        answer = Form(client, f"/matters/{number}/do/{action}").send(**typed)
        assert answer.status_code == 303, action
    caller = Form(client_as("operator"), f"/matters/{number}/do/revisit")
    assert caller.send(grade="satisfied", told="谢谢").status_code == 303
    assert matters.standing(number).state == "revisited"


def test_what_a_room_finds_is_said_above_the_kept_form(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = matters.in_state("dispatched")
    with city.database.writing() as session:
        for row in session.scalars(select(DutyRoster).where(DutyRoster.duty == Duty.OFFICER.value)):
            row.valid_to = city.clock.today().replace(day=1)
    form = Form(client_as("handler"), f"/matters/{number}/do/return_to_intake")
    answer = form.send(reason_code="no_authority", reason="经营地在别处")
    assert answer.status_code == 409
    assert "经营地在别处" in answer.text
    assert 'id="reason_code-0"' in answer.text
    assert matters.standing(number).state == "dispatched"
