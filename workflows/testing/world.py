"""What a test says of its world: who is there, with what a matter begins, how forms are filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from workflows.compiled import Compiled
from workflows.counting import TimeRules
from workflows.definition import Action, Field, FieldKind, Procedure
from workflows.guards import ChildFact, GuardRegistry
from workflows.people import Person
from workflows.steps import Assignee

if TYPE_CHECKING:
    from workflows.testing.paper import Paper

Given = Any
"""A value of a form: as it is; a `timedelta` for that many days from today; or a function of the paper."""

PLAIN: Mapping[FieldKind, Given] = {
    FieldKind.TEXT: "甲",
    FieldKind.CODE: "other",
    FieldKind.DATE: timedelta(0),
    FieldKind.INTEGER: 1,
    FieldKind.FEN: 100,
    FieldKind.FLAG: True,
}
"""How a field is filled in where the world says nothing of it."""


@dataclass(frozen=True, slots=True)
class Try:
    """One way to do an action: what is typed over the plain form, and how many days later it is done."""

    typed: Mapping[str, Given] = field(default_factory=dict)
    days: int = 1


@dataclass(frozen=True)
class World:
    """A small world in which one version of a procedure is tried.

    `people` are tried at every action, in their order; a matter begins with each of the `owners`, once with
    each of the variables of `starts`. `forms` are the ways to fill in an action's form, tried in turn; an
    action without any is done with the plain form. `values` fill in fields by name, wherever they stand.
    `ways` lead to places that are far: actions in their order, `name:1` for the second form of an action.
    `assignees` are whom the application chooses, by action. `children` are what becomes of an instance that
    an action starts: its facts one after the other. `beside` names variables that no later step asks: matters
    that differ in nothing else are walked once; `duties` names actions of which a later guard asks who did
    them. `known` are the guards that are expected; `expected` is the definition that is, by default the one
    that is judged.
    """

    judged: Compiled
    time: TimeRules
    known: GuardRegistry
    people: tuple[Person, ...]
    owners: tuple[Assignee, ...]
    begins: date
    first_responder: int = 1
    starts: tuple[Mapping[str, Any], ...] = ({},)
    values: Mapping[str, Given] = field(default_factory=dict)
    forms: Mapping[str, tuple[Try, ...]] = field(default_factory=dict)
    assignees: Mapping[str, Assignee] = field(default_factory=dict)
    ways: tuple[tuple[str, ...], ...] = ()
    children: Mapping[str, tuple[ChildFact, ...]] = field(default_factory=dict)
    beside: frozenset[str] = frozenset()
    duties: frozenset[str] = frozenset()
    expected: Procedure | None = None

    @property
    def defined(self) -> Procedure:
        """The definition by which it is judged."""
        return self.expected or self.judged.procedure

    def tries(self, action: Action) -> tuple[Try, ...]:
        """Return the ways to do the action; never none."""
        return self.forms.get(action.name, (Try(),))

    def payload(self, action: Action, one: Try, paper: Paper) -> dict[str, Any]:
        """Return the form, filled in on the paper's day; what is None is left out."""
        filled: dict[str, Given] = {}
        for field_ in action.fields:
            if field_.name in one.typed:
                filled[field_.name] = one.typed[field_.name]
            elif field_.required:
                filled[field_.name] = self._plain(field_, paper)
        unknown = set(one.typed) - set(filled)
        if unknown:
            raise ValueError(
                f"the form of {action.name} has no field {', '.join(sorted(unknown))}: mend the try"
            )
        told = {name: _told(value, paper) for name, value in filled.items()}
        return {name: value for name, value in told.items() if value is not None}

    def _plain(self, field_: Field, paper: Paper) -> Given:
        if field_.name in self.values:
            return self.values[field_.name]
        if field_.kind is FieldKind.ITEM:
            return min(item.code for item in paper.law.items(field_.items))
        if field_.kind is FieldKind.PERSON:
            return self.owners[0].person_id
        if field_.kind is FieldKind.UNIT:
            return self.owners[0].unit_path
        return field_.choices[0] if field_.choices else PLAIN[field_.kind]


def _told(value: Given, paper: Paper) -> Any:
    if callable(value):
        told: Callable[[Paper], Given] = value
        return _told(told(paper), paper)
    return (paper.today + value).isoformat() if isinstance(value, timedelta) else value
