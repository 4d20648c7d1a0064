"""The latest lawful day for answering a complaint of any year, for counting historical records.

The rule set is that of the day of receipt; the steps follow one another, each from the last lawful day of the
one before: decision, mediation, telling (the same chain that an operator is shown for a new complaint).
Numbers and instruments are data, `rules/earlier/answers.yaml`, with what each rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import yaml

from workflows.deadlines import Unit, due_date, earliest
from workflows.definition import Label
from workflows.definition_files import DefinitionError
from workflows.rule_sets import RULES
from workflows.working_calendar import WorkingCalendar

FILE = RULES / "earlier" / "answers.yaml"


@dataclass(frozen=True, slots=True)
class EarlierRules:
    """What one instrument, or two that bound together, gave an office. Both days of validity are included."""

    id: str
    valid_from: date
    valid_to: date | None
    instrument: Label
    source: str
    """`text`, `quoted` or `known`: what the numbers rest on."""
    steps: tuple[tuple[tuple[int, Unit], ...], ...]
    """The limits of each step; of several in a step the earliest day counts."""


@dataclass(frozen=True, slots=True)
class LatestDay:
    """The latest lawful day. `provisional`: it lies in a year whose holidays are not announced."""

    rules: EarlierRules
    day: date
    provisional: bool


@cache
def earlier_rules() -> tuple[EarlierRules, ...]:
    """Return the rules in the order of their validity. Raises DefinitionError where the file is not right."""
    try:
        found = tuple(map(_rules, yaml.safe_load(FILE.read_text(encoding="utf-8"))))
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise DefinitionError(f"{FILE.name} cannot be read: {error!r}. Restore the file.") from error
    for before, after in pairwise(found):
        if before.valid_to is None or (after.valid_from - before.valid_to).days != 1:
            raise DefinitionError(f"{FILE.name}: {after.id} does not begin the day after {before.id} ends.")
    return found


def rules_of(received_on: date) -> EarlierRules | None:
    """Return the rules in force on the day of receipt, or None before the first."""
    for one in earlier_rules():
        if one.valid_from <= received_on and (one.valid_to is None or received_on <= one.valid_to):
            return one
    return None


def latest_day(received_on: date, calendar: WorkingCalendar) -> LatestDay | None:
    """Return the latest lawful day for a complaint received that day.

    None before the first rules. Raises DateOutsideCalendarError for years whose working days are not known:
    nothing is guessed from Monday to Friday.
    """
    rules = rules_of(received_on)
    if rules is None:
        return None
    day, provisional = received_on, False
    for limits in rules.steps:
        due = earliest([due_date(day, n, unit, calendar) for n, unit in limits])
        day, provisional = due.legal_due, provisional or due.provisional
    return LatestDay(rules, day, provisional)


def _rules(entry: dict[str, Any]) -> EarlierRules:
    return EarlierRules(
        id=entry["rule_set"],
        valid_from=entry["from"],
        valid_to=entry["to"],
        instrument=Label(entry["instrument"]["zh"], entry["instrument"]["en"]),
        source=entry["source"],
        steps=tuple(_limits(step["limits"]) for step in entry["steps"]),
    )


def _limits(entries: Sequence[dict[str, Any]]) -> tuple[tuple[int, Unit], ...]:
    return tuple((int(one["n"]), Unit(one["unit"])) for one in entries)
