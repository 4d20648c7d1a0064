"""Health names each thing, and ends with 1 only where something is in trouble."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from complaints.administration import heartbeats
from complaints.app import build_services
from complaints.commands import health
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.walking import Walk
from workflows.definition_files import DefinitionError


def found(settings: Settings) -> tuple[int, dict[str, Any]]:
    done = run(settings, "health", "--json")
    return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def living(database: Database) -> None:
    """A worker that was seen just now."""
    with database.writing() as session:
        heartbeats.beat(session, "host:1:abc", Clock().now(), 0, 0)


@pytest.fixture(autouse=True)
def _an_announced_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calendar's answer depends on the day: take one whose year is announced."""
    monkeypatch.setattr(Clock, "today", lambda self: SetClock().at.date())


def test_all_is_well(living: None, settings: Settings) -> None:
    code, facts = found(settings)
    assert code == 0, facts
    assert facts["calendar"]["words"] == "announced through 2026-12-31"
    assert {name for name, one in facts.items() if one["state"] == "trouble"} == set()


def test_a_broken_procedure_is_trouble(
    living: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_parts: object) -> None:
        raise DefinitionError("complaint.3 was changed", "投诉第3版被改动了")

    monkeypatch.setattr(health, "check_versions", refuse)
    code, facts = found(settings)
    assert (code, facts["procedures"]["state"]) == (1, "trouble")
    assert "complaint.3 was changed" in facts["procedures"]["words"]


@pytest.mark.parametrize("day", ["2026-12-28", "2026-12-30"])
def test_the_last_days_of_the_last_announced_year_are_not_final(
    living: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, day: str
) -> None:
    monkeypatch.setattr(Clock, "today", lambda self: date.fromisoformat(day))
    one = found(settings)[1]["calendar"]
    assert one["state"] == "attention"
    assert ("final only through 2026-12-28" in one["words"]) == (day == "2026-12-30")


def test_without_a_worker_it_says_so(settings: Settings, database: Database) -> None:
    code, facts = found(settings)
    assert (code, facts["worker"]["state"]) == (1, "trouble")
    with database.writing() as session:
        heartbeats.beat(session, "host:1:abc", Clock().now() - timedelta(minutes=10), 0, 0)
    done = run(settings, "health")
    assert done.exit_code == 1
    assert "last seen 20" in done.stdout


def test_a_sign_of_life_from_far_ahead_is_none(settings: Settings, database: Database) -> None:
    """A worker that died while the machine's clock ran ahead."""
    with database.writing() as session:
        heartbeats.beat(session, "host:1:abc", Clock().now() + timedelta(days=2), 0, 0)
    assert found(settings)[1]["worker"]["state"] == "trouble"
    with database.writing() as session:
        heartbeats.forget_old(session, Clock().now())
        assert heartbeats.last_seen(session) is None


def test_a_backlog_is_trouble_and_an_unclear_message_asks_for_a_person(
    living: None, city: Bureau, settings: Settings, database: Database, clock: SetClock
) -> None:
    clock.at = Clock().now() - timedelta(hours=1)
    Walk(city, build_services(settings, clock, database).engine).register()
    code, facts = found(settings)
    assert (code, facts["outbox"]["state"]) == (1, "trouble")
    with database.writing() as session:
        session.execute(text("UPDATE wf_outbox SET state = 'ambiguous'"))
    code, facts = found(settings)
    assert (code, facts["outbox"]["state"]) == (0, "attention")


@pytest.mark.parametrize(
    ("day", "state"), [("2026-11-24", "ok"), ("2026-12-01", "attention"), ("2027-06-01", "trouble")]
)
def test_the_calendar_ends_with_the_announced_year(
    living: None, settings: Settings, monkeypatch: pytest.MonkeyPatch, day: str, state: str
) -> None:
    monkeypatch.setattr(Clock, "today", lambda self: SetClock().at.date().fromisoformat(day))
    _code, facts = found(settings)
    assert facts["calendar"]["state"] == state


def test_a_database_of_another_revision(living: None, settings: Settings, database: Database) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    code, facts = found(settings)
    assert (code, facts["database"]["state"]) == (1, "trouble")
    assert "run cli init" in facts["database"]["words"]


def test_a_full_disk(living: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 60)
    code, facts = found(settings)
    assert (code, facts["disk"]["state"]) == (1, "trouble")
