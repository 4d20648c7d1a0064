"""A dated rule set as people read it: names instead of keys, and what each part rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from complaints.dossier.clock_views import localised, to_be_checked
from complaints.foundation.errors import NotFound
from workflows.definition import Label
from workflows.rule_releases import rule_fingerprint
from workflows.rule_sets import Item, ItemList, Limit, RuleSet, Setting, Source
from workflows.versioning.versions import Library


@dataclass(frozen=True, slots=True)
class NamedLimit:
    """How long something may take, by all rules that bind at once, and what the number rests on."""

    name: str
    all: Sequence[Limit]
    rests_on: str


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list of grounds with its instrument where that is another than the set's."""

    name: str
    instrument: str
    article: str
    items: Sequence[Item]
    rests_on: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule set. Its names are those of the procedures' clocks."""

    rules: RuleSet
    in_force: bool
    clock_names: Mapping[str, Label]

    @property
    def id(self) -> str:
        """The word by which commands and logs name it."""
        return self.rules.id

    @property
    def instrument(self) -> str:
        """The instrument, or that it is local practice."""
        return localised(self.rules.instrument)

    @property
    def part(self) -> str:
        """What the set is about."""
        names = {
            "complaints": _("Complaints"),
            "verification": _("Verification of clues"),
            "local": _("Local practice"),
        }
        return names.get(self.rules.part, self.rules.part)

    @property
    def rests_on(self) -> str:
        """What the set as a whole rests on, where its text was not read."""
        return to_be_checked(self.rules.source)

    @property
    def gap(self) -> str:
        """What the law has and the program does not count; empty where nothing is known of such."""
        return localised(self.rules.gap)

    @property
    def partly_read(self) -> bool:
        """Whether its text was read, but not that of everything in it: the set's page marks those parts."""
        parts: list[Limit | ItemList] = [
            *(limit for one in self.rules.limits.values() for limit in one.all_binding),
            *self.rules.lists.values(),
        ]
        return self.rules.source is Source.TEXT and any(one.source is not Source.TEXT for one in parts)

    @property
    def fingerprint(self) -> str:
        """The digest over what the set decides."""
        return rule_fingerprint(self.rules)

    @property
    def limits(self) -> list[NamedLimit]:
        """Its limits, by the names of their clocks; of some that stand in a rule no procedure has one."""
        without = _names_without_clock()
        return [
            NamedLimit(
                without.get(key) or localised(self.clock_names.get(key)),
                one.all_binding,
                _limit_rests_on(one),
            )
            for key, one in self.rules.limits.items()
        ]

    @property
    def lists(self) -> list[NamedList]:
        """Its lists of grounds, item by item."""
        names = _list_names()
        return [
            NamedList(
                names.get(key, key),
                "" if one.instrument == self.rules.instrument else localised(one.instrument),
                localised(one.article),
                one.items,
                to_be_checked(one.source),
            )
            for key, one in self.rules.lists.items()
        ]

    @property
    def forms(self) -> Sequence[Label]:
        """The papers of its time, by their names."""
        return tuple(self.rules.forms.values())

    @property
    def settings(self) -> Sequence[Setting]:
        """What is set beside the limits: local practice only."""
        return tuple(self.rules.settings.values())


def rule_rows(library: Library, today: date) -> list[RuleRow]:
    """Return every set: by part of the law, the latest first; local practice last."""
    names = {
        name: clock.label for procedure in library.procedures for name, clock in procedure.clocks.items()
    }
    sets = sorted(library.rule_book.all, key=lambda one: one.valid_from, reverse=True)
    ordered = sorted(sets, key=lambda one: (one.local, one.part))
    return [RuleRow(one, one.in_force(today), names) for one in ordered]


def one_set(library: Library, today: date, rule_set: str) -> RuleRow:
    """Return the set of that id. Raises NotFound."""
    for row in rule_rows(library, today):
        if row.id == rule_set:
            return row
    raise NotFound(_("There is no such rule set: choose one of the list."))


def _limit_rests_on(limit: Limit) -> str:
    """Say it of all that bind at once: of each that was not read by its own words."""
    if limit.default is not None:
        return localised(limit.default)
    said = [(one, to_be_checked(one.source)) for one in limit.all_binding]
    if len(said) == 1:
        return said[0][1]
    return _("; ").join(f"{localised(one.article)}{_(': ')}{words}" for one, words in said if words)


def _names_without_clock() -> Mapping[str, str]:
    return {"notify_filing": _("Tell whoever reported by name whether a case is filed")}


def _list_names() -> Mapping[str, str]:
    return {
        "refusal_items": _("Grounds of refusal"),
        "termination_items": _("Grounds on which mediation ends"),
        "remedies": _("Other ways open to the complainant"),
        "return_reasons": _("Reasons for returning a matter"),
    }
