"""Every arrow of the shipped procedures is walked on a real history, by a person who may."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest

from tests.procedures.office import COLLEAGUE, HANDLER, PEOPLE, SYSTEM, Matter, begin, compiled, library
from workflows.compiled import Refused
from workflows.definition import FieldKind
from workflows.reachability import ENDS
from workflows.steps import is_quiet

NAMES = ("complaint", "station_dispute", "lead", "payout")
TOLD = {"told_complainant": "phone", "told_respondent": "phone"}
GIVEN: dict[str, dict[str, Any]] = {
    "offer_handover": {"receiver": COLLEAGUE.id},
    "dispatch": {"receiver": HANDLER.id},
    "link_case": {"case_number": "鄂襄市监案〔2026〕1号"},
    "decide_challenge": {"upheld": False},
    "arrange_session": {"session_at": "14:30", "session_place": "调解室", **TOLD},
    "change_session": {"change": "called_off"},
    "link": {"links": 1},
}


FOLLOWS = {"link": "unlink", "add_from_call": "read_additions"}
"""What can be done only after another act that leads nowhere by itself: tried right behind it."""
ONLY_EXPLAINED = {"station_dispute": {("attach", "passed_up"), ("withdraw_file", "passed_up")}}
"""Arrows that nobody may walk: they are there so that the panel says why, and where the files are now."""
BESIDE = ("links", "additions", "carries")
"""Variables that no other step asks for: matters that differ in nothing else are walked once."""


def outlook(matter: Matter) -> tuple[object, ...]:
    """Return what tells two matters apart for the walk."""
    known = {
        name: value
        for name, value in matter.vars.items()
        if name not in ("by", *BESIDE) and not str(value).startswith("202")
    }
    small = {
        name: min(value, 3) if type(value) is int and value < 99 else value for name, value in known.items()
    }
    told = tuple(
        sorted(
            (name, str(value))
            for name, value in small.items()
            if name not in ("returns", "sessions", "redos")
        )
    )
    return matter.state, told, matter.handover, len(matter.children), matter.owner


def walk(name: str) -> set[tuple[str, str]]:
    """Return every (action, state) that could be fired, trying everybody everywhere, one day a step."""
    defined = compiled(name).procedure
    wanted = {(action.name, source) for action in defined.actions.values() for source in action.sources}
    start = begin(name)
    seen, waiting = {outlook(start)}, deque([start])
    fired: set[tuple[str, str]] = set()
    while waiting and fired != wanted:
        matter = waiting.popleft()
        for action in defined.actions_from(matter.state):
            if (action.name, matter.state) in fired and is_quiet(action):
                continue
            for who in (*PEOPLE, SYSTEM):
                try:
                    after = matter.do(action.name, who, days=1, **GIVEN.get(action.name, {}))
                except Refused:
                    continue
                fired.add((action.name, matter.state))
                if action.name in FOLLOWS:
                    fired |= next_of(after, FOLLOWS[action.name])
                if action.child == "lead":
                    after = after.with_child("lead", "filed", ended=False)
                if outlook(after) not in seen and len(after.children) < 2:
                    seen.add(outlook(after))
                    waiting.append(after)
                break
    return fired


def next_of(matter: Matter, action: str) -> set[tuple[str, str]]:
    """Return the action with the state, where somebody may do it."""
    for who in PEOPLE:
        try:
            matter.do(action, who, days=1)
        except Refused:
            continue
        return {(action, matter.state)}
    return set()


@pytest.mark.parametrize("name", NAMES)
def test_every_edge_is_walked(name):
    defined = compiled(name).procedure
    wanted = {(action.name, source) for action in defined.actions.values() for source in action.sources}
    assert wanted - walk(name) == ONLY_EXPLAINED.get(name, set())


def test_these_are_the_procedures():
    assert tuple(sorted({one.name for one in library().procedures})) == tuple(sorted(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_every_guard_says_what_would_help(name):
    """A reason without a remedy leaves a person standing."""
    matter = begin(name)
    for action in compiled(name).procedure.actions.values():
        for who in PEOPLE:
            for reason in compiled(name).why(action.name, matter.facts(who, {}), typed=False):
                assert reason.remedy is not None, (action.name, reason.code)
                assert reason.text.zh
                assert reason.text.en


@pytest.mark.parametrize("name", NAMES)
def test_free_text_about_people_is_private(name):
    """Reasons, notes and proofs may hold personal data: the log keeps only their digest."""
    for action in compiled(name).procedure.actions.values():
        for field in action.fields:
            if field.kind is FieldKind.TEXT and field.name in {
                "reason",
                "note",
                "proof",
                "terms",
                "clue",
                "told",
                "done",
            }:
                assert field.private, (action.name, field.name)


def test_every_registered_guard_is_needed():
    assert library().unused_guards == set()


def test_nothing_is_done_by_the_system_alone():
    """No administrative step is automatic: at a limit a person gets a task.

    What is automatic writes into one file what a person did in another, and moves nothing.
    """
    for procedure in library().procedures:
        for one in (action for action in procedure.actions.values() if action.automatic):
            changed = (one.target, one.meets, one.cancels, one.opens, one.extends, one.emit, one.sets)
            assert not any((*changed, one.assign, one.handover, one.child, one.undoes)), one.name
            assert {field.name for field in one.fields} <= {"other", "links", "carries"}


@pytest.mark.parametrize("name", NAMES)
def test_ends_are_ends(name):
    defined = compiled(name).procedure
    assert any(state.kind in ENDS for state in defined.states.values())
