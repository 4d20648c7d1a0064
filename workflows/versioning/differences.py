"""What differs between two versions of a procedure, as data: what is new, gone, changed, and whom it touches.

Everything that decides is compared, by the very fields of the definition, so a field that is added to it
later is compared as well. Limits and lists stand in dated rule sets: they are compared as of the last day on
which the earlier version was taken and the first day of the later one. A better wording is told apart from a
change.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from workflows.definition import Action, Field, Label, Procedure
from workflows.definition_files import DefinitionError
from workflows.rule_sets import Item, Limit, RuleBook
from workflows.versioning.difference_terms import (
    Term,
    basis_term,
    field_term,
    item_term,
    limit_term,
    only,
    terms,
)
from workflows.versioning.versions import Library


class Part(enum.StrEnum):
    """What a difference is about."""

    PROCEDURE = "procedure"
    STAGE = "stage"
    STATE = "state"
    ACTION = "action"
    CLOCK = "clock"
    LIMIT = "limit"
    LIST = "list"
    MESSAGE = "message"
    TASK = "task"
    WORK = "work"


class Change(enum.StrEnum):
    """What became of it."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"
    WORDING = "wording"
    """Only texts differ: running matters may be shown the better ones, and no version is needed for them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the comparison.

    `aspect` says which side of a changed thing; `before` and `after` are what only the one version has.
    `states` and `clocks`, of the older version, are where a matter must stand, or which clock must run, for
    the line to touch it; both empty means it touches no running matter.
    """

    part: Part
    change: Change
    name: str
    label: Label
    aspect: str = ""
    before: tuple[Term, ...] = ()
    after: tuple[Term, ...] = ()
    states: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()


_TEXTS = frozenset({"name", "label", "article"})


def differences(
    old: Procedure, new: Procedure, rules: RuleBook, days: tuple[date, date]
) -> tuple[Difference, ...]:
    """Return every difference between two versions of a procedure, by part, in the order of the files.

    `days` are those whose rules each of them is compared by.
    """
    found = [
        *_of_procedure(old, new),
        *_of_labels(Part.STAGE, "stages", old, new),
        *_of_parts(Part.STATE, old.states, new.states, old, new),
        *_of_parts(Part.ACTION, old.actions, new.actions, old, new),
        *_of_parts(Part.CLOCK, old.clocks, new.clocks, old, new),
        *_of_limits(old, new, rules, days),
        *_of_lists(old, new, rules, days),
        *_of_labels(Part.MESSAGE, "messages", old, new),
        *_of_labels(Part.TASK, "tasks", old, new),
        *_of_labels(Part.WORK, "work", old, new),
    ]
    order = list(Part)
    return tuple(sorted(found, key=lambda one: (order.index(one.part), one.change is Change.WORDING)))


def days_compared(library: Library, old: Procedure, new: Procedure) -> tuple[date, date]:
    """Return the days whose rules are compared: the last one of the earlier version, which another may have
    followed before the later one came, and the first of the later.
    """
    earlier, later = sorted((old, new), key=lambda one: (one.effective_from, one.version))
    before = max(earlier.effective_from, library.last_day(earlier) or later.effective_from)
    days = {earlier.version: before, later.version: later.effective_from}
    return days[old.version], days[new.version]


def _of_procedure(old: Procedure, new: Procedure) -> Iterator[Difference]:
    for aspect in ("effective_from", "invariants", "governed_by"):
        before, after = only(terms(aspect, old, old), terms(aspect, new, new))
        if before or after:
            yield Difference(Part.PROCEDURE, Change.CHANGED, new.name, new.label, aspect, before, after)


def _text(said: Label | str | None) -> Label | None:
    """Return a wording; the subject of an article stands for the article that a rule set names on it."""
    return Label(said, said) if isinstance(said, str) else said


def _of_labels(part: Part, field: str, old: Procedure, new: Procedure) -> Iterator[Difference]:
    """Compare what is nothing but a name with a label: stages, messages, tasks, kinds of work."""
    had: Mapping[str, Label] = getattr(old, field)
    has: Mapping[str, Label] = getattr(new, field)
    for name in dict.fromkeys((*had, *has)):
        if name not in has or name not in had:
            change = Change.NEW if name in has else Change.GONE
            label = has.get(name) or had[name]
            yield Difference(part, change, name, label, states=_touched(part, name, old))
        elif had[name] != has[name]:
            yield _reworded(part, name, "label", had[name], has[name])


def _of_parts(
    part: Part, had: Mapping[str, Any], has: Mapping[str, Any], old: Procedure, new: Procedure
) -> Iterator[Difference]:
    for name in dict.fromkeys((*had, *has)):
        before, after = had.get(name), has.get(name)
        states, clocks = _reach(part, name, before, after, old)
        if before is None or after is None:
            change = Change.NEW if before is None else Change.GONE
            label = (has.get(name) or had[name]).label
            yield Difference(part, change, name, label, states=states, clocks=clocks)
            continue
        for field in dataclasses.fields(after):
            if field.name in _TEXTS:
                texts = _text(getattr(before, field.name)), _text(getattr(after, field.name))
                if field.name != "name" and texts[0] != texts[1]:
                    yield _reworded(part, name, field.name, *texts, label=after.label)
                continue
            if field.name == "fields":
                yield from _of_fields(before, after, states)
                continue
            gone, fresh = only(terms(field.name, before, old), terms(field.name, after, new))
            if gone or fresh:
                yield Difference(
                    part, Change.CHANGED, name, after.label, field.name, gone, fresh, states, clocks
                )


