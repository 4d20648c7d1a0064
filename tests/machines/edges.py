"""Which action leads from where to where, and for whom, as the pinned table says."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tests.machines.pinned import EVERY, KINDS, LINES, WORK


class Edge(NamedTuple):
    """One action: the states it is done from, the state it leads to (empty: none), roles with reach."""

    sources: frozenset[str]
    target: str
    roles: tuple[tuple[str, str], ...]


@cache
def edges(kind: str) -> dict[str, Edge]:
    """Return the actions of a kind of matter by name."""
    words = {EVERY: " ".join(KINDS[kind].values()), WORK: KINDS[kind][WORK]}
    found = {}
    for name, (begun, target, roles) in LINES[kind].items():
        sources = frozenset(words.get(begun, begun).split())
        scopes = [one.split("@") for one in roles.split()]
        found[name] = Edge(sources, target, tuple((role, reach) for role, reach in scopes))
    return found


@cache
def is_over(kind: str, state: str) -> bool:
    """Tell whether a matter in that state has ended, or was set aside: nothing more is due to be done."""
    return state not in KINDS[kind][WORK].split()


@cache
def is_final(kind: str, state: str) -> bool:
    """Tell whether nothing leads on from that state."""
    return state in KINDS[kind]["final"].split()
