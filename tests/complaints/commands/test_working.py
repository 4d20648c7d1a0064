"""The worker: late is marked, nothing leaves before the commit, nothing is locked while a gateway answers."""

from __future__ import annotations

import fcntl
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.engine import make_url

from complaints.administration import heartbeats
from complaints.app import build_services
from complaints.commands.working import Worker
from complaints.dossier import progress
from complaints.dossier.work import Work
from complaints.foundation.database import Database
from complaints.gateways.models import DeliveredMessage
from complaints.gateways.sms import HttpSmsGateway
from complaints.web.services import Services
from config import Settings, SmsSettings
from tests.bureau import Bureau, SetClock, SignIn
from tests.complaints.commands.running import run
from tests.walking import Walk
from workflows.runtime.outbox import Delivery, Receipt
from workflows.runtime.tables import event, outbox, timer


@pytest.fixture
def parts(settings: Settings, database: Database, clock: SetClock) -> Services:
    return build_services(settings, clock, database)


@pytest.fixture
def walk(city: Bureau, parts: Services) -> Walk:
    return Walk(city, parts.engine)


def drain(parts: Services) -> dict[str, int]:
    return Worker(parts, lambda _line: None).drain()


def rows(database: Database, statement: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.execute(statement).mappings())


def test_after_days_without_a_worker_each_timer_fires_once_and_late(walk: Walk, parts: Services) -> None:
    walk.register()
    parts.clock.move(days=9)  # type: ignore[attr-defined]  # SetClock
    assert drain(parts) == {"reminders fired": 3, "messages settled": 1}
    fired = rows(parts.database, select(event).where(event.c.kind == "timer"))
    assert len(fired) == 3
    assert all(json.loads(one["changes"])["late_by_seconds"] > 0 for one in fired)
    assert drain(parts) == {"reminders fired": 0, "messages settled": 0}
    armed = rows(parts.database, select(timer).where(timer.c.status == "armed"))
    assert all(one["due_at_us"] > parts.clock.now_us() for one in armed)


def accept_and_fail(walk: Walk, number: str) -> None:
    """Do the whole step in an open transaction, message included, and lose it before the commit."""
    with walk.city.database.writing() as session:
        work = Work(session, walk.city.actor("handler"), walk.engine, walk.city.clock)
        progress.act(work, progress.standing(work, number), "accept")
        assert session.execute(select(outbox.c.state).where(outbox.c.message == "notice.accepted")).all()
        raise RuntimeError("before the commit")


