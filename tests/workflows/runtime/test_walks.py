"""Whatever people do in whatever order: rows equal their events, one owner, and buttons tell the truth."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.workflows.runtime.world import (
    EAST,
    KEEPER,
    LI,
    MA,
    PEOPLE,
    READER,
    SYSTEM,
    WEST,
    WU,
    World,
    library,
)
from workflows import judging
from workflows.compiled import Refused
from workflows.guards import Facts, Why
from workflows.people import Person
from workflows.runtime import replay
from workflows.runtime.requests import Act
from workflows.steps import Assignee

PROCEDURE = library().get("loan", 1).procedure
RECEIVERS = {LI.id: EAST, MA.id: EAST, WU.id: WEST}


def lawful(world: World, action: str, receiver: int) -> dict[str, Any]:
    """Return what a person who fills in the form rightly would type."""
    typed: dict[str, Any] = {
        "lend": {"lent_on": world.today.isoformat(), "deposit": 5000, "note": "借给张三"},
        "tell": {"told_on": world.today.isoformat(), "proof": "当面"},
        "refuse": {"ground": "1"},
        "send_to_binder": {"paper": "修补单"},
        "give_back": {"damaged": True},
        "move": {"unit": RECEIVERS[receiver], "receiver": receiver},
        "offer_handover": {"unit": RECEIVERS[receiver], "receiver": receiver},
        "remark": {"text": "备注"},
        "check": {"shelf": "A3"},
        "ask_work": {"work": "look_for_it", "worker": receiver, "due_on": world.today.isoformat()},
        "finish_work": {"work_number": 1},
        "call_off_work": {"work_number": 1},
        "name_co_handler": {"co_handler": receiver},
        "remove_co_handler": {"co_handler": WU.id},
        "hear_repair": {"child": 1, "reached": "mended"},
    }
    return dict(typed.get(action, {}))


def attempt(world: World, loan: int, action: str, actor: Person, receiver: int, subject: int) -> None:
    """Do the action in one transaction, with its child where it starts one."""
    with world.writing() as connection:
        child = None
        if action == "repair":
            start = world.request(subject, procedure="repair", parent_id=loan)
            child = world.engine.start(connection, start, LI).instance_id
        desk = Assignee(LI.id, EAST) if action == "send_to_desk" else None
        payload = lawful(world, action, receiver)
        world.engine.act(connection, Act(loan, action, payload, assignee=desk, child_id=child), actor)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["", "lend", "tell", *PROCEDURE.actions]),
        st.sampled_from([LI, LI, LI, MA, WU, KEEPER, READER, SYSTEM]),
        st.sampled_from(sorted(RECEIVERS)),
        st.sampled_from([0, 0, 1, 4, 11]),
    ),
    min_size=4,
    max_size=16,
)


def test_rows_are_what_the_events_tell_after_any_walk(world: World) -> None:
    subjects = count(1)
    began = world.now
    refused_as: set[str] = set()

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(STEPS)
    def walk(steps: list[tuple[str, Person, int, int]]) -> None:
        world.now = began
        loan = world.start(next(subjects))
        for action, actor, receiver, days in steps:
            world.wait(days)
            if not action:
                world.fire()
                continue
            try:
                attempt(world, loan, action, actor, receiver, next(subjects))
            except Refused as refusal:
                refused_as.update(why.code for why in refusal.reasons)
        assert world.trouble(loan) is None
        standing = world.standing(loan)
        with world.reading() as connection:
            assert replay.replay(connection, loan) == standing
        assert standing.first_responder_id == LI.id

    walk()
    assert {"wrong_state", "role_missing", "not_owner"} <= refused_as


# -- what a page offers and what a forged form does


class _Undo(Exception):  # noqa: N818 - no error: it takes an attempt back
    """Takes an attempt back."""


def loans_in_every_state(world: World) -> dict[str, int]:
    """Return a loan for every state, and some on which a handover waits."""
    loans = {name: world.start(number) for number, name in enumerate(PROCEDURE.states, start=1)}
    loans["offered"] = world.start(20)
    for name in ("lent", "rebinding", "shelved", "counted"):
        world.lend(loans[name])
    world.act(loans["rebinding"], "send_to_binder", paper="1")
    for name in ("shelved", "counted"):
        world.act(loans[name], "give_back")
    world.act(loans["counted"], "count", KEEPER)
    world.act(loans["refused"], "refuse", ground="1")
    world.act(loans["joined"], "join")
    world.act(loans["checked"], "check", shelf="A3")
    world.act(loans["rebinding"], "ask_work", work="ask_the_binder", worker=MA.id, due_on="2026-04-01")
    world.act(loans["rebinding"], "name_co_handler", co_handler=WU.id)
    world.act(loans["offered"], "offer_handover", unit=WEST, receiver=WU.id)
    assert {world.row(loan)["state"] for loan in loans.values()} == set(PROCEDURE.states)
    return loans


def forged(world: World, loan: int, action: str, actor: Person) -> set[str]:
    """Return why a posted form is refused although everything in it was filled in rightly."""
    try:
        with world.writing() as connection:
            child = None
            if action == "repair":
                start = world.request(999, procedure="repair", parent_id=loan)
                child = world.engine.start(connection, start, LI).instance_id
            desk = Assignee(LI.id, EAST) if action == "send_to_desk" else None
            act = Act(loan, action, lawful(world, action, MA.id), assignee=desk, child_id=child)
            world.engine.act(connection, act, actor)
            raise _Undo
    except _Undo:
        return set()
    except Refused as refusal:
        return {why.code for why in refusal.reasons}


def disagreements(world: World, loans: dict[str, int]) -> list[tuple[str, str, int]]:
    """Return where a page's button and a forged form do not tell the same."""
    found = []
    for name, loan in loans.items():
        for person in PEOPLE:
            buttons = world.explain(loan, person)
            for action in PROCEDURE.actions.values():
                told = forged(world, loan, action.name, person)
                if action.name in buttons:
                    same = {why.code for why in buttons[action.name].reasons} == told
                    same = same and buttons[action.name].allowed is not bool(told)
                elif action.automatic:
                    rightly = person.id == 0 and world.row(loan)["state"] in action.sources
                    same = rightly is not bool(told)
                else:
                    same = "wrong_state" in told
                if not same:
                    found.append((name, action.name, person.id))
    return found


def test_buttons_and_forged_forms_agree_for_every_state_person_and_action(world: World) -> None:
    assert disagreements(world, loans_in_every_state(world)) == []


def test_a_guard_known_to_one_side_only_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    loans = loans_in_every_state(world)
    whole: Callable[..., tuple[Why, ...]] = judging.Step.why

    def forgetful(step: judging.Step, facts: Facts, typed: bool, *asked: Any) -> tuple[Why, ...]:
        return tuple(why for why in whole(step, facts, typed, *asked) if typed or why.code != "not_owner")

    monkeypatch.setattr(judging.Step, "why", forgetful)
    # one that has not been asked yet: what a panel has said once it remembers
    monkeypatch.setattr(world.engine, "library", library.__wrapped__())
    assert ("asked", "lend", KEEPER.id) in disagreements(world, {"asked": loans["asked"]})
