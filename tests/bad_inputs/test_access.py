"""Addresses, tokens, cookies, passwords, requests: what nobody should reach, and what no browser sends."""

from __future__ import annotations

import io
import re
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from complaints.dossier.record_models import LedgerImport
from complaints.organisation.accounts import disable_account
from complaints.organisation.models import Person, SecurityEvent
from complaints.search.models import SearchQuery
from tests.bad_inputs.taking import Taking
from tests.bureau import COUNTY, PASSWORD, SignIn, csrf_token, post
from tests.complaints.ledgers.rooms import checked
from tests.complaints.ledgers.sheets import OWN, as_csv, row
from tests.complaints.registering import CALL
from tests.factories import Matters
from workflows.runtime.tables import event

NOBODYS = "420600-20261124-09999-4"
_FRESH = re.compile(r'(?:value|content|nonce)="[^"]*"|"X-CSRFToken": "[^"]*"|datetime="[^"]*"|next=[^"]*')


def test_c53_a_matter_of_another_is_as_if_it_were_not_there(
    standing_matters: Matters, standing_as: SignIn
) -> None:
    number = standing_matters.in_state("mediating")
    dispute = standing_matters.a_dispute()
    addresses = (
        "/matters/{n}",
        "/matters/{n}/do/add_note",
        "/matters/{n}/reveal/phone",
        "/matters/{n}/clocks/mediation-1",
        "/matters/{n}/files/1",
        "/mediation/{n}/session",
        "/mediation/{n}/agreement",
        "/payouts/{n}",
        "/payouts/apply?from={n}",
    )
    client = standing_as("other_handler")
    for address in addresses:
        theirs, nobodys = client.get(address.format(n=number)), client.get(address.format(n=NOBODYS))
        assert theirs.status_code == nobodys.status_code == 404, address
        same = (
            _FRESH.sub("", one.text.replace(number, "").replace(NOBODYS, "")) for one in (theirs, nobodys)
        )
        assert next(same) == next(same), address
    station = standing_as("other_station")
    assert station.get(f"/station/{dispute}").status_code == 404
    for near in (1, 2, 3):
        guessed = f"{number[:-7]}{near:05d}-{number[-1]}"
        assert client.get(f"/matters/{guessed}").status_code == 404
    assert number not in client.get("/mediation?tab=unit").text


ODD = (
    "(select 1)",
    "unknown",
    "x",
    "-1",
    "0",
    "99999999999999999999",
    "１",
    "²",
    "1e3",
    "1000000",
    "' OR 1=1 --",
    "a" * 5_000,
    "[]",
    "../..",
)
LISTS = (
    ("intake", "/intake"),
    ("intake", "/intake/dispatched"),
    ("handler", "/mediation"),
    ("handler", "/cases"),
    ("handler", "/payouts"),
    ("operator", "/revisits"),
    ("supervisor", "/supervision"),
    ("supervisor", "/supervision/figures/accepted"),
    ("system_admin", "/admin/outbox"),
    ("operator", "/hotline"),
    ("station", "/station"),
    ("intake", "/ledgers"),
    ("intake", "/ledgers/conflicts"),
    ("intake", "/ledgers/{checked}"),
    ("intake", "/ledgers/{unknown}/columns"),
)
ASKED = (
    "page",
    "sort",
    "dir",
    "size",
    "tab",
    "state",
    "status",
    "ending",
    "day",
    "first",
    "unit",
    "export",
    "n",
    "rows",
    "head",
)


def test_c55_odd_pages_orders_and_sizes_are_pages_all_the_same(standing_as: SignIn) -> None:
    clients: dict[str, FlaskClient] = {}
    desk = clients["intake"] = standing_as("intake")
    ledgers = {
        "checked": checked(desk, "a.csv", as_csv([row(), row(number="2", received_at="2023-02-30")])).id,
        "unknown": checked(desk, "b.csv", as_csv([row(), row(number="2")], OWN)).id,
    }
    for turn, (who, path) in enumerate(LISTS):
        client = clients.get(who) or clients.setdefault(who, standing_as(who))
        address = path.format(**ledgers)
        assert client.get(address).status_code == 200, address
        for odd in ("\x00", *ODD[turn % 3 :: 3]):
            answer = client.get(address, query_string=[(name, odd) for name in ASKED])
            assert answer.status_code in (200, 303, 404), (address, odd, answer.status_code)
            assert len(answer.data) < 400_000, "a page stays a page"
        twice = client.get(address, query_string=[(name, odd) for odd in ("1", "new", "2") for name in ASKED])
        assert twice.status_code in (200, 303, 404), address


