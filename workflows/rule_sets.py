"""Dated rule sets: how many days, by which article, with which items. Numbers of the law live nowhere else.

A clock, a list or a form is governed by the rule set in force on the day of its own starting event
(decision 5 of the design): the instrument of that day first, then the local practice of that day. Every
limit says which set it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from workflows.deadlines import Unit
from workflows.definition import Label
from workflows.definition_files import DefinitionError, day, label, read_checked

__all__ = [
    "RULES",
    "Item",
    "ItemList",
    "Limit",
    "RuleBook",
    "RuleSet",
    "Setting",
    "Unit",
    "load_rule_book",
    "load_rule_set",
]

RULES = Path(__file__).parent / "rules"
"""Where the rule sets of this distribution lie."""
_SCHEMA = RULES / "schema.json"
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a clock may run, and by what authority.

    `local` marks practice of the place or the office instead of law; `internal` narrows that to a service
    level the office sets itself. `pause_article` is the rule that lets the clock stand still, None where
    nothing may. Where several limits bind at once, the others are `alternatives` and the earliest day
    counts. `default` says what the shipped value rests on.
    """

    n: int
    unit: Unit
    article: Label
    rule_set: str
    local: bool = False
    pause_article: Label | None = None
    alternatives: tuple[Limit, ...] = ()
    internal: bool = False
    default: Label | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered ground of a list, such as item 5 of the article on termination."""

    code: str
    label: Label
    article: Label


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list of items with its own instrument where that differs from the rule set's."""

    instrument: Label
    article: Label
    items: tuple[Item, ...]
    local: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A local or internal value that is no number of days; the shipped value is explained by `default`."""

    value: str | int | bool | None
    label: Label
    default: Label
    internal: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What one instrument, or the local practice, said from one day to another (both included)."""

    id: str
    instrument: Label
    valid_from: date
    valid_to: date | None
    limits: Mapping[str, Limit]
    lists: Mapping[str, ItemList]
    forms: Mapping[str, Label]
    local: bool
    settings: Mapping[str, Setting] = field(default_factory=dict)

    def in_force(self, on: date) -> bool:
        """Tell whether the set governs what starts on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class RuleBook:
    """All rule sets, asked by day."""

    def __init__(self, rule_sets: Iterable[RuleSet]) -> None:
        """Keep the sets. Raises DefinitionError where two of one kind would govern the same day."""
        ordered = sorted(rule_sets, key=lambda one: one.valid_from)
        self._law = tuple(one for one in ordered if not one.local)
        self._local = tuple(one for one in ordered if one.local)
        self._codes: dict[date, Mapping[str, frozenset[str]]] = {}
        for kind in (self._law, self._local):
            for earlier, later in pairwise(kind):
                if earlier.in_force(later.valid_from):
                    raise DefinitionError(
                        f"The rule sets {earlier.id} and {later.id} are both in force on {later.valid_from}: "
                        f"end {earlier.id} (valid_to) on the day before."
                    )

    @property
    def all(self) -> tuple[RuleSet, ...]:
        """Every set, the law's before the local ones, each by its first day."""
        return self._law + self._local

    def rule_set(self, on: date) -> RuleSet:
        """Return the law's set of that day. Raises DefinitionError where none is loaded for it."""
        for one in self._law:
            if one.in_force(on):
                return one
        loaded = (
            "; ".join(f"{one.instrument.en}, in force from {one.valid_from}" for one in self._law) or "none"
        )
        raise DefinitionError(
            f"No rule set is loaded for {on}. Loaded: {loaded}. "
            "Take a later date, or load the rule set that was in force on that day."
        )

    def limit(self, clock: str, on: date) -> Limit:
        """Return how long the clock may run if it starts on that day. Raises DefinitionError where nothing
        says so.
        """
        return self._find("limit for the clock", clock, on, lambda one: one.limits)

    def items(self, list_name: str, on: date) -> tuple[Item, ...]:
        """Return the items of a list in force on that day. Raises DefinitionError where there is no such
        list.
        """
        return self.item_list(list_name, on).items

    def item_list(self, list_name: str, on: date) -> ItemList:
        """Return a list in force on that day with its instrument and article. Raises DefinitionError."""
        return self._find("list", list_name, on, lambda one: one.lists)

    def setting(self, name: str, on: date) -> Setting:
        """Return a local or internal setting in force on that day. Raises DefinitionError where there is
        none.
        """
        return self._find("setting", name, on, lambda one: one.settings)

    def codes(self, on: date) -> Mapping[str, frozenset[str]]:
        """Return the codes of every list in force on that day, as guards and payload checks want them."""
        known = self._codes.get(on)
        if known is None:
            known = self._codes[on] = self._codes_of(on)
        return known

    def _codes_of(self, on: date) -> Mapping[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for one in (*self._of(self._local, on), self.rule_set(on)):
            found |= {
                name: frozenset(item.code for item in listed.items) for name, listed in one.lists.items()
            }
        return MappingProxyType(found)

    @staticmethod
    def _of(kind: tuple[RuleSet, ...], on: date) -> tuple[RuleSet, ...]:
        return tuple(one for one in kind if one.in_force(on))

    def _find(
        self, what: str, name: str, on: date, part: Callable[[RuleSet], Mapping[str, _Found]]
    ) -> _Found:
        """Look the name up in the law's set of that day, then in the local practice of that day."""
        asked = (self.rule_set(on), *self._of(self._local, on))
        for one in asked:
            if name in part(one):
                return part(one)[name]
        raise DefinitionError(
            f"No {what} {name!r} is in force on {on}: add it to {' or '.join(one.id for one in asked)}, "
            "or mend the name."
        )


def load_rule_book(directory: Path) -> RuleBook:
    """Return the rule book of all YAML files in a directory. Raises DefinitionError."""
    return RuleBook(
        load_rule_set(path.read_text(encoding="utf-8"), path.name)
        for path in sorted(directory.glob("*.yaml"))
    )


def load_rule_set(text: str, source: str) -> RuleSet:
    """Return the rule set a YAML text holds; `source` names the file in messages. Raises DefinitionError."""
    data = read_checked(text, source, _SCHEMA)
    valid_to = data.get("valid_to")
    name, local, instrument = data["rule_set"], data.get("local", False), label(data["instrument"])
    _check_kinds(data, local, source)
    return RuleSet(
        id=name,
        instrument=instrument,
        valid_from=day(data["valid_from"], source, "valid_from"),
        valid_to=day(valid_to, source, "valid_to") if valid_to else None,
        limits=MappingProxyType(
            {key: _limit(entry, name, local) for key, entry in data.get("limits", {}).items()}
        ),
        lists=MappingProxyType(
            {
                key: _list(entry, instrument, local, f"{source}, lists › {key}")
                for key, entry in data.get("lists", {}).items()
            }
        ),
        forms=MappingProxyType({key: label(entry) for key, entry in data.get("forms", {}).items()}),
        local=local,
        settings=MappingProxyType({key: _setting(entry) for key, entry in data.get("settings", {}).items()}),
    )


def _check_kinds(data: Mapping[str, Any], local: bool, source: str) -> None:
    """Hold that every local entry says what it is and what its value rests on, and that a law's entry does
    not.
    """
    for part in ("limits", "lists", "settings"):
        for key, entry in data.get(part, {}).items():
            if local and not ("kind" in entry and "default" in entry):
                raise DefinitionError(
                    f"{source}, {part} › {key}: local practice must say its `kind` (local or "
                    "internal) and, in `default`, what the shipped value rests on: add both."
                )
            if not local and "kind" in entry:
                raise DefinitionError(
                    f"{source}, {part} › {key}: a rule set of the law holds no local entry: "
                    "move it to local practice."
                )


def _limit(data: Mapping[str, Any], rule_set: str, local: bool) -> Limit:
    pause, default = data.get("pause_article"), data.get("default")
    return Limit(
        n=data["n"],
        unit=Unit(data["unit"]),
        article=label(data["article"]),
        rule_set=rule_set,
        local=local,
        pause_article=label(pause) if pause else None,
        alternatives=tuple(_limit(one, rule_set, local) for one in data.get("alternatives", ())),
        internal=data.get("kind") == "internal",
        default=label(default) if default else None,
    )


def _list(data: Mapping[str, Any], instrument: Label, local: bool, place: str) -> ItemList:
    own = data.get("instrument")
    article = label(data["article"])
    items = tuple(
        Item(one["code"], label(one["label"]), label(one["article"]) if "article" in one else article)
        for one in data["items"]
    )
    if len({one.code for one in items}) < len(items):
        raise DefinitionError(f"{place}: a code stands there twice: give each item its own.")
    return ItemList(label(own) if own else instrument, article, items, local)


def _setting(data: Mapping[str, Any]) -> Setting:
    return Setting(data["value"], label(data["label"]), label(data["default"]), data["kind"] == "internal")
