"""What must hold of an action that takes another back: it is exactly one step, and all of it is given back.

It starts where those steps led and leads where they came from, so nobody chooses a state, and from one state
nothing else is taken back. What cannot be
given back may not have been done: a message that went out, a telling, a child, a change of hands. Clocks that
the step met or cancelled run again with their own days; those it opened end. Whether anybody built on the
step meanwhile is a guard's question, which must be asked where somebody could have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from workflows.definition import Action, Procedure, StateKind
from workflows.proving.undo_checks import Fault

NOT_SINCE = "nobody_acted_since"
"""The guard that holds that nothing was built on the step."""


def names(procedure: Procedure) -> Iterator[Fault]:
    """Yield what is wrong with the actions that take others back."""
    for name, action in procedure.actions.items():
        if action.takes_back:
            yield from _action(procedure, f"actions › {name}", action)


def _action(procedure: Procedure, place: str, action: Action) -> Iterator[Fault]:
    taken = [procedure.actions[one] for one in action.takes_back if one in procedure.actions]
    if len(taken) < len(action.takes_back):
        unknown = ", ".join(one for one in action.takes_back if one not in procedure.actions)
        yield "unknown_action", place, f"it takes back {unknown}, which is no action: mend it."
        return
    if set(action.sources) != {one.target for one in taken}:
        yield (
            "not_one_step",
            place,
            "it must start exactly where the steps it takes back have led: mend `from`.",
        )
    for one in taken:
        if one.sources != (action.target,) or one.target is None:
            yield (
                "not_one_step",
                place,
                f"it must lead to the one state that {one.name!r} starts from: mend `to`.",
            )
        elif one.target in procedure.states:
            yield from _given_back(procedure, place, action, one)
    if action.undoes or _does_more(action) or action.meets or action.opens:
        yield "cannot_undo", place, "it puts back what was and does nothing else: take the rest out."
    yield from _two_ways(procedure, place, action)
    heard = {name for one in procedure.actions.values() if one.hears for name in one.counts}
    between = [one.name for one in _between(procedure, action) if _weighs(one, heard)]
    if between and NOT_SINCE not in action.needs:
        listed = ", ".join(between)
        yield "acts_between", place, f"{listed} may have been done since: add {NOT_SINCE!r} to `needs`."


def _two_ways(procedure: Procedure, place: str, action: Action) -> Iterator[Fault]:
    """Yield the actions that take other steps back from the same state.

    Guards ask who did the latest step that can be reversed: that must be one that this action takes back.
    """
    for other in procedure.actions.values():
        more = sorted({*other.takes_back} - {*action.takes_back})
        if more and {*other.sources} & {*action.sources}:
            yield (
                "two_ways_back",
                place,
                f"{other.name!r} takes back {', '.join(more)} from the same state: let each lead to its own.",
            )


def _given_back(procedure: Procedure, place: str, action: Action, taken: Action) -> Iterator[Fault]:
    target = procedure.states[taken.target or ""]
    if target.kind is StateKind.ASIDE or taken.reverses:
        yield "cannot_undo", place, f"{taken.name!r} is no step forward: use `undoes`, or take it out."
    if _does_more(taken) or taken.field("told_on") is not None:
        yield "cannot_undo", place, f"what {taken.name!r} does cannot be given back: take it out."
    changed = {*taken.sets, *(one.name for one in taken.fields if one.keep)}
    if changed - set(action.sets):
        listed = ", ".join(sorted(changed - set(action.sets)))
        yield "cannot_undo", place, f"{taken.name!r} leaves {listed} behind: set it again in `sets`."
    opened = {*taken.opens, *target.clocks} - set(action.cancels)
    if opened:
        listed = ", ".join(sorted(opened))
        yield "cannot_undo", place, f"{taken.name!r} opens {listed}: name it in `cancels`."
    pausable = {clock for state in procedure.states.values() for clock in state.pauses}
    if target.pauses or pausable & {*taken.meets, *taken.cancels}:
        yield "cannot_undo", place, f"{taken.name!r} touches a clock that may stand still: its pauses stay."


def _does_more(action: Action) -> bool:
    """Tell whether it does what no later step could take away again."""
    gone = (action.emit, action.child, action.counts, action.extends, action.hears)
    hands = (action.assign, action.handover, action.co_handler, action.work)
    return any((*gone, *hands))


def _between(procedure: Procedure, action: Action) -> Iterator[Action]:
    """Yield what can be done after the step and before it is taken back, without leaving its state."""
    for one in procedure.actions.values():
        if (
            one is not action
            and set(one.sources) & set(action.sources)
            and one.target in (None, *action.sources)
        ):
            yield one


def _weighs(action: Action, heard: Collection[str]) -> bool:
    """Tell whether it builds on the step; reading what children reported (`heard`) does not."""
    clocks = (action.meets, action.cancels, action.opens, action.extends)
    known = (set(action.sets) - set(heard), action.counts, action.lists)
    kept = any(one.keep for one in action.fields)
    return not action.hears and any((*clocks, *known, kept, action.emit, action.child))
