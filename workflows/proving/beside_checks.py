"""What must hold of work beside the states, of co-handlers, and of what a parent hears of its children."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from workflows.definition import Action, CoHandling, FieldKind, Procedure, StateKind, WorkStep
from workflows.proving.undo_checks import Fault

JOIN = "all_work_done"
"""The guard that waits for all work."""
_ASKS = {"work": FieldKind.CODE, "worker": FieldKind.PERSON, "due_on": FieldKind.DATE}
_HEARS = {"child": FieldKind.INTEGER, "reached": FieldKind.TEXT}


def names(procedure: Procedure) -> Iterator[Fault]:
    """Yield what is wrong with the actions on work and co-handlers and with those that hear of children."""
    for name, action in procedure.actions.items():
        place = f"actions › {name}"
        yield from _work(procedure, action, place)
        if action.co_handler is not None:
            yield from _asks(action, place, {"co_handler": FieldKind.PERSON})
            yield from _stays(action, place)
        if action.hears:
            yield from _hears(procedure, action, place)
    yield from _whole(procedure)
    yield from _heard_once(procedure)


def ways(procedure: Procedure) -> Iterator[Fault]:
    """Yield the states in which work may be open that nobody could call off, or that is put aside."""
    asks = {state for one in _doing(procedure, WorkStep.ASK) for state in one.sources}
    if not asks:
        return
    over = {name for one in _doing(procedure, WorkStep.CALL_OFF) for name in one.sources}
    open_in = _carried_on(procedure, asks)
    for name in sorted(open_in):
        kind = procedure.states[name].kind
        if kind not in (StateKind.FINAL, StateKind.ASIDE) and name not in over:
            yield "work_stays_open", f"states › {name}", "work may be open here: let it be called off."
    for action in procedure.actions.values():
        target = procedure.states.get(action.target or "")
        puts_aside = target is not None and target.kind is StateKind.ASIDE and open_in & set(action.sources)
        if puts_aside and JOIN not in action.needs:
            yield (
                "work_stays_open",
                f"actions › {action.name}",
                f"work may be open when the matter is put aside: add {JOIN!r} to `needs`.",
            )


def _carried_on(procedure: Procedure, asks: Collection[str]) -> frozenset[str]:
    """Return the states in which work asked for in one of these may be open: no step there waited for it."""
    seen, waiting = set(asks), list(asks)
    while waiting:
        for action in procedure.actions_from(waiting.pop()):
            for target in procedure.targets(action) if JOIN not in action.needs else ():
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
    return frozenset(seen)


def _work(procedure: Procedure, action: Action, place: str) -> Iterator[Fault]:
    if action.work is None:
        return
    if not procedure.work:
        yield "unknown_work", place, "no kind of work is known: name the kinds under `work`."
    asks = _ASKS if action.work is WorkStep.ASK else {"work_number": FieldKind.INTEGER}
    yield from _asks(action, place, asks)
    yield from _stays(action, place)


def _whole(procedure: Procedure) -> Iterator[Fault]:
    """Check that what begins can end: work is finished or called off, a co-handler removed."""
    if procedure.work:
        for step in WorkStep:
            if not _doing(procedure, step):
                yield "unknown_work", "work", f"no action does it: add one with `work: {step}`."
    helping = {one.co_handler for one in procedure.actions.values() if one.co_handler is not None}
    for part in set(CoHandling) - helping if helping else ():
        yield (
            "unknown_work",
            "actions",
            f"who comes must be able to go: add one with `co_handler: {part}`.",
        )


def _doing(procedure: Procedure, step: WorkStep) -> list[Action]:
    return [one for one in procedure.actions.values() if one.work is step]


def _asks(action: Action, place: str, wanted: dict[str, FieldKind]) -> Iterator[Fault]:
    for name, kind in wanted.items():
        field = action.field(name)
        if field is None or field.kind is not kind or not field.required:
            yield "missing_field", place, f"add the field {name!r}, of kind {kind} and required."


def _stays(action: Action, place: str) -> Iterator[Fault]:
    if action.target is not None or action.reverses:
        yield "moves_beside", place, "what goes on beside the states moves none: write `to: same`."


def _hears(procedure: Procedure, action: Action, place: str) -> Iterator[Fault]:
    yield from _stays(action, place)
    yield from _asks(action, place, _HEARS)
    if not action.automatic or action.needs:
        yield "deaf", place, "nothing stands against a report: make it `automatic: true`, without `needs`."
    if set(action.sources) != set(procedure.states):
        yield "deaf", place, "a report comes at any time, also after the end: write `from: any`."


def _heard_once(procedure: Procedure) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for action in procedure.actions.values():
        for child, states in action.hears.items():
            for state in states:
                if (child, state) in seen:
                    place = f"actions › {action.name}"
                    yield "deaf", place, f"{state!r} of {child!r} is heard by another action: name it once."
                seen.add((child, state))
