"""Work beside the states: asked for with a person and a day, joined by a guard, seen by who has it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.workflows.runtime.world import EAST, KEEPER, LI, MA, WEST, WU, World
from workflows.compiled import Refused
from workflows.rows import WorkRow
from workflows.runtime.requests import Act


def asked(
    world: World, loan: int, worker: int = MA.id, due: str = "2026-03-06", kind: str = "look_for_it"
) -> None:
    world.act(loan, "ask_work", work=kind, worker=worker, due_on=due)


def codes(world: World, loan: int, action: str, actor=LI, **payload) -> set[str]:
    with pytest.raises(Refused) as refusal:
        world.act(loan, action, actor, **payload)
    return {why.code for why in refusal.value.reasons}


def test_a_piece_of_work_has_a_person_a_day_and_an_end(world: World) -> None:
    loan = world.start()
    asked(world, loan)
    asked(world, loan, LI.id, "2026-03-04", "ask_the_binder")
    first = WorkRow(1, "look_for_it", MA.id, date(2026, 3, 6), LI.id, 2)
    second = WorkRow(2, "ask_the_binder", LI.id, date(2026, 3, 4), LI.id, 3)
    assert world.standing(loan).work == (first, second)
    world.act(loan, "finish_work", MA, work_number=1)
    world.act(loan, "call_off_work", KEEPER, work_number=2)
    ended = [(one.ended_seq, one.ended_how) for one in world.standing(loan).work]
    assert ended == [(4, "finish"), (5, "call_off")]
    assert world.row(loan)["row_version"] == 1, "work goes on while others fill in forms"
    assert world.troubles() == []


def test_a_step_waits_for_the_work_and_says_for_whose(world: World) -> None:
    loan = world.start()
    asked(world, loan)
    world.wait(1)
    with pytest.raises(Refused) as refusal:
        world.lend(loan)
    (why,) = refusal.value.reasons
    assert (why.code, why.people) == ("work_open", (MA.id,))
    assert "找书" in why.text.zh
    assert "2026-03-02交办" in why.text.zh
    assert "2026-03-06到期" in why.text.zh
    assert "Look for the book" in why.text.en
    (shown,) = world.explain(loan, LI)["lend"].reasons
    assert shown == why
    world.act(loan, "finish_work", MA, work_number=1)
    world.lend(loan)
    assert world.trouble(loan) is None


def test_who_was_asked_finishes_and_the_owner(world: World) -> None:
    loan = world.start()
    asked(world, loan, LI.id)
    assert codes(world, loan, "finish_work", MA, work_number=1) == {"work_of_another"}
    assert codes(world, loan, "finish_work", WU, work_number=1) >= {"role_missing"}
    asked(world, loan, MA.id)
    world.act(loan, "finish_work", LI, work_number=2)
    world.act(loan, "finish_work", LI, work_number=1)
    assert codes(world, loan, "finish_work", LI, work_number=1) == {"no_work"}
    asked(world, loan, MA.id)
    assert codes(world, loan, "finish_work", LI, work_number=2) == {"work_not_open"}


def test_nobody_is_asked_for_yesterday_or_for_an_unknown_kind(world: World) -> None:
    loan = world.start()
    said: dict[str, Any] = {"work": "look_for_it", "worker": MA.id}
    assert codes(world, loan, "ask_work", **said, due_on="2026-03-01") == {"work_day_past"}
    assert codes(world, loan, "ask_work", work="dance", worker=MA.id, due_on="2026-03-06") == {"field_wrong"}
    assert codes(world, loan, "ask_work", MA, **said, due_on="2026-03-06") == {"not_owner_nor_co_handler"}
    world.act(loan, "ask_work", **said, due_on="2026-03-02")


def test_on_its_day_whoever_does_it_and_the_owner_get_a_task(world: World) -> None:
    loan = world.start()
    asked(world, loan)
    world.at(date(2026, 3, 6))
    half_past_eight = world.now_us - 9_000_000_000
    assert [one for one in world.armed(loan) if one[0] == "work.1"] == [("work.1", "due", 0, half_past_eight)]
    assert world.fire() == 1
    tasks = [(one.name, one.clock, one.person_id, one.done_seq) for one in world.standing(loan).tasks]
    assert tasks == [("work.look_for_it", "work.1", LI.id, None), ("work.look_for_it", "work.1", MA.id, None)]
    assert world.trouble(loan) is None
    world.act(loan, "finish_work", MA, work_number=1)
    assert {one.done_seq for one in world.standing(loan).tasks} == {4}
    assert world.fire() == 0
    assert world.troubles() == []


def test_after_days_without_a_worker_the_day_of_work_is_told_once_and_marked_late(world: World) -> None:
    loan = world.start()
    asked(world, loan, due="2026-03-03")
    world.at(date(2026, 3, 6))
    assert world.fire() == 1
    (event,) = world.rows("SELECT changes FROM wf_event WHERE kind = 'timer'")
    assert "late_by_seconds" in event["changes"]
    assert world.fire() == 0


def test_what_is_called_off_reminds_nobody(world: World) -> None:
    loan = world.start()
    asked(world, loan)
    world.act(loan, "call_off_work", work_number=1)
    world.at(date(2026, 3, 6))
    assert world.fire() == 0
    assert world.count("wf_task") == 0
    asked(world, loan, due="2026-03-09")
    assert world.standing(loan).work[-1].number == 2, "a number is never used again"
    assert world.troubles() == []


def test_with_the_last_state_nobody_waits_any_more(world: World) -> None:
    loan = world.start()
    asked(world, loan)
    asked(world, loan, LI.id)
    world.act(loan, "refuse", ground="1")
    assert {(one.ended_seq, one.ended_how) for one in world.standing(loan).work} == {(4, "call_off")}
    assert [one for one in world.armed(loan) if one[0].startswith("work.")] == []
    assert world.troubles() == []


def test_a_click_and_its_double_finish_it_once(world: World) -> None:
    loan = world.start()
    asked(world, loan)
    act = Act(loan, "finish_work", {"work_number": 1}, key="once")
    assert [world.do(act, MA).replayed, world.do(act, MA).replayed] == [False, True]


def test_a_step_that_has_nothing_to_do_with_work_asks_no_table_of_it(world: World) -> None:
    loan = world.start()
    asked(world, loan)
    world.statements.clear()
    world.act(loan, "remark", text="x")
    assert not [one for one in world.statements if "wf_work" in one or "wf_co_handler" in one]


# -- co-handlers


def test_a_co_handler_works_and_does_not_decide(world: World) -> None:
    loan = world.start()
    assert "not_owner" in codes(world, loan, "lend", MA, lent_on="2026-03-02", deposit=1)
    world.act(loan, "name_co_handler", co_handler=MA.id)
    world.act(loan, "ask_work", MA, work="look_for_it", worker=MA.id, due_on="2026-03-06")
    world.act(loan, "finish_work", MA, work_number=1)
    assert "not_owner" in codes(world, loan, "lend", MA, lent_on="2026-03-02", deposit=1)
    assert codes(world, loan, "name_co_handler", co_handler=MA.id) == {"co_handles_already"}
    assert codes(world, loan, "name_co_handler", co_handler=LI.id) == {"co_handles_already"}
    assert world.row(loan)["owner_id"] == LI.id
    world.act(loan, "remove_co_handler", co_handler=MA.id)
    assert codes(world, loan, "remove_co_handler", co_handler=MA.id) == {"no_co_handler"}
    assert [(one.person_id, one.from_seq, one.to_seq) for one in world.standing(loan).co_handlers] == [
        (MA.id, 2, 5)
    ]
    assert world.troubles() == []


def test_who_takes_the_matter_over_helps_no_longer(world: World) -> None:
    loan = world.start()
    world.act(loan, "name_co_handler", co_handler=MA.id)
    world.act(loan, "offer_handover", unit=EAST, receiver=MA.id)
    assert world.standing(loan).co_handlers[0].to_seq is None, "an offer changes nothing"
    world.act(loan, "accept_handover", MA)
    assert world.standing(loan).co_handlers[0].to_seq == 4
    assert world.troubles() == []


def test_another_unit_finds_its_own_helpers(world: World) -> None:
    loan = world.start()
    world.act(loan, "name_co_handler", co_handler=MA.id)
    world.act(loan, "move", KEEPER, unit=WEST, receiver=WU.id)
    assert [one.to_seq for one in world.standing(loan).co_handlers] == [3]
    assert world.troubles() == []
