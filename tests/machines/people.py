"""Who works in the bureau of the machine, with which role on which unit: a table of its own.

It is compared with nothing: it is what the grants in the database are made from, and what the model asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tests.bureau import (
    CITY,
    COUNTY,
    COUNTY_DESK,
    DESK,
    OFFICE,
    OTHER_COUNTY,
    OTHER_OFFICE,
    OTHER_STATION,
    STATION,
)

Roles = tuple[tuple[str, str], ...]

PEOPLE: Mapping[str, Roles] = MappingProxyType(
    {
        "operator": (("operator", CITY),),
        "intake": (("intake", CITY),),
        "handler": (("handler", OFFICE),),
        "head": (("head", OFFICE),),
        "station": (("station", STATION),),
        "cashier": (("cashier", COUNTY),),
        "payout_approver": (("payout_approver", COUNTY),),
        "supervisor": (("supervisor", CITY),),
        "auditor": (("auditor", CITY),),
        "system_admin": (("system_admin", CITY),),
        "security_admin": (("security_admin", CITY),),
        "audit_admin": (("audit_admin", CITY),),
        "other_handler": (("handler", OTHER_OFFICE),),
        "other_station": (("station", OTHER_STATION),),
        # beside the small bureau of tests.bureau:
        "colleague": (("handler", OFFICE),),
        "deputy": (("cashier", OFFICE), ("handler", OFFICE), ("head", OFFICE)),
        "county_handler": (("handler", COUNTY),),
        "county_head": (("head", COUNTY),),
        "second_operator": (("operator", CITY),),
        "neighbour_head": (("head", OTHER_COUNTY),),
        "neighbour_intake": (("intake", OTHER_COUNTY),),
    }
)

HIRED = {
    "colleague": OFFICE,
    "deputy": OFFICE,
    "county_handler": COUNTY,
    "county_head": COUNTY,
    "second_operator": DESK,
    "neighbour_head": OTHER_COUNTY,
    "neighbour_intake": OTHER_COUNTY,
}
"""Where those sit whom tests.bureau does not have."""

RECEIVERS = {OFFICE: "handler", OTHER_OFFICE: "other_handler"}
"""The named receivers of units."""

HANDLERS = {OFFICE: ("handler", "colleague", "deputy"), OTHER_OFFICE: ("other_handler",)}
"""Handlers of a unit, in the order of their accounts."""


def holds(who: str, role: str, unit: str, reach: str) -> bool:
    """Tell whether the person holds the role on the unit itself (`self`), or on it or above it (`up`)."""
    return any(
        held == role and (on == unit if reach == "self" else unit.startswith(on)) for held, on in PEOPLE[who]
    )


def desk_of(unit: str) -> str:
    """Return the intake desk that serves the unit: its county's, else the city's."""
    return COUNTY_DESK if unit.startswith(COUNTY) else DESK


_SEES = {
    "complaint": {"intake", "handler", "head", "supervisor", "auditor"},
    "lead": {"handler", "head", "supervisor", "auditor"},
    "payout": {"handler", "head", "cashier", "payout_approver", "supervisor", "auditor"},
    "station_dispute": {"handler", "head", "station", "supervisor", "auditor"},
}


def sees(who: str, kind: str, unit: str, *, mine: bool, offered: bool) -> bool:
    """Tell whether the person may see a matter of that kind at the unit.

    `mine`: reached first or registered by this person, which is what operators see. `offered`: a handover of
    it waits for this person.
    """
    if any(role in _SEES[kind] and unit.startswith(on) for role, on in PEOPLE[who]):
        return True
    if kind == "complaint" and mine and any(role == "operator" for role, _on in PEOPLE[who]):
        return True
    return offered
