"""Sixty nasty texts into every field of the main forms, by the role that fills them in: nothing breaks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from complaints.ledgers.models import LedgerConflict
from tests.bad_inputs.taking import Taking
from tests.bureau import PASSWORD, SignIn, post
from tests.complaints.ledgers.rooms import checked
from tests.complaints.ledgers.sheets import OWN, as_csv, row
from tests.factories import FILE_LEAD, LEAD, Matters
from tests.paying import Paying

NASTY = (
    # nothing, or nothing to be seen
    "",
    " ",
    "\u3000",
    "\u00a0\u2003\u200b\ufeff",
    "\t\r\n",
    "\0",
    "a\0b",
    "\x01\x02\x1b[2J\x7f\x9f",
    # words that mean something to a program
    "null",
    "None",
    "undefined",
    "True",
    "NaN",
    "-Infinity",
    "__proto__",
    "constructor",
    "CON",
    "nul.txt",
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "file:///etc/passwd",
    "http://127.0.0.1:22/",
    # numbers
    "0",
    "-1",
    "-0",
    "1e400",
    "1_000",
    "0x7fffffff",
    "9223372036854775808",
    "9" * 400,
    "١٢٣",
    "²³",
    "½",
    "①",
    "〇一二",
    "1.0000000000000000000001",
    # days
    "2025-02-29",
    "0000-00-00",
    "9999-12-31",
    "24:00",
    "1970-01-01T00:00:00Z",
    # quotes, databases, templates, marks
    "'",
    '"',
    "`",
    "\\",
    "'; DROP TABLE matter; --",
    "' OR '1'='1",
    "%_%\\%",
    "{{7*7}}",
    "{% raw %}",
    "${7*7}",
    "%s%n%x",
    "%(name)s",
    "{0.__class__}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]><!--",
    "&#x3c;&lt;&amp;lt;",
    # signs of other scripts
    "㐂𠮷𬱖",
    "👨\u200d👩\u200d👧🇨🇳👍🏽",
    "e" + "\u0301" * 80,
    "\u202eתקתק\u202c",
    "العربية",
    "\ufdfa" * 20,
    "\U0010ffff\ufffe\ufdd0",
    "ﷺ\u2028\u2029\x85x",
    # formulas, lines, length
    "=cmd|'/c calc'!A0",
    "+86 138 0013 8000",
    "a\r\nSet-Cookie: x=y",
    "退" * 6_000,
)
FIELD = re.compile(r"<(?:input|select|textarea)\b[^>]*\bname=\"([a-z_0-9]+)\"[^>]*>", re.DOTALL)
OURS = {"csrf_token"}
KEYS = ("idempotency_key", "form_version", "draft")


def forms(page: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the address and the fields of each form of a page that acts."""
    for form in re.findall(r"<form\b[^>]*method=\"post\"[^>]*>.*?</form>", page, re.DOTALL | re.IGNORECASE):
        action = re.search(r'action="([^"]*)"', form)
        yield html.unescape(action[1]) if action else "", set(FIELD.findall(form)) - OURS


class Walker:
    """Fills the forms of one person's pages."""

    def __init__(self, client: FlaskClient, texts: Sequence[str] = NASTY) -> None:
        self.client, self.texts = client, texts
        self.sent = 0

    def walk(self, address: str) -> None:
        """Send every form of the page with each nasty text in every field."""
        page = self.client.get(address)
        assert page.status_code == 200, (address, page.status_code)
        for action, names in forms(page.text):
            where = action or address
            if names and not where.startswith(("/sign-out", "/language")):
                self.fill(where, names, page.text)

    def fill(self, address: str, names: set[str], page: str) -> None:
        """Send one form: each nasty text in all fields at once, so that each field meets each."""
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert token is not None
        known = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) for name in KEYS}
        for nasty in self.texts:
            typed = dict.fromkeys(names, nasty)
            typed |= {name: found[1] for name, found in known.items() if found and nasty}
            answer = self.client.post(address, data=typed | {"csrf_token": token[1]})
            assert answer.status_code < 500, (address, nasty[:40], answer.text[:500])
            assert "Traceback" not in answer.text, (address, nasty[:40])
            assert "<script>alert(1)" not in answer.text
            self.sent += 1


