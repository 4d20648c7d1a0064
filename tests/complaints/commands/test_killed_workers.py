"""Workers killed at random moments: each message and report is delivered once, each timer fires once."""

from __future__ import annotations

import os
import random
import signal
import time

import pytest
from sqlalchemy import func, select

from complaints.app import build_services
from complaints.commands.working import Worker
from complaints.foundation.clock import Clock, machine_time
from complaints.foundation.database import Database
from complaints.gateways.models import DeliveredMessage
from config import Settings
from tests import bureau
from tests.bureau import SetClock
from tests.factories import FILE_LEAD, LEAD, Matters
from tests.walking import Walk
from workflows.runtime.outbox import REPORT
from workflows.runtime.tables import event, outbox, timer

MATTERS = 40
LEADS = 8
KILLS = 10


@pytest.mark.slow
def test_each_effect_exactly_once_however_often_workers_die(database: Database, settings: Settings) -> None:
    clock = SetClock(machine_time())
    clock.move(days=-25)
    city, engine = bureau.found(database, clock), build_services(settings, clock, database).engine
    walk, matters = Walk(city, engine), Matters(city, engine)
    for _ in range(MATTERS):
        walk.register()
    for _ in range(LEADS):
        complaint = matters.in_state("mediating")
        matters.walk(complaint, LEAD)
        matters.walk(matters.lead_of(complaint), *FILE_LEAD)
    chance = random.Random(12315)
    database.dispose()
    for _ in range(KILLS):
        pair = [_started(settings), _started(settings)]
        time.sleep(chance.uniform(0.05, 0.4))
        for process in pair:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    with database.writing() as session:
        # what a killed worker had leased is taken over a minute later; the test does not wait for it
        left = session.connection().execute(outbox.update().values(lease_until_us=0)).rowcount
    assert left >= MATTERS
    Worker(build_services(settings, Clock(), database), lambda _line: None).drain()
    with database.reading() as session:
        sent = session.scalars(
            select(outbox.c.dedupe_key).where(outbox.c.state == "sent", outbox.c.message != REPORT)
        ).all()
        delivered = session.scalars(select(DeliveredMessage.message_id)).all()
        assert sorted(sent) == sorted(delivered)
        assert len(delivered) >= MATTERS
        reports = select(outbox.c.provider_id).where(outbox.c.message == REPORT, outbox.c.state == "sent")
        heard = select(event.c.instance_id, event.c.seq).where(event.c.action == "hear_lead")
        told = [f"{instance_id}:{seq}" for instance_id, seq in session.execute(heard)]
        assert sorted(told) == sorted(session.scalars(reports))
        assert len(told) == LEADS
        due = select(timer.c.instance_id, timer.c.fired_seq).where(
            timer.c.due_at_us <= Clock().now_us(), timer.c.status != "cancelled"
        )
        fired = [tuple(row) for row in session.execute(due)]
        assert len(fired) >= 4 * MATTERS
        assert None not in {seq for _instance, seq in fired}
        assert len(set(fired)) == len(fired)
        events = select(func.count()).select_from(event).where(event.c.kind == "timer")
        assert session.execute(events).scalar_one() == len(fired)


def _started(settings: Settings) -> int:
    """Fork a worker with connections of its own and return its id: quicker than a fresh interpreter."""
    process = os.fork()
    if process:
        return process
    try:
        parts = build_services(settings, Clock(), Database(settings.database_url))
        Worker(parts, lambda _line: None).run(lambda: True)
    finally:
        os._exit(1)
