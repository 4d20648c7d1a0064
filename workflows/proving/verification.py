"""Refuses a bad procedure before anybody works by it.

`transitions` notices a misspelt state or guard only when an action is fired, so every name is checked here.
Then the procedure is walked: every state reachable, an end from everywhere, and nobody left waiting without
a clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from workflows.definition import Action, Assign, ClockRule, FieldKind, Handover, Procedure, StateKind
from workflows.guards import GuardRegistry
from workflows.proving import beside_checks, pause_checks, rule_checks, taking_back_checks, undo_checks
from workflows.proving.reachability import ENDS, reachable, waits_without_a_clock, without_an_end
from workflows.rule_sets import RuleBook

_PARTS = (undo_checks, taking_back_checks, beside_checks)
PERSONS = ("owner", "first_responder")
"""Who may be given a task besides the holders of a role."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a procedure. `kind` is a stable word for it, `place` where it is, `text` what to do
    about it."""

    kind: str
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


def verify(
    procedure: Procedure,
    guards: GuardRegistry,
    rule_book: RuleBook,
    roles: Collection[str] | None = None,
    messages: Collection[str] | None = None,
    procedures: Collection[str] | None = None,
    invariants: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Return every fault found in a procedure; none means it can be compiled and model checked.

    `roles`, `messages`, `procedures` and `invariants` are the names that the application knows; what is None
    is not checked against the application. The procedure is walked only once all its names are right."""
    found = [
        *_initial(procedure),
        *_states(procedure),
        *_actions(procedure),
        *_invariants(procedure, invariants),
        *_names(procedure, guards, roles, messages, procedures),
        *_clocks(procedure, roles),
        *(Finding(*fault) for fault in rule_checks.against_rules(procedure, rule_book)),
        *(Finding(*fault) for part in _PARTS for fault in part.names(procedure)),
        *(Finding(*fault) for fault in pause_checks.pauses(procedure, rule_book)),
    ]
    if not found:
        more = (Finding(*fault) for part in (undo_checks, beside_checks) for fault in part.ways(procedure))
        found = [*_ways(procedure), *more, *_stages(procedure)]
    return tuple(found)


def _initial(procedure: Procedure) -> Iterator[Finding]:
    count = sum(state.kind is StateKind.INITIAL for state in procedure.states.values())
    if count != 1:
        yield Finding(
            "initial", "states", f"{count} states are initial: mark exactly one with `kind: initial`."
        )


def _states(procedure: Procedure) -> Iterator[Finding]:
    for name, state in procedure.states.items():
        place = f"states › {name}"
        if state.stage not in procedure.stages:
            yield Finding(
                "unknown_stage", place, f"the stage {state.stage!r} is unknown: add it to `stages`."
            )
        for clock in (*state.clocks, *state.pauses):
            if clock not in procedure.clocks:
                yield Finding("unknown_clock", place, f"the clock {clock!r} is unknown: add it to `clocks`.")


def _actions(procedure: Procedure) -> Iterator[Finding]:
    for name, action in procedure.actions.items():
        place = f"actions › {name}"
        yield from _edges(procedure, action, place)
        if not action.roles and not action.automatic:
            yield Finding(
                "nobody", place, "no role may fire it: give it `roles`, or mark it `automatic: true`."
            )
        for clock in (*action.meets, *action.cancels, *action.opens, *action.extends):
            if clock not in procedure.clocks:
                yield Finding("unknown_clock", place, f"the clock {clock!r} is unknown: add it to `clocks`.")
        for message in action.emit:
            if message not in procedure.messages:
                yield Finding(
                    "unknown_message", place, f"the message {message!r} is unknown: add it to `messages`."
                )
        yield from _listings(procedure, action, place)
        if action.assign is Assign.RECEIVER or action.handover is Handover.ASK:
            for wanted in ("receiver", "unit"):
                if action.field(wanted) is None:
                    yield Finding(
                        "missing_field", place, f"it hands the matter to somebody: add the field {wanted!r}."
                    )


def _listings(procedure: Procedure, action: Action, place: str) -> Iterator[Finding]:
    for name, one in action.lists.items():
        flag = action.field(one.when) if one.when else None
        if one.did not in procedure.actions:
            yield Finding(
                "unknown_action", place, f"{name!r} lists who did {one.did!r}, which is no action: mend it."
            )
        if one.when and (flag is None or flag.kind is not FieldKind.FLAG):
            yield Finding(
                "missing_field", place, f"{name!r} asks for {one.when!r}: add the field, of kind flag."
            )


