"""The demonstration city under two hundred tamperings: varied histories of every procedure, all found."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy.exc import IntegrityError

from complaints.app import build_services
from complaints.commands.demonstration import load_demonstration
from complaints.commands.parts import Parts
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.foundation.encryption import cipher
from config import Settings
from tests.workflows.runtime import tampering
from tests.workflows.runtime.tampering import Tampering
from workflows.runtime import replay, shared_check, triggers
from workflows.runtime.replay import Trouble
from workflows.versioning.versions import Library

TIMES = 200
SEED = 20261124


class Undone(Exception):  # noqa: N818 - no error: it takes a tampering back
    """Carries what was done and found out of a transaction that is rolled back."""

    def __init__(self, done: Tampering, found: Trouble | None) -> None:
        super().__init__(done)
        self.done, self.found = done, found


def tried(database: Database, library: Library, rng: Random) -> Undone:
    while True:
        kind = rng.choice(tampering.KINDS)
        try:
            with database.writing() as session:
                connection = session.connection()
                done = kind(connection, rng)
                if done is not None:
                    found = replay.verify(connection, library, done.instance_id, cipher().decrypt)
                    if found is None and not done.seq:
                        checked = replay.verify_all(connection, library, cipher().decrypt)
                        found = next((one for _id, one in checked if one), None)
                        found = found or next(shared_check.troubles(connection), None)
                    raise Undone(done, found)
        except Undone as undone:
            return undone
        except IntegrityError:
            continue  # the database itself refuses this one, even of its owner


@pytest.mark.slow
def test_every_tampering_with_the_city_is_found(settings: Settings, database: Database) -> None:
    parts = Parts(settings, database, Clock())
    load_demonstration(parts)
    library = build_services(settings, parts.clock, database).engine.library
    with database.snapshot() as connection:
        whole = list(replay.verify_all(connection, library, cipher().decrypt))
        assert list(shared_check.troubles(connection)) == []
    assert len(whole) > 50
    assert [one for _id, one in whole if one] == []
    with database.writing() as session:
        triggers.drop_triggers(session.connection())
    rng, unnoticed, misplaced = Random(SEED), [], []
    for _ in range(TIMES):
        undone = tried(database, library, rng)
        if undone.found is None:
            unnoticed.append(undone.done)
        elif undone.done.seq and undone.found.seq != undone.done.seq:
            misplaced.append((undone.done, undone.found))
    assert unnoticed == []
    assert misplaced == []
