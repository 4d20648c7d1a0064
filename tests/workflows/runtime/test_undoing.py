"""A matter that was put aside comes back as it was: state, owner, and clocks with their own dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.workflows.runtime.test_recount import notice_for_2027
from tests.workflows.runtime.world import LI, MA, READER, World, holiday_years
from workflows.compiled import Refused
from workflows.runtime import calendar_table
from workflows.runtime.recount import recount


def _runs(world: World, loan: int) -> list[tuple[date, date, bool, bool]]:
    return [
        (one.start, one.legal_due, one.open, one.cancelled_seq is not None)
        for one in world.standing(loan).clocks
        if one.clock == "answer"
    ]


def test_put_aside_and_back_it_is_as_before(world: World) -> None:
    loan = world.start(received_on=date(2026, 2, 27))
    before, timers = world.standing(loan), world.armed(loan)
    world.act(loan, "join")
    aside = world.standing(loan)
    assert (aside.state, aside.next_due, world.row(loan)["ended"]) == ("joined", None, True)
    assert world.armed(loan) == []
    assert world.trouble(loan) is None
    world.wait(2)
    world.act(loan, "part")
    back = world.standing(loan)
    assert (back.state, back.owner_id, back.unit_path) == ("asked", before.owner_id, before.unit_path)
    assert back.assignments == before.assignments
    [old, new] = [one for one in back.clocks if one.clock == "answer"]
    assert old.cancelled_seq == 2
    assert replace(new, opened_seq=old.opened_seq, cancelled_seq=2) == old
    assert world.armed(loan) == timers
    assert world.row(loan)["ended"] is False
    assert world.troubles() == []
    world.lend(loan)
    assert world.trouble(loan) is None


def test_as_often_as_one_likes(world: World) -> None:
    loan = world.start()
    [first] = _runs(world, loan)
    for _time in range(3):
        world.act(loan, "join")
        world.act(loan, "part")
    runs = _runs(world, loan)
    assert [one[2:] for one in runs] == [(False, True)] * 3 + [(True, False)]
    assert {one[:2] for one in runs} == {first[:2]}
    assert world.trouble(loan) is None


def test_a_last_day_that_passed_meanwhile_is_told_at_once(world: World) -> None:
    loan = world.start()
    world.act(loan, "join")
    world.wait(30)
    assert world.fire() == 0
    world.act(loan, "part")
    assert world.fire() == 2, "the last day's task, and the escalation"
    assert [one.name for one in world.standing(loan).tasks if one.kind == "due"] == ["answer_reader"] * 2
    assert world.trouble(loan) is None


def test_a_holiday_notice_that_came_meanwhile_is_counted(world: World) -> None:
    """A running clock would have been counted again by it."""
    world.at(date(2026, 12, 28))
    loan, other = world.start(1), world.start(2)
    world.act(loan, "join")
    with world.writing() as connection:
        calendar_table.load_years(connection, [*holiday_years(), notice_for_2027()], world.now_us)
    world.act(loan, "part")
    list(recount(world.engine, world.writing))
    one, two = world.standing(loan).running("answer"), world.standing(other).running("answer")
    assert one is not None
    assert two is not None
    assert (one.legal_due, one.calendar) == (two.legal_due, two.calendar)
    assert world.trouble(loan) is None


def test_only_the_state_it_came_from_and_only_once(world: World) -> None:
    loan = world.start()
    for done, refused in ((None, "part"), ("join", "join"), ("part", "part")):
        if done is not None:
            world.act(loan, done)
        with pytest.raises(Refused) as refusal:
            world.act(loan, refused)
        assert "wrong_state" in {why.code for why in refusal.value.reasons}
    world.act(loan, "join")
    with pytest.raises(Refused):
        world.act(loan, "part", READER)
    world.act(loan, "remark", LI, text="并入以后的备注")
    world.act(loan, "part", MA)
    assert world.row(loan)["state"] == "asked"


def test_a_way_back_to_another_state_is_found_in_the_log(world: World) -> None:
    """The verification must bite: an event that leads elsewhere than where it came from."""
    loan = world.start()
    world.act(loan, "join")
    world.act(loan, "part")
    for trigger in ("wf_event_no_update", "wf_event_append_only"):
        if world.database.is_sqlite and trigger == "wf_event_no_update":
            world.run(f"DROP TRIGGER {trigger}")
        if not world.database.is_sqlite and trigger == "wf_event_append_only":
            world.run(f"DROP TRIGGER {trigger} ON wf_event")
    world.run("UPDATE wf_event SET to_state = 'lent' WHERE action = 'part'")
    assert world.trouble(loan) is not None
