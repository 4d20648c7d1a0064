"""Dated rule sets: how many days, by which article, with which items. Numbers of the law live nowhere else.

A clock, a list or a form is governed by the rule set in force on the day of its own starting event: the
instrument of that day first, then the local practice of that day. Every limit says which set it came from.
A rule set belongs to a `part` of the law with dates of its own: the instruments on complaints and those on
verifying a clue did not change on the same days. `workflows.rule_files` reads them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import TypeVar

from workflows.deadlines import Unit
from workflows.definition import Label
from workflows.definition_files import DefinitionError

__all__ = ["LAW", "Item", "ItemList", "Limit", "RuleBook", "RuleSet", "Setting", "Source", "Unit"]

LAW = "law"
"""The part of a rule set that names none."""
_Found = TypeVar("_Found")
_LIMIT = Label("时限", "limit for the clock")
_LIST = Label("清单", "list")
_SETTING = Label("设置", "setting")


class Source(enum.StrEnum):
    """What a rule rests on. Everything but the text itself is shown as unchecked wherever it is used."""

    TEXT = "text"
    """The text of the instrument was read."""
    QUOTED = "quoted"
    """Secondary texts quote it."""
    KNOWN = "known"
    """From memory: to be checked against the official text."""
    ASSUMED = "assumed"
    """Not found: the rule of a neighbouring time stands in its place."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a clock may run, and by what authority.

    `local` marks practice of the place or the office instead of law; `internal` narrows that to a service
    level the office sets itself. `pause_article` is the rule that lets the clock stand still, None where
    nothing may. Where several limits bind at once, the others are `alternatives` and the earliest day
    counts. `default` says what the shipped value rests on, `source` what a value of the law rests on.
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
    source: Source = Source.TEXT

    @property
    def all_binding(self) -> tuple[Limit, ...]:
        """The limit and those that bind beside it."""
        return (self, *self.alternatives)


@dataclass(frozen=True, slots=True)
class Item:
    """One numbered ground of a list, such as item 5 of the article on termination.

    Numbers change with the instrument; `means` is the word by which guards know what an item says.
    """

    code: str
    label: Label
    article: Label
    means: str = ""


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list of items with its own instrument where that differs from the rule set's."""

    instrument: Label
    article: Label
    items: tuple[Item, ...]
    local: bool = False
    source: Source = Source.TEXT


@dataclass(frozen=True, slots=True)
class Setting:
    """A local or internal value that is no number of days; the shipped value is explained by `default`."""

    value: str | int | bool | None
    label: Label
    default: Label
    internal: bool


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What one instrument, or the local practice, said from one day to another (both included).

    `articles` names the rules it has by subject: a subject that is not there has no rule in this set.
    """

    id: str
    part: str
    instrument: Label
    valid_from: date
    valid_to: date | None
    limits: Mapping[str, Limit]
    lists: Mapping[str, ItemList]
    forms: Mapping[str, Label]
    articles: Mapping[str, Label]
    local: bool
    settings: Mapping[str, Setting] = field(default_factory=dict)
    source: Source = Source.TEXT
    gap: Label | None = None
    """What the law has and this program does not count; said wherever the set is shown."""

    def in_force(self, on: date) -> bool:
        """Tell whether the set governs what starts on that day."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def overlaps(self, other: RuleSet) -> bool:
        """Tell whether there is a day on which both are in force."""
        return self.in_force(other.valid_from) or other.in_force(self.valid_from)

    @property
    def names(self) -> frozenset[str]:
        """What it has a limit, a list, a setting or an article for, each with its kind."""
        kinds = {"limits": self.limits, "lists": self.lists, "settings": self.settings}
        named = {f"{kind} › {name}" for kind, known in kinds.items() for name in known}
        return frozenset(named)


