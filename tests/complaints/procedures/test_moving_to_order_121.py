"""Complaints received under Order 20 move to the procedure of Order 121; no limit that runs changes by it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from complaints.app import build_services
from complaints.commands.parts import Parts
from complaints.dossier.procedure_versions import all_rehearsed
from complaints.foundation.database import Database
from config import Settings
from tests.bureau import Bureau, SetClock
from tests.complaints.commands.running import run
from tests.walking import Walk
from workflows.runtime import reading
from workflows.runtime.engine import Engine
from workflows.runtime.migration import migrate
from workflows.runtime.tables import instance
from workflows.versioning.migration_plans import read_plan

BEFORE, AFTER = datetime(2026, 4, 8, 2, tzinfo=UTC), datetime(2026, 4, 20, 2, tzinfo=UTC)


@pytest.fixture
def engine(settings: Settings, clock: SetClock, database: Database) -> Engine:
    return build_services(settings, clock, database).engine


def clocks(database: Database, place: int) -> Mapping[str, tuple[str, date, date]]:
    """Return the running clocks of the matter at a place: rule set, first day, last lawful day."""
    with database.reading() as session:
        ids = session.execute(select(instance.c.id).order_by(instance.c.id)).scalars().all()
        rows = reading.clocks_of(session.connection(), ids[place])
    return {row.clock: (row.rule_set, row.start, row.legal_due) for row in rows if row.open}


def test_each_limit_stays_with_the_rules_of_its_own_first_day(
    city: Bureau, settings: Settings, database: Database, clock: SetClock, engine: Engine
) -> None:
    walk = Walk(city, engine)
    clock.at = BEFORE
    accepted, waiting = walk.accepted(), walk.dispatched()
    before = [clocks(database, place) for place in (0, 1)]
    clock.at = AFTER
    plan = read_plan("complaint", 2, 3)
    with database.reading() as session:
        shown = {one.number: one.rehearsed.move for one in all_rehearsed(session, engine, plan)}
    assert {number: move.reasons for number, move in shown.items()} == {accepted: (), waiting: ()}
    assert {clock.days for move in shown.values() for clock in move.clocks} == {0}
    list(migrate(engine, Parts(settings, database, clock).writing_connection, plan, "按第121号令的流程办理"))
    assert [clocks(database, place) for place in (0, 1)] == before
    assert before[0]["mediation"][0] != "order-121"
    with database.reading() as session:
        assert set(session.execute(select(instance.c.version)).scalars()) == {3}
    walk.act("handler", waiting, "accept")
    after = clocks(database, 1)
    assert (after["mediation"][0], after["accept_decision"]) == ("order-121", before[1]["accept_decision"])
    assert after["mediation"][2] >= AFTER.date() + timedelta(days=60)
    # what crosses keeps its choice: the move takes no right from anybody
    assert not [one.name for move in shown.values() for one in move.lost]
    walk.act("head", waiting, "choose_rule_set", rule_set="order-20-and-778", reason="按收到之日的规定")
    assert clocks(database, 1)["mediation"][0] == "order-20-and-778"
    checked = run(settings, "log", "verify", "--json")
    assert checked.exit_code == 0, checked.output
    facts = json.loads(run(settings, "procedures", "list", "--json").stdout)
    assert {one["version"]: one["open_matters"] for one in facts if one["procedure"] == "complaint"} == {
        1: 0,
        2: 0,
        3: 2,
    }