WALKS = (
    ("operator", ["/hotline"]),
    ("intake", ["/intake/register", "/intake?matter={registered}"]),
    ("station", ["/station/register", "/station/{dispute}", "/station/{dispute}/settle"]),
    ("handler", ["/matters/{mediating}/do/terminate", "/mediation/{mediating}/session"]),
    ("handler", ["/mediation/{mediating}/agreement", "/payouts/apply?from={mediating}"]),
    ("handler", ["/matters/{dispatched}/do/refuse", "/matters/{mediating}/reveal/phone"]),
    ("payout_approver", ["/payouts/{payout}"]),
    ("supervisor", ["/password"]),
    ("intake", ["/intake/dispatch?n={registered}", "/matters/{dispatched}/do/link"]),
    ("intake", ["/matters/{registered}/do/merge", "/matters/{merged}/do/unmerge"]),
    ("intake", ["/matters/{linked}/do/unlink", "/ledgers/{unknown}/columns"]),
    ("intake", ["/ledgers", "/ledgers/conflicts/{conflict}", "/ledgers/{checked}"]),
    ("handler", ["/matters/{lead}/do/propose_filing"]),
    ("head", ["/matters/{proposed}/do/file"]),
    ("operator", ["/matters/{closed}/do/record_attempt", "/matters/{closed}/do/revisit"]),
    ("operator", ["/matters/{closed}/do/revisit_unsatisfied"]),
    ("handler", ["/matters/{lead}/do/pass_on"]),
    ("head", ["/matters/{proposed}/do/send_back"]),
)
PORTIONS = 9
"""The quick run sends every ninth text to a form, each form another ninth; the slow run sends all to all."""


def make(standing_as: SignIn, matters: Matters, name: str, unlike: str) -> str:
    """Make what an address names and return its number; `unlike` sets it apart from those of other walks."""
    if name in LEDGERS:
        return make_ledger(standing_as, name, unlike)
    if name == "dispute":
        return matters.a_dispute()
    if name == "payout":
        desk = Paying(standing_as.city, matters.engine)
        desk.fund(10_000)
        return desk.approving(receipt_number=unlike)
    if name == "linked":
        number = matters.in_state("accepted")
        matters.walk(number, ("handler", "link", {"other": matters.in_state("accepted"), "reason": "同案"}))
        return number
    if name in ("lead", "proposed"):
        complaint = matters.in_state("accepted")
        matters.walk(complaint, LEAD)
        lead = matters.lead_of(complaint)
        matters.walk(lead, *FILE_LEAD[: 1 if name == "proposed" else 0])
        return lead
    return matters.in_state(name)


LEDGERS = ("checked", "unknown", "conflict")
"""A ledger to be confirmed, one whose columns nobody knows, and two contents of one number."""


def make_ledger(standing_as: SignIn, name: str, unlike: str) -> str:
    """Bring a ledger that waits for somebody; return its number, or that of the conflict."""
    desk = standing_as("intake")
    if name == "unknown":
        return str(checked(desk, "a.csv", as_csv([row(number=unlike)], OWN)).id)
    brought = checked(desk, "a.csv", as_csv([row(number=unlike)]))
    if name == "checked":
        return str(brought.id)
    other = checked(desk, "b.csv", as_csv([row(number=unlike, reply="未达成一致。")]))
    for one in (brought, other):
        assert post(desk, f"/ledgers/{one.id}/confirm").status_code == 303
    with standing_as.city.database.reading() as session:
        return str(session.scalars(select(func.max(LedgerConflict.id))).one())


def walk(standing_as: SignIn, matters: Matters, turn: int, texts: Sequence[str]) -> None:
    """Walk one line of WALKS with matters of its own."""
    who, addresses = WALKS[turn]
    named = {name for address in addresses for name in re.findall(r"{(\w+)}", address)}
    made = {name: make(standing_as, matters, name, f"walker {turn} {len(texts)}") for name in sorted(named)}
    walker = Walker(standing_as(who), texts)
    for address in addresses:
        walker.walk(address.format(**made))
    assert walker.sent >= len(texts)


@pytest.mark.parametrize("turn", range(len(WALKS)))
def test_no_text_in_any_field_breaks_a_form(
    standing_as: SignIn, standing_matters: Matters, turn: int
) -> None:
    walk(standing_as, standing_matters, turn, NASTY[turn % PORTIONS :: PORTIONS])


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(len(WALKS)))
def test_all_texts_in_every_field_break_no_form(
    standing_as: SignIn, standing_matters: Matters, turn: int
) -> None:
    walk(standing_as, standing_matters, turn, NASTY)


def test_no_text_breaks_the_door(standing_as: SignIn) -> None:
    walker = Walker(standing_as.app.test_client(), NASTY[::2])
    walker.walk("/sign-in")
    assert walker.sent >= len(NASTY[::2])
    standing_as.city.clock.move(hours=25)


def test_the_texts_are_sixty_and_each_is_another() -> None:
    assert len(NASTY) >= 60
    assert len(set(NASTY)) == len(NASTY)
    assert PASSWORD not in NASTY


def test_no_text_breaks_a_list_or_a_look(taking: Taking) -> None:
    operator = taking.client("operator")
    token = re.search(r'name="csrf-token" content="([^"]+)"', operator.get("/hotline").text)
    assert token is not None
    for nasty in NASTY[::3]:
        for address, name in (("/hotline/caller", "phone"), ("/hotline/similar", "merchant_name")):
            answer = operator.post(address, data={name: nasty, "csrf_token": token[1]})
            assert answer.status_code < 500, (address, nasty[:40])
        for address in ("/intake", "/matters/"):
            asked = taking.client("intake").get(address, query_string={"tab": nasty, "matter": nasty})
            assert asked.status_code < 500, (address, nasty[:40])
