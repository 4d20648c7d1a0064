"""The log as the command line checks it: whole, or the first bad event by name."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from complaints.app import build_services
from complaints.foundation.database import Database
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.walking import Walk
from workflows.runtime.triggers import drop_triggers


@pytest.fixture
def number(city: Bureau, settings: Settings, database: Database, clock: SetClock) -> str:
    walk = Walk(city, build_services(settings, clock, database).engine)
    walk.register()
    return walk.accepted()


def test_a_whole_log(number: str, settings: Settings) -> None:
    done = run(settings, "log", "verify")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("2 matters checked")
    facts = json.loads(run(settings, "log", "verify", "--json").stdout)
    assert (facts["checked"], facts["whole"]) == (2, True)


def test_the_first_bad_event_is_named(number: str, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        drop_triggers(session.connection())
        session.execute(text("UPDATE wf_event SET actor_id = 3 WHERE instance_id = 2 AND seq = 2"))
    done = run(settings, "log", "verify")
    assert done.exit_code == 1
    assert f"Instance 2 (matter {number}), event 2: its content differs from its hash" in done.stderr
    assert run(settings, "log", "verify", "--instance", "1").exit_code == 0
    facts = run(settings, "log", "verify", "--instance", "2", "--json")
    assert (facts.exit_code, json.loads(facts.stdout)["event"]) == (1, 2)


def test_a_row_that_nobody_told_is_named(number: str, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        drop_triggers(session.connection())
        session.execute(text("UPDATE wf_instance SET owner_id = 9 WHERE id = 2"))
    done = run(settings, "log", "verify")
    assert done.exit_code == 1
    assert "Instance 2" in done.stderr


def test_an_unknown_instance(number: str, settings: Settings) -> None:
    done = run(settings, "log", "verify", "--instance", "77")
    assert done.exit_code == 1
    assert "no instance 77" in done.stderr


def test_all_bad_matters_are_named_where_that_is_asked(
    number: str, settings: Settings, database: Database
) -> None:
    with database.writing() as session:
        drop_triggers(session.connection())
        session.execute(text("UPDATE wf_event SET actor_id = 3 WHERE seq = 1"))
    first = run(settings, "log", "verify")
    assert (first.exit_code, first.stderr.count("its content differs")) == (1, 1)
    each = run(settings, "log", "verify", "--all")
    assert (each.exit_code, each.stderr.count("its content differs")) == (1, 2)
    facts = json.loads(run(settings, "log", "verify", "--all", "--json").stdout)
    assert (facts["checked"], len(facts["troubles"]), facts["instance"]) == (2, 2, 1)


def test_a_check_reads_one_state_whoever_writes_meanwhile(
    city: Bureau, settings: Settings, database: Database, clock: SetClock
) -> None:
    walk = Walk(city, build_services(settings, clock, database).engine)
    walk.register()
    events = text("SELECT count(*) FROM wf_event")
    with database.snapshot() as connection:
        assert connection.execute(events).scalar_one() == 1
        walk.accepted()
        assert connection.execute(events).scalar_one() == 1
    with database.snapshot() as connection:
        assert connection.execute(events).scalar_one() == 4


def test_a_holiday_that_was_moved_in_the_table_is_named(
    number: str, settings: Settings, database: Database
) -> None:
    with database.writing() as session:
        drop_triggers(session.connection())
        moved = "UPDATE wf_calendar_notice SET days = replace(days, '2026-10-01', '2026-10-11')"
        session.execute(text(moved))
    done = run(settings, "log", "verify")
    assert done.exit_code == 1
    assert "The log as a whole: revision 1 of the calendar cannot be used: The notice for 2026" in done.stderr
    health = json.loads(run(settings, "health", "--json").stdout)
    assert health["calendar"]["state"] == "trouble"
    assert "The notice for 2026" in health["calendar"]["words"]
