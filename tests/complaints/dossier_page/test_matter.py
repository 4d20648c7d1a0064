"""The page of one matter: what it shows, to whom, and at what cost."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from complaints.dossier.models import Disclosure, Matter
from complaints.organisation.models import SecurityEvent
from tests.bureau import Bureau, SignIn, csrf_token
from tests.factories import ACCEPT, APPRAISE, DISPATCH, LEAD, PATHS, PHONE, TODAY, Matters


@pytest.mark.parametrize("state", [*PATHS, "transferred"])
def test_the_page_shows_every_state(matters: Matters, client_as: SignIn, state: str) -> None:
    number = matters.in_state(state)
    answer = client_as("intake").get(f"/matters/{number}")
    assert answer.status_code == 200
    assert number in answer.text
    assert answer.text.count('aria-current="step"') == (0 if state == "revisited" else 1)
    assert "市场监督管理投诉举报处理办法" in answer.text


def test_the_stage_that_was_not_taken_is_said(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("refused")
    page = client_as("handler").get(f"/matters/{number}").text
    assert re.findall(r'<li class="is-(\w+)"', page[: page.index("</ol>")]) == [
        "done",
        "skip",
        "skip",
        "here",
    ]


def test_a_merged_complaint_waits_for_no_call_back(matters: Matters, client_as: SignIn) -> None:
    page = client_as("intake").get(f"/matters/{matters.in_state('merged')}").text
    stages = page[: page.index("</ol>")]
    assert re.findall(r'<li class="is-(\w+)"', stages) == ["done", "skip", "skip", "done", "skip"]
    assert "办结后" not in stages


def test_what_was_wanted_stands_beside_the_work_and_in_the_form_that_ends_it(
    matters: Matters, client_as: SignIn
) -> None:
    number = matters.in_state("mediating")
    worker, note = matters.city.person_ids["handler"], f"看货架，找{PHONE}的经理"
    matters.do("handler", number, "ask_work", work="inspection", worker=worker, due_on=TODAY, note=note)
    client = client_as("handler")
    for address in (f"/matters/{number}", f"/matters/{number}/do/finish_work?work_number=1"):
        page = client.get(address).text
        assert "看货架，找" in page[page.index("1") :]
        assert PHONE not in page
    section = client.get(f"/matters/{number}").text.partition('aria-labelledby="beside"')[2]
    assert "看货架" in section.partition("</section>")[0]


def test_a_lead_stands_beside_its_complaint(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    matters.walk(number, LEAD)
    lead = matters.lead_of(number)
    page = client_as("handler").get(f"/matters/{number}").text
    assert f'href="#lead-{lead}"' in page
    assert "第二十七条" in page, "the lead's own clock is shown with its article"
    assert number in client_as("handler").get(f"/matters/{lead}").text
    # the operator sees the complaint, but no lead
    assert lead not in client_as("operator").get(f"/matters/{number}").text


@pytest.mark.parametrize("kind", ["station_dispute", "payout", "lead"])
def test_every_kind_has_the_same_page(matters: Matters, client_as: SignIn, kind: str) -> None:
    if kind == "station_dispute":
        number, who = matters.a_dispute(), "station"
    else:
        parent, who = matters.in_state("accepted"), "handler"
        matters.walk(parent, LEAD)
        number = matters.a_payout(parent) if kind == "payout" else matters.lead_of(parent)
    answer = client_as(who).get(f"/matters/{number}")
    assert answer.status_code == 200
    assert 'id="can"' in answer.text


def test_nobody_learns_whether_there_is_such_a_matter(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    client = client_as("other_handler")
    theirs, none = client.get(f"/matters/{number}"), client.get("/matters/420600-20261124-00099-1")
    assert theirs.status_code == none.status_code == 404
    assert _without_tokens(theirs.text) == _without_tokens(none.text)
    assert client_as("system_admin").get(f"/matters/{number}").status_code == 403


def _without_tokens(html: str) -> str:
    html = re.sub(r"[0-9]{6}-[0-9]{8}-[0-9]{5}-[0-9]", "NUMBER", html)
    return re.sub(r'nonce="[^"]+"|content="[^"]+"|value="[^"]+"|"X-CSRFToken": "[^"]+"', "", html)


def test_the_timeline_is_filtered_and_cut(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("accepted")
    for place in range(20):
        matters.do("handler", number, "add_note", note=f"第{place}次联系")
    client = client_as("handler")
    page, notes = client.get(f"/matters/{number}").text, client.get(f"/matters/{number}?show=notes").text
    assert page[page.index('<ol class="tl">') :].count("<time datetime") == 12
    assert "第19次联系" in page
    assert "第0次联系" not in page
    assert "第0次联系" in client.get(f"/matters/{number}?show=notes&whole=1").text
    assert "受理" not in notes[notes.index('<ol class="tl">') : notes.index("tl-more")]


# -- what stays hidden ---------------------------------------------------------------------------------------


def test_numbers_are_masked_and_names_by_role(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating", id_type="id_card", id_number="420602199001011234")
    mine, theirs = (client_as(who).get(f"/matters/{number}").text for who in ("handler", "supervisor"))
    for page in (mine, theirs):
        assert PHONE not in page
        assert "420602199001011234" not in page
        assert "138****8000" in page
    assert "陈晓民" in mine
    assert "/reveal/phone" in mine
    assert "陈晓民" not in theirs
    assert "/reveal/" not in theirs
    assert "短信回执 001" in mine
    assert "短信回执 001" not in theirs, "private texts go to those who handle the matter"


def _reveal(client: FlaskClient, number: str, reason: str, what: str = "phone") -> Any:
    data = {"csrf_token": csrf_token(client), "reason": reason}
    return client.post(f"/matters/{number}/reveal/{what}", data=data)


def test_a_full_number_costs_a_reason(
    matters: Matters, client_as: SignIn, city: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    number = matters.in_state("mediating")
    client = client_as("handler")
    asked = client.get(f"/matters/{number}/reveal/phone")
    assert asked.status_code == 200
    assert PHONE not in asked.text
    short = _reveal(client, number, "看看")
    assert short.status_code == 422
    assert PHONE not in short.text
    assert _disclosures(city) == []
    shown = _reveal(client, number, "电话约调解时间")
    assert PHONE in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert _disclosures(city) == [(city.person_ids["handler"], "phone", "电话约调解时间")]
    with city.database.reading() as session:
        seen = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "full_value_seen")).one()
    assert (seen.actor_id, seen.subject) == (city.person_ids["handler"], f"{number} phone")
    assert PHONE not in caplog.text


def test_an_email_address_is_masked_and_shown_for_a_reason(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    address = "zhouhuimin@qq.com"
    number = matters.in_state("mediating", reply_channel="email", email=address)
    client = client_as("handler")
    page = client.get(f"/matters/{number}").text
    assert "z***@qq.com" in page
    assert f'href="/matters/{number}/reveal/email"' in page
    assert address not in page
    assert address in _reveal(client, number, "发送调解书扫描件", "email").text
    assert _disclosures(city) == [(city.person_ids["handler"], "email", "发送调解书扫描件")]
    assert address not in client_as("supervisor").get(f"/matters/{number}").text


def test_a_payout_keeps_the_complainants_way_of_being_told(matters: Matters) -> None:
    complaint = matters.in_state("accepted", reply_channel="email", email="zhouhuimin@qq.com")
    payout = matters.a_payout(complaint)
    with matters.reading("supervisor") as work:
        consumer = work.session.scalars(select(Matter).where(Matter.number == payout)).one().consumer
        assert consumer is not None
        assert (consumer.reply_channel, consumer.email) == ("email", "zhouhuimin@qq.com")


def _disclosures(city: Bureau) -> list[tuple[object, ...]]:
    with city.database.reading() as session:
        rows = session.execute(select(Disclosure.person_id, Disclosure.what, Disclosure.reason))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("who", "what", "status"),
    [
        ("supervisor", "phone", 403),
        ("other_handler", "phone", 404),
        ("handler", "phone_hash", 404),
        ("handler", "id_number", 404),
    ],
)
def test_no_way_to_a_full_number_without_the_right(
    matters: Matters, client_as: SignIn, city: Bureau, who: str, what: str, status: int
) -> None:
    number = matters.in_state("mediating")
    assert _reveal(client_as(who), number, "电话约调解时间", what).status_code == status
    assert _disclosures(city) == []


# -- numbers that a caller said ------------------------------------------------------------------------------

SAID = "店主电话 139 0013 9000，汇款卡号６２２２０２１２３４５６７８９０１２３，2026-11-20 付 1280.00 元"
CARD = "6222021234567890123"


def _with_numbers(matters: Matters) -> str:
    """Return a complaint in whose facts, clue and notes stand numbers of persons and accounts."""
    number = matters.a_complaint(facts=SAID)
    matters.walk(number, DISPATCH, ACCEPT)
    matters.do("handler", number, "open_lead", clue=f"收款账户 {CARD}，联系 0710-3512345")
    matters.do("handler", number, "add_note", note="邻居 13700137000 可作证")
    return number


def _hides_all(page: str) -> bool:
    plain = unicodedata.normalize("NFKC", re.sub(r"\s", "", page))
    return not any(one in plain for one in ("13900139000", CARD, "0710-3512345", "13700137000"))


@pytest.mark.parametrize("who", ["handler", "head", "supervisor", "auditor", "operator"])
def test_numbers_in_words_are_masked_for_everybody(matters: Matters, client_as: SignIn, who: str) -> None:
    number = _with_numbers(matters)
    lead = matters.lead_of(number)
    client = client_as(who)
    for address in (f"/matters/{number}?whole=1", f"/matters/{lead}", f"/payouts/apply?from={number}"):
        page = client.get(address).text
        assert _hides_all(page), address
    facts = client.get(f"/matters/{number}").text
    assert "139****9000" in facts
    assert "2026-11-20 付 1280.00 元" in facts


def test_the_full_words_cost_a_reason(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = _with_numbers(matters)
    client = client_as("handler")
    page = client.get(f"/matters/{number}").text
    assert f"/matters/{number}/reveal/facts" in page
    assert f"/matters/{number}/reveal/texts" in page
    assert _reveal(client, number, "看看", "facts").status_code == 422
    assert SAID in _reveal(client, number, "联系店主核实", "facts").text
    texts = _reveal(client, number, "联系证人核实", "texts").text
    assert "13700137000" in texts
    assert CARD in texts
    assert [one[1] for one in _disclosures(city)] == ["facts", "texts"]


def test_where_nothing_is_masked_nothing_is_offered(
    matters: Matters, client_as: SignIn, city: Bureau
) -> None:
    number = matters.in_state("mediating")
    client = client_as("handler")
    page = client.get(f"/matters/{number}").text
    assert "/reveal/facts" not in page
    assert "/reveal/texts" not in page
    for what in ("facts", "texts"):
        assert _reveal(client, number, "联系店主核实", what).status_code == 404
    assert _disclosures(city) == []


def test_lists_carry_no_number_in_a_title(matters: Matters, client_as: SignIn) -> None:
    number = matters.a_complaint(title="退货，电话13900139000")
    assert matters.standing(number).matter.title == "退货，电话139****9000"
    assert _hides_all(client_as("intake").get("/intake").text)


def test_the_children_keep_what_was_said(matters: Matters, client_as: SignIn) -> None:
    number = matters.a_complaint(facts=SAID)
    matters.walk(number, DISPATCH, ACCEPT)
    payout = matters.a_payout(number)
    assert SAID in _reveal(client_as("handler"), payout, "核实收款人", "facts").text


# -- the proof of a limit ------------------------------------------------------------------------------------


def test_the_proof_counts_to_the_limit(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    matters.city.clock.move(days=3)
    matters.walk(number, APPRAISE)
    running = client_as("handler").get(f"/matters/{number}").text
    assert "尚未恢复" in running
    matters.city.clock.move(days=5)
    matters.do("handler", number, "finish_appraisal", paper="检 2026-077", result_on=TODAY, result="不符合")
    client = client_as("handler")
    page = client.get(f"/matters/{number}").text
    ledger = page[page.index('id="pauses"') :]
    ledger = ledger[: ledger.index("</section>")]
    for told in ("调解期限", "5 日不计入", "委 2026-018", "送检鉴定", "第二十二条", "等待鉴定检测结果"):
        assert told in ledger, told
    assert "检 2026-077" in ledger, "the paper with which it went on"
    assert matters.city.actor("head").name in ledger, "who approved it"
    assert matters.city.actor("handler").name not in ledger
    link = re.search(rf'href="(/matters/{number}/clocks/mediation-\d+)"', page)
    assert link is not None
    proof = client.get(link[1])
    assert proof.status_code == 200
    numbers = [int(one) for one in re.findall(r'<td class="r num">(\d+)</td>', proof.text)]
    assert numbers == list(range(1, 61))
    assert proof.text.count("第二十二条") >= 5, "five days of testing are not counted"
    assert "2027-01-28" in proof.text, "60 days from 2026-11-24, and five more"
    assert "暂定" in proof.text, "the year 2027 is not announced"
    assert client.get(f"/matters/{number}/clocks/mediation-999").status_code == 404


def test_the_proof_of_working_days_skips_weekends(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("registered")
    proof = client_as("intake").get(f"/matters/{number}/clocks/accept_decision-1").text
    rows = re.findall(r'class="num">([0-9-]+) [^<]*</th><td class="r num">([^<]+)</td>', proof)
    assert rows[0] == ("2026-11-24", "–")
    assert rows[-1] == ("2026-12-03", "7")
    assert ("2026-11-28", "–") in rows


# -- cost ----------------------------------------------------------------------------------------------------


@contextmanager
def _counted(city: Bureau) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_more: Any) -> None:
        found.append(statement)

    event.listen(city.database.reader, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(city.database.reader, "before_cursor_execute", note)


def test_more_events_cost_no_more_queries(matters: Matters, client_as: SignIn, city: Bureau) -> None:
    number = matters.in_state("accepted")
    matters.walk(number, LEAD)
    client = client_as("handler")
    client.get(f"/matters/{number}")
    with _counted(city) as few:
        client.get(f"/matters/{number}?whole=1")
    for place in range(45):
        matters.do("handler", number, "add_note", note=f"第{place}次联系")
    with _counted(city) as many:
        answer = client.get(f"/matters/{number}?whole=1")
    assert answer.text.count("<time datetime") > 45
    assert len(many) == len(few), "\n".join(many)
    assert len(few) <= 32


def test_a_payout_is_applied_for_from_the_page(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("accepted")
    assert f"/matters/{number}/do/apply_payout" in client_as("handler").get(f"/matters/{number}").text
    for other in ("head", "intake", "supervisor"):
        assert "/do/apply_payout" not in client_as(other).get(f"/matters/{number}").text
    ended = matters.in_state("revisited")
    assert "/do/apply_payout" not in client_as("handler").get(f"/matters/{ended}").text
