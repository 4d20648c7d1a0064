"""Loans move to the second version: each by one event, with its dates, people and doers, and go on by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.workflows.loan import facts
from tests.workflows.runtime.moving import PLAN, lender_known, plan
from tests.workflows.runtime.world import KEEPER, LI, WEST, WU, World
from workflows.compiled import Refused
from workflows.counting import count_again, moved
from workflows.definition_files import DefinitionError
from workflows.projection import apply
from workflows.rows import ClockRow
from workflows.runtime import event_log, migration, reading
from workflows.runtime.definitions import record_definitions
from workflows.runtime.requests import Act, StaleVersion
from workflows.versioning.versions import Library

JUNE, JULY = date(2026, 6, 22), date(2026, 7, 6)
REASON = "新规则施行"
once = pytest.mark.parametrize("world", ["sqlite"], indirect=True)
"""What hangs on no database is told on one."""


def loan_in_june(world: World, subject: int = 1) -> int:
    world.at(JUNE)
    return world.start(subject)


def lent_in_june(world: World, subject: int = 1) -> int:
    loan = loan_in_june(world, subject)
    world.lend(loan)
    return loan


def move(world: World, text: str = PLAN) -> list[migration.Rehearsed]:
    return list(migration.migrate(world.engine, world.writing, plan(text), REASON))


def rehearse(world: World, text: str = PLAN, **more) -> list[migration.Rehearsed]:
    with world.reading() as connection:
        return migration.rehearse(connection, world.engine, plan(text), **more)


def running(world: World, loan: int, clock: str) -> ClockRow:
    found = world.standing(loan).running(clock)
    assert found is not None
    return found


@once
def test_a_running_loan_stays_on_its_version_when_another_begins(moving: World) -> None:
    loan = loan_in_june(moving)
    moving.at(JULY)
    assert moving.row(moving.start(2))["version"] == 2
    assert moving.row(loan)["version"] == 1
    assert moving.act(loan, "lend", lent_on=JULY.isoformat(), deposit=1).to_state == "lent"
    assert moving.troubles() == []


def test_the_move_is_an_event_and_replay_crosses_it(moving: World) -> None:
    loan = loan_in_june(moving)
    before = moving.standing(loan)
    moving.at(JULY)
    (done,) = move(moving)
    assert done.move.reasons == ()
    with moving.reading() as connection:
        first, last = event_log.events_of(connection, loan)
    assert (first.version, last.version, last.kind, last.actor_id) == (1, 2, "migrate", 0)
    assert (last.from_state, last.to_state) == ("asked", "requested")
    assert last.effects["version"] == {"from": 1, "to": 2}
    assert len(last.effects["plan"]) == 64
    assert last.typed == {"reason": REASON}
    after = moving.standing(loan)
    assert (after.owner_id, after.first_responder_id) == (before.owner_id, before.first_responder_id)
    assert after.clocks == before.clocks
    assert moving.row(loan)["version"] == 2
    assert moving.act(loan, "reserve").to_state == "reserved"
    assert moving.troubles() == []


def test_what_was_rehearsed_is_what_is_done(moving: World) -> None:
    asked, lent = loan_in_june(moving), lent_in_june(moving, 2)
    moving.at(JULY)
    shown = {one.instance_id: one.move for one in rehearse(moving)}
    assert moving.row(asked)["version"] == moving.row(lent)["version"] == 1
    assert shown[asked].target == "requested"
    assert "send_to_desk" in {one.name for one in shown[asked].lost}
    assert {one.name for one in shown[asked].gained} == {"reserve"}
    assert [(one.clock, one.what, one.days) for one in shown[lent].clocks] == [
        ("answer", "keep", 0),
        ("due", "recount", 0),
        ("look_in", "open", None),
    ]
    assert {one.instance_id: one.move for one in move(moving)} == shown
    assert moving.troubles() == []


@once
def test_a_clock_keeps_the_days_of_the_rules_under_which_it_began(moving: World) -> None:
    loan = lent_in_june(moving)
    moving.at(JULY)
    move(moving)
    due = running(moving, loan, "due")
    assert (due.rule_set, due.n, due.start) == ("reading-room-2026", 30, JUNE)
    assert running(moving, loan, "look_in").rule_set == "reading-room-2026-07"
    other = moving.start(2)
    moving.act(other, "hand_out", lent_on=JULY.isoformat(), deposit=1)
    assert running(moving, other, "due").n == 20


@once
def test_a_clock_that_restarts_counts_by_the_rules_of_the_day_of_the_move(moving: World) -> None:
    loan = lent_in_june(moving)
    old = running(moving, loan, "due")
    moving.at(JULY)
    (done,) = move(moving, PLAN.replace("due: recount", "due: restart"))
    new = running(moving, loan, "due")
    assert (new.rule_set, new.n, new.start) == ("reading-room-2026-07", 20, JULY)
    assert done.move.clocks[1].days == (new.legal_due - old.legal_due).days == 4
    assert moving.troubles() == []


@once
def test_a_clock_counted_again_keeps_the_rules_that_somebody_chose_for_it(moving: World) -> None:
    loan = lent_in_june(moving)
    old, new = (moving.library.get("loan", version).procedure for version in (1, 2))
    with moving.reading() as connection:
        time = moving.time_rules(connection)
    own = running(moving, loan, "due")
    assert count_again(new, own, {}, time) is None
    choose = replace(old.actions["renew"], extends={}, recounts={"due": "rules"})
    entry = moved(own, choose, None, facts(payload={"rules": "reading-room-2026-07"}), time)
    chosen = running_after(moving, loan, entry)
    assert (chosen.rule_set, chosen.n) == ("reading-room-2026-07", 20)
    assert count_again(new, chosen, {}, time) is None
    # as if a rule had been mended since: still by the chosen set, not by that of its day
    again = count_again(new, replace(chosen, n=21), {}, time)
    assert again is not None
    assert (again["rule_set"], again["n"]) == ("reading-room-2026-07", 20)


@once
def test_a_clock_that_began_before_its_rules_were_loaded_is_counted_again_by_them(moving: World) -> None:
    """Lent in July, when only the rules of June were there: nobody chose them."""
    moving.at(JULY)
    loan = moving.start(1)
    moving.act(loan, "hand_out", lent_on=JULY.isoformat(), deposit=1)
    new = moving.library.get("loan", 2).procedure
    with moving.reading() as connection:
        time = moving.time_rules(connection)
    late = replace(running(moving, loan, "due"), rule_set="reading-room-2026", n=30)
    for received, governing in ((JULY, "reading-room-2026-07"), (JUNE, "reading-room-2026")):
        again = count_again(new, late, {"received_on": received.isoformat()}, time)
        assert (again or {"rule_set": late.rule_set})["rule_set"] == governing


def running_after(world: World, loan: int, entry: Mapping[str, Any]) -> ClockRow:
    found = apply(world.standing(loan), {"moved": [entry], "bump": 1}).running("due")
    assert found is not None
    return found


@once
def test_a_clock_that_now_counts_from_another_day_is_counted_again(moving: World) -> None:
    # the answer was counted from the day of receipt; with a restart of the due day nothing else moves
    loan = lent_in_june(moving)
    known = moving.library.get("loan", 2).procedure
    moving.run("UPDATE wf_deadline SET n = 31 WHERE clock = 'due'")  # as if a rule had been mended since
    moving.at(JULY)
    (done,) = rehearse(moving)
    assert [(one.clock, one.days) for one in done.move.clocks if one.what == "recount"] == [("due", 0)]
    assert done.move.changes is not None
    assert [(one["clock"], one["n"]) for one in done.move.changes["moved"]] == [("due", 30)]
    assert known.clocks["due"].start == "event"
    assert moving.trouble(loan) is not None


@once
def test_who_did_what_follows_the_actions_new_name(moving: World) -> None:
    loan = lent_in_june(moving)
    moving.act(loan, "renew", KEEPER)
    moving.at(JULY)
    move(moving, PLAN.replace("due: recount", "due: keep"))
    known = moving.standing(loan).vars
    assert known["by"]["hand_out"] == LI.id
    assert "lend" not in known["by"]
    assert (known["renewals"], known["extensions"]) == (None, 1)
    moving.act(loan, "renew", KEEPER)
    assert moving.standing(loan).vars["extensions"] == 2
    assert moving.troubles() == []


@once
def test_what_can_be_taken_back_can_still_be(moving: World) -> None:
    loan = loan_in_june(moving)
    due = running(moving, loan, "answer")
    moving.act(loan, "join")
    moving.at(JULY)
    move(moving)
    assert moving.act(loan, "part").to_state == "requested"
    assert running(moving, loan, "answer").legal_due == due.legal_due
    assert moving.troubles() == []


@once
def test_a_handover_that_waits_is_carried_along(moving: World) -> None:
    loan = loan_in_june(moving)
    moving.act(loan, "offer_handover", unit=WEST, receiver=WU.id)
    moving.at(JULY)
    (shown,) = rehearse(moving)
    assert shown.handover_waits
    move(moving)
    moving.act(loan, "accept_handover", WU)
    assert moving.row(loan)["owner_id"] == WU.id
    assert moving.troubles() == []


def test_a_form_from_before_the_move_is_told_of_it(moving: World) -> None:
    loan = loan_in_june(moving)
    seen = moving.row(loan)["row_version"]
    moving.at(JULY)
    move(moving)
    form = Act(loan, "lend", {"lent_on": JUNE.isoformat(), "deposit": 1}, "key", expected_version=seen)
    with pytest.raises(StaleVersion) as caught:
        moving.do(form)
    assert [one.kind for one in caught.value.since] == ["migrate"]
    with pytest.raises(Refused):
        moving.act(loan, "lend", lent_on=JUNE.isoformat(), deposit=1)


# -- timers


def timers_told(world: World, loan: int) -> list[str]:
    told = world.rows(
        "SELECT action FROM wf_event WHERE kind = 'timer' AND instance_id = :of ORDER BY seq", of=loan
    )
    return [row["action"] for row in told]


def test_what_fired_does_not_fire_again_and_what_is_new_fires(moving: World) -> None:
    loan = lent_in_june(moving)
    moving.act(loan, "tell", told_on=JUNE.isoformat(), proof="当面")
    moving.at(date(2026, 7, 26))
    while moving.fire():
        pass
    before = timers_told(moving, loan)
    assert before == ["warn.due", "warn.due", "due.due", "escalate.due"]
    open_tasks = moving.count("wf_task", "done_seq IS NULL")
    move(moving, PLAN.replace("due: recount", "due: keep").replace("look_in: open", "look_in: leave"))
    # the second version passes a loan up on the third day also, which is over
    assert moving.fire() == 1
    assert not moving.fire()
    assert timers_told(moving, loan) == [*before, "escalate.due"]
    assert moving.count("wf_task", "done_seq IS NULL") > open_tasks > 0
    moving.wait(7)
    assert moving.fire() == 1
    assert moving.troubles() == []


@once
def test_a_clock_that_is_dropped_reminds_nobody(moving: World) -> None:
    loan = lent_in_june(moving)
    moving.at(JULY)
    move(moving, PLAN.replace("answer: keep", "answer: drop"))
    assert moving.standing(loan).running("answer") is None
    assert {clock for clock, *_ in moving.armed(loan)} == {"due", "look_in"}
    moving.wait(60)
    moving.fire()
    assert "due.answer" not in timers_told(moving, loan)
    assert moving.troubles() == []


# -- what stays


def reasons(world: World, text: str = PLAN) -> list[str]:
    return [why.code for one in rehearse(world, text) for why in one.move.reasons]


def test_a_paused_clock_is_neither_dropped_nor_set_going(moving: World) -> None:
    loan = lent_in_june(moving)
    moving.act(loan, "send_to_binder", paper="1")
    moving.at(JULY)
    assert reasons(moving, PLAN.replace("due: recount", "due: drop")) == ["clock_paused"]
    on_loan = PLAN.replace("{asked", "{rebinding: lent, asked").replace("opens: {", "opens: {due: leave, ")
    assert reasons(moving, on_loan) == ["clock_paused"]
    (done,) = move(moving, PLAN.replace("due: recount", "due: restart"))
    assert [why.code for why in done.move.reasons] == ["clock_paused"]
    assert moving.row(loan)["version"] == 1
    assert move(moving)[0].move.reasons == ()
    moving.at(date(2026, 7, 16))
    moving.act(loan, "back_from_binder")
    assert running(moving, loan, "due").legal_due == JUNE + timedelta(
        days=30 + 23
    )  # the first day counts in neither
    assert moving.troubles() == []


@once
def test_a_running_clock_is_not_stopped_by_a_move(moving: World) -> None:
    lent_in_june(moving)
    moving.at(JULY)
    mended = PLAN.replace("{asked", "{lent: rebinding, asked").replace("opens: {", "opens: {binder: open, ")
    assert reasons(moving, mended) == ["clock_would_pause"]


@once
def test_an_extended_clock_is_not_counted_again(moving: World) -> None:
    loan = lent_in_june(moving)
    moving.act(loan, "renew", KEEPER)
    moving.at(JULY)
    assert reasons(moving) == ["clock_extended"]
    assert reasons(moving, PLAN.replace("due: recount", "due: keep")) == []


@once
def test_a_matter_that_would_break_a_promise_of_the_new_version_stays(moving: World) -> None:
    loan, asked = lent_in_june(moving), loan_in_june(moving, 2)
    moving.at(JULY)
    forgets = PLAN.replace("{renewals", "{lent_by: null, renewals")
    assert reasons(moving, forgets) == ["promise_broken"]
    done = {one.instance_id: one.move for one in move(moving, forgets)}
    assert "由谁借出" in done[loan].reasons[0].text.zh
    assert (moving.row(loan)["version"], moving.row(asked)["version"]) == (1, 2)
    assert moving.troubles() == []


def test_what_has_ended_stays_and_is_counted(moving: World) -> None:
    loan_in_june(moving)
    moving.act(loan_in_june(moving, 2), "refuse", ground="1")
    moving.at(JULY)
    assert len(move(moving)) == 1
    with moving.reading() as connection:
        assert migration.staying(connection, moving.library, plan()) == 1
    assert [one["version"] for one in moving.rows("SELECT version FROM wf_instance ORDER BY id")] == [2, 1]


@once
def test_only_in_limits_the_move(moving: World) -> None:
    loan, lent = loan_in_june(moving), lent_in_june(moving, 2)
    moving.at(JULY)
    only = PLAN + "only_in: [lent]\n"
    assert [one.instance_id for one in rehearse(moving, only)] == [lent]
    move(moving, only)
    assert (moving.row(loan)["version"], moving.row(lent)["version"]) == (1, 2)


# -- again, at once, and too early


def test_a_second_run_moves_nothing(moving: World) -> None:
    loan = loan_in_june(moving)
    moving.at(JULY)
    assert len(move(moving)) == 1
    assert move(moving) == []
    assert moving.row(loan)["seq"] == 2
    with moving.writing() as connection:
        assert migration.migrate_one(moving.engine, connection, plan(), loan, REASON) is None


@once
def test_a_plan_with_a_gap_moves_nothing(moving: World) -> None:
    loan = loan_in_june(moving)
    moving.at(JULY)
    with pytest.raises(DefinitionError, match="clocks › due: nothing says what becomes of it"):
        move(moving, PLAN.replace("due: recount, ", ""))
    assert moving.row(loan)["version"] == 1


@once
def test_nothing_moves_before_the_version_is_in_force(moving: World) -> None:
    loan = loan_in_june(moving)
    assert len(rehearse(moving)) == 1
    with pytest.raises(DefinitionError, match="not in force before 2026-07-01"):
        move(moving)
    assert moving.row(loan)["version"] == 1


def test_a_rehearsal_asks_as_often_for_one_as_for_many(moving: World) -> None:
    moving.at(JUNE)
    moving.start(1)
    one = asked(moving)
    for subject in range(2, 12):
        moving.start(subject)
    assert len(rehearse(moving, up_to=4)) == 4
    assert asked(moving) == one == 3


def asked(world: World) -> int:
    seen: list[str] = []

    def count(*args: object) -> None:
        seen.append(str(args[2]))

    with world.writing() as connection:
        world.engine.time_rules(connection)
        event.listen(connection, "before_cursor_execute", count)
        migration.rehearse(connection, world.engine, plan())
    return len([one for one in seen if "wf_calendar" not in one])


# -- a version that changed without its event


def test_a_version_without_a_move_is_found(moving: World) -> None:
    loan = lent_in_june(moving)
    moving.at(JULY)
    if moving.database.writer.dialect.name == "postgresql":
        moving.run("ALTER TABLE wf_instance DISABLE TRIGGER wf_instance_by_event")
    else:
        moving.run("DROP TRIGGER wf_instance_by_event")
    moving.run("UPDATE wf_instance SET version = 2 WHERE id = :of", of=loan)
    trouble = moving.trouble(loan)
    assert trouble is not None
    assert trouble.sentence == "the row says loan version 2, its last event loan version 1"


@once
def test_an_event_by_another_version_is_found(moving: World) -> None:
    loan = lent_in_june(moving)
    moving.at(JULY)
    with moving.writing() as connection:
        row = reading.instance_row(connection, loan, lock=True)
        assert row is not None
        moving.engine.system_event(connection, row, "calendar", "calendar", {}, version=2)
    trouble = moving.trouble(loan)
    assert trouble is not None
    assert (trouble.seq, trouble.sentence) == (3, "it is by version 2, but the matter ran on version 1")


@once
def test_a_move_that_says_something_else_is_found(moving: World) -> None:
    loan = loan_in_june(moving)
    moving.at(JULY)
    with moving.writing() as connection:
        row = reading.instance_row(connection, loan, lock=True)
        assert row is not None
        forged = {"version": {"from": 7, "to": 2}, "state": "requested"}
        moving.engine.system_event(connection, row, migration.KIND, migration.KIND, forged, version=2)
    trouble = moving.trouble(loan)
    assert trouble is not None
    assert trouble.sentence == "it moves the matter from version 1 otherwise than it says"


@once
def test_a_clock_that_the_new_version_lacks_is_found(moving: World) -> None:
    loan = lent_in_june(moving)
    moving.act(loan, "give_back")
    moving.at(JULY)
    with moving.writing() as connection:
        row = reading.instance_row(connection, loan, lock=True)
        assert row is not None
        forged = {"version": {"from": 1, "to": 2}}
        moving.engine.system_event(connection, row, migration.KIND, migration.KIND, forged, version=2)
    trouble = moving.trouble(loan)
    assert trouble is not None
    assert (trouble.seq, trouble.sentence) == (4, "loan version 2 has no clock 'stocktake'")


# -- a version that matters need is kept


def without(known: Library, version: int) -> Library:
    """Return the library without one version of the loan."""
    left = [one for one in known.procedures if (one.name, one.version) != ("loan", version)]
    return Library(left, known.rule_book, known.guards, invariants=[lender_known])


@once
def test_a_version_is_kept_while_matters_run_on_it_and_for_the_history_of_those_that_did(
    moving: World,
) -> None:
    def record(known: Library) -> None:
        with moving.writing() as connection:
            record_definitions(connection, known, moving.now_us)

    record(moving.library)
    record(without(moving.library, 1))
    loan_in_june(moving)
    with pytest.raises(
        DefinitionError, match=r"loan\.1\.yaml is gone, but matters run on this version \(1 of"
    ):
        record(without(moving.library, 1))
    moving.at(JULY)
    move(moving)
    with pytest.raises(DefinitionError, match=r"loan\.1\.yaml is gone, but matters ran on this version: add"):
        record(without(moving.library, 1))
    record(moving.library)


@once
def test_a_matter_tells_of_before_the_move_in_the_words_of_its_version(moving: World) -> None:
    known = moving.library.remembered("loan", 2)
    assert known.states["asked"].label.en == "Asked"
    assert known.clocks["stocktake"].label.en == "Stocktake"
    assert list(known.states)[: len(moving.library.get("loan", 2).procedure.states)][0] == "requested"
    assert known.actions["send_to_desk"].label.en == "Send to the desk"
    assert moving.library.remembered("repair", 1) is moving.library.get("repair", 1).procedure
