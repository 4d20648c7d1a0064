"""Whoever loses a race learns by whom, also where the faster step took the matter out of sight or made no
form old; and nobody learns it who never saw the matter.
"""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Person, Unit
from complaints.organisation.roles import Role
from complaints.web.models import Draft
from tests.bureau import OFFICE, OTHER_OFFICE, Bureau, SignIn, csrf_token, post
from tests.complaints.dossier_page.test_acting import Form, events, hidden_fields
from tests.factories import PATHS, TODAY, Matters

WORDS = "消费者要求当面说明\n商家愿意换货"
TAKEN = ("intake", "take_back", {"reason": "分送有误"})


def granted(city: Bureau, who: str, role: Role, path: str) -> None:
    """Give the person the role on the unit from today on."""
    with city.database.writing() as session:
        person, unit = session.get(Person, city.person_ids[who]), session.get(Unit, city.unit_ids[path])
        assert person is not None
        assert unit is not None
        grant_role(session, person, role, unit, day=city.clock.today(), now=city.clock.now())


def said(answer: TestResponse) -> str:
    """Return what stands on the page itself, as it is read."""
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL)
    assert main is not None
    return unescape(re.sub(r"<[^>]+>", " ", main[0]))


def forged(client: FlaskClient, number: str, version: object, action: str = "accept") -> TestResponse:
    data = {"csrf_token": csrf_token(client), "form_version": str(version), "note": WORDS}
    return client.post(f"/matters/{number}/do/{action}", data=data)


@pytest.mark.parametrize(
    ("action", "typed"),
    [("accept", {"note": WORDS}), ("return_to_intake", {"reason_code": "no_authority", "reason": WORDS})],
)
def test_whose_matter_was_taken_back_is_told_by_whom_and_keeps_the_words(
    matters: Matters, client_as: SignIn, city: Bureau, action: str, typed: dict[str, str]
) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/{action}")
    matters.walk(number, TAKEN)
    answer = form.send(**typed)
    assert answer.status_code == 409
    page, taker = said(answer), city.actor("intake").name
    assert re.search(rf"{taker}已先一步办理：2026-11-24 \d\d:\d\d“收回”。本件已不在您处。", page)
    assert WORDS in unescape(answer.text).replace("\r\n", "\n")
    assert number in page
    assert "已存为草稿" in page
    assert events(matters, number)[-1] == "take_back"
    with city.database.reading() as session:
        kept = session.scalars(select(Draft).where(Draft.person_id == city.person_ids["handler"])).one()
        assert "商家愿意换货" in kept.fields


def test_a_step_that_is_no_more_possible_is_not_offered_again(matters: Matters, client_as: SignIn) -> None:
    """The words are handed back with the reason; a button would only be refused once more."""
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/accept")
    matters.walk(number, *PATHS["withdrawn"][-1:])
    answer = form.send(note=WORDS)
    assert answer.status_code == 409
    page = said(answer)
    assert "已先一步办理" in page
    assert "现在不能办理" in page
    assert WORDS in unescape(answer.text).replace("\r\n", "\n")
    assert "请核对后重新提交" not in page
    assert "Ctrl Enter" not in re.sub(r"\s+", " ", page), "the button that sends it"


def test_nothing_else_of_the_matter_is_told_and_nothing_can_be_sent(
    matters: Matters, client_as: SignIn
) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/accept")
    matters.walk(number, TAKEN, ("intake", "dispatch", {"unit": OTHER_OFFICE, "receiver": "other_handler"}))
    answer = form.send(note=WORDS)
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    assert "“收回”" in main
    for hidden in ("空调", "云栖", "陈", "分送", "other_handler", "<form", "form_version", "textarea"):
        assert hidden not in main, hidden
    assert form.client.get(f"/matters/{number}").status_code == 404


