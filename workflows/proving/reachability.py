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
_NOBODY_WAITS = (StateKind.FINAL, StateKind.ASIDE)


@dataclass(frozen=True, slots=True)
class Situation:
    """A state together with the clocks that run in it."""

    state: str
    running: frozenset[str]
    before: Situation | None = None
    """Where it was before an action that can be reversed: what reverses it leads back there."""


def reachable(procedure: Procedure, without: Collection[str] = ()) -> frozenset[str]:
    """Return the states that can be reached from the initial one without entering any state of `without`."""
    return _spread(procedure, {procedure.initial.name} - set(without), without)


def reachable_from(procedure: Procedure, state: str) -> frozenset[str]:
    """Return the states that can be reached from one, itself among them."""
    return _spread(procedure, {state}, ())


def _spread(procedure: Procedure, start: Collection[str], without: Collection[str]) -> frozenset[str]:
    seen, waiting = set(start), deque(start)
    while waiting:
        for action in procedure.actions_from(waiting.popleft()):
            for target in procedure.targets(action):
                if target not in seen and target not in without:
                    seen.add(target)
                    waiting.append(target)
    return frozenset(seen)


def without_an_end(procedure: Procedure) -> tuple[str, ...]:
    """Return the states from which no end can be reached, in the file's order."""
    ends = {name for name, state in procedure.states.items() if state.kind in ENDS}
    return tuple(name for name in procedure.states if not _spread(procedure, {name}, ()) & ends)


def waits_without_a_clock(procedure: Procedure) -> dict[str, tuple[str, ...]]:
    """Return each state in which a person may wait while no clock runs, with the shortest way there.

    The way is the sequence of actions from the start. In final states and aside nobody waits. A clock runs
    from its opening until an action meets or cancels it; opening a running clock leaves it as it is."""
    found: dict[str, tuple[str, ...]] = {}
    for situation, way in _situations(procedure).items():
        if procedure.states[situation.state].kind not in _NOBODY_WAITS and not situation.running:
            found.setdefault(situation.state, way)
    return found


def runs_aside(procedure: Procedure) -> dict[str, frozenset[str]]:
    """Return each state aside in which a clock may still run, with those clocks."""
    found: dict[str, frozenset[str]] = {}
    for situation in _situations(procedure):
        if procedure.states[situation.state].kind is StateKind.ASIDE and situation.running:
            found[situation.state] = found.get(situation.state, frozenset()) | situation.running
    return found


def _situations(procedure: Procedure) -> dict[Situation, tuple[str, ...]]:
    """Return every situation that can come about, with the shortest way there."""
    initial = procedure.initial
    first = Situation(initial.name, frozenset(initial.clocks))
    ways: dict[Situation, tuple[str, ...]] = {first: ()}
    waiting = deque([first])
    while waiting:
        situation = waiting.popleft()
        for action, after in _steps(procedure, situation):
            if after not in ways:
                ways[after] = (*ways[situation], action.name)
                waiting.append(after)
    return ways


def _steps(procedure: Procedure, situation: Situation) -> Iterator[tuple[Action, Situation]]:
    for action in procedure.actions_from(situation.state):
        if action.reverses:
            if situation.before is not None:
                yield action, situation.before
            continue
        target = action.target or situation.state
        running = situation.running - set(action.meets) - set(action.cancels) | set(action.opens)
        if target != situation.state:
            running |= set(procedure.states[target].clocks)
        if target == situation.state:
            before = situation.before
        else:
            before = situation if procedure.can_be_undone(action) else None
        yield action, Situation(target, running, before)
