"""A holiday notice that several load at once and that is killed again and again: each date moves once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, func, select

from complaints.app import build_services
from complaints.foundation.database import Database
from complaints.web.services import Services
from config import Settings
from tests import bureau
from tests.bureau import SetClock
from tests.complaints.commands.running import run
from tests.complaints.commands.test_calendars import NOTICE
from tests.walking import Walk
from workflows.calendars.holiday_files import read_holiday_text
from workflows.runtime.calendar_table import load_years, read_calendar
from workflows.runtime.recount import counting, recount
from workflows.runtime.tables import calendar_revision, deadline, event

MATTERS = 30
KILLS = 8


@pytest.mark.slow
def test_each_date_moves_once_however_often_it_is_killed(database: Database, settings: Settings) -> None:
    clock = SetClock()
    walk = Walk(bureau.found(database, clock), build_services(settings, clock, database).engine)
    for _ in range(MATTERS):
        walk.accepted()
    with database.reading() as session:
        before = session.execute(select(func.max(calendar_revision.c.number))).scalar_one()
    database.dispose()
    chance = random.Random(2027)
    for _ in range(KILLS):
        pair = [_started(settings), _started(settings)]
        _wait_for_more(database, chance.randint(1, 6))
        for process in pair:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    _load(_parts(settings, database))
    with database.reading() as session:
        connection = session.connection()
        assert session.execute(select(func.max(calendar_revision.c.number))).scalar_one() == before + 1
        moved = session.scalars(select(event.c.instance_id).where(event.c.kind == "calendar")).all()
        assert set(Counter(moved).values()) == {1}
        assert len(moved) == MATTERS
        how = counting(connection)
        assert (how.moved, how.left) == (MATTERS, 0)
        assert how.counted_at_us is not None
        known = read_calendar(connection)
        running = select(deadline.c.provisional, deadline.c.legal_due).where(deadline.c.met_seq.is_(None))
        rows = session.execute(running).all()
        assert all(row.provisional == (row.legal_due > known.final_through) for row in rows)
    assert run(settings, "log", "verify").exit_code == 0


def _wait_for_more(database: Database, more: int) -> None:
    """Wait until so many more matters have moved, or all have: then the processes are in the midst of it."""
    wanted = min(_moved(database) + more, MATTERS)
    while _moved(database) < wanted:
        time.sleep(0.02)


def _moved(database: Database) -> int:
    with database.reading() as session:
        found: int = session.execute(
            select(func.count()).select_from(event).where(event.c.kind == "calendar")
        ).scalar_one()
    database.dispose()
    return found


def _parts(settings: Settings, database: Database) -> Services:
    clock = SetClock()
    clock.move(minutes=5)
    return build_services(settings, clock, database)


def _load(parts: Services) -> None:
    """Load the notice and count to the end, as `calendar load` does."""
    year = read_holiday_text(NOTICE.encode(), "cn-2027.yaml")
    with parts.database.writing() as session:
        load_years(session.connection(), [year], SetClock().now_us())

    @contextmanager
    def writing() -> Iterator[Connection]:
        with parts.database.writing() as session:
            yield session.connection()

    for _move in recount(parts.engine, writing):
        pass


def _started(settings: Settings) -> int:
    """Fork a process with connections of its own and return its id."""
    process = os.fork()
    if process:
        return process
    try:
        _load(_parts(settings, Database(settings.database_url)))
        time.sleep(60)
    finally:
        os._exit(1)