def test_the_loser_is_told_in_english(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = matters.in_state("dispatched")
    client = client_as("handler")
    assert post(client, "/language", language="en").status_code == 303
    form = Form(client, f"/matters/{number}/do/accept")
    matters.walk(number, TAKEN)
    page = said(form.send(note=WORDS))
    name = city.actor("intake").name
    assert re.search(
        rf"{name} was faster: “Take back” at 2026-11-24 \d\d:\d\d\. The matter is no longer", page
    )
    assert "What you typed stands below" in page
    assert re.search(r"[\u4e00-\u9fff]", page.replace(WORDS, "").replace(name, "")) is None


def test_a_desk_of_its_own_tells_it_too(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = matters.in_state("dispatched")
    version, client = matters.standing(number).form_version, client_as("handler")
    matters.walk(number, TAKEN)
    typed = {"held_on": "2026-11-24", "place": "调解室", "merchant_offer": "600.50", "notes": WORDS}
    data = {"csrf_token": csrf_token(client), "form_version": version, "outcome": "offer", **typed}
    answer = client.post(f"/mediation/{number}/session", data=data)
    assert answer.status_code == 409
    page = said(answer)
    assert f"{city.actor('intake').name}已先一步办理" in page
    for label, words in (("地点或者方式", "调解室"), ("经营者愿付的金额", "600.50"), ("调解记录", "消费者")):
        assert re.search(rf"{label}\s+{words}", page), label


def test_who_sent_it_away_twice_is_told_of_the_first(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    form = Form(client_as("handler"), f"/matters/{number}/do/return_to_intake")
    typed = {"reason_code": "no_authority", "reason": WORDS}
    assert form.send(**typed).status_code == 303
    again = form.send(**typed)
    assert again.status_code == 409
    assert "您本人已于" in said(again)


def test_who_never_saw_it_is_told_nothing_for_any_version(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    matters.walk(number, TAKEN)
    for who in ("other_handler", "station"):
        client = client_as(who)
        for version in ("", -1, 0, 1, 2, 3, 4, "2-2", 99):
            real, none = (forged(client, one, version) for one in (number, "420600-20261124-09999-4"))
            assert real.status_code == none.status_code == 404
            assert said(real) == said(none)


def test_only_the_version_that_was_seen_tells(matters: Matters, client_as: SignIn) -> None:
    """The handler saw it as it was dispatched: neither before, nor after it was taken back."""
    number = matters.in_state("dispatched")
    version = matters.standing(number).row["row_version"]
    matters.walk(number, TAKEN, ("intake", "dispatch", {"unit": OTHER_OFFICE, "receiver": "other_handler"}))
    client = client_as("handler")
    found = [forged(client, number, version + far).status_code for far in (-1, 0, 1, 2)]
    assert found == [404, 409, 404, 404]
    assert client.get(f"/matters/{number}/do/accept").status_code == 404


def test_who_came_to_the_unit_later_is_told_nothing(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = matters.in_state("dispatched")
    version = matters.standing(number).row["row_version"]
    matters.walk(number, TAKEN)
    city.clock.at += timedelta(days=1)
    granted(city, "other_handler", Role.HANDLER, OFFICE)
    assert forged(client_as("other_handler"), number, version).status_code == 404
    assert forged(client_as("handler"), number, version).status_code == 409


def test_a_list_that_was_dispatched_says_what_became_of_the_one_that_is_gone(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    granted(city, "other_handler", Role.INTAKE, OFFICE)
    number = matters.in_state("dispatched")
    version = matters.standing(number).row["row_version"]
    matters.walk(number, TAKEN)
    client = client_as("other_handler")
    nobodys = "420600-20261124-09999-4"
    data = {f"version-{one}": str(version) for one in (number, nobodys)}
    answer = client.post(
        "/intake/dispatch", data={"csrf_token": csrf_token(client), "n": [number, nobodys], **data}
    )
    assert answer.status_code == 409
    page = said(answer)
    assert re.search(rf"{number}：\s*{city.actor('intake').name}已先一步办理", page)
    assert re.search(rf"{nobodys}：\s*没有这个页面", page)


# -- steps beside the states


def working(matters: Matters) -> str:
    number = matters.in_state("mediating")
    worker = matters.city.person_ids["handler"]
    asked = {"work": "inspection", "worker": worker, "due_on": TODAY}
    matters.walk(number, ("handler", "ask_work", asked))
    return number


def test_whose_work_was_called_off_meanwhile_is_told_by_whom(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = working(matters)
    form = Form(client_as("handler"), f"/matters/{number}/do/finish_work")
    matters.do("head", number, "call_off_work", work_number=1, reason="不再需要")
    matters.do("head", number, "add_note", note="请尽快")
    answer = form.send(work_number="1", note=WORDS)
    assert answer.status_code == 409
    page = said(answer)
    assert f"{city.actor('head').name}已先一步办理" in page
    assert re.search(r"\d\d:\d\d“撤销交办工作”", page)
    assert "没有尚未完成的交办工作" in page
    assert "此前还有" not in page, "a note is no reason"
    assert "当面说明" in page
    post(form.client, "/language", language="en")
    assert "was faster: “Call work off” at" in said(form.send(work_number="1", note=WORDS))


def test_one_of_two_pieces_of_work_that_is_done_says_by_whom(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    """The other piece is still open, so the reason stands beneath the field."""
    number = working(matters)
    worker = city.person_ids["handler"]
    matters.do("handler", number, "ask_work", work="inspection", worker=worker, due_on=TODAY)
    form = Form(client_as("handler"), f"/matters/{number}/do/finish_work")
    matters.do("head", number, "call_off_work", work_number=1, reason="不再需要")
    answer = form.send(work_number="1", note=WORDS)
    assert answer.status_code == 422
    assert f"{city.actor('head').name}已先一步办理" in said(answer)


def test_what_the_form_has_seen_or_did_not_ask_about_is_not_told(matters: Matters, client_as: SignIn) -> None:
    number = working(matters)
    matters.do("head", number, "call_off_work", work_number=1, reason="不再需要")
    client = client_as("handler")
    seen = forged(client, number, matters.standing(number).form_version, "finish_work")
    assert seen.status_code == 409
    assert "先一步" not in said(seen)
    form = Form(client, f"/matters/{number}/do/ask_work")
    matters.do("head", number, "add_note", note="请尽快")
    matters.do("handler", number, "ask_work", work="inspection", worker=1, due_on=TODAY)
    wrong = form.send(work="inspection", due_on="2026-11-01")
    assert wrong.status_code == 422
    assert "另一个页面" not in said(wrong)


def test_a_file_that_was_withdrawn_meanwhile_says_by_whom(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = matters.in_state("mediating")
    matters.attach(number)
    matters.attach(number, kind="photo")
    form = Form(client_as("handler"), f"/matters/{number}/do/withdraw_file")
    matters.do("handler", number, "withdraw_file", file_number=1, reason="传错了")
    answer = form.send(file_number="1", reason=WORDS)
    assert answer.status_code == 422
    assert re.search(r"您本人已于.*办理了“[^”]*撤下", said(answer))


def test_a_form_carries_the_last_event_beside_the_version(matters: Matters, client_as: SignIn) -> None:
    number = working(matters)
    page = client_as("handler").get(f"/matters/{number}/do/finish_work").text
    row = matters.standing(number).row
    assert hidden_fields(page)["form_version"] == f"{row['row_version']}-{row['seq']}"
