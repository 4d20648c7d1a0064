"""One step back: by whoever did it while nobody built on it, or by who may return it; to no chosen state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.workflows.runtime.world import KEEPER, LI, MA, World
from workflows.compiled import Refused


def codes(world: World, loan: int, action: str, actor=LI) -> set[str]:
    with pytest.raises(Refused) as refusal:
        world.act(loan, action, actor)
    return {why.code for why in refusal.value.reasons}


def test_withdrawn_it_is_as_before_and_its_clock_runs_on_with_its_own_days(world: World) -> None:
    loan = world.start(received_on=date(2026, 2, 27))
    before, timers = world.standing(loan), world.armed(loan)
    world.act(loan, "check", shelf="A3")
    assert [one.clock for one in world.standing(loan).clocks if one.open] == ["handing_out"]
    world.wait(2)
    world.act(loan, "withdraw_check")
    back = world.standing(loan)
    assert (back.state, back.owner_id, back.assignments) == ("asked", before.owner_id, before.assignments)
    assert back.vars["shelf"] is None
    old, _handing_out, new = back.clocks
    assert old.met_seq == 2
    assert replace(new, opened_seq=1, met_seq=2, met_on=old.met_on) == old
    assert [one for one in world.armed(loan) if one in timers] == world.armed(loan)
    assert world.troubles() == []
    world.act(loan, "check", shelf="B1")
    world.act(loan, "hand_out")
    assert world.trouble(loan) is None


def test_only_whoever_did_it(world: World) -> None:
    loan = world.start()
    world.act(loan, "check", shelf="A3")
    assert codes(world, loan, "withdraw_check", MA) == {"not_your_step"}
    world.act(loan, "send_check_back", KEEPER)
    assert world.row(loan)["state"] == "asked"


def test_not_after_somebody_built_on_it_but_a_note_counts_nothing(world: World) -> None:
    loan = world.start()
    world.act(loan, "check", shelf="A3")
    world.act(loan, "remark", KEEPER, text="看过了")
    world.act(loan, "ask_work", work="look_for_it", worker=MA.id, due_on="2026-03-06")
    assert world.explain(loan, LI)["withdraw_check"].allowed
    world.act(loan, "name_co_handler", co_handler=MA.id)
    assert codes(world, loan, "withdraw_check") == {"acted_since"}
    assert world.explain(loan, KEEPER)["send_check_back"].allowed


def test_only_once_and_only_there(world: World) -> None:
    loan = world.start()
    assert codes(world, loan, "withdraw_check") == {"wrong_state", "nothing_to_undo"}
    world.act(loan, "check", shelf="A3")
    world.act(loan, "withdraw_check")
    assert "wrong_state" in codes(world, loan, "withdraw_check")
    world.act(loan, "check", shelf="A3")
    world.act(loan, "hand_out")
    assert "wrong_state" in codes(world, loan, "withdraw_check")
    assert world.troubles() == []
