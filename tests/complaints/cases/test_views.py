"""The ledger of leads in a browser without scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event

from complaints.dossier.refusals import Denied
from complaints.organisation.roles import Role
from tests.bureau import CITY, OFFICE, Bureau, SignIn, at_bureau
from tests.complaints.cases.leading import CASE, concluded, filed, not_filed, passed, proposed
from tests.complaints.dossier_page.beside_scenes import take_down
from tests.paying import Paying

STUCK = "您在本单位不能核查：请本单位负责人移交"


def test_each_end_shows_what_proves_it(desk: Paying, client_as: SignIn) -> None:
    ends = {
        "filed": (filed(desk), CASE),
        "concluded": (concluded(desk), "5,000.00"),
        "not_filed": (not_filed(desk), "检验合格，违法事实不成立"),
        "passed": (passed(desk), "樊公收〔2026〕8号"),
    }
    client = client_as("head")
    for tab, (number, proof) in ends.items():
        text = client.get(f"/cases?tab={tab}").text
        assert number in text
        assert proof in text


def test_a_lead_leads_back_to_its_complaint(desk: Paying, client_as: SignIn) -> None:
    complaint = desk.accepted()
    desk.lead(complaint)
    assert f'href="/matters/{complaint}"' in client_as("handler").get("/cases").text


def test_a_lead_is_never_less_than_no_days_old(desk: Paying, client_as: SignIn, city: Bureau) -> None:
    """The machine's clock was a day ahead when it was opened."""
    lead = desk.lead(desk.accepted())
    city.clock.move(days=-1)
    row = re.search(f"{lead}.*?</tr>", client_as("handler").get("/cases").text, re.DOTALL)
    assert row is not None
    assert re.findall(r"(\S+)\s*天", re.sub("<[^>]+>", " ", row[0])) == ["0"]


def test_an_auditor_sees_that_there_is_a_reason_but_not_its_words(desk: Paying, client_as: SignIn) -> None:
    lead = not_filed(desk)
    text = client_as("auditor").get("/cases?tab=not_filed").text
    assert lead in text
    assert "违法事实不成立" not in text


def test_who_may_open_the_ledger(client_as: SignIn) -> None:
    for who in ("handler", "head", "supervisor", "auditor"):
        assert client_as(who).get("/cases").status_code == 200, who
    for who in ("operator", "intake", "station", "cashier", "payout_approver", "system_admin"):
        assert client_as(who).get("/cases").status_code == 403, who


def test_another_office_sees_none_of_it(desk: Paying, client_as: SignIn) -> None:
    lead = desk.lead(desk.accepted())
    assert lead not in client_as("other_handler").get("/cases").text


def test_a_lead_that_was_sent_back_says_by_whom_and_why(desk: Paying, client_as: SignIn) -> None:
    """Its state is that of any lead under verification."""
    lead, other = proposed(desk), desk.lead(desk.accepted())
    desk.act("head", lead, "send_back", reason="补充进货记录")
    handler = client_as("handler")
    for page in (handler.get("/cases").text, handler.get(f"/matters/{lead}").text):
        said = " ".join(re.sub(r"<[^>]+>", " ", page).split())
        assert re.search(r"2026-11-24 \(周二\) 由\w+退回补充核查 ?： ?补充进货记录", said), said
    assert "2026-11-24 (周二) 由" not in handler.get(f"/matters/{other}").text
    auditor = client_as("auditor").get("/cases").text
    assert "退回补充核查" in auditor
    assert "补充进货记录" not in auditor
    desk.act("handler", lead, "propose_filing", ground="《中华人民共和国食品安全法》第三十四条")
    desk.act("handler", lead, "withdraw_proposal", reason="再看一看")
    assert "补充进货记录" not in handler.get("/cases").text