def _edges(procedure: Procedure, action: Action, place: str) -> Iterator[Finding]:
    for source, times in Counter(action.sources).items():
        if source not in procedure.states:
            yield Finding(
                "unknown_source", place, f"it starts in {source!r}, which is no state: mend `from`."
            )
        elif times > 1:
            yield Finding("two_edges", place, f"it starts in {source!r} {times} times: name each state once.")
        elif procedure.states[source].kind is StateKind.FINAL and action.target not in (None, source):
            yield Finding(
                "leaves_final", place, f"it leaves {source!r}, which is final: make that `kind: may_end`."
            )
    if action.target is not None and action.target not in procedure.states:
        yield Finding(
            "unknown_target", place, f"it leads to {action.target!r}, which is no state: mend `to`."
        )


def _invariants(procedure: Procedure, known: Collection[str]) -> Iterator[Finding]:
    for name in _missing(procedure.invariants, known):
        yield Finding("unknown_invariant", "invariants", f"{name!r} is not registered: register or mend it.")


def _names(
    procedure: Procedure,
    guards: GuardRegistry,
    roles: Collection[str] | None,
    messages: Collection[str] | None,
    procedures: Collection[str] | None,
) -> Iterator[Finding]:
    """Check the names that stand for something outside the file."""
    for name, action in procedure.actions.items():
        place = f"actions › {name}"
        for guard in _missing(action.needs, guards.names):
            yield Finding(
                "unknown_guard", place, f"the guard {guard!r} is not registered: register or mend it."
            )
        for role in _missing((scope.role for scope in action.roles), roles):
            yield Finding("unknown_role", place, f"the role {role!r} is unknown: mend it in `roles`.")
        for message in _missing(action.emit, messages):
            yield Finding("unknown_message", place, f"no text is known for the message {message!r}: add it.")
        for child in _missing([action.child] if action.child else [], procedures):
            yield Finding(
                "unknown_procedure", place, f"it starts {child!r}, which is no procedure: mend `child`."
            )
        for child in _missing(action.hears, procedures):
            yield Finding(
                "unknown_procedure", place, f"it hears of {child!r}, which is no procedure: mend `hears`."
            )


def _missing(asked: Iterable[str], known: Collection[str] | None) -> list[str]:
    """Return the names that are not known; nothing where what is known was not given."""
    return [] if known is None else [one for one in asked if one not in known]


def _clocks(procedure: Procedure, roles: Collection[str] | None) -> Iterator[Finding]:
    opened = {clock for state in procedure.states.values() for clock in state.clocks}
    opened |= {clock for action in procedure.actions.values() for clock in action.opens}
    for name, clock in procedure.clocks.items():
        place = f"clocks › {name}"
        if name not in opened:
            yield Finding("never_opened", place, "no state and no action opens it: open it or take it out.")
        yield from _task(procedure, clock, place)
        told = [*clock.escalate.values(), *(one for one in clock.task_to if one not in PERSONS)]
        for role in told:
            if roles is not None and role not in roles:
                yield Finding("unknown_role", place, f"the role {role!r} is unknown: mend it.")


def _task(procedure: Procedure, clock: ClockRule, place: str) -> Iterator[Finding]:
    if clock.task and clock.task not in procedure.tasks:
        yield Finding("unknown_task", place, f"the task {clock.task!r} is unknown: add it to `tasks`.")
    if clock.task and not clock.task_to:
        yield Finding("task_to_nobody", place, f"nobody gets the task {clock.task!r}: say who in `task_to`.")


def _ways(procedure: Procedure) -> Iterator[Finding]:
    found = reachable(procedure)
    for name in procedure.states:
        if name not in found:
            yield Finding(
                "unreachable", f"states › {name}", "no action ever leads here: add one or take the state out."
            )
    for name in without_an_end(procedure):
        yield Finding(
            "dead_end", f"states › {name}", "no end can be reached from here: add an action that leads on."
        )
    for name, way in waits_without_a_clock(procedure).items():
        path = " → ".join(way) or "right at the start"
        yield Finding(
            "no_clock",
            f"states › {name}",
            f"somebody may wait here while no clock runs ({path}): open one on entering.",
        )


def _stages(procedure: Procedure) -> Iterator[Finding]:
    """Check that what is called an optional stage can be passed by, and that no stage is empty."""
    for stage in procedure.stages:
        members = [state for state in procedure.states.values() if state.stage == stage]
        if not members:
            yield Finding("empty_stage", f"stages › {stage}", "no state belongs to it: take it out.")
            continue
        marked = [state.name for state in members if state.optional_stage]
        if not marked:
            continue
        if len(marked) < len(members):
            rest = ", ".join(state.name for state in members if not state.optional_stage)
            yield Finding(
                "optional_stage", f"stages › {stage}", f"only part of it is optional: mark {rest} as well."
            )
        around = reachable(procedure, without=[state.name for state in members])
        if not any(procedure.states[name].kind in ENDS for name in around):
            yield Finding(
                "optional_stage",
                f"stages › {stage}",
                "every way to an end goes through it: it is not optional.",
            )
