"""What must hold where a clock stands still: the law knows the pause, a paper is its ground, another clock
limits the waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from workflows.definition import Action, FieldKind, Procedure, State
from workflows.definition_files import DefinitionError
from workflows.proving.undo_checks import Fault
from workflows.rule_sets import RuleBook


def pauses(procedure: Procedure, rule_book: RuleBook) -> Iterator[Fault]:
    """Yield what is wrong with the states that pause a clock, and with the actions that lead there."""
    for name, state in procedure.states.items():
        if state.pauses:
            yield from _law(procedure, rule_book, state)
            if not set(state.clocks) - set(state.pauses):
                yield (
                    "no_outer_limit",
                    f"states › {name}",
                    "it pauses a clock, but nothing limits the waiting: open a clock on entering.",
                )
    for name, action in procedure.actions.items():
        begins, place = _begins_a_pause(procedure, action), f"actions › {name}"
        if begins:
            yield from _ground(action, place)
        yield from _day(action, place, "pauses_from", allowed=begins)
        yield from _day(action, place, "resumes_on", allowed=_ends_a_pause(procedure, action))


def _law(procedure: Procedure, rule_book: RuleBook, state: State) -> Iterator[Fault]:
    for clock in state.pauses:
        # One is enough: a run by a set without it runs on, whatever the state says (`workflows.steps`).
        if not any(_knows_a_pause(rule_book, clock, on) for on in _days(procedure, rule_book)):
            yield (
                "no_pause_article",
                f"states › {state.name}",
                f"no rule set in force lets the clock {clock!r} stand still: take it out of `pauses`.",
            )


def _days(procedure: Procedure, rule_book: RuleBook) -> list[date]:
    """Return the first days of the rule sets that may govern a clock of the procedure."""
    first = procedure.effective_from
    return [first, *(one.valid_from for one in rule_book.all if one.valid_from > first)]


def _knows_a_pause(rule_book: RuleBook, clock: str, on: date) -> bool:
    try:
        return rule_book.limit(clock, on).pause_article is not None
    except DefinitionError:
        return False


def _begins_a_pause(procedure: Procedure, action: Action) -> bool:
    """Tell whether the action leads from a state where a clock counts to one where it stands still."""
    known = procedure.states
    paused = {name for one in procedure.targets(action) if one in known for name in known[one].pauses}
    return any(
        paused - set(known[source].pauses)
        for source in action.sources
        if source in known and source not in procedure.targets(action)
    )


def _ends_a_pause(procedure: Procedure, action: Action) -> bool:
    """Tell whether the action leads from a state where a clock stands still to one where it counts."""
    known = procedure.states
    stands = {name for one in action.sources if one in known for name in known[one].pauses}
    return any(stands - set(known[one].pauses) for one in procedure.targets(action) if one in known)


def _day(action: Action, place: str, key: str, *, allowed: bool) -> Iterator[Fault]:
    """Check the field that says from which day a clock stands still, or counts again."""
    name: str = getattr(action, key)
    if not name:
        return
    field = action.field(name)
    if not allowed:
        yield "pause_day", place, f"no clock stands still or goes on by it: take `{key}` out."
    elif field is None or field.kind is not FieldKind.DATE or not field.required or field.private:
        yield "pause_day", place, f"`{key}` names {name!r}: add it as a required open field of kind date."


def _ground(action: Action, place: str) -> Iterator[Fault]:
    paper, approver = action.field("paper"), action.field("approved_by")
    if paper is None or paper.kind is not FieldKind.TEXT or not paper.required or paper.private:
        yield "pause_without_paper", place, "it pauses a clock: add the required open text field 'paper'."
    if action.automatic or (approver is not None and approver.kind is not FieldKind.PERSON):
        yield (
            "pause_without_approver",
            place,
            "a person approves a pause: take `automatic` out, and make 'approved_by' of kind person.",
        )
