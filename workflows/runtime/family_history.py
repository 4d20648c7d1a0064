"""How the instances that an instance started stood at each of its events: replay judges its promises by it.

An event that was judged by them names how far each had come. For the others, and in logs of before that was
kept, the times tell it as well as they can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, bindparam, select

from workflows.compiled import Compiled
from workflows.runtime.event_log import Event
from workflows.runtime.tables import event, instance
from workflows.versioning.versions import Library

AT_ONCE_US = 60_000_000
"""Microseconds within which the times of two instances' events do not tell their order: each is taken before
its own transaction ends.
"""
_MOVES = (
    select(instance.c.id, event.c.seq, event.c.procedure, event.c.version, event.c.at_us, event.c.to_state)
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


History = Mapping[int, tuple[int, ChildThen]]
"""When, in UTC microseconds, an instance came to stand so, by the number of its event, in order."""
Pair = tuple[tuple[ChildThen, ...], tuple[ChildThen, ...]]
"""How they stood as early and as late as is possible."""


class FamilyHistory:
    """The instances that one instance started, with all their moves."""

    def __init__(self, histories: Mapping[int, History] = MappingProxyType({})) -> None:
        """Take each one's moves by its id."""
        self._histories = histories

    def at(self, one: Event) -> Pair:
        """Return how they stood when the event was written."""
        seen = one.effects.get("children_seen")
        if seen is None:
            return self._by_time(one.at_us)
        try:
            stood = tuple(self._histories[int(of)][seq][1] for of, seq in seen.items())
        except KeyError:
            return self._by_time(one.at_us)  # an event is gone: the check of its own instance names it
        return stood, stood

    def _by_time(self, at_us: int) -> Pair:
        """Return it as early and as late as the times of the events allow."""
        early, late = [], []
        for history in self._histories.values():
            before = [one for since, one in history.values() if since < at_us]
            about = [one for since, one in history.values() if at_us <= since <= at_us + AT_ONCE_US]
            early += before[-1:]  # what began about then may not have been there yet
            late += (about or before)[-1:]
        return tuple(early), tuple(late)


def family_history(
    connection: Connection, library: Library, compiled: Compiled, instance_id: int
) -> FamilyHistory:
    """Read it, where one of the promises asks for it."""
    if not any(one.children for one in compiled.invariants):
        return FamilyHistory()
    found: dict[int, dict[int, tuple[int, ChildThen]]] = {}
    ended: dict[tuple[str, int], Mapping[str, bool]] = {}
    for row in connection.execute(_MOVES, {"of": instance_id}):
        key = (row.procedure, row.version)
        if key not in ended:
            procedure = library.get(*key).procedure
            ended[key] = {state: not procedure.is_open(state) for state in procedure.states}
        child = ChildThen(row.procedure, row.to_state, ended[key].get(row.to_state, False))
        found.setdefault(row.id, {})[row.seq] = row.at_us, child
    return FamilyHistory(found)
