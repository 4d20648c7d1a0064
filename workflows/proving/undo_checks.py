"""What must hold of an action that another undoes: all it changes can be put back exactly as it was.

It moves the matter aside and stops its clocks, nothing more. A variable, a count, an owner or a clock that
was met could not be given back; nor could a clock that may stand still, whose pauses belong to its old run.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition import Action, Procedure, StateKind
from workflows.proving.reachability import runs_aside

Fault = tuple[str, str, str]
"""A stable word for it, the place, what to do about it; see `workflows.proving.verification.Finding`."""


def names(procedure: Procedure) -> Iterator[Fault]:
    """Yield what is wrong with actions that undo, with what they undo, and with states aside."""
    for name, action in procedure.actions.items():
        if action.undoes:
            yield from _undoing(procedure, f"actions › {name}", action)
    for name, state in procedure.states.items():
        if state.kind is StateKind.ASIDE:
            yield from _aside(procedure, f"states › {name}", name)


def ways(procedure: Procedure) -> Iterator[Fault]:
    """Yield the states aside in which a clock may run on."""
    for name, clocks in runs_aside(procedure).items():
        running = ", ".join(sorted(clocks))
        yield "runs_aside", f"states › {name}", f"{running} may run on here: cancel it on entering."


def _undoing(procedure: Procedure, place: str, action: Action) -> Iterator[Fault]:
    undone = procedure.actions.get(action.undoes)
    if undone is None:
        yield "unknown_action", place, f"it undoes {action.undoes!r}, which is no action: mend it."
        return
    target = procedure.states.get(undone.target or "")
    if target is None or target.kind is not StateKind.ASIDE or action.sources != (target.name,):
        yield (
            "not_aside",
            place,
            f"it undoes {undone.name!r}, which must lead to a state of kind aside, and start there alone.",
        )
    if _changes_more(undone) or undone.child:
        yield "cannot_undo", place, f"{undone.name!r} changes more than state and clocks: take the rest out."
    if _changes_more(action) or action.cancels or action.child:
        yield "cannot_undo", place, "it puts back what was and changes nothing else: take the rest out."
    pausable = {clock for state in procedure.states.values() for clock in state.pauses}
    for clock in sorted(pausable & set(undone.cancels)):
        yield "cannot_undo", place, f"the clock {clock!r} may stand still: {undone.name!r} may not cancel it."


def _changes_more(action: Action) -> bool:
    known = (action.sets, action.counts, action.lists, any(one.keep for one in action.fields))
    clocks = (action.meets, action.opens, action.extends)
    return any((*known, *clocks, action.assign, action.handover))


def _acts(action: Action) -> bool:
    """Tell whether it does more than write down what is known: owner and clocks must be there on return."""
    clocks = (action.meets, action.opens, action.extends, action.cancels)
    return any((*clocks, action.target, action.assign, action.handover))


def _aside(procedure: Procedure, place: str, name: str) -> Iterator[Fault]:
    state = procedure.states[name]
    if state.clocks or state.pauses:
        yield "runs_aside", place, "no clock begins or stands still here: take it out."
    for action in procedure.actions.values():
        undone = any(one.undoes == action.name for one in procedure.actions.values())
        if action.target == name and not undone:
            yield "not_aside", place, f"{action.name!r} leads here, but nothing undoes it: add what does."
        if name in action.sources and not action.undoes and _acts(action):
            yield "not_aside", place, f"{action.name!r} does more here than add to the file: take it out."
