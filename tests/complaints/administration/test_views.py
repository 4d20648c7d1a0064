"""The outbox page: masked, closed to others, and a person's word counts once and is logged."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from complaints.commands.working import Worker
from complaints.foundation.database import Database
from complaints.organisation.models import SecurityEvent
from tests.bureau import Bureau, SignIn, post
from tests.walking import Walk
from workflows.runtime.tables import outbox


@pytest.fixture
def walk(city: Bureau, client_as: SignIn) -> Walk:
    return Walk(city, client_as.services.engine)


def row(database: Database, message: str) -> Any:
    with database.reading() as session:
        statement = select(outbox).where(outbox.c.message == message)
        return session.execute(statement).mappings().one()


@pytest.fixture
def letter(walk: Walk, client_as: SignIn) -> int:
    """A message to somebody who wishes letters, after the worker has seen it: it waits for a person."""
    number = walk.dispatched(reply_channel="letter")
    walk.act("handler", number, "refuse", item="3", reason="未提供购买凭证的内情", remedies_told=True)
    Worker(client_as.services, lambda _line: None).drain()
    return int(row(walk.city.database, "notice.refused")["id"])


def test_an_email_address_is_masked_in_the_list_and_on_the_page(walk: Walk, client_as: SignIn) -> None:
    walk.register(reply_channel="email", email="zhouhuimin@qq.com")
    client = client_as("system_admin")
    listed = client.get("/admin/outbox").text
    found = re.search(r'href="(/admin/outbox/[0-9]+)"', listed)
    assert found is not None
    for page in (listed, client.get(found[1]).text):
        assert "z***@qq.com" in page
        assert "zhouhuimin" not in page
        assert "138****8000" not in page


def test_the_list_shows_state_and_masked_recipient(letter: int, client_as: SignIn) -> None:
    page = client_as("system_admin").get("/admin", follow_redirects=True).text
    assert "138****8000" in page
    assert "13800138000" not in page
    assert "print it, post it" in page or "书面回复" in page
    assert "李梅" not in page


def test_the_text_is_shown_without_personal_words(letter: int, client_as: SignIn) -> None:
    page = client_as("system_admin").get(f"/admin/outbox/{letter}").text
    assert "第十六条第三项" in page
    for secret in ("李梅", "惠民超市", "内情", "13800138000"):
        assert secret not in page


def test_what_was_kept_in_the_house_says_so(walk: Walk, client_as: SignIn) -> None:
    walk.register()
    Worker(client_as.services, lambda _line: None).drain()
    page = client_as("system_admin").get("/admin/outbox?state=sent").text
    assert "本机留存" in page or "Kept here, not sent" in page


@pytest.mark.parametrize("who", ["handler", "head", "supervisor", "security_admin", "audit_admin"])
def test_nobody_else_comes_in(letter: int, client_as: SignIn, who: str) -> None:
    client = client_as(who)
    assert client.get("/admin/outbox").status_code == 403
    assert client.get(f"/admin/outbox/{letter}").status_code == 403
    settled = post(client, f"/admin/outbox/{letter}/settle", outcome="again", reason="x")
    assert settled.status_code == 403


@pytest.mark.parametrize(("outcome", "state"), [("arrived", "sent"), ("again", "pending")])
def test_a_persons_word_counts_once_and_is_logged(
    letter: int, walk: Walk, client_as: SignIn, outcome: str, state: str
) -> None:
    client = client_as("system_admin")
    for _twice in range(2):
        answer = post(
            client, f"/admin/outbox/{letter}/settle", outcome=outcome, reason="信已寄出，挂号 XA123"
        )
        assert answer.status_code == 303
    found = row(walk.city.database, "notice.refused")
    assert (found["state"], found["trouble"]) == (state, "信已寄出，挂号 XA123")
    with walk.city.database.reading() as session:
        lines = session.query(SecurityEvent).filter_by(kind="message_settled").all()
    assert [(one.actor_id, one.subject) for one in lines] == [
        (walk.city.person_ids["system_admin"], f"outbox {letter} {outcome}")
    ]


def test_without_a_reason_nothing_happens_and_the_choice_stays(
    letter: int, walk: Walk, client_as: SignIn
) -> None:
    client = client_as("system_admin")
    answer = post(client, f"/admin/outbox/{letter}/settle", outcome="again", reason="")
    assert answer.status_code == 422
    assert 'value="again" checked' in answer.text
    assert row(walk.city.database, "notice.refused")["state"] == "dead"


def test_what_is_not_there_is_not_found(letter: int, client_as: SignIn) -> None:
    client = client_as("system_admin")
    assert client.get("/admin/outbox/99999").status_code == 404
    assert client.get("/admin/outbox?state=none").status_code == 404
    assert post(client, "/admin/outbox/99999/settle", outcome="again", reason="x").status_code == 404


def test_the_other_administrators_are_led_elsewhere(letter: int, client_as: SignIn) -> None:
    answer = client_as("audit_admin").get("/admin")
    assert (answer.status_code, answer.location) == (303, "/admin/anchors")
    answer = client_as("security_admin").get("/admin")
    assert (answer.status_code, answer.location) == (303, "/welcome")
