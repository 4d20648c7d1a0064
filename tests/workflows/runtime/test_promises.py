"""A promise is asserted before a step is written, and in replay after each event: a plan that bypasses it is
refused whole, and one that was written all the same is named by its event.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.runtime.world import LI, MA, World, library
from workflows import steps
from workflows.compiled import Fired
from workflows.proving.engine_invariants import ENGINE_INVARIANTS
from workflows.proving.invariants import InvariantBroken, invariant
from workflows.proving.situations import Situation
from workflows.runtime import engine, step_record
from workflows.runtime.requests import Act

Changes = dict[str, Any]
Lead = Callable[[World], tuple[int, str]]
"""Leads a loan to the step that is planted; returns the loan and the action to be done next."""


def asked(world: World) -> tuple[int, str]:
    return world.start(1), "join"


def lent(world: World) -> tuple[int, str]:
    loan = world.start(1)
    world.lend(loan)
    return loan, "tell"


def offered(world: World) -> tuple[int, str]:
    loan, _tell = lent(world)
    world.act(loan, "offer_handover", unit="/town/east/", receiver=MA.id)
    return loan, "give_back"


def at_the_binder(world: World) -> tuple[int, str]:
    loan, _tell = lent(world)
    world.act(loan, "send_to_binder", paper="1")
    return loan, "tell"


def pausing(changes: Changes, clock: str = "due") -> None:
    paused = {"clock": clock, "since": "2026-03-02", "paper": "1", "by": 7}
    changes["paused"] = [*changes.get("paused", ()), paused]


PLANTED: dict[str, tuple[Lead, Callable[[Changes], Any]]] = {
    "owner_always_set": (lent, lambda one: one.update(owner={"person": 0, "unit": "/town/", "why": "?"})),
    "unit_is_set_with_owner": (lent, lambda one: one.update(owner={"person": 9, "unit": "", "why": "?"})),
    "first_responder_never_changes": (lent, lambda one: one.update(first_responder=9)),
    "owner_changes_only_by_assignment": (
        lent,
        lambda one: one.update(owner={"person": 9, "unit": "/town/east/", "why": "tell"}),
    ),
    "offer_ends_with_the_matter": (offered, lambda one: one.pop("handover")),
    "pauses_only_where_allowed": (lent, pausing),
    # by the shelf's own habit, which stops nothing
    "pauses_only_by_law": (at_the_binder, lambda one: pausing(one, "binder")),
    "clock_never_paused_when_closed": (
        lambda world: (at_the_binder(world)[0], "give_back"),
        lambda one: (one.pop("resumed"), one.pop("moved"), one.pop("met")),
    ),
    "a_pause_has_an_outer_limit": (at_the_binder, lambda one: one.update(cancelled=["binder"])),
    "a_pause_has_paper_and_approver": (
        lambda world: (lent(world)[0], "send_to_binder"),
        lambda one: one["paused"][0].update(paper=" "),
    ),
    "no_clock_runs_when_over": (asked, lambda one: one.pop("cancelled")),
    "somebody_waits_only_with_a_clock": (lent, lambda one: one.update(cancelled=["due"])),
}
PAYLOADS: dict[str, dict[str, str]] = {
    "send_to_binder": {"paper": "1"},
    "tell": {"told_on": "2026-03-02", "proof": "当面"},
}


def test_each_promise_about_steps_has_its_planted_fault() -> None:
    judged = {one.name for one in ENGINE_INVARIANTS if one.holds or one.keeps}
    assert PLANTED.keys() == judged


@pytest.fixture
def planted(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[int, str]]:
    """Lead a loan to the step, and have the engine plan something else for it."""

    def plant(name: str) -> tuple[int, str]:
        lead, change = PLANTED[name]
        loan, action = lead(world)
        rightly = steps.plan_step

        def plan(procedure: Any, one: Any, *more: Any) -> Changes:
            changes = rightly(procedure, one, *more)
            if one.name == action:
                change(changes)
            return changes

        monkeypatch.setattr(engine, "plan_step", plan)
        return loan, action

    return plant


@pytest.mark.parametrize("name", PLANTED)
def test_a_step_that_would_break_a_promise_is_refused_whole(
    name: str, world: World, planted: Callable[[str], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    loan, action = planted(name)
    only = tuple(one for one in ENGINE_INVARIANTS if one.name == name)
    monkeypatch.setattr(library().get("loan", 1), "invariants", only)
    before, standing = dict(world.row(loan)), world.standing(loan)
    with pytest.raises(InvariantBroken) as broken:
        world.act(loan, action, LI, **PAYLOADS.get(action, {}))
    assert broken.value.invariant.name == name
    assert dict(world.row(loan)) == before
    assert world.standing(loan) == standing
    assert world.count("wf_event", f"instance_id = {loan}") == before["seq"]
    monkeypatch.undo()
    assert world.trouble(loan) is None


@pytest.mark.parametrize(
    "name", sorted(PLANTED.keys() - {"owner_always_set", "first_responder_never_changes"})
)
def test_replay_names_the_event_that_broke_it(
    name: str, world: World, planted: Callable[[str], tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if an older program, or somebody who can write the log, had not asked.

    Nobody as the owner, and another first responder, are refused by the tables and by replay itself.
    """
    loan, action = planted(name)
    with monkeypatch.context() as silent:
        silent.setattr(step_record, "first_broken", lambda *_: None)
        outcome = world.act(loan, action, LI, **PAYLOADS.get(action, {}))
    monkeypatch.undo()
    only = tuple(one for one in ENGINE_INVARIANTS if one.name == name)
    monkeypatch.setattr(library().get("loan", 1), "invariants", only)
    trouble = world.trouble(loan)
    assert trouble is not None
    assert trouble.seq == outcome.seq
    assert trouble.sentence.startswith(f"it breaks a promise, {name}: ")


