"""Whom a definition means by a role and its reach, worked out once more in the plainest way."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.definition import Action, Handover, Reach
from workflows.guards import Facts
from workflows.people import Person

ELSEWHERE = "/elsewhere/"
"""A unit that has nothing to do with any other."""


def may(action: Action, facts: Facts) -> bool:
    """Tell whether the role of the person allows the action by the definition, other reasons aside."""
    who = facts.actor
    if who.id == 0:
        return action.automatic
    grants = who.grants if isinstance(who, Person) else {}
    return any(
        is_meant(action, role, where, unit) for role, where in grants for unit in units_asked(action, facts)
    )


def is_meant(action: Action, role: str, where: str, unit: str) -> bool:
    """Tell whether the action names the role for somebody who holds it there, the matter being in `unit`."""
    for scope in action.roles:
        if scope.role != role:
            continue
        if scope.reach is Reach.ANY or where == unit:
            return True
        if scope.reach is Reach.UP and where in above(unit):
            return True
    return False


def units_asked(action: Action, facts: Facts) -> tuple[str, ...]:
    """Return the units whose people are meant: an offer is answered by those it was made to."""
    offer = facts.handover
    if offer is None or action.handover not in (Handover.ACCEPT, Handover.DROP):
        return (facts.unit_path,)
    if action.handover is Handover.ACCEPT:
        return (offer.unit_path,)
    return (facts.unit_path, offer.unit_path)


def above(unit: str) -> list[str]:
    """Return the paths of all units above, the nearest first."""
    names = unit.strip("/").split("/")
    return ["/" + "/".join(names[:count]) + "/" for count in range(len(names) - 1, 0, -1)]


def places(unit: str) -> Iterator[tuple[str, str]]:
    """Yield the places from which a role may be held, in words and as a path: here, above, beside, below."""
    yield "on the unit", unit
    for path in above(unit):
        yield "above it", path
    yield "beside it", unit.rstrip("/") + "b/"
    yield "below it", unit + "sub/"
    yield "elsewhere", ELSEWHERE
