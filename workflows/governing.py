"""Which rule set governs what a matter's procedure names: a list, an article, a running clock.

Each is governed by the rule set of its own starting event. A clock keeps the set that it was opened under; a
list or an article of the procedure goes with a clock (`Procedure.governed_by`): the grounds of refusal with
the one that runs from receipt, the grounds of ending with the one that runs from acceptance. So a complaint
received before and accepted after an instrument changed is decided by the old one and mediated by the new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from workflows.definition import Label, Procedure
from workflows.rows import ClockRow
from workflows.rule_sets import Item, ItemList, Limit, RuleBook, RuleSet

RULE_SETS_OF = "rule_sets_of_"
"""A list of this prefix holds the rule sets between which a clock's law may be chosen: those in force on the
day of receipt and on the clock's own first day."""


@dataclass(frozen=True, slots=True)
class Governing:
    """The rules of one matter on a day (Asia/Shanghai). `known` are the matter's variables."""

    rules: RuleBook
    procedure: Procedure
    clocks: Sequence[ClockRow]
    known: Mapping[str, Any]
    today: date

    def items(self, list_name: str) -> tuple[Item, ...]:
        """Return the items of a list. Raises DefinitionError where no rule set has it."""
        return self.item_list(list_name).items

    def item_list(self, list_name: str) -> ItemList:
        """Return a list with its instrument. Raises DefinitionError where no rule set has it."""
        if list_name.startswith(RULE_SETS_OF):
            return self._rule_sets_of(list_name.removeprefix(RULE_SETS_OF))
        governing, on = self._origin(list_name)
        return self.rules.item_list(list_name, on, governing)

    def article(self, cited: Label | str | None) -> Label | None:
        """Return a citation as it stands, or the article on a subject; None where there is no such rule."""
        if cited is None or isinstance(cited, Label):
            return cited
        governing, on = self._origin(cited)
        return self.rules.article(cited, on, governing)

    def limit(self, row: ClockRow) -> Limit:
        """Return the limit by which the clock is counted: of several that bind, the one that ends first.

        Raises DefinitionError.
        """
        return binding(self.rules.limit_in(row.rule_set, row.clock, row.start), row)

    def as_of(self, day: date) -> Governing:
        """Return the same rules as of another day, by which is read what no clock governs."""
        return replace(self, today=day)

    @property
    def meanings(self) -> Mapping[str, Mapping[str, str]]:
        """What each item means, by list and code, looked up as guards ask."""
        return _Meanings(self)

    @property
    def articles(self) -> Mapping[str, Label]:
        """The articles by subject, looked up as guards ask."""
        return _Articles(self)

    def _latest(self, clock: str) -> ClockRow | None:
        for row in reversed(self.clocks):
            if row.clock == clock:
                return row
        return None

    def _origin(self, name: str) -> tuple[RuleSet | None, date]:
        """Return the set that governs a name, where its clock has run, and the day by which it is read."""
        clock = self.procedure.governed_by.get(name)
        if clock is None:
            return None, self.today
        row = self._latest(clock)
        if row is not None:
            return self.rules.of(row.rule_set), row.start
        begins = self.known.get(self.procedure.clocks[clock].start)
        return None, date.fromisoformat(begins) if isinstance(begins, str) else self.today

    def choice(self, clock: str) -> Sequence[RuleSet]:
        """Return the rule sets between which the law of a clock that runs or ran may be chosen."""
        row, received = self._latest(clock), self.known.get("received_on")
        present = self.rules.of(row.rule_set) if row is not None else None
        if row is None or present is None:
            return ()
        day = date.fromisoformat(received) if isinstance(received, str) else row.start
        # asked for every mediation that is shown: most crossed nothing, and sets of one part never overlap
        if present.in_force(row.start) and present.in_force(day):
            return (present,)
        return [
            one
            for one in self.rules.all
            if one.part == present.part
            and clock in one.limits
            and (one.in_force(row.start) or one.in_force(day))
        ]

    def _rule_sets_of(self, clock: str) -> ItemList:
        row = self._latest(clock)
        present = self.rules.of(row.rule_set) if row is not None else None
        if present is None:
            return ItemList(_NOTHING, _NOTHING, ())
        sets = self.choice(clock)
        chosen = tuple(Item(one.id, one.instrument, one.limits[clock].article) for one in sets)
        return ItemList(present.instrument, present.limits[clock].article, chosen)


_NOTHING = Label("", "")


def binding(limit: Limit, row: ClockRow) -> Limit:
    """Return which of the limits that bind together the clock counts: by its number, else by its unit."""
    same = [one for one in limit.all_binding if one.unit.value == row.unit]
    return next((one for one in same if one.n == row.n), same[0] if same else limit)


class _Meanings(Mapping[str, Mapping[str, str]]):
    """The meanings of items by list: only the lists that are asked for are looked up."""

    __slots__ = ("_governing",)

    def __init__(self, governing: Governing) -> None:
        self._governing = governing

    def __getitem__(self, name: str) -> Mapping[str, str]:
        if name.startswith(RULE_SETS_OF):
            return {one.id: "" for one in self._governing.choice(name.removeprefix(RULE_SETS_OF))}
        if name not in self._names():
            raise KeyError(name)
        return {item.code: item.means for item in self._governing.items(name)}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names()))

    def __len__(self) -> int:
        return len(self._names())

    def _names(self) -> set[str]:
        actions = self._governing.procedure.actions.values()
        return {field.items for action in actions for field in action.fields if field.items}


class _Articles(Mapping[str, Label]):
    """The articles by subject: only those that are asked for are looked up."""

    __slots__ = ("_governing",)

    def __init__(self, governing: Governing) -> None:
        self._governing = governing

    def __getitem__(self, subject: str) -> Label:
        found = self._governing.article(subject)
        if found is None:
            raise KeyError(subject)
        return found

    def __iter__(self) -> Iterator[str]:
        subjects = sorted(self._governing.rules.subjects)
        return (one for one in subjects if self._governing.article(one) is not None)

    def __len__(self) -> int:
        return sum(1 for _subject in self)