def test_a_broken_matter_can_still_be_mended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A matter without a clock can be closed: only the step that breaks the promise is refused."""
    loan, _tell = lent(world)
    with monkeypatch.context() as silent:
        silent.setattr(step_record, "first_broken", lambda *_: None)
        rightly = steps.plan_step
        silent.setattr(engine, "plan_step", lambda *more: rightly(*more) | {"cancelled": ["due"]})
        world.act(loan, "tell", told_on="2026-03-02", proof="当面")
    world.act(loan, "offer_handover", unit="/town/east/", receiver=MA.id)
    assert world.act(loan, "give_back").to_state == "shelved"
    trouble = world.trouble(loan)
    assert trouble is not None
    assert trouble.seq == 3


# -- promises that ask for child instances


@invariant("归架的书没有在修。", "A shelved book is not being mended.", children=True)
def shelved_is_mended(_procedure: object, now: Situation) -> bool:
    return now.state != "shelved" or all(child.ended for child in now.children or ())


def with_repair(world: World) -> tuple[int, int]:
    loan, _tell = lent(world)
    with world.writing() as connection:
        request = world.request(99, procedure="repair", parent_id=loan, vars={})
        child = world.engine.start(connection, request, LI).instance_id
        world.engine.act(connection, Act(loan, "repair", child_id=child), LI)
    return loan, child


def test_a_promise_about_children_is_asked_of_them_as_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard that protects it is taken away: the promise still stands."""
    loan, child = with_repair(world)
    compiled = library().get("loan", 1)
    monkeypatch.setattr(compiled, "invariants", (*compiled.invariants, shelved_is_mended))
    monkeypatch.setattr(compiled, "fire", unguarded(compiled))
    with pytest.raises(InvariantBroken, match="shelved_is_mended"):
        world.act(loan, "give_back")
    world.wait(1)
    world.act(child, "mend")
    world.wait(1)
    assert world.act(loan, "give_back").to_state == "shelved"
    assert world.trouble(loan) is None


def test_replay_asks_for_the_children_as_they_were_then(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    loan, child = with_repair(world)
    compiled = library().get("loan", 1)
    monkeypatch.setattr(compiled, "fire", unguarded(compiled))
    world.wait(1)
    outcome = world.act(loan, "give_back")
    world.wait(1)
    world.act(child, "mend")
    assert world.trouble(loan) is None
    monkeypatch.setattr(compiled, "invariants", (*compiled.invariants, shelved_is_mended))
    trouble = world.trouble(loan)
    assert trouble is not None
    assert (trouble.seq, "shelved_is_mended" in trouble.sentence) == (outcome.seq, True)


def test_a_machine_clock_that_was_set_back_makes_no_promise_look_broken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repair ended by a clock that ran two hours ahead; the book was shelved after it was set right."""
    loan, child = with_repair(world)
    compiled = library().get("loan", 1)
    monkeypatch.setattr(compiled, "invariants", (*compiled.invariants, shelved_is_mended))
    monkeypatch.setattr(compiled, "fire", unguarded(compiled))
    right = world.now
    world.now = right + timedelta(hours=2)
    world.act(child, "mend")
    world.now = right + timedelta(minutes=5)
    world.act(loan, "give_back")
    assert world.troubles() == []


@invariant("没借出的书没有在修。", "A book that is not lent is not being mended.", children=True)
def only_lent_is_mended(_procedure: object, now: Situation) -> bool:
    return now.state != "asked" or all(child.ended for child in now.children or ())


def test_what_was_started_later_in_the_same_minute_was_not_there_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for, lent and sent to be mended at once: at the first two of these there was no repair."""
    compiled = library().get("loan", 1)
    monkeypatch.setattr(compiled, "invariants", (*compiled.invariants, only_lent_is_mended))
    with_repair(world)
    assert world.troubles() == []


def unguarded(compiled: Any) -> Callable[[str, Any], Any]:
    def fire(action: str, facts: Any) -> Fired:
        return Fired(compiled.procedure.actions[action].target or facts.state, None)

    return fire
