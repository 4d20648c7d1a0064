"""Words that would be a program somewhere: templates, scripts, headers, lines of a log."""

from __future__ import annotations

import html
import io
import re
from html.parser import HTMLParser

import pytest
from sqlalchemy import select

from complaints.administration.queries import line
from complaints.dossier import messages
from complaints.organisation.models import SecurityEvent
from tests.bad_inputs.taking import DESKS, Desk, Taking
from tests.bureau import post
from tests.factories import Matters
from workflows.runtime.tables import outbox

each_desk = pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.who)

TEMPLATES = "{{7*7}} {{''.__class__.__mro__}} {% for x in y %}{% endfor %} ${7*7} #{7*7} %(name)s {0} %s"
SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onclick=alert(1) x='",
    "</title></textarea></script><svg onload=alert(1)>",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>点</a>",
)


@each_desk
def test_c42_marks_of_templates_are_words(taking: Taking, desk: Desk) -> None:
    matter = taking.taken(desk, facts=TEMPLATES, **{desk.merchant: TEMPLATES})
    assert matter.facts_in_full == TEMPLATES
    page = html.unescape(taking.page(matter, "supervisor"))
    assert TEMPLATES in page
    assert "49" not in re.sub(r"[\d-]{6,}", "", page[page.index("{{7*7}}") :][:200])


def test_c42_marks_of_templates_are_words_in_a_message_too(standing_matters: Matters) -> None:
    number = standing_matters.in_state("accepted", title=TEMPLATES, name="{{7*7}}")
    with standing_matters.reading("supervisor") as work:
        row = work.session.execute(select(outbox).order_by(outbox.c.id.desc())).mappings().first()
        assert row is not None, number
        found = line(work.session, row["id"])
        assert found is not None
        composed = messages.compose(work.session, work.engine, found.row, masked=False)
    assert "49" not in re.sub(r"\d{4,}[\d-]*", "", composed.text)


@each_desk
def test_c43_scripts_are_shown_and_not_run(taking: Taking, desk: Desk) -> None:
    for script in SCRIPTS:
        matter = taking.taken(desk, facts=script, name=script[:40], address=script, **{desk.merchant: script})
        check(taking.page(matter, "supervisor"), script)
        wrong = taking.send(desk, facts=script, phone=script)
        assert wrong.status_code == 422
        check(wrong.text, script)
    for page in ("/intake", "/hotline", "/supervision/figures/accepted"):
        for who in ("intake", "operator", "supervisor"):
            answer = taking.client(who).get(page)
            if answer.status_code == 200:
                check(answer.text, "")


class Marks(HTMLParser):
    """Collects what a page has that could run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.running: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.running += [f"{tag} {name}" for name, _value in attrs if name.startswith("on")]
        self.running += [
            f"{tag} {name}={value}"
            for name, value in attrs
            if (value or "").strip().lower().startswith(("javascript:", "data:text"))
            and name in ("href", "src", "action", "formaction")
        ]
        if tag == "script" and dict(attrs).get("nonce") is None:
            self.running.append(tag)


def check(page: str, script: str) -> None:
    """Hold that nothing of those scripts became an element or an attribute."""
    assert Marks(page).running == [], script


def test_c43_nothing_of_an_address_is_shown_as_marks(taking: Taking) -> None:
    client = taking.client("supervisor")
    for script in SCRIPTS:
        for address in ("/matters/", "/records/", "/supervision?first=", "/supervision?unit=", "/nothing/"):
            answer = client.get(address + script)
            assert answer.status_code < 500
            check(answer.text, script)


def test_c44_a_line_break_makes_no_second_header_or_line_of_the_log(taking: Taking) -> None:
    client = taking.signed_in.app.test_client()
    bad = "handler\r\nSet-Cookie: a=b\n2026-11-24 sign_in ok"
    answer = post(client, "/sign-in", username=bad, password="x")
    assert answer.status_code == 422
    assert "a=b" not in str(answer.headers)
    away = client.get("/sign-in?next=/hotline%0d%0aSet-Cookie:%20a=b")
    assert "a=b" not in str(away.headers)
    refused = taking.client("handler").get("/intake%0d%0aX: y", headers={"User-Agent": "a b\tc"})
    assert refused.status_code == 404
    taking.client("handler").get("/intake?a=%0d%0a2026-11-24 ok")
    with taking.database.reading() as session:
        lines = session.scalars(select(SecurityEvent.subject)).all()
    assert lines
    assert not any(mark in line for line in lines for mark in "\r\n\x85\u2028")


def test_c44_a_line_break_in_a_name_makes_no_second_line_in_a_file_or_its_name(taking: Taking) -> None:
    taking.taken(DESKS[0], title="甲\r\n乙", merchant_name="丙\n丁")
    answer = taking.client("operator").get("/hotline?export=csv")
    for value in answer.headers.values():
        assert "\n" not in value
        assert "\r" not in value
    rows = io.StringIO(answer.data.decode("utf-8-sig"), newline="")
    assert '"甲\n乙"' in rows.read()