def _of_fields(before: Action, after: Action, states: tuple[str, ...]) -> Iterator[Difference]:
    """Compare what an action asks for; a field is its name and everything that decides about its value."""
    had = {one.name: one for one in before.fields}
    has = {one.name: one for one in after.fields}
    gone = tuple(field_term(one) for one in before.fields if not _same_field(one, has.get(one.name)))
    fresh = tuple(field_term(one) for one in after.fields if not _same_field(one, had.get(one.name)))
    if gone or fresh:
        yield Difference(Part.ACTION, Change.CHANGED, after.name, after.label, "fields", gone, fresh, states)
    for name in (name for name in had if name in has and had[name].label != has[name].label):
        yield _reworded(Part.ACTION, after.name, "field", had[name].label, has[name].label, label=after.label)


def _same_field(one: Field, other: Field | None) -> bool:
    return other is not None and dataclasses.replace(other, label=one.label) == one


def _of_limits(
    old: Procedure, new: Procedure, rules: RuleBook, days: tuple[date, date]
) -> Iterator[Difference]:
    """Compare how long the clocks of both versions may run, and what extensions add."""
    for name in (*(name for name in old.clocks if name in new.clocks), *_extensions(old, new)):
        limits = [_limit(rules, name, day) for day in days]
        if limits[0] == limits[1]:
            continue
        before, after = ((limit_term(one),) if one else () for one in limits)
        aspect = "" if name in new.clocks else "extends"
        if before and after and before[0].name == after[0].name:
            aspect, before, after = "article", *((basis_term(one),) for one in limits if one)
        clock = name if name in new.clocks else _extended_by(name, new)[0]
        label = new.clocks[clock].label
        yield Difference(Part.LIMIT, Change.CHANGED, name, label, aspect, before, after, (), (clock,))


def _of_lists(
    old: Procedure, new: Procedure, rules: RuleBook, days: tuple[date, date]
) -> Iterator[Difference]:
    """Compare the items from which the fields of both versions choose."""
    for name in dict.fromkeys((*_lists(old), *_lists(new))):
        had, has = (_items(rules, name, day) for day in days)
        before, after = only(map(item_term, had), map(item_term, has))
        if before or after:
            label = (_lists(new).get(name) or _lists(old)[name]).label
            states = _states_where(old, partial(_chooses, name))
            yield Difference(Part.LIST, Change.CHANGED, name, label, "items", before, after, states)


def _chooses(name: str, action: Action) -> bool:
    """Tell whether the action asks for an item of the list."""
    return any(one.items == name for one in action.fields)


def _reworded(
    part: Part, name: str, aspect: str, before: Label | None, after: Label | None, label: Label | None = None
) -> Difference:
    texts = [(Term("text", "", one),) if one else () for one in (before, after)]
    shown = label or after or before or Label(name, name)
    return Difference(part, Change.WORDING, name, shown, aspect, texts[0], texts[1])


# -- whom a line touches


def _reach(
    part: Part, name: str, before: Any, after: Any, old: Procedure
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the states, and the clocks, of the older version whose matters notice."""
    if part is Part.CLOCK:
        return (), (name,) if before is not None else ()
    if part is Part.STATE:
        return ((name,) if before is not None else ()), ()
    sources = {*(before.sources if before else ()), *(after.sources if after else ())}
    return tuple(one for one in old.states if one in sources), ()


def _touched(part: Part, name: str, old: Procedure) -> tuple[str, ...]:
    if part is Part.STAGE:
        return tuple(one.name for one in old.states.values() if one.stage == name)
    if part is Part.MESSAGE:
        return _states_where(old, lambda one: name in one.emit)
    return ()


def _states_where(old: Procedure, fits: Callable[[Action], bool]) -> tuple[str, ...]:
    found = {state for action in old.actions.values() if fits(action) for state in action.sources}
    return tuple(name for name in old.states if name in found)


# -- what the rule sets say


def _limit(rules: RuleBook, name: str, day: date) -> Limit | None:
    try:
        return rules.limit(name, day)
    except DefinitionError:
        return None


def _items(rules: RuleBook, name: str, day: date) -> tuple[Item, ...]:
    try:
        return rules.items(name, day)
    except DefinitionError:
        return ()


def _extensions(old: Procedure, new: Procedure) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            entry
            for action in new.actions.values()
            for entry in action.extends.values()
            if _extended_by(entry, old) and entry not in new.clocks
        )
    )


def _extended_by(entry: str, procedure: Procedure) -> tuple[str, ...]:
    """Return the clocks that an entry of the rule sets extends."""
    return tuple(
        clock for action in procedure.actions.values() for clock, by in action.extends.items() if by == entry
    )


def _lists(procedure: Procedure) -> Mapping[str, Field]:
    return {
        field.items: field for action in procedure.actions.values() for field in action.fields if field.items
    }
