"""The procedures say of every action from where to where it leads and for whom what the pinned table says."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.machines.edges import edges
from tests.machines.pinned import EVERY, KINDS, LINES, WORK
from tests.machines.typed import FORMS
from workflows.loading import PROCEDURES

SAYS = {"initial": WORK, None: WORK, "aside": "aside", "may_end": "may end", "final": "final"}
"""What the files call each sort of state."""


def _written(kind: str) -> dict[str, Any]:
    """Return the newest file of a procedure, read by lines of our own."""
    newest = max(PROCEDURES.glob(f"{kind}.*.yaml"), key=lambda one: int(one.name.split(".")[1]))
    told: dict[str, Any] = yaml.safe_load(newest.read_text("utf-8"))
    return told


def test_there_is_a_table_and_forms_for_every_procedure() -> None:
    there = {one.name.split(".")[0] for one in PROCEDURES.glob("*.*.yaml")}
    assert set(LINES) == set(KINDS) == set(FORMS) == there


@pytest.mark.parametrize("kind", LINES)
def test_the_states_are_the_pinned_ones(kind: str) -> None:
    sorts: dict[str, set[str]] = {}
    for name, state in _written(kind)["states"].items():
        sorts.setdefault(SAYS[state.get("kind")], set()).add(name)
    assert sorts == {sort: set(names.split()) for sort, names in KINDS[kind].items()}


@pytest.mark.parametrize("kind", LINES)
def test_from_to_and_roles_are_the_pinned_ones(kind: str) -> None:
    words = {"any": " ".join(KINDS[kind].values()), "any_open": KINDS[kind][WORK]}
    there = {}
    for name, action in _written(kind)["actions"].items():
        begun = action["from"] if isinstance(action["from"], str) else " ".join(action["from"])
        roles = {tuple(one.split("@")) for one in action.get("roles", ())}
        target = "" if action["to"] == "same" else action["to"]
        there[name] = (frozenset(words.get(begun, begun).split()), target, roles)
    assert there == {name: (one.sources, one.target, set(one.roles)) for name, one in edges(kind).items()}


def test_only_what_no_role_may_do_is_the_systems() -> None:
    for kind in LINES:
        automatic = {name for name, one in _written(kind)["actions"].items() if one.get("automatic")}
        assert automatic == {name for name, one in edges(kind).items() if not one.roles}


def test_every_word_of_the_table_is_known() -> None:
    for kind in LINES:
        states = " ".join(KINDS[kind].values()).split()
        for name, (begun, target, _roles) in LINES[kind].items():
            assert begun in (EVERY, WORK) or set(begun.split()) <= set(states), name
            assert target in ("", "before", *states), name