class RuleBook:
    """All rule sets, asked by day."""

    def __init__(self, rule_sets: Iterable[RuleSet]) -> None:
        """Keep the sets. Raises DefinitionError where two of one part would govern the same day, or two
        instruments say the same on one day.
        """
        ordered = sorted(rule_sets, key=lambda one: (one.local, one.valid_from))
        for earlier, later in combinations(ordered, 2):
            if not earlier.overlaps(later):
                continue
            if earlier.part == later.part:
                raise DefinitionError(
                    f"The rule sets {earlier.id} and {later.id} are both in force on {later.valid_from}: "
                    f"end {earlier.id} (valid_to) on the day before.",
                    f"{later.valid_from}同时施行规则{earlier.id}和{later.id}："
                    f"请把{earlier.id}的最后施行日（valid_to）写成前一日。",
                )
            twice = sorted(earlier.names & later.names)
            if twice and earlier.local == later.local:
                raise DefinitionError(
                    f"The rule sets {earlier.id} and {later.id} both hold {twice[0]} on one day: "
                    "take it out of one of the two.",
                    f"规则{earlier.id}和{later.id}在同一日都有{twice[0]}：请从其中一份去掉。",
                )
        self._sets = tuple(ordered)
        self._main = next((one.part for one in ordered if not one.local), LAW)
        self._by_id = {one.id: one for one in ordered}

    @property
    def all(self) -> tuple[RuleSet, ...]:
        """Every set, the law's before the local ones, each by its first day."""
        return self._sets

    def of(self, rule_set: str) -> RuleSet | None:
        """Return the set of that id, in force or not; None where there is none."""
        return self._by_id.get(rule_set)

    def rule_set(self, on: date, part: str = "") -> RuleSet:
        """Return the set of a part of the law on that day, by itself of the part that reaches back furthest.

        Raises DefinitionError where none is loaded.
        """
        wanted = part or self._main
        for one in self._sets:
            if one.part == wanted and one.in_force(on):
                return one
        raise self._none_loaded(on)

    def _none_loaded(self, on: date) -> DefinitionError:
        law = [one for one in self._sets if not one.local]
        loaded = "; ".join(f"{one.instrument.en}, in force from {one.valid_from}" for one in law) or "none"
        zh = "；".join(f"{one.instrument.zh}，{one.valid_from}起施行" for one in law) or "无"
        return DefinitionError(
            f"No rule set is loaded for {on}. Loaded: {loaded}. "
            "Take a later date, or load the rule set that was in force on that day.",
            f"没有载入{on}的规则。已载入：{zh}。请改用较晚的日期，或者载入当日施行的规则。",
        )

    def limit(self, clock: str, on: date) -> Limit:
        """Return how long the clock may run if it starts on that day. Raises DefinitionError where nothing
        says so.
        """
        return self._find(_LIMIT, clock, on, lambda one: one.limits)

    def has_limit(self, clock: str, on: date) -> bool:
        """Tell whether a rule set in force on that day has the limit."""
        return any(clock in one.limits for one in self._in_force(on))

    def limit_in(self, rule_set: str, clock: str, on: date) -> Limit:
        """Return the limit by which a clock runs that was opened under the rule set of that id.

        Where that set has none (any more), the one of the clock's starting day. Raises DefinitionError.
        """
        known = self._by_id.get(rule_set)
        found = known.limits.get(clock) if known else None
        return found or self.limit(clock, on)

    def items(self, list_name: str, on: date) -> tuple[Item, ...]:
        """Return the items of a list in force on that day. Raises DefinitionError where there is no such
        list.
        """
        return self.item_list(list_name, on).items

    def item_list(self, list_name: str, on: date, instead: RuleSet | None = None) -> ItemList:
        """Return a list in force on that day with its instrument and article.

        `instead` stands in the place of its part's set of that day. Raises DefinitionError.
        """
        return self._find(_LIST, list_name, on, lambda one: one.lists, instead)

    def article(self, name: str, on: date, instead: RuleSet | None = None) -> Label | None:
        """Return the article on a subject in force on that day; None where there was no such rule."""
        if instead is not None and name in instead.articles:
            return instead.articles[name]
        for one in self._in_force(on, instead):
            if name in one.articles:
                return one.articles[name]
        return None

    @property
    def subjects(self) -> frozenset[str]:
        """The subjects on which some set names an article."""
        return frozenset(name for one in self._sets for name in one.articles)

    def setting(self, name: str, on: date) -> Setting:
        """Return a local or internal setting in force on that day. Raises DefinitionError where there is
        none.
        """
        return self._find(_SETTING, name, on, lambda one: one.settings)

    def codes(self, on: date) -> Mapping[str, Mapping[str, str]]:
        """Return what each item of every list in force on that day means, by list and code."""
        found: dict[str, Mapping[str, str]] = {}
        for one in reversed(self._in_force(on)):
            found |= {
                name: {item.code: item.means for item in listed.items} for name, listed in one.lists.items()
            }
        return found

    def _in_force(self, on: date, instead: RuleSet | None = None) -> tuple[RuleSet, ...]:
        """Return the sets of that day, the law's first."""
        if instead is None:
            return tuple(one for one in self._sets if one.in_force(on))
        rest = (one for one in self._sets if one.part != instead.part and one.in_force(on))
        return (instead, *rest)

    def _find(
        self,
        what: Label,
        name: str,
        on: date,
        part: Callable[[RuleSet], Mapping[str, _Found]],
        instead: RuleSet | None = None,
    ) -> _Found:
        """Look the name up in the law's sets of that day, then in the local practice of that day."""
        asked = self._in_force(on, instead)
        if all(one.local for one in asked):
            raise self._none_loaded(on)
        for one in asked:
            if name in part(one):
                return part(one)[name]
        raise DefinitionError(
            f"No {what.en} {name!r} is in force on {on}: add it to {' or '.join(one.id for one in asked)}, "
            "or mend the name.",
            f"{on}没有“{name}”的{what.zh}：请加入{'或者'.join(one.id for one in asked)}，或者改正名称。",
        )
