"""Uploads that are cut off: a killed server, a full disk, a lost connection. No file is nobody's for good,
no row is without its file, and the officer's form sent again lands exactly once.
"""

from __future__ import annotations

import http.client
import logging
import os
import random
import resource
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from complaints.dossier.file_upkeep import YOUNG, sweep
from complaints.dossier.models import Attachment
from complaints.foundation.clock import machine_time
from complaints.foundation.database import Database
from complaints.gateways.file_store import FOLDER, INCOMING, FolderStore
from tests.durability import auditing
from tests.durability.browsing import ATTACH, LATER, STORED, Browsers, Clerk, NoAnswerError
from tests.durability.serving import HANG, Place, Standby, standby
from tests.durability.stopping import HALF_WRITTEN, NOT_COMMITTED

KILLS = int(os.environ.get("DURABILITY_KILLS", "30"))
FULL = 30
"""Uploads onto a disk that fills up at some moment."""
CUTS = 40
"""Connections that end in the middle of a form."""
OF_ONE_MATTER = 20
"""Files after which another matter is taken: a matter holds a hundred."""
SIDE = 300
"""Pixels: a file of some 270 kB, that takes a moment to be sealed and written."""

log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow


@dataclass
class Upload:
    """A server, the clerk who sends files to it, and the store they go to."""

    place: Place
    ready: Standby
    server: int
    clerk: Clerk
    database: Database
    sent: int = 0

    @property
    def store(self) -> FolderStore:
        """The server's own folder."""
        return FolderStore(self.folder)

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self.place.folder / "instance" / FOLDER

    def take_a_matter(self) -> None:
        """Bring the clerk to the next file, in another matter after a number of them."""
        if self.sent % OF_ONE_MATTER == 0:
            self.clerk.step = 0
            while self.clerk.step < ATTACH:
                assert self.clerk.once().status == STORED, self.clerk.browsers.faults
        self.clerk.step = ATTACH
        self.sent += 1

    def named(self) -> set[str]:
        """Return the names in the store that rows give."""
        with self.database.reading() as session:
            rows = session.execute(select(Attachment.store_name, Attachment.preview_name)).all()
        return {name for row in rows for name in row if name}

    def held(self) -> set[str]:
        """Return the names that are in the store."""
        return {one.name for one in self.store.held()}

    def changed(self) -> int:
        """Return when a file was last begun or put into its place, by the folder of those being written."""
        return (self.folder / INCOMING).stat().st_mtime_ns

    def start_anew(self, until: str = "") -> None:
        """Start a server where the last one was killed; it ends by itself at the named point, if any."""
        self.server = self.ready.start(*([f"until:{until}"] if until else []), "serve")
        self.place.wait_until_healthy()


@pytest.fixture
def upload(place: Place) -> Iterator[Upload]:
    """A clerk who has sent one file already."""
    database, browsers = Database(place.url), Browsers(place.port)
    with standby(place) as ready:
        server = ready.start("serve")
        place.wait_until_healthy()
        browsers.sign_in()
        clerk = Clerk(browsers, database, threading.Event(), side=SIDE)
        made = Upload(place, ready, server, clerk, database)
        made.take_a_matter()
        assert clerk.once().status == STORED, browsers.faults
        yield made
    database.dispose()


def test_a_kill_between_file_and_commit_leaves_nothing_behind(upload: Upload) -> None:
    """Killed with a file that is not in its place, then with one in its place whose row is not committed."""
    for point, drafts, lone in ((HALF_WRITTEN, 1, 0), (NOT_COMMITTED, 0, 2)):
        upload.take_a_matter()
        before, begun = upload.held(), len([*upload.store.unfinished()])
        upload.ready.kill(upload.server)
        upload.start_anew(until=point)
        _begin(upload).join(HANG)
        assert len([*upload.store.unfinished()]) - begun == drafts, point
        assert len(upload.held() - before) == lone, point
        assert upload.held() - before <= upload.held() - upload.named(), point
        _go_on(upload)
    _nothing_is_orphaned(upload)


def test_a_kill_at_any_moment_leaves_nothing_behind(upload: Upload) -> None:
    chance, met = random.Random(12315), Counter[str]()
    lasts, seen = _seconds_of_an_upload(upload), set[str]()
    for _ in range(KILLS):
        upload.take_a_matter()
        sending = _begin(upload)
        time.sleep(chance.uniform(0, lasts))
        upload.ready.kill(upload.server)
        sending.join(HANG)
        lone, drafts = upload.held() - upload.named(), {one.name for one in upload.store.unfinished()}
        met["stored, not committed"] += bool(lone - seen)
        met["half written"] += bool(drafts - seen)
        seen |= lone | drafts
        met["answered"] += _go_on(upload)
    log.info("of %s kills: %s; an upload lasts %.0f ms", KILLS, dict(met), lasts * 1000)
    _nothing_is_orphaned(upload)


