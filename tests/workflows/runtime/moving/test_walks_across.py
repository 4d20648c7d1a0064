"""Whatever people did before the move and do after it: every row equals its events, across both versions."""

from __future__ import annotations

import random
from datetime import date

import pytest

from tests.workflows.runtime.moving import plan, running
from tests.workflows.runtime.processes import all_at_once, died
from tests.workflows.runtime.test_walks import RECEIVERS, lawful
from tests.workflows.runtime.world import EAST, KEEPER, LI, MA, WU, World
from workflows.compiled import Refused
from workflows.runtime import migration
from workflows.runtime.requests import Act
from workflows.steps import Assignee

PEOPLE = (LI, LI, LI, MA, WU, KEEPER)
REASON = "新规则施行"


def walk(world: World, loan: int, steps: int, dice: random.Random) -> None:
    """Do lawful things in any order; what is refused is refused."""
    for _ in range(steps):
        world.wait(dice.choice((0, 0, 1, 3)))
        row = world.row(loan)
        actions = world.library.get("loan", row["version"]).procedure.actions_from(row["state"])
        action = dice.choice([one.name for one in actions if not one.child])
        # the second version's form for lending is the first one's
        asked = "lend" if action == "hand_out" else action
        payload = lawful(world, asked, dice.choice(sorted(RECEIVERS)))
        desk = Assignee(LI.id, EAST) if action == "send_to_desk" else None
        try:
            world.do(Act(loan, action, payload, assignee=desk), dice.choice(PEOPLE))
        except Refused:
            continue


def walks_across(world: World, number: int, seed: int) -> None:
    dice = random.Random(seed)
    loans = []
    for subject in range(1, number + 1):
        world.at(date(2026, 6, 1 + subject % 28))
        loans.append(world.start(subject))
        walk(world, loans[-1], dice.randrange(7), dice)
    world.at(date(2026, 8, 3))
    while world.fire():
        pass
    assert world.troubles() == []
    left = {one.instance_id: one for one in migration.migrate(world.engine, world.writing, plan(), REASON)}
    for loan in loans:
        here = left.get(loan)
        moved = here is not None and not here.move.reasons
        assert world.row(loan)["version"] == (2 if moved else 1)
    assert world.troubles() == []
    told = world.count("wf_event", "kind = 'timer'")
    kept = {
        one.instance_id for one in left.values() if one.move.changes and not one.move.changes.get("moved")
    }
    assert kept
    while world.fire():
        pass
    again = world.rows(
        "SELECT instance_id, action FROM wf_event WHERE kind = 'timer' AND action LIKE 'due.%'"
        " GROUP BY instance_id, action HAVING count(*) > 1"
    )
    runs = world.rows("SELECT instance_id FROM wf_deadline GROUP BY instance_id, clock HAVING count(*) > 1")
    assert {row["instance_id"] for row in again} <= {row["instance_id"] for row in runs}
    assert world.count("wf_event", "kind = 'timer'") >= told
    for loan in loans:
        walk(world, loan, dice.randrange(5), dice)
    assert world.troubles() == []
    versions = {row["version"] for row in world.rows("SELECT DISTINCT version FROM wf_event")}
    assert versions == {1, 2}


def test_walks_lead_across_the_move(moving: World) -> None:
    walks_across(moving, 25, seed=7)


@pytest.mark.slow
def test_three_hundred_walks_lead_across_the_move(moving: World) -> None:
    walks_across(moving, 300, seed=11)


@pytest.mark.slow
def test_a_move_that_is_killed_is_finished_by_the_next(moving: World) -> None:
    moving.at(date(2026, 6, 22))
    for subject in range(1, 301):
        moving.start(subject)
    moving.at(date(2026, 7, 6))
    dice = random.Random(3)
    for number in range(12):
        transactions, when = dice.randint(2, 20), ("within", "after")[number % 2]
        assert died(running.__name__, moving.url, moving.now.isoformat(), transactions, when)
        assert moving.count("wf_instance", "version = 1") > 0
        assert moving.troubles() == []
    assert moving.count("wf_instance", "version = 2") > 0
    list(migration.migrate(moving.engine, moving.writing, plan(), REASON))
    assert moving.count("wf_instance", "version = 2") == moving.count("wf_event", "kind = 'migrate'") == 300
    assert moving.troubles() == []


@pytest.mark.slow
def test_several_moves_at_once_move_each_matter_once(moving: World) -> None:
    moving.at(date(2026, 6, 22))
    for subject in range(1, 101):
        moving.start(subject)
    moving.at(date(2026, 7, 6))
    counts = all_at_once(running.moved, [(moving.url, moving.now.isoformat())] * 4)
    assert sum(counts) == 100
    assert moving.count("wf_event", "kind = 'migrate'") == 100
    assert moving.troubles() == []
