"""One owner follows on another without a gap; a parent and its children know each other."""

from __future__ import annotations

import pytest

from tests.workflows.runtime.world import EAST, KEEPER, LI, MA, WEST, WU, World
from workflows.compiled import Refused
from workflows.runtime.requests import Act, UnknownInstance
from workflows.steps import Assignee


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {why.code for why in refusal.value.reasons}


def test_assignments_follow_on_each_other(world: World) -> None:
    loan = world.start()
    world.act(loan, "move", KEEPER, unit=WEST, receiver=WU.id)
    assert (world.row(loan)["owner_id"], world.row(loan)["unit_path"]) == (WU.id, WEST)
    world.do(Act(loan, "send_to_desk", assignee=Assignee(LI.id, EAST)), WU)
    world.act(loan, "take", KEEPER)
    world.act(loan, "take", KEEPER)
    standing = world.standing(loan)
    assert [(one.person_id, one.from_seq, one.to_seq, one.why) for one in standing.assignments] == [
        (7, 1, 2, "start"),
        (5, 2, 3, "move"),
        (7, 3, 4, "send_to_desk"),
        (8, 4, None, "take"),
    ]
    assert standing.vars["returns"] == 1
    assert world.trouble(loan) is None
    with pytest.raises(ValueError, match="duty officer"):
        world.do(Act(world.start(2), "send_to_desk"))


def test_a_handover_binds_the_giver_until_it_is_taken(world: World) -> None:
    loan = world.start()
    world.lend(loan)
    world.act(loan, "offer_handover", unit=WEST, receiver=WU.id)
    assert (world.row(loan)["owner_id"], world.row(loan)["handover_to"]) == (LI.id, WU.id)
    with pytest.raises(Refused):
        world.act(loan, "accept_handover", MA)
    with pytest.raises(Refused):
        world.act(loan, "offer_handover", unit=EAST, receiver=MA.id)
    world.act(loan, "accept_handover", WU)
    row = world.row(loan)
    assert (row["owner_id"], row["unit_path"], row["handover_to"]) == (WU.id, WEST, None)
    assert row["first_responder_id"] == LI.id
    world.act(loan, "offer_handover", WU, unit=EAST, receiver=MA.id)
    world.act(loan, "drop_handover", MA)
    world.act(loan, "offer_handover", WU, unit=EAST, receiver=MA.id)
    world.act(loan, "give_to_first", KEEPER)
    row = world.row(loan)
    assert (row["owner_id"], row["handover_to"]) == (LI.id, None)
    assert world.trouble(loan) is None


def test_the_application_is_told_when_an_instance_changes_hands(world: World) -> None:
    loan = world.start()
    world.lend(loan)
    assert world.told == [], "neither a start nor a step within the unit"
    world.act(loan, "offer_handover", unit=WEST, receiver=WU.id)
    assert world.told == [loan]
    world.act(loan, "accept_handover", WU)
    assert world.told == [loan] * 2
    world.act(loan, "offer_handover", WU, unit=EAST, receiver=MA.id)
    world.act(loan, "drop_handover", MA)
    assert world.told == [loan] * 4


# -- parent and child


def test_a_child_stands_beside_its_parent_and_holds_up_its_end(world: World) -> None:
    loan = world.start()
    world.lend(loan)
    with world.writing() as connection:
        child = world.engine.start(
            connection, world.request(2, procedure="repair", parent_id=loan), LI
        ).instance_id
        world.engine.act(connection, Act(loan, "repair", child_id=child), LI)
    assert world.row(loan)["state"] == "lent"
    with pytest.raises(Refused) as refusal:
        world.act(loan, "give_back")
    assert codes(refusal) == {"repair_open"}
    world.act(child, "mend")
    world.act(loan, "give_back")
    assert world.row(child)["ended"]
    assert world.troubles() == []


def test_a_child_is_named_exactly_by_the_step_that_starts_it(world: World) -> None:
    loan, other = world.start(1), world.start(2)
    world.lend(loan)
    with pytest.raises(ValueError, match="must come with its repair child"):
        world.act(loan, "repair")
    with pytest.raises(ValueError, match="must come with its no child"):
        world.do(Act(loan, "give_back", child_id=other))
    with pytest.raises(ValueError, match="no repair child"):
        world.do(Act(loan, "repair", child_id=other))
    world.lend(other)
    elsewhere = world.start(4, procedure="repair", parent_id=other)
    with pytest.raises(ValueError, match="no repair child"):
        world.do(Act(loan, "repair", child_id=elsewhere))
    with pytest.raises(UnknownInstance):
        world.start(3, procedure="repair", parent_id=loan + 99)
