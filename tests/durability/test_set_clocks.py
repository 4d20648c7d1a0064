"""Real processes on machines whose clocks are set: after days of absence, forth and back, apart, in the new
year's night.

The clock is set from outside of the processes, so that nothing that reads it can escape.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from complaints.administration import heartbeats
from complaints.app import build_services
from complaints.commands.working import Worker
from complaints.dossier.models import Matter
from complaints.foundation.clock import SHANGHAI, microseconds
from complaints.foundation.database import Database
from complaints.gateways.models import DeliveredMessage
from config import Settings
from tests.bureau import START, Bureau
from tests.durability.browsing import Browsers, a_call
from tests.durability.serving import HANG, Place, standby
from tests.durability.wall import Wall
from tests.walking import Walk
from workflows.runtime import replay
from workflows.runtime.tables import event, outbox, timer
from workflows.runtime.worker import LATE_US

pytestmark = pytest.mark.slow
NEW_YEAR = datetime(2027, 1, 1, tzinfo=SHANGHAI)


def place_by(wall: Wall, url: str, folder: Path) -> Place:
    """Return the place whose processes live by that clock."""
    place = Place(url, folder)
    place.environment |= wall.environment
    return place


def wait_until(done: Callable[[], bool], what: str) -> None:
    """Wait for what comes sooner or later."""
    end = time.monotonic() + HANG
    while not done():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)


# -- workers


def test_each_timer_fires_once_after_days_of_absence_on_clocks_that_jump_and_differ(
    city: Bureau, settings: Settings, database: Database, tmp_path: Path
) -> None:
    """The last worker stopped on the sixth day; on the ninth come two, on machines a minute apart. Then both
    clocks are set forth and back while they work.
    """
    parts = build_services(settings, city.clock, database)
    walk = Walk(city, parts.engine)
    for _ in range(3):
        walk.register()
        walk.dispatched()
        walk.accepted()
    city.clock.move(days=6)
    Worker(parts, lambda _line: None).drain()
    before = _fired(database)
    walk.register()
    walls = Wall(tmp_path / "one"), Wall(tmp_path / "other")
    _set(walls, START + timedelta(days=9))
    places = [place_by(wall, settings.database_url, tmp_path) for wall in walls]
    database.dispose()
    with standby(places[0]) as one, standby(places[1]) as other:
        for machine in (one, other):
            machine.start("worker")
        _wait_for_all(database, walls)
        since = {key: late for key, late in _fired(database).items() if key not in before}
        assert len(since) >= 6
        assert all(late for late in since.values()), "days late, and not marked"
        for days in (10, 9, 8, 40, 12):
            _set(walls, START + timedelta(days=days))
            city.clock.at = walls[0].now()
            walk.register()
            _wait_for_all(database, walls)
            wait_until(lambda: _alive(database, walls[0].now()) == 2, "two signs of life")
    _each_once(database)
    with database.reading() as session:
        found = replay.verify_all(session.connection(), parts.engine.library, parts.engine.settings.unseal)
        assert [trouble for _id, trouble in found if trouble] == []


def _set(walls: tuple[Wall, Wall], at: datetime) -> None:
    walls[0].set(at)
    walls[1].set(at + timedelta(minutes=1))


def _wait_for_all(database: Database, walls: tuple[Wall, Wall]) -> None:
    """Wait until nothing is due any more by either clock, and no message waits."""

    def nothing_waits() -> bool:
        due = select(func.count()).select_from(timer).where(timer.c.status == "armed")
        waits = select(func.count()).select_from(outbox).where(outbox.c.state == "pending")
        now_us = max(microseconds(wall.now()) for wall in walls)
        with database.reading() as session:
            return not session.scalar(due.where(timer.c.due_at_us <= now_us)) and not session.scalar(waits)

    wait_until(nothing_waits, "all that is due is done")


def _alive(database: Database, now: datetime) -> int:
    with database.reading() as session:
        return heartbeats.alive(session, now)


def _fired(database: Database) -> dict[tuple[int, int], bool]:
    """Return the timers that fired, by matter and event, each with whether its event is marked late.

    It has to be marked where it came more than an hour after its moment, with the true time, else not.
    """
    asked = select(timer, event.c.at_us, event.c.changes).join(
        event, (event.c.instance_id == timer.c.instance_id) & (event.c.seq == timer.c.fired_seq)
    )
    found = {}
    with database.reading() as session:
        for row in session.execute(asked.where(timer.c.status == "fired")).mappings():
            late_us = row["at_us"] - row["due_at_us"]
            said = json.loads(row["changes"]).get("late_by_seconds")
            assert late_us >= 0
            assert (said is not None) == (late_us > LATE_US)
            assert said is None or abs(said - late_us / 1_000_000) < HANG
            found[row["instance_id"], row["fired_seq"]] = said is not None
    return found


def _each_once(database: Database) -> None:
    with database.reading() as session:
        fired = session.scalar(select(func.count()).select_from(timer).where(timer.c.status == "fired"))
        events = select(event.c.instance_id, event.c.changes).where(event.c.kind == "timer")
        told = [
            (one.instance_id, json.dumps(json.loads(one.changes)["timer"])) for one in session.execute(events)
        ]
        sent = session.scalars(select(outbox.c.dedupe_key).where(outbox.c.state == "sent")).all()
        delivered = session.scalars(select(DeliveredMessage.message_id)).all()
    assert len(told) == fired
    assert [one for one, times in Counter(told).items() if times > 1] == []
    assert sorted(delivered) == sorted(sent)


# -- the server


def test_numbers_and_sign_ins_over_a_new_year_on_a_clock_that_jumps(
    city: Bureau, settings: Settings, database: Database, tmp_path: Path
) -> None:
    wall = Wall(tmp_path / "wall")
    wall.set(NEW_YEAR - timedelta(minutes=5))
    place = place_by(wall, settings.database_url, tmp_path)
    browsers = Browsers(place.port)
    database.dispose()
    with standby(place) as machine:
        machine.start("serve")
        place.wait_until_healthy()
        browsers.sign_in()
        wall.set(NEW_YEAR - timedelta(seconds=3))
        _take_calls_until(browsers, wall, NEW_YEAR + timedelta(seconds=3))
        browsers.sign_in()
        wall.set(NEW_YEAR - timedelta(seconds=40))  # set back into the old year
        _take_calls(browsers, 4)
        wall.set(NEW_YEAR + timedelta(minutes=10))
        _take_calls(browsers, 4)
        assert browsers.faults == [], "whoever was signed in still is"
        _check_numbers(database, len(browsers.acknowledged))

        wall.set(NEW_YEAR + timedelta(hours=13))
        assert not _is_signed_in(browsers), "twelve hours are over"
        browsers.sign_in()
        assert _is_signed_in(browsers)
        wall.set(NEW_YEAR + timedelta(minutes=20))
        assert not _is_signed_in(browsers), "a sign-in of half a day ahead"
        browsers.sign_in()
        assert _is_signed_in(browsers)
        _take_calls(browsers, 1)
    assert browsers.faults == []
    _check_numbers(database, len(browsers.acknowledged))


def _take_calls_until(browsers: Browsers, wall: Wall, end: datetime) -> None:
    def work() -> None:
        while wall.now() < end:
            _take_calls(browsers, 1)

    clerks = [threading.Thread(target=work) for _ in range(3)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()


def _take_calls(browsers: Browsers, number: int) -> None:
    for _ in range(number):
        browsers.post("operator", "/hotline", secrets.token_hex(13), a_call())


def _is_signed_in(browsers: Browsers) -> bool:
    answer = browsers.get("operator", "/hotline")
    assert answer.status in (200, 303)
    return answer.status == 200


def _check_numbers(database: Database, taken: int) -> None:
    """Each has its number, of the day on which it was registered, and no day leaves one out."""
    with database.reading() as session:
        rows = session.execute(select(Matter.number, Matter.registered_at)).all()
    assert len({number for number, _at in rows}) == len(rows) == taken
    days: dict[str, list[int]] = {}
    for number, at in rows:
        parts = re.fullmatch(r"\d{6}-(\d{8})-(\d{5})-\d", number)
        assert parts is not None
        assert parts[1] == f"{at.astimezone(SHANGHAI):%Y%m%d}"
        days.setdefault(parts[1], []).append(int(parts[2]))
    assert set(days) == {"20261231", "20270101"}
    assert all(sorted(taken) == list(range(1, len(taken) + 1)) for taken in days.values())
