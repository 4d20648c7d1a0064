"""How the instances that an instance started stood at each moment: replay judges its promises by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from workflows.compiled import Compiled
from workflows.runtime.tables import event, instance
from workflows.versions import Library

AT_ONCE_US = 60_000_000
"""Microseconds within which the times of two instances' events do not tell their order: each is taken before
its own transaction ends.
"""
_MOVES = (
    select(instance.c.id, event.c.procedure, event.c.version, event.c.at_us, event.c.to_state)
    .select_from(instance.join(event, event.c.instance_id == instance.c.id))
    .where(instance.c.parent_id == bindparam("of"))
    .order_by(instance.c.id, event.c.seq)
)


@dataclass(frozen=True, slots=True)
class ChildThen:
    """An instance as it stood once."""

    procedure: str
    state: str
    ended: bool


History = tuple[tuple[int, ChildThen], ...]
"""When, in UTC microseconds, an instance came to stand so, in order."""


class FamilyHistory:
    """The instances that one instance started, with all their moves."""

    def __init__(self, histories: Collection[History] = ()) -> None:
        """Take each one's moves."""
        self._histories = histories

    def at(self, at_us: int) -> tuple[tuple[ChildThen, ...], tuple[ChildThen, ...]]:
        """Return how they stood at a moment: as early and as late as the times of the events allow."""
        early, late = [], []
        for history in self._histories:
            before = [one for since, one in history if since < at_us]
            about = [one for since, one in history if at_us <= since <= at_us + AT_ONCE_US]
            early += before[-1:] or about[:1]
            late += (about or before)[-1:]
        return tuple(early), tuple(late)


def family_history(
    connection: Connection, library: Library, compiled: Compiled, instance_id: int
) -> FamilyHistory:
    """Read it, where one of the promises asks for it."""
    if not any(one.children for one in compiled.invariants):
        return FamilyHistory()
    found: dict[int, list[tuple[int, ChildThen]]] = {}
    ended: dict[tuple[str, int], Mapping[str, bool]] = {}
    for row in connection.execute(_MOVES, {"of": instance_id}):
        key = (row.procedure, row.version)
        if key not in ended:
            procedure = library.get(*key).procedure
            ended[key] = {state: not procedure.is_open(state) for state in procedure.states}
        child = ChildThen(row.procedure, row.to_state, ended[key].get(row.to_state, False))
        found.setdefault(row.id, []).append((row.at_us, child))
    return FamilyHistory([tuple(one) for one in found.values()])
