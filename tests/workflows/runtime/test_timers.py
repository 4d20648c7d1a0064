"""Clocks pause, move and end; what falls due is told once, by however many workers."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest
from sqlalchemy import select

from tests.workflows.runtime.world import KEEPER, LI, MA, WU, World, library
from workflows import judging, steps
from workflows.proving.invariants import InvariantBroken
from workflows.rows import ClockRow, PauseRow
from workflows.rule_sets import RuleBook
from workflows.runtime import event_log, tables
from workflows.runtime.requests import Act
from workflows.steps import Assignee


def due_of(world: World, loan: int) -> ClockRow:
    row = world.standing(loan).latest("due")
    assert row is not None
    return row


def tasks(world: World, loan: int, *, done: bool = False) -> list[tuple[str, int]]:
    found = world.standing(loan).tasks
    return [(one.name, one.person_id) for one in found if (one.done_seq is not None) is done]


def lent(world: World, subject_id: int = 1) -> int:
    loan = world.start(subject_id)
    world.lend(loan)
    world.act(loan, "tell", told_on=world.today.isoformat(), proof="当面")
    return loan


def unpaused() -> RuleBook:
    """Return the rule sets without the article by which a loan may stand still."""
    sets = library().rule_book.all
    limits = library().rule_book.rule_set(date(2026, 3, 2)).limits
    none = MappingProxyType({**limits, "due": replace(limits["due"], pause_article=None)})
    return RuleBook(one if one.local else replace(one, limits=none) for one in sets)


# -- pauses and extensions


def test_a_clock_whose_own_rules_know_no_pause_does_not_stand_still(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step is done all the same; the matter's clock runs on, and its own limit is what counts."""
    loan = lent(world)
    book = unpaused()
    monkeypatch.setattr(world.engine, "time_rules", lambda link: replace(world.time_rules(link), rules=book))
    assert world.explain(loan, LI)["send_to_binder"].allowed
    before = due_of(world, loan)
    world.at(date(2026, 3, 10))
    world.act(loan, "send_to_binder", paper="修补单3号")
    assert due_of(world, loan) == before
    assert "due" in {name for name, *_rest in world.armed(loan)}
    world.at(date(2026, 3, 20))
    world.act(loan, "back_from_binder")
    assert due_of(world, loan) == before


def test_a_pause_that_the_rules_do_not_know_is_not_written_and_found_in_replay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    loan = lent(world)
    with monkeypatch.context() as planted:
        planted.setattr(steps, "may_pause", lambda *_: True)
        planted.setattr(
            world.engine, "time_rules", lambda link: replace(world.time_rules(link), rules=unpaused())
        )
        with pytest.raises(InvariantBroken) as broken:
            world.act(loan, "send_to_binder", paper="修补单3号")
        assert broken.value.invariant.name == "pauses_only_by_law"
    world.act(loan, "send_to_binder", paper="修补单3号")
    assert world.trouble(loan) is None
    monkeypatch.setattr(world.library, "rule_book", unpaused())
    trouble = world.trouble(loan)
    assert trouble is not None
    assert "pauses_only_by_law" in trouble.sentence