def signed_in(client: FlaskClient) -> bool:
    """Tell whether somebody is signed in."""
    return client.get("/password").status_code == 200


def test_c56_a_change_needs_the_token_of_this_browser(standing_as: SignIn, taking: Taking) -> None:
    client, other = standing_as("operator"), standing_as("operator")
    foreign, before = csrf_token(other, "/password"), taking.count()
    for token in ("", foreign, "x" * 200, "\x00"):
        assert client.post("/hotline", data=CALL | {"csrf_token": token}).status_code == 400, token[:5]
    assert client.post("/hotline", data=CALL).status_code == 400
    assert client.get("/hotline", query_string=CALL).status_code == 200
    own = csrf_token(client, "/password")
    for kind in ("text/plain", "application/json"):
        body = f'{{"csrf_token": "{own}", "facts": "x"}}'
        assert client.post("/hotline", data=body, content_type=kind).status_code in (400, 415, 422)
    for address in ("/sign-out", "/hotline/discard", "/language", "/intake/discard"):
        assert client.get(address).status_code in (403, 404, 405)
    assert taking.count() == before
    assert signed_in(client)


def test_c56_nor_does_a_ledger_a_search_or_a_step_go_without_it(
    standing_as: SignIn, standing_matters: Matters
) -> None:
    """With none, with another browser's, by GET, and from another site: nothing is done."""
    number = standing_matters.in_state("accepted")
    ledger = checked(standing_as("intake"), "c56.csv", as_csv([row(number="56")])).id
    forms: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("intake", "/ledgers", {"unit": COUNTY, "file": (b"", "c56.csv")}),
        ("intake", f"/ledgers/{ledger}/confirm", {"skip_refused": "y"}),
        ("intake", f"/ledgers/{ledger}/drop", {}),
        ("intake", "/search", {"q": "开胶"}),
        ("handler", f"/matters/{number}/do/begin_mediation", {"form_version": "1", "note": "x"}),
    )
    before = _left(standing_as)
    foreign = csrf_token(standing_as("operator"))
    for who, address, fields in forms:
        client = standing_as(who)
        for token in (None, "", foreign, "x" * 200):
            data = {name: _part(value) for name, value in fields.items()}
            sent = data if token is None else data | {"csrf_token": token}
            answer = client.post(address, data=sent, headers={"Origin": "https://evil.example"})
            assert answer.status_code == 400, (address, token)
        asked = {name: str(value) for name, value in fields.items()}
        assert client.get(address, query_string=asked).status_code in (200, 404, 405, 409), address
    assert _left(standing_as) == before


def _part(value: Any) -> Any:
    """Return a field as it is sent; a file anew each time, since sending closes it."""
    return (io.BytesIO(as_csv([row()])), value[1]) if isinstance(value, tuple) else value


def _left(standing_as: SignIn) -> tuple[list[Any], ...]:
    """Return what forms could have left behind: ledgers, searches, steps."""
    with standing_as.city.database.reading() as session:
        ledgers = session.execute(select(LedgerImport.id, LedgerImport.stage).order_by(LedgerImport.id)).all()
        searches = session.scalars(select(SearchQuery.id)).all()
        steps = session.scalar(select(func.count()).select_from(event))
    return [*ledgers], [*searches], [steps]


def test_c57_old_cookies_open_nothing(standing_as: SignIn) -> None:
    city, app = standing_as.city, standing_as.app
    fresh = app.test_client()
    fresh.get("/sign-in")
    planted = fresh.get_cookie("fangxin")
    assert planted is not None
    post(fresh, "/sign-in", username="head", password=PASSWORD)
    kept = fresh.get_cookie("fangxin")
    assert kept is not None
    assert kept.value != planted.value
    post(fresh, "/sign-out", page="/password")
    for old in (planted.value, kept.value, "x", ""):
        replay = app.test_client()
        replay.set_cookie("fangxin", old)
        assert not signed_in(replay)
    still = standing_as("head")
    with city.database.writing() as session:
        disable_account(session, session.get_one(Person, city.person_ids["head"]), city.clock.now())
    assert not signed_in(still)
    with city.database.writing() as session:
        session.get_one(Person, city.person_ids["head"]).disabled_at = None


