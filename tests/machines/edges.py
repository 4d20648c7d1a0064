"""Which action leads from where to where, and for whom: read from the procedures by lines of our own."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import yaml

from workflows.loading import PROCEDURES

_GOING_ON = (None, "initial")
"""Kinds of states in which work on a matter goes on."""


class Edge(NamedTuple):
    """One action: the states it is done from, the state it leads to (empty: none), roles as role@reach."""

    sources: frozenset[str]
    target: str
    roles: tuple[tuple[str, str], ...]


@cache
def edges(kind: str) -> dict[str, Edge]:
    """Return the actions of a procedure by name."""
    told = yaml.safe_load((PROCEDURES / f"{kind}.1.yaml").read_text("utf-8"))
    every = frozenset(told["states"])
    going_on = frozenset(name for name, state in told["states"].items() if state.get("kind") in _GOING_ON)
    words = {"any": every, "any_open": going_on}
    found = {}
    for name, action in told["actions"].items():
        begun = action["from"]
        listed = words.get(begun) if isinstance(begun, str) else None
        sources = listed or frozenset([begun] if isinstance(begun, str) else begun)
        target = "" if action["to"] == "same" else action["to"]
        roles = tuple(tuple(one.split("@")) for one in action.get("roles", ()))
        found[name] = Edge(sources, target, roles)
    return found


@cache
def is_over(kind: str, state: str) -> bool:
    """Tell whether a matter in that state has ended: nothing more is due to be done."""
    told = yaml.safe_load((PROCEDURES / f"{kind}.1.yaml").read_text("utf-8"))
    return told["states"][state].get("kind") not in _GOING_ON


@cache
def is_final(kind: str, state: str) -> bool:
    """Tell whether nothing leads on from that state."""
    told = yaml.safe_load((PROCEDURES / f"{kind}.1.yaml").read_text("utf-8"))
    return told["states"][state].get("kind") == "final"
