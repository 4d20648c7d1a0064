"""The demonstration city under two hundred tamperings: varied histories of every procedure, all found.

So are those that once passed unseen, by name; what is done to tables of which no event tells is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from complaints.app import build_services
from complaints.commands import log_checks
from complaints.commands.demonstration import load_demonstration
from complaints.commands.parts import Parts
from complaints.dossier import registered
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.foundation.encryption import cipher
from complaints.payouts import triggers as ledger_triggers
from config import Settings
from tests.durability import room_tampering
from tests.workflows.runtime import shared_tampering, tampering
from tests.workflows.runtime.tampering import Tampering
from workflows.runtime import replay, triggers
from workflows.runtime.definitions import record_definitions
from workflows.runtime.replay import Trouble
from workflows.runtime.rule_records import record_rule_sets
from workflows.versioning.versions import Library

TIMES = 200
SEED = 20261124


class Undone(Exception):  # noqa: N818 - no error: it takes a tampering back
    """Carries what was done and found out of a transaction that is rolled back."""

    def __init__(self, done: Tampering, found: Trouble | None) -> None:
        super().__init__(done)
        self.done, self.found = done, found


def troubles(connection: Connection, library: Library) -> Iterator[Trouble]:
    """Yield all that `cli log verify` looks at."""
    checked = replay.verify_all(connection, library, cipher().decrypt, log_checks.BESIDE)
    yield from (one for _id, one in checked if one)
    yield from log_checks.whole(connection, library)


def tried(database: Database, library: Library, rng: Random) -> Undone:
    while True:
        kind = rng.choice((*tampering.KINDS, *shared_tampering.KINDS, *room_tampering.KINDS))
        try:
            with database.writing() as session:
                connection = session.connection()
                done = kind(connection, rng)
                if done is not None:
                    found = replay.verify(connection, library, done.instance_id, cipher().decrypt)
                    if found is None and not done.seq:
                        found = next(troubles(connection, library), None)
                    raise Undone(done, found)
        except Undone as undone:
            return undone
        except IntegrityError:
            continue  # the database itself refuses this one, even of its owner


def reviewed(database: Database, library: Library, sql: str) -> bool:
    """Tamper as the review did, take it back, and tell whether it was found."""
    try:
        with database.writing() as session:
            assert session.execute(text(sql)).rowcount  # type: ignore[attr-defined]
            found = next(troubles(session.connection(), library), None)
            raise Undone(Tampering(sql, 0, 0), found)
    except Undone as undone:
        return undone.found is not None


@pytest.mark.slow
def test_every_tampering_with_the_city_is_found(settings: Settings, database: Database) -> None:
    parts = Parts(settings, database, Clock())
    load_demonstration(parts)
    library = build_services(settings, parts.clock, database).engine.library
    with database.writing() as session:
        connection = session.connection()
        record_definitions(connection, library, parts.clock.now_us())
        record_rule_sets(connection, library.rule_book, parts.clock.now_us())
    with database.snapshot() as connection:
        assert connection.execute(text("SELECT count(*) FROM wf_instance")).scalar_one() > 50
        assert list(troubles(connection, library)) == []
        assert registered.untold(connection) == 0
    with database.writing() as session:
        triggers.drop_triggers(session.connection())
        ledger_triggers.drop_triggers(session.connection())
    for words, sql in (room_tampering.REVIEWED | room_tampering.UNSEEN).items():
        assert reviewed(database, library, sql) is (words in room_tampering.REVIEWED), words
    rng, unnoticed, misplaced = Random(SEED), [], []
    for _ in range(TIMES):
        undone = tried(database, library, rng)
        if undone.found is None:
            unnoticed.append(undone.done)
        elif undone.done.seq and undone.found.seq != undone.done.seq:
            misplaced.append((undone.done, undone.found))
    assert unnoticed == []
    assert misplaced == []