def test_a_disk_that_fills_up_leaves_nothing_behind(upload: Upload) -> None:
    """At some length of a file the server can write no more: the paper, its small picture, the database."""
    chance, later = random.Random(12315), 0
    for _ in range(FULL):
        upload.take_a_matter()
        most = chance.choice([1, 4_096, chance.randint(1, 300_000), 300_000])
        _soft, hard = resource.prlimit(upload.server, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
        later += upload.clerk.once().status == LATER
        resource.prlimit(upload.server, resource.RLIMIT_FSIZE, (hard, hard))
        if upload.clerk.step == ATTACH:
            assert upload.clerk.once().status == STORED, upload.clerk.browsers.faults
    assert later >= FULL // 3
    _nothing_is_orphaned(upload)


def test_a_connection_that_ends_within_a_form_leaves_nothing_at_all(upload: Upload) -> None:
    chance, before = random.Random(12315), upload.held()
    upload.take_a_matter()
    for _ in range(CUTS):
        _send_a_part(upload, chance)
    assert upload.clerk.once().status == STORED, upload.clerk.browsers.faults
    assert [*upload.store.unfinished()] == []
    assert len(upload.held() - before) == 2, "the file and its small picture"
    _nothing_is_orphaned(upload)


# -- inside


def _go_on(upload: Upload) -> bool:
    """Start anew after a kill and send the form again; tell whether it was answered before the kill."""
    # whoever looks at once removes nothing: what is an instant old may still get its row
    assert sweep(upload.database, upload.store, machine_time) == 0
    if upload.server in upload.ready.running:
        upload.ready.kill(upload.server)
    upload.start_anew()
    if upload.clerk.step != ATTACH:
        return True
    assert upload.clerk.once().status == STORED, upload.clerk.browsers.faults
    return False


def _seconds_of_an_upload(upload: Upload) -> float:
    """Return how long it takes from a file's first byte in the store to the answer; only a guide."""
    found = []
    for _ in range(5):
        upload.take_a_matter()
        sending = _begin(upload)
        began = time.monotonic()
        sending.join(HANG)
        found.append(time.monotonic() - began)
        assert upload.clerk.step != ATTACH, upload.clerk.browsers.faults
    return sorted(found)[2]


def _begin(upload: Upload) -> threading.Thread:
    """Begin to send the clerk's file; return once the server has begun to write it."""
    before = upload.changed()

    def send() -> None:
        try:
            upload.clerk.once()
        except NoAnswerError:
            return

    sending = threading.Thread(target=send)
    sending.start()
    while upload.changed() == before and sending.is_alive():
        time.sleep(0.0005)
    return sending


def _send_a_part(upload: Upload, chance: random.Random) -> None:
    """Send the clerk's form up to some byte of it and hang up."""
    clerk = upload.clerk
    clerk.waiting = clerk.waiting or clerk._next()
    who, path, key, fields = clerk.waiting
    data, kind = clerk.browsers.form_of(who, key, fields)
    connection = http.client.HTTPConnection("127.0.0.1", upload.place.port, timeout=HANG)
    connection.putrequest("POST", path)
    for name, value in (
        ("Cookie", clerk.browsers.cookies[who]),
        ("Content-Type", kind),
        ("Content-Length", str(len(data))),
    ):
        connection.putheader(name, value)
    connection.endheaders(data[: chance.randrange(len(data))])
    if connection.sock is not None:
        connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()


def _nothing_is_orphaned(upload: Upload) -> None:
    """Hold store and rows against each other, after an hour has passed and the sweep has been."""
    named = upload.named()
    assert named <= upload.held(), "a row without its file"
    old = (machine_time() - 2 * YOUNG).timestamp()
    for one in list(upload.folder.rglob("*")):
        if one.is_file():
            os.utime(one, (old, old))
    checked = upload.place.run("attachments", "check", "--digests", "--sweep")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert (upload.named(), upload.held()) == (named, named)
    assert [*upload.store.unfinished()] == []
    browsers = upload.clerk.browsers
    assert browsers.faults == []
    assert len(set(browsers.attached)) == upload.sent
    assert auditing.faults(upload.database, browsers.acknowledged, browsers.attached) == []