def test_the_person_named_on_the_paper_approved_the_pause(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the form asks who approved it; else it is the person who acts."""
    loan = lent(world)
    monkeypatch.setattr(judging, "check_payload", lambda *_: ())
    world.act(loan, "send_to_binder", paper="修补单3号", approved_by=KEEPER.id)
    assert due_of(world, loan).pauses[0].approved_by == KEEPER.id
    assert world.trouble(loan) is None


def test_a_pause_stands_still_and_moves_the_dates_when_it_ends(world: World) -> None:
    loan = lent(world)
    assert due_of(world, loan).legal_due == date(2026, 4, 1)
    world.at(date(2026, 3, 10))
    world.act(loan, "send_to_binder", paper="修补单3号")
    row = world.row(loan)
    assert (row["next_clock"], row["next_alert_due"]) == ("binder", date(2026, 4, 8))
    assert due_of(world, loan).paused
    assert {one[0] for one in world.armed(loan)} == {"binder"}
    pause = due_of(world, loan).pauses[0]
    assert pause == PauseRow(date(2026, 3, 10), None, "修补单3号", LI.id, "send_to_binder", "binder")
    world.at(date(2026, 3, 20))
    world.act(loan, "back_from_binder")
    moved = due_of(world, loan)
    assert (moved.nominal, moved.alert_due, moved.legal_due) == (
        date(2026, 4, 11),
        date(2026, 4, 10),
        date(2026, 4, 11),
    )
    assert moved.pauses == (replace(pause, to=date(2026, 3, 19)),)
    assert world.row(loan)["next_clock"] == "due"
    assert {one[0] for one in world.armed(loan)} == {"due"}
    assert world.trouble(loan) is None


def test_the_paper_with_which_the_clock_goes_on_is_kept_beside_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    loan = lent(world)
    world.act(loan, "send_to_binder", paper="修补单3号")
    world.at(date(2026, 3, 20))
    monkeypatch.setattr(judging, "check_payload", lambda *_: ())
    world.act(loan, "back_from_binder", paper="验收单7号")
    pause = due_of(world, loan).pauses[0]
    assert (pause.paper, pause.end_paper) == ("修补单3号", "验收单7号")
    assert world.trouble(loan) is None


def test_a_pause_within_one_day_counts_nothing_and_two_pauses_add_up(world: World) -> None:
    loan = lent(world)
    world.act(loan, "send_to_binder", paper="1")
    world.act(loan, "back_from_binder")
    assert due_of(world, loan).legal_due == date(2026, 4, 1)
    for first, last in ((5, 8), (12, 13)):
        world.at(date(2026, 3, first))
        world.act(loan, "send_to_binder", paper="2")
        world.at(date(2026, 3, last))
        world.act(loan, "back_from_binder")
    assert due_of(world, loan).nominal == date(2026, 4, 5)
    assert world.trouble(loan) is None


def test_an_extension_moves_the_dates_and_says_so(world: World) -> None:
    loan = lent(world)
    world.act(loan, "renew", KEEPER)
    row = due_of(world, loan)
    assert (row.n, row.legal_due, row.extended) == (45, date(2026, 4, 16), True)
    world.at(date(2026, 3, 10))
    world.act(loan, "send_to_binder", paper="1")
    world.at(date(2026, 3, 12))
    world.act(loan, "back_from_binder")
    assert due_of(world, loan).nominal == date(2026, 4, 18)
    assert due_of(world, loan).extended
    assert world.trouble(loan) is None


def test_a_clock_may_be_met_while_it_stands_still(world: World) -> None:
    loan = lent(world)
    world.at(date(2026, 3, 10))
    world.act(loan, "send_to_binder", paper="1")
    world.at(date(2026, 3, 12))
    world.act(loan, "give_back")
    row = due_of(world, loan)
    assert (row.met_on, row.pauses[0].to, row.legal_due) == (
        date(2026, 3, 12),
        date(2026, 3, 11),
        date(2026, 4, 3),
    )
    binder = world.standing(loan).latest("binder")
    assert binder is not None
    assert binder.cancelled_seq == world.row(loan)["seq"]
    assert world.row(loan)["next_clock"] == "stocktake"
    assert world.row(loan)["ended"]
    assert world.trouble(loan) is None


def test_a_final_state_ends_every_clock(world: World) -> None:
    loan = world.start()
    world.lend(loan)
    world.act(loan, "give_back")
    assert world.row(loan)["next_clock"] == "stocktake"
    world.act(loan, "count", KEEPER)
    assert not any(clock.open for clock in world.standing(loan).clocks)
    assert world.armed(loan) == []
    assert world.row(loan)["next_clock"] is None
    assert world.trouble(loan) is None


# -- what falls due


def test_warning_last_day_and_escalation_each_fire_once(world: World) -> None:
    loan = world.start()
    world.at(date(2026, 3, 9))
    assert world.fire() == 0
    expected = {10: [("warn.answer", 7)], 11: [("answer_reader", 7), ("answer_reader", 8)]}
    expected[12] = [("escalate.answer", 7), ("escalate.answer", 8)]
    seen: list[tuple[str, int]] = []
    for day, people in expected.items():
        world.at(date(2026, 3, day))
        assert (world.fire(), world.fire()) == (1, 0)
        seen += people
        assert tasks(world, loan) == seen
    assert world.armed(loan) == []
    with world.reading() as connection:
        events = event_log.events_of(connection, loan)
    assert [(one.kind, one.action, one.actor_id) for one in events[1:]] == [
        ("timer", "warn.answer", 0),
        ("timer", "due.answer", 0),
        ("timer", "escalate.answer", 0),
    ]
    world.act(loan, "refuse", ground="1")
    assert tasks(world, loan) == []
    assert tasks(world, loan, done=True) == seen
    assert world.trouble(loan) is None


def test_after_three_days_without_a_worker_each_timer_fires_once_marked_late(world: World) -> None:
    loan = world.start()
    world.at(date(2026, 3, 15))
    assert (world.fire(), world.fire()) == (3, 0)
    with world.reading() as connection:
        late = [one.effects["late_by_seconds"] for one in event_log.events_of(connection, loan)[1:]]
    assert late == [days * 86_400 + 9_000 for days in (5, 4, 3)]
    assert world.trouble(loan) is None


def test_a_clock_that_was_met_or_stands_still_is_not_told(world: World) -> None:
    told, paused = lent(world, 1), lent(world, 2)
    world.act(paused, "send_to_binder", paper="1")
    world.at(date(2026, 3, 13))
    assert world.fire() == 0
    world.act(told, "give_back")
    world.at(date(2026, 4, 1))
    fired = world.fire()
    assert fired == 1
    assert tasks(world, paused) == [("warn.binder", LI.id)]
    assert world.troubles() == []


def test_a_limit_missed_is_not_told_again_because_the_clock_moved(world: World) -> None:
    loan = lent(world)
    world.at(date(2026, 4, 2))
    assert world.fire() == 4
    before = tasks(world, loan)
    world.act(loan, "send_to_binder", paper="1")
    world.at(date(2026, 4, 3))
    world.act(loan, "back_from_binder")
    assert due_of(world, loan).legal_due == date(2026, 4, 1)
    assert [one[:3] for one in world.armed(loan)] == [("due", "escalate", 7)]
    assert world.fire() == 0
    world.act(loan, "renew", KEEPER)
    assert [one[:3] for one in world.armed(loan)] == [
        ("due", "warn", -3),
        ("due", "due", 0),
        ("due", "warn", 0),
        ("due", "escalate", 0),
        ("due", "escalate", 7),
    ]
    assert tasks(world, loan) == []
    assert len(before) == 6
    assert world.trouble(loan) is None


def test_people_are_those_near_the_unit_that_holds_the_matter_then(world: World) -> None:
    loan = world.start(1, owner=Assignee(LI.id, "/town/east/"))
    world.act(loan, "move", KEEPER, unit="/town/west/", receiver=WU.id)
    world.at(date(2026, 3, 10))
    world.fire()
    assert tasks(world, loan) == [("warn.answer", WU.id)]


def test_a_broken_matter_holds_up_no_other(world: World, caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = world.start(1), world.start(2)
    world.run("UPDATE wf_timer SET clock = 'lost' WHERE instance_id = :of", of=broken)
    world.at(date(2026, 3, 10))
    with caplog.at_level(logging.CRITICAL):
        assert world.fire() == 1
    assert tasks(world, whole) == [("warn.answer", LI.id)]
    assert world.row(broken)["seq"] == 1


def test_more_broken_matters_than_a_worker_looks_at_hold_up_no_other(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = [world.start(number) for number in (1, 2, 3)], world.start(4)
    for one in broken:
        world.run("UPDATE wf_timer SET clock = 'lost' WHERE instance_id = :of", of=one)
    world.at(date(2026, 3, 10))
    with caplog.at_level(logging.CRITICAL):
        assert world.fire(up_to=2) == 1
    assert tasks(world, whole) == [("warn.answer", LI.id)]


def test_many_workers_make_each_effect_once(world: World) -> None:
    loans = [world.start(number) for number in range(1, 9)]
    world.at(date(2026, 3, 15))
    fired = [0] * 4

    def work(place: int) -> None:
        while world.count("wf_timer", "status = 'armed'"):
            fired[place] += world.fire(up_to=5)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(fired) == 3 * len(loans)
    assert world.count("wf_event", "kind = 'timer'") == 3 * len(loans)
    assert world.count("wf_task") == 5 * len(loans)
    assert world.troubles() == []


def test_a_timer_waits_while_somebody_acts_and_finds_nothing_to_do_after(world: World) -> None:
    loan = world.start()
    world.at(date(2026, 3, 10))
    fired: list[int] = []
    worker = threading.Thread(target=lambda: fired.append(world.fire()))
    with world.writing() as connection:
        world.engine.act(connection, Act(loan, "refuse", {"ground": "1"}), LI)
        worker.start()
        # sleeps, not join(0.3): in a run that is told another date (libfaketime) a timed join never ends
        for _ in range(30):
            time.sleep(0.01 if worker.is_alive() else 0)
    worker.join()
    fired.append(world.fire())
    assert fired == [0, 0]
    assert world.trouble(loan) is None


def test_a_timer_bumps_no_version_and_keeps_the_owner(world: World) -> None:
    loan = world.start()
    before = world.row(loan)
    world.at(date(2026, 3, 12))
    world.fire()
    after = world.row(loan)
    for name in ("row_version", "owner_id", "state", "vars", "next_alert_due"):
        assert before[name] == after[name]
    with world.reading() as connection:
        statuses = connection.execute(select(tables.timer.c.status, tables.timer.c.fired_seq)).all()
    assert [tuple(one) for one in statuses] == [("fired", 2), ("fired", 3), ("fired", 4)]
    assert MA.id not in {person for _, person in tasks(world, loan)}


def test_a_clock_that_ends_while_it_stands_still_keeps_the_dates_that_leave_the_pause_out(
    world: World,
) -> None:
    loan = world.start()
    world.lend(loan)
    first = world.standing(loan).running("due")
    assert first is not None
    world.wait(25)
    world.act(loan, "send_to_binder", paper="1")
    world.wait(10)
    world.act(loan, "give_back")
    ended = world.standing(loan).latest("due")
    assert ended is not None
    assert ended.met_on is not None
    assert ended.met_on > first.legal_due
    assert (ended.nominal - first.nominal).days == 10
    assert ended.met_on <= ended.legal_due
    assert world.trouble(loan) is None
