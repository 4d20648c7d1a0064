"""kill -9 of the server while clients register, act and pay: no acknowledged step is lost, none is half done.

(It cannot tell a safe setting of SQLite from an unsafe one: that is what test_power_loss is for.)
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time

import pytest

from complaints.foundation.database import Database
from tests.durability import auditing
from tests.durability.browsing import Browsers, Clerk
from tests.durability.serving import HANG, Place, standby

KILLS = int(os.environ.get("DURABILITY_KILLS", "30"))
CLIENTS = 4

log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow


def test_nothing_acknowledged_is_lost_however_often_the_server_is_killed(place: Place) -> None:
    chance, database, recoveries = random.Random(12315), Database(place.url), []
    browsers, stop = Browsers(place.port), threading.Event()
    clerks = [Clerk(browsers, database, stop) for _ in range(CLIENTS)]
    threads = [threading.Thread(target=one.work) for one in clerks]
    with standby(place) as ready:
        server, worker = ready.start("serve"), ready.start("worker")
        place.wait_until_healthy()
        browsers.sign_in()
        for thread in threads:
            thread.start()
        try:
            for _ in range(KILLS):
                _wait_for(browsers, len(browsers.acknowledged) + chance.randint(1, 12))
                time.sleep(chance.uniform(0, 0.05))
                ready.kill(server)
                if chance.random() < 0.2:
                    ready.kill(worker)
                    worker = ready.start("worker")
                server = ready.start("serve")
                recoveries.append(place.wait_until_healthy())
        finally:
            stop.set()
            for thread in threads:
                thread.join(60)
    assert browsers.faults == []
    assert len(browsers.acknowledged) > KILLS
    assert len(set(browsers.acknowledged)) == len(browsers.acknowledged)
    assert auditing.faults(database, browsers.acknowledged, browsers.attached) == []
    database.dispose()
    for command in (("log", "verify"), ("attachments", "check", "--digests")):
        checked = place.run(*command)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    log.info(
        "%s acknowledged in %s kills, slowest recovery %.2f s",
        len(browsers.acknowledged),
        KILLS,
        max(recoveries),
    )


def _wait_for(browsers: Browsers, number: int) -> None:
    """Let the clients come so far that so many forms were acknowledged in all."""
    end = time.monotonic() + HANG
    while len(browsers.acknowledged) < number:
        assert time.monotonic() < end, f"stuck at {len(browsers.acknowledged)}: {browsers.faults}"
        time.sleep(0.005)
