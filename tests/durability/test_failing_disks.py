"""Disks that fail and disks that are full: told in words, nothing acknowledged lost, no restart needed."""

from __future__ import annotations

import logging
import resource
import threading
from pathlib import Path

import pytest

from complaints.foundation.database import Database
from tests.durability import auditing
from tests.durability.browsing import LATER, STORED, Browsers, Clerk
from tests.durability.serving import Place, standby

FAILING = ("strace", "-f", "-q", "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=3+3")
"""Runs a process of whose threads every third fdatasync fails."""
FORMS = 160
"""Forms that are sent while the disk fails."""

log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow


def test_a_failing_disk_loses_nothing_and_heals_without_a_restart(sqlite_place: Place) -> None:
    database, browsers = Database(sqlite_place.url), Browsers(sqlite_place.port)
    prefix = (*FAILING, "-o", str(sqlite_place.folder / "calls.log"))
    with standby(sqlite_place, prefix) as ready:
        server = ready.start("serve")
        sqlite_place.wait_until_healthy()
        _sign_in_through_failures(browsers)
        clerk = Clerk(browsers, database, threading.Event())
        for _ in range(FORMS):
            clerk.once()
        assert browsers.faults == []
        assert browsers.later > FORMS // 20
        assert len(browsers.acknowledged) > FORMS // 4
        log.info("%s of %s forms met the failing disk", browsers.later, FORMS)
        assert STORED in {clerk.once().status for _ in range(20)}, "it does not heal"
        ready.kill(server)
    assert auditing.faults(database, browsers.acknowledged, browsers.attached) == []
    database.dispose()


def _sign_in_through_failures(browsers: Browsers) -> None:
    """Sign in as often as it takes: what cannot be stored is no sign-in."""
    for _ in range(40):
        try:
            browsers.sign_in()
        except AssertionError:
            continue
        return
    raise AssertionError("nobody could sign in")


def test_on_a_full_disk_reading_goes_on_and_writing_resumes_with_the_room(sqlite_place: Place) -> None:
    """The server may write no file any more, as on a full disk; then it may again."""
    database, browsers = Database(sqlite_place.url), Browsers(sqlite_place.port)
    with standby(sqlite_place) as ready:
        server = ready.start("serve")
        sqlite_place.wait_until_healthy()
        browsers.sign_in()
        clerk = Clerk(browsers, database, threading.Event())
        for _ in range(3):
            assert clerk.once().status == STORED
        _soft, hard = resource.prlimit(server, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
        for _ in range(10):
            assert clerk.once().status == LATER
            page = browsers.get("handler", f"/matters/{clerk.number}")
            assert (page.status, clerk.number in page.text) == (200, True)
        assert _files(sqlite_place) == {"fangxin.db", "fangxin.db-shm", "fangxin.db-wal", "fangxin.db.lock"}
        resource.prlimit(server, resource.RLIMIT_FSIZE, (hard, hard))
        for _ in range(6):
            assert clerk.once().status == STORED, browsers.faults
        ready.kill(server)
    assert browsers.faults == []
    assert auditing.faults(database, browsers.acknowledged, browsers.attached) == []
    database.dispose()


def _files(place: Place) -> set[str]:
    """Return the names of the database's files: nothing may be left lying beside them."""
    return {one.name for one in Path(place.folder).glob("fangxin.db*")}
