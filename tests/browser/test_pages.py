"""Every page at the width of a desk and a phone, in both languages, judged by tests.browser.inspecting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import inspect, text

from complaints.payouts.ledger import Cause, put_into_fund
from tests.browser.desk import Desk
from tests.browser.fixtures import SitDown
from tests.browser.inspecting import CHINESE, NARROW, WIDE
from tests.browser.serving import Served
from tests.factories import ARRANGE, CHALLENGE, LEAD, PATHS, Matters, Step, matters_of

OFFICIAL = (
    "中华人民共和国食品安全法",
    "中华人民共和国消费者权益保护法",
    "中文",
    "消费者权益保护法",
    "个人信息保护法",
    "樊市监立",
    "放心",
    # what tests.factories type and the database keeps encrypted
    "陈晓民",
    "吴珍",
    "襄阳市樊城区米公街道 12 号",
    "发票.pdf",
)
"""Names of instruments, of people and of the language itself: the same in any language."""


REFUSED_CHALLENGE: Step = ("head", "decide_challenge", {"upheld": False, "reason": "没有利害关系"})


@pytest.fixture
def matters(served: Served) -> Matters:
    """Matters of every kind in many states."""
    return matters_of(served.app, served.city)


def the_pages(served: Served, matters: Matters) -> dict[str, list[str]]:
    """Fill the bureau and return the pages that each person opens."""
    with served.city.database.writing() as session:
        put_into_fund(session, 5_000_000, Cause(0, served.clock.now(), served.clock.today()))
    by_state = {state: matters.in_state(state) for state in PATHS}
    mediating = by_state["mediating"]
    matters.walk(mediating, LEAD)
    # arranged before the challenge, and to be called off while it is open
    suspended = by_state["suspended"]
    matters.walk(suspended, REFUSED_CHALLENGE, ARRANGE, CHALLENGE)
    lead, payout, dispute = matters.lead_of(mediating), matters.a_payout(mediating), matters.a_dispute()
    matters.do("station", dispute, "record_offer", consumer_offer=19_900, merchant_offer=10_000)
    matters.attach(mediating)
    matters.attach(mediating, kind="identity_proof")
    matters.attach(dispute, "station")
    return {
        "operator": [
            "/hotline",
            f"/hotline/registered/{by_state['registered']}",
            "/revisits",
            f"/matters/{by_state['closed']}",
            f"/matters/{by_state['closed']}/do/revisit",
        ],
        "intake": [
            "/intake",
            f"/intake?matter={by_state['registered']}",
            "/intake?tab=returned",
            f"/intake/dispatch?n={by_state['registered']}",
            f"/intake/dispatched?n={by_state['dispatched']}",
            "/intake/register",
            f"/matters/{by_state['returned']}/do/rule_on_return",
            f"/matters/{by_state['identity_asked']}",
        ],
        "handler": [
            "/mediation",
            "/mediation?tab=tasks",
            "/mediation?tab=unit",
            f"/mediation/{mediating}/session",
            f"/mediation/{mediating}/agreement",
            f"/mediation/{mediating}/arrange",
            f"/mediation/{by_state['suspended']}/change",
            f"/matters/{by_state['suspended']}",
            f"/matters/{mediating}",
            f"/matters/{mediating}?show=limits",
            _proof(served, mediating),
            f"/matters/{mediating}/do/terminate",
            f"/matters/{mediating}/do/accept",
            f"/matters/{mediating}/do/supplement",
            f"/matters/{mediating}/reveal/phone",
            f"/matters/{mediating}/do/attach",
            f"/matters/{mediating}/files/1",
            f"/matters/{mediating}/files/2",
            f"/matters/{mediating}/do/withdraw_file?file_number=1",
            f"/matters/{by_state['appraising']}",
            f"/matters/{by_state['dispatched']}/do/refuse",
            f"/matters/{by_state['revisited']}",
            f"/matters/{lead}",
            "/cases",
            "/payouts",
            f"/payouts/{payout}",
            f"/payouts/apply?from={mediating}",
            "/no/such/page",
        ],
        "station": [
            "/station",
            "/station/register",
            f"/station/{dispute}",
            f"/station/{dispute}/settle",
            f"/station/{dispute}/pass-up",
            f"/station/{dispute}/withdraw",
            f"/matters/{dispute}/do/attach",
        ],
        "payout_approver": [f"/payouts/{payout}"],
        "cashier": ["/payouts", f"/payouts/{payout}"],
        "audit_admin": ["/admin/anchors"],
        "auditor": ["/supervision", "/admin/anchors", f"/matters/{mediating}", "/payouts"],
        "supervisor": [
            "/supervision",
            "/supervision/figures/accepted",
            "/supervision/moved",
            "/procedures",
            "/procedures/rules",
            "/procedures/rules/order-20-and-778",
            "/procedures/rules/local-practice",
            "/procedures/complaint",
            "/procedures/complaint/2/3",
            "/procedures/complaint/2/3/rehearsal",
            f"/matters/{by_state['terminated']}",
        ],
        "system_admin": [
            "/admin/outbox",
            "/admin/calendar",
            _outbox_message(served),
            "/procedures/complaint/2/3/rehearsal",
            "/password",
        ],
        "security_admin": ["/welcome"],
    }


def _proof(served: Served, number: str) -> str:
    """Return the address of the day-by-day count of a matter's first clock."""
    found = _one(
        served,
        "SELECT clock, opened_seq FROM wf_deadline JOIN wf_instance ON wf_instance.id = instance_id"
        " JOIN matter ON matter.id = subject_id WHERE number = :number ORDER BY wf_deadline.id",
        number=number,
    )
    return f"/matters/{number}/clocks/{found[0]}-{found[1]}"


