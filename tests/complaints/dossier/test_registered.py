"""The log tells what was registered: whoever changes the matter's row past it is found."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from complaints.app import build_services
from complaints.dossier import registered
from complaints.foundation.database import Database
from complaints.foundation.encryption import cipher
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.walking import Walk
from workflows.runtime import erasing, histories, replay, triggers
from workflows.runtime.engine import Engine


@pytest.fixture
def engine(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> Engine:
    """The engine of a bureau that has registered two matters."""
    engine = build_services(settings, clock, database).engine
    walk = Walk(city, engine)
    walk.register()
    walk.accepted()
    with database.writing() as session:
        triggers.drop_triggers(session.connection())
    return engine


def found(database: Database, engine: Engine) -> dict[int, str]:
    with database.snapshot() as connection:
        beside = (registered.troubles,)
        checked = replay.verify_all(connection, engine.library, cipher().decrypt, beside)
        each = {of: one.sentence for of, one in checked if one is not None}
        for of in each:
            one = replay.verify(connection, engine.library, of, cipher().decrypt, beside)
            assert one is not None
            assert one.sentence == each[of]
        each.update({one.instance_id: one.sentence for one in registered.without_log(connection)})
        return each


def tampered(database: Database, *statements: str) -> None:
    with database.writing() as session:
        for one in statements:
            session.execute(text(one))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("received_on = '2026-10-01'", "received_on of its matter"),
        ("number = '420606-20261124-99999'", "number of its matter"),
        ("kind = 'lead'", "kind of its matter"),
        ("registered_at = '2026-11-24 01:02:03'", "registered_at_us of its matter"),
        ("title = '无'", "title or facts of its matter"),
        ("facts = '无'", "title or facts of its matter"),
    ],
)
def test_what_registration_wrote_is_held_against_the_log(
    engine: Engine, database: Database, change: str, named: str
) -> None:
    assert found(database, engine) == {}
    tampered(database, f"UPDATE matter SET {change} WHERE id = 2")  # noqa: S608 (the changes stand above)
    assert list(found(database, engine)) == [2]
    assert found(database, engine)[2].startswith(named)


def test_a_matter_or_its_log_that_is_gone_is_named(engine: Engine, database: Database) -> None:
    with database.reading() as session:
        number = session.execute(text("SELECT number FROM matter WHERE id = 2")).scalar_one()
    tampered(database, "UPDATE wf_instance SET subject_id = 77 WHERE id = 2")
    assert found(database, engine)[0] == f"matter {number} has no log"
    tampered(database, "UPDATE wf_instance SET subject_id = 2 WHERE id = 2")
    assert found(database, engine) == {}
    tampered(database, "DELETE FROM matter WHERE id = 2")
    assert found(database, engine) == {2: "its matter's row is gone"}


def test_the_log_tells_no_words_of_a_matter(engine: Engine, database: Database) -> None:
    with database.reading() as session:
        told = session.execute(text("SELECT payload FROM wf_event WHERE seq = 1")).scalars().all()
        words = session.execute(text("SELECT title, facts FROM matter")).all()
        kept = session.execute(text("SELECT text FROM wf_private_text WHERE seq = 1")).scalars().all()
    assert all(one not in said for said in told for row in words for one in row)
    # the words beside the log are no second copy of the facts, but their digest
    assert {len(cipher().decrypt(one)) for one in kept} == {64}
    digests = [json.loads(one)[registered.TITLE_AND_FACTS]["digest"] for one in told]
    assert len(set(digests)) == 2  # two equal matters: each has a salt of its own


def test_erased_words_prove_nothing_any_more(engine: Engine, database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE wf_instance SET ended = true WHERE id = 2"))
        erasing.erase(
            engine, session.connection(), 2, [registered.TITLE_AND_FACTS], actor_id=1, reason="period_over"
        )
        session.execute(text("UPDATE wf_instance SET ended = false WHERE id = 2"))
        session.execute(text("UPDATE matter SET facts = '' WHERE id = 2"))
    assert found(database, engine) == {}


def test_the_log_of_an_earlier_release_tells_less(engine: Engine, database: Database) -> None:
    """Its start events name no number and no digest: what they tell is held, and they are counted."""
    with database.snapshot() as connection:
        assert registered.untold(connection) == 0
        (history,) = (one for one in histories.histories(connection) if one.instance_id == 2)
    tampered(database, "UPDATE wf_event SET payload = '{}' WHERE seq = 1")
    with database.snapshot() as connection:
        assert registered.untold(connection) == 2
        (history,) = (one for one in histories.histories(connection) if one.instance_id == 2)
        assert list(registered.troubles(connection, [history])) == []
    tampered(database, "UPDATE matter SET received_on = '2026-10-01' WHERE id = 2")
    with database.snapshot() as connection:
        assert len(list(registered.troubles(connection, [history]))) == 1