AWAY = (
    "//evil.com",
    "/\\evil.com",
    "\t//evil.com",
    "https:evil.com",
    "https://evil.com",
    "/\t/evil.com",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("wish", AWAY)
def test_c58_no_address_leads_out_of_the_house(standing_as: SignIn, wish: str) -> None:
    client = standing_as.app.test_client()
    answer = post(client, "/sign-in", username="handler", password=PASSWORD, next=wish)
    assert (answer.status_code, answer.location) == (303, "/")
    token = csrf_token(client, "/password")
    switched = client.post("/language", data={"csrf_token": token, "language": "zh_Hans_CN", "next": wish})
    assert (switched.status_code, switched.location) == (303, "/")


def test_c59_nobody_learns_whether_a_name_exists(standing_as: SignIn) -> None:
    client = standing_as.app.test_client()
    pages, times = [], []
    for username in ("auditor", "nobody-at-all"):
        began = time.perf_counter()
        answer = post(client, "/sign-in", username=username, password="wrong")
        times.append(time.perf_counter() - began)
        pages.append((answer.status_code, _FRESH.sub("", answer.text).replace(username, "")))
    assert pages[0] == pages[1]
    # both ways go through the slow hash; without it one would be many times as fast
    assert max(times) < 20 * min(times)


def test_c59_guessing_is_stopped_and_a_colleague_elsewhere_is_not_locked_out(standing_as: SignIn) -> None:
    client = standing_as.app.test_client()
    for _turn in range(5):
        refused = post(client, "/sign-in", username="supervisor", password="wrong")
    assert refused.status_code == 429
    assert "分钟" in refused.text or "稍后" in refused.text
    assert post(client, "/sign-in", username="supervisor", password=PASSWORD).status_code == 429
    elsewhere = standing_as.app.test_client()
    token = csrf_token(elsewhere)
    typed = {"csrf_token": token, "username": "supervisor", "password": PASSWORD}
    there = elsewhere.post("/sign-in", data=typed, environ_base={"REMOTE_ADDR": "10.1.2.3"})
    assert there.status_code == 303
    with standing_as.city.database.reading() as session:
        lines = session.scalars(select(SecurityEvent).where(SecurityEvent.success.is_(False))).all()
    assert any(line.kind.startswith("sign_in") for line in lines)
    standing_as.city.clock.move(hours=25)


def test_c60_what_no_browser_sends_is_refused_and_harms_nothing(standing_as: SignIn) -> None:
    client = standing_as("operator")
    token = csrf_token(client, "/password")
    deep = "[" * 100_000 + "]" * 100_000
    for body in (deep, '{"a": NaN}', '{"a": 1, "a": 2}', "{", "\x00"):
        for address in ("/hotline", "/drafts/hotline.call"):
            answer = client.post(
                address, data=body, content_type="application/json", headers={"X-CSRFToken": token}
            )
            assert answer.status_code < 500, (address, body[:20])
    parts = {f"field{number}": "x" for number in range(1_001)} | {"csrf_token": token}
    assert client.post("/hotline", data=parts, content_type="multipart/form-data").status_code == 413
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW"):
        assert client.open("/hotline", method=method).status_code in (400, 405, 501), method
    assert client.head("/hotline").status_code == 200
    for host in ("evil.com", "localhost:99999", "a b", ""):
        assert client.get("/healthz", headers={"Host": host}).status_code < 500
    for header in ("Content-Length", "Range", "If-Modified-Since", "Accept-Language", "Cookie", "Referer"):
        odd = client.get("/hotline", headers={header: "\xff" * 50 + ";=,-1"})
        assert odd.status_code < 500, header
    assert client.get("/%00/%ff/%c0%80").status_code == 404
    assert signed_in(client)