def _outbox_message(served: Served) -> str:
    found = _one(served, "SELECT min(id) FROM wf_outbox")
    return f"/admin/outbox/{found[0]}"


def _one(served: Served, statement: str, **values: str) -> Any:
    with served.city.database.reading() as session:
        return session.execute(text(statement), values).first()


@pytest.mark.parametrize(
    ("migrated_url", "width", "turn"),
    [
        # every page in one language on a desk and in the other on a phone
        ("sqlite", WIDE, 0),
        ("postgresql", NARROW, 1),
        # and the other way round, on the other database, in the long run
        pytest.param("sqlite", NARROW, 0, marks=pytest.mark.slow),
        pytest.param("postgresql", WIDE, 1, marks=pytest.mark.slow),
    ],
    indirect=["migrated_url"],
)
def test_every_page_in_both_languages(
    served: Served, matters: Matters, desk: SitDown, width: int, turn: int, migrated_url: str
) -> None:
    pages = the_pages(served, matters)
    data = sorted(set(data_of(served)) | set(OFFICIAL), key=len, reverse=True)
    for who, paths in pages.items():
        person = desk(who, width)
        for path in paths[turn::2]:
            person.open(path)
        later = paths[1 - turn :: 2]
        if later:
            person.open(paths[0])
            in_english(person, data)
        for path in later:
            person.open(path)


def in_english(person: Desk, data: list[str]) -> None:
    """Switch the language as people do, and hold the other rule against every page from now on."""
    person.page.locator("details.menu:has(button[name=language]) summary").click()
    with person.page.expect_navigation(wait_until="load"):
        person.page.get_by_role("button", name="English").click()
    person.language, person.data = "en", data


def data_of(served: Served) -> Iterator[str]:
    """Return every Chinese text that was typed or names somebody: it stands in any language as it is."""
    with served.city.database.reading() as session:
        names = inspect(session.connection())
        for table in ("person", "unit", "merchant", "matter", "payout"):
            columns = [one["name"] for one in names.get_columns(table)]
            for row in session.execute(text(f"SELECT * FROM {table}")):  # noqa: S608 (names of our own tables)
                yield from (one for value in zip(columns, row, strict=True) for one in _strings(value[1]))
    for steps in (*PATHS.values(), (LEAD, ARRANGE, REFUSED_CHALLENGE)):
        for _who, _action, payload in steps:
            for value in payload.values():
                yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and CHINESE.search(value):
        yield value
        yield from (line for line in value.splitlines() if line.strip())
