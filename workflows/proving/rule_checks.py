"""Holds a procedure against the rule sets: limits, extensions, lists, articles, and what governs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from workflows.definition import Procedure
from workflows.definition_files import DefinitionError
from workflows.governing import RULE_SETS_OF
from workflows.rule_sets import RuleBook

Fault = tuple[str, str, str]
"""Kind, place and what to do about it, as `workflows.proving.verification` lists findings."""


def against_rules(procedure: Procedure, rule_book: RuleBook) -> Iterator[Fault]:
    """Check what the rule sets must hold from the procedure's first day on: limits, extensions and lists.

    Also those that came after it: a matter begun under the procedure meets them with its later clocks.
    """
    days = _days(procedure, rule_book)
    for name, clock in procedure.clocks.items():
        if clock.if_ruled and not any(rule_book.has_limit(name, on) for on in days):
            text = f"no rule set ever has the limit {name!r}: add it to one, or take the clock out."
            yield "no_limit", f"clocks › {name}", text
    yield from _always(procedure, rule_book, days)
    yield from _governed(procedure, rule_book)


def _days(procedure: Procedure, rule_book: RuleBook) -> list[date]:
    """Return the procedure's first day and those of the rule sets that came after it."""
    later = {one.valid_from for one in rule_book.all if one.valid_from > procedure.effective_from}
    return [procedure.effective_from, *sorted(later)]


def _always(procedure: Procedure, rule_book: RuleBook, days: list[date]) -> Iterator[Fault]:
    """Check what must be there on each of the days."""
    found: dict[tuple[str, str], str] = {}
    for on in days:
        for kind, place, look_up in _looked_up(procedure, rule_book):
            try:
                look_up(on)
            except DefinitionError as error:
                found.setdefault((kind, place), str(error))
    yield from ((kind, place, text) for (kind, place), text in found.items())


def _looked_up(
    procedure: Procedure, rule_book: RuleBook
) -> Iterator[tuple[str, str, Callable[[date], object]]]:
    """Return everything that the procedure asks of the rule sets: kind, place and question."""
    for name, clock in procedure.clocks.items():
        if not clock.if_ruled:
            yield "no_limit", f"clocks › {name}", partial(rule_book.limit, name)
    for name, action in procedure.actions.items():
        for longer, entry in action.extends.items():
            place = f"actions › {name} › extends"
            yield "no_limit", place, partial(rule_book.limit, entry)
            yield "other_unit", place, partial(_same_unit, rule_book, longer, entry)
        for field in action.fields:
            if field.items and not field.items.startswith(RULE_SETS_OF):
                place = f"actions › {name} › fields › {field.name}"
                yield "unknown_list", place, partial(rule_book.items, field.items)


def _same_unit(rule_book: RuleBook, clock: str, entry: str, on: date) -> None:
    """Raise DefinitionError where an extension counts other days than the clock it makes longer."""
    try:
        more, limit = rule_book.limit(entry, on), rule_book.limit(clock, on)
    except DefinitionError:
        return  # that there is none is found by itself
    if any(one.unit is not more.unit for one in limit.all_binding):
        raise DefinitionError(
            f"{entry!r} counts {more.unit}s, but {clock!r} does not: let both count the same.",
            f"{entry}按{more.unit}计算，而{clock}不是：请用同一种日数。",
        )


def _governed(procedure: Procedure, rule_book: RuleBook) -> Iterator[Fault]:
    """Check that what is governed by a clock's rule set names a clock, and that every subject is known."""
    for name, clock in procedure.governed_by.items():
        if clock not in procedure.clocks:
            place = f"governed_by › {name}"
            yield "unknown_clock", place, f"the clock {clock!r} is unknown: add it to `clocks`."
    for name, action in procedure.actions.items():
        if isinstance(action.article, str) and action.article not in rule_book.subjects:
            yield (
                "unknown_article",
                f"actions › {name} › article",
                f"no rule set names an article on {action.article!r}: add it, or mend the name.",
            )
        for clock, wanted in action.recounts.items():
            field = action.field(wanted)
            if clock not in procedure.clocks or field is None or field.items != f"{RULE_SETS_OF}{clock}":
                yield (
                    "recounts",
                    f"actions › {name} › recounts",
                    f"the field {wanted!r} must be an item of {RULE_SETS_OF}{clock}, "
                    "and that a clock of the procedure: mend one of them.",
                )