def test_nothing_is_sent_for_a_step_that_was_rolled_back(
    walk: Walk, parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = walk.dispatched()
    drain(parts)
    gateway = Watching(parts.database)
    with pytest.raises(RuntimeError, match="before the commit"):
        accept_and_fail(walk, number)
    drain(with_gateway(parts, monkeypatch, gateway))
    assert gateway.sent == []


class Watching:
    """A gateway that looks, while it answers, whether anything is locked."""

    def __init__(self, database: Database, answer: Delivery = Delivery.SENT) -> None:
        self.database, self.answer = database, answer
        self.sent: list[str] = []

    def send(self, message_id: str, _phone: str, _text: str) -> Receipt:
        if self.database.is_sqlite:
            with open(f"{self.database.url.database}.lock", "w") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            with self.database.reading() as session:
                open_ones = session.execute(
                    text(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                        "AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
                    )
                ).scalar_one()
                assert open_ones == 0
        self.sent.append(message_id)
        return Receipt(self.answer, "p-1")


def with_gateway(parts: Services, monkeypatch: pytest.MonkeyPatch, gateway: Watching) -> Services:
    monkeypatch.setattr(HttpSmsGateway, "send", lambda _self, *what: gateway.send(*what))
    return replace(parts, settings=replace(parts.settings, sms=SmsSettings(url="http://127.0.0.1:9/")))


def test_no_transaction_is_open_while_a_gateway_answers(
    walk: Walk, parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Watching(parts.database)
    walk.accepted()
    drain(with_gateway(parts, monkeypatch, gateway))
    assert [one.split(":")[2] for one in gateway.sent] == ["receipt.registered", "notice.accepted"]
    assert {one["state"] for one in rows(parts.database, select(outbox))} == {"sent"}


def test_an_unclear_answer_is_never_sent_again_by_the_machine(
    walk: Walk, parts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Watching(parts.database, Delivery.UNKNOWN)
    walk.register()
    watched = with_gateway(parts, monkeypatch, gateway)
    drain(watched)
    parts.clock.move(hours=30)  # type: ignore[attr-defined]  # SetClock
    drain(watched)
    assert len(gateway.sent) == 1
    assert [one["state"] for one in rows(parts.database, select(outbox))] == ["ambiguous"]


def test_email_goes_by_the_email_gateway(walk: Walk, parts: Services) -> None:
    number = walk.register(reply_channel="email", email="zhouhuimin@qq.com")
    drain(parts)
    with parts.database.reading() as session:
        kept = session.query(DeliveredMessage).one()
    assert (kept.channel, kept.recipient) == ("email", "zhouhuimin@qq.com")
    assert kept.subject == f"登记告知（{number}）"
    assert number in kept.text


def test_a_letter_waits_for_a_person(walk: Walk, parts: Services) -> None:
    walk.register(reply_channel="letter")
    drain(parts)
    (row,) = rows(parts.database, select(outbox))
    assert row["state"] == "dead"
    assert "letter" in row["trouble"]


def test_the_command_does_all_that_is_due_and_ends(walk: Walk, parts: Services, settings: Settings) -> None:
    parts.clock.move(days=-60)  # type: ignore[attr-defined]  # SetClock
    walk.register()
    done = run(settings, "worker", "--once")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[-1] == "reminders fired: 5, messages settled: 1"
    with parts.database.reading() as session:
        assert session.query(DeliveredMessage).count() == 1
        assert heartbeats.last_seen(session) is not None


def test_a_worker_told_to_stop_leaves_in_order(parts: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    one = Worker(parts, lines.append)
    turns = iter([True, True, False])

    def at_once(timeout: float | None = None) -> bool:
        return False

    monkeypatch.setattr(one.stop, "wait", at_once)
    one.run(lambda: next(turns))
    assert "stopped in order" in lines[-1]
    with parts.database.reading() as session:
        assert heartbeats.last_seen(session) is None


def test_a_database_that_is_away_is_tried_again(parts: Services, tmp_path: Any) -> None:
    away = Database(make_url(f"sqlite:///{tmp_path / 'empty.db'}"))
    lines: list[str] = []
    one = Worker(replace(parts, database=away), lines.append)
    assert one._turn_or_say() == 0
    assert "trying again" in lines[0]
    away.dispose()


@pytest.mark.parametrize("arrived", [True, False])
def test_an_unclear_message_is_asked_about_before_anything_is_sent_again(
    walk: Walk, parts: Services, arrived: bool
) -> None:
    """The gateway took it, or never got it, and the answer was lost on the way."""
    walk.register()
    if arrived:
        drain(parts)
    lost = update(outbox).values(
        state="ambiguous", lease_until_us=parts.clock.now_us() + 60_000_000, provider_id=None, sent_at_us=None
    )
    with parts.database.writing() as session:
        session.execute(lost)
    kept = select(DeliveredMessage.message_id)
    drain(parts)
    assert len(rows(parts.database, kept)) == int(arrived), "it is not asked about at once, nor sent again"
    for _minute in range(10):
        parts.clock.move(minutes=1)  # type: ignore[attr-defined]  # SetClock
        drain(parts)
    assert len(rows(parts.database, kept)) == 1
    (row,) = rows(parts.database, select(outbox))
    assert (row["state"], row["provider_id"]) == ("sent", "kept-1")


def test_a_lateness_is_told_to_who_gets_the_task(walk: Walk, parts: Services, client_as: SignIn) -> None:
    number = walk.register()
    parts.clock.move(days=12)  # type: ignore[attr-defined]  # SetClock
    drain(parts)
    assert re.search(r"迟\d+日", client_as("intake").get(f"/matters/{number}").text)
