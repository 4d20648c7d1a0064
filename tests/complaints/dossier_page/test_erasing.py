"""Texts of an ended matter go for a named reason; pages say so in their place, and the log verifies."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from complaints.dossier.erasing import REASONS, erase_texts
from complaints.foundation.database import Database
from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.gateways.embedded import KeptMessages
from complaints.gateways.models import DeliveredMessage
from complaints.organisation.models import SecurityEvent
from config import Settings
from tests.bureau import SetClock, SignIn
from tests.complaints.commands.running import run
from tests.factories import PATHS, Matters
from workflows.runtime import outbox, private_texts

WORDS = "退货退款"


@pytest.fixture
def ended(matters: Matters) -> str:
    number = matters.a_complaint()
    matters.walk(number, *PATHS["closed"])
    return number


def test_the_page_says_that_a_text_was_erased(ended: str, client_as: SignIn, settings: Settings) -> None:
    client = client_as("handler")
    before = client.get(f"/matters/{ended}").text
    assert WORDS in before
    arguments = (ended, "--field", "terms", "--reason", "period_over", "--by", "security_admin")
    done = run(settings, "log", "erase", *arguments)
    assert done.exit_code == 0, done.output
    assert "texts erased: 1" in done.stdout
    after = client.get(f"/matters/{ended}").text
    assert "已按规定删除" in after
    assert "保存期限已届满" in after
    assert run(settings, "log", "verify").exit_code == 0
    again = run(settings, "log", "erase", *arguments)
    assert (again.exit_code, "texts erased: 0" in again.stdout) == (0, True)


def test_it_is_written_down_who_had_what_erased_and_why(ended: str, matters: Matters) -> None:
    with matters.work("security_admin") as work:
        assert len(erase_texts(work, ended, ["terms"], "period_over")) == 1
    with matters.reading("supervisor") as work:
        line = work.session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "texts_erased")).one()
    assert line.subject == f"{ended} terms period_over"
    assert line.actor_id == matters.city.person_ids["security_admin"]


def test_what_stood_before_a_correction_goes_with_the_field(matters: Matters) -> None:
    number = matters.a_complaint()
    matters.walk(number, *PATHS["mediated"][:1])
    matters.do("handler", number, "supplement", consumer_phone="13912345678")
    matters.walk(number, *PATHS["closed"][1:])
    with matters.work("security_admin") as work:
        erased = erase_texts(work, number, ["consumer_phone"], "period_over")
    assert [name for _seq, name in erased] == ["consumer_phone", "consumer_phone_before"]


def test_messages_kept_here_lose_the_words_of_the_same_step(
    ended: str, matters: Matters, database: Database, clock: SetClock
) -> None:
    """The house prints letters and, without a gateway, keeps text messages: both repeat what was typed."""
    with matters.reading("supervisor") as work:
        of = matters.standing(ended).instance_id
        places = {name: seq for seq, name, _, _ in private_texts.sealed(work.connection, of)}
    kept, seq = KeptMessages(database, clock), places["terms"]
    for step in (seq, seq + 1, 10 * seq):
        kept.keep(outbox.key_of(of, step, "notice.result"), "paper", "张三", "告知", WORDS)
    with matters.work("security_admin") as work:
        assert [place for place, _name in erase_texts(work, ended, ["terms"], "period_over")] == [seq]
    with database.reading() as session:
        rows = session.scalars(select(DeliveredMessage).order_by(DeliveredMessage.id)).all()
    assert [(one.text, one.recipient) for one in rows] == [("", "张三"), (WORDS, "张三"), (WORDS, "张三")]


def test_what_is_refused(ended: str, matters: Matters, settings: Settings) -> None:
    running = matters.a_complaint()
    matters.walk(running, *PATHS["mediated"])
    with matters.work("security_admin") as work:
        with pytest.raises(Conflict):
            erase_texts(work, running, ["terms"], "period_over")
        with pytest.raises(NotFound):
            erase_texts(work, "420600-20261124-99999-0", ["terms"], "period_over")
        with pytest.raises(Invalid):
            erase_texts(work, ended, ["amount"], "period_over")
        with pytest.raises(Invalid):
            erase_texts(work, ended, ["terms"], "no_reason")
    for username in ("system_admin", "head", "auditor"):
        with matters.work(username) as work, pytest.raises(Invalid):
            erase_texts(work, ended, ["terms"], next(iter(REASONS)))
    common = ("log", "erase", ended, "--field", "terms", "--reason", "period_over")
    assert "no enabled account" in run(settings, *common, "--by", "nobody").stderr