def test_the_complaint_is_told_who_decided_as_far_as_its_reader_may_know(
    desk: Paying, client_as: SignIn
) -> None:
    """That there is a reason, and not its words: they stand in the lead."""
    complaint = desk.accepted()
    lead = desk.lead(complaint)
    desk.act("handler", lead, "propose_not_filing", reason="检验合格")
    desk.act("head", lead, "not_file", reason="违法事实不成立")
    take_down(desk)

    def told(who: str) -> str:
        page = client_as(who).get(f"/matters/{complaint}").text
        (line,) = re.findall(rf"<li>(?:(?!</li>).)*线索 {lead}：不予立案.*?</li>", page, re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", line).split())

    head = desk.city.actor("head").name
    handler = told("handler")
    assert f"作出人 {head} · 决定不予立案 · 2026-11-24" in handler
    assert "不予立案的理由 见该事项" in handler
    assert "违法事实不成立" not in handler
    assert head not in told("intake"), "who may not open the lead learns what it came to"


def test_who_proposes_does_not_file(desk: Paying) -> None:
    desk.hire("both", Role.HANDLER, Role.HEAD, unit=OFFICE)
    lead = desk.lead(desk.accepted(), who="both")
    desk.act("both", lead, "propose_filing", ground="第三十四条")
    with pytest.raises(Denied) as refused:
        desk.act("both", lead, "file", case_number=CASE)
    assert "not_the_proposer" in {why.code for why in refused.value.reasons}
    desk.act("head", lead, "file", case_number=CASE)
    assert desk.state(lead) == "filed"


def test_a_lead_from_a_complaint_at_the_desk_reaches_a_handler(desk: Paying) -> None:
    complaint = desk.register()
    told = {"item": "1", "reason": "属于农业农村部门职责", "remedies_told": True}
    desk.act("intake", complaint, "refuse", **told)
    desk.hire("city_head", Role.HEAD, unit=CITY)
    lead = desk.lead(complaint, who="city_head")
    handler = desk.city.person_ids["handler"]
    desk.act("city_head", lead, "offer_handover", unit=OFFICE, receiver=handler, reason="请核查")
    desk.act("handler", lead, "accept_handover")
    desk.act("handler", lead, "propose_filing", ground="《中华人民共和国食品安全法》第三十四条")
    assert desk.state(lead) == "filing_proposed"


BUTTONS = (
    "propose_filing",
    "propose_not_filing",
    "file",
    "send_back",
    "not_file",
    "conclude",
    "offer_handover",
)


def test_each_button_leads_to_an_act_that_may_be_done(desk: Paying, client_as: SignIn, city: Bureau) -> None:
    """Who owns a lead without being a handler of its unit is offered the handover, not the filing."""
    at_bureau(city, "head", Role.HEAD)
    at_bureau(city, "intake", Role.SUPERVISOR)
    mine, at_city = desk.lead(desk.accepted()), desk.lead(desk.register(), who="head")
    waits, case = proposed(desk), filed(desk)
    offered = {
        "handler": {(mine, "propose_filing"), (mine, "propose_not_filing"), (case, "conclude")},
        "head": {(at_city, "offer_handover"), (waits, "file"), (waits, "send_back")},
        "intake": set(),
    }
    for who, wanted in offered.items():
        client = client_as(who)
        pages = client.get("/cases").text + client.get("/cases?tab=filed").text
        found = {
            (lead, one)
            for lead in (mine, at_city, waits, case)
            for one in BUTTONS
            if f"/matters/{lead}/do/{one}" in pages
        }
        assert found == wanted, who
        for lead, one in found:
            assert client.get(f"/matters/{lead}/do/{one}").status_code == 200, (who, one)
    handler = city.person_ids["handler"]
    desk.act("head", at_city, "offer_handover", unit=OFFICE, receiver=handler, reason="请核查")
    page = client_as("head").get("/cases").text
    assert f"/matters/{at_city}/do/offer_handover" not in page, "it is offered already"
    assert STUCK not in page


def test_an_officer_who_keeps_a_lead_is_told_who_hands_it_on(
    desk: Paying, client_as: SignIn, city: Bureau
) -> None:
    at_bureau(city, "intake", Role.SUPERVISOR)
    lead = desk.lead(desk.register(), who="intake")
    assert STUCK not in client_as("supervisor").get("/cases").text
    page = client_as("intake").get("/cases").text
    assert lead in page
    assert STUCK in page
    assert f"/matters/{lead}/do/" not in page


def test_a_wrong_day_or_page_is_said_or_passed_over(client_as: SignIn) -> None:
    client = client_as("head")
    for day in ("2026-11-25", "2006-12-31", "2026-02-29", "yesterday", "９９９９"):
        answer = client.get("/cases", query_string={"day": day})
        assert answer.status_code == 200
        assert 'aria-invalid="true"' in answer.text, day
    for page in ("-1", "0", "x", "99999999999999999999", "１"):
        assert client.get("/cases", query_string={"page": page}).status_code == 200, page


def test_queries_do_not_grow_with_the_ledger(desk: Paying, client_as: SignIn) -> None:
    client = client_as("head")
    proposed(desk)
    client.get("/cases")  # the working calendar is read once a process
    counts = []
    for more in (1, 4):
        for _ in range(more):
            proposed(desk)
            not_filed(desk)
        counts.append([_queries(desk, client, tab) for tab in ("open", "not_filed")])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 30


def _queries(desk: Paying, client: Any, tab: str) -> int:
    seen: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(desk.database.reader, "before_cursor_execute", count)
    client.get(f"/cases?tab={tab}")
    event.remove(desk.database.reader, "before_cursor_execute", count)
    return len(seen)
