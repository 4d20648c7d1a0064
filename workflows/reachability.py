"""Walks a procedure: which states can be reached, whether an end can, and which clocks may be running on
the way.

Guards count as free choices: what is found here may be more than a guard lets happen, never less.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workflows.definition import Action, Procedure, StateKind

ENDS = (StateKind.MAY_END, StateKind.FINAL)


@dataclass(frozen=True, slots=True)
class Situation:
    """A state together with the clocks that run in it."""

    state: str
    running: frozenset[str]


def reachable(procedure: Procedure, without: Collection[str] = ()) -> frozenset[str]:
    """Return the states that can be reached from the initial one without entering any state of `without`."""
    return _spread(procedure, {procedure.initial.name} - set(without), without)


def _spread(procedure: Procedure, start: Collection[str], without: Collection[str]) -> frozenset[str]:
    seen, waiting = set(start), deque(start)
    while waiting:
        for action in procedure.actions_from(waiting.popleft()):
            target = action.target
            if target is not None and target not in seen and target not in without:
                seen.add(target)
                waiting.append(target)
    return frozenset(seen)


def without_an_end(procedure: Procedure) -> tuple[str, ...]:
    """Return the states from which no end can be reached, in the file's order."""
    ends = {name for name, state in procedure.states.items() if state.kind in ENDS}
    return tuple(name for name in procedure.states if not _spread(procedure, {name}, ()) & ends)


def waits_without_a_clock(procedure: Procedure) -> dict[str, tuple[str, ...]]:
    """Return each state in which a person may wait while no clock runs, with the shortest way there.

    The way is the sequence of actions from the start. Final states wait for nobody. A clock runs from its
    opening until an action meets or cancels it; opening a running clock leaves it as it is."""
    initial = procedure.initial
    first = Situation(initial.name, frozenset(initial.clocks))
    ways: dict[Situation, tuple[str, ...]] = {first: ()}
    waiting = deque([first])
    found: dict[str, tuple[str, ...]] = {}
    while waiting:
        situation = waiting.popleft()
        kind = procedure.states[situation.state].kind
        if kind is not StateKind.FINAL and not situation.running:
            found.setdefault(situation.state, ways[situation])
        for action, after in _steps(procedure, situation):
            if after not in ways:
                ways[after] = (*ways[situation], action.name)
                waiting.append(after)
    return found


def _steps(procedure: Procedure, situation: Situation) -> Iterator[tuple[Action, Situation]]:
    for action in procedure.actions_from(situation.state):
        target = action.target or situation.state
        running = situation.running - set(action.meets) - set(action.cancels) | set(action.opens)
        if target != situation.state:
            running |= set(procedure.states[target].clocks)
        yield action, Situation(target, running)
