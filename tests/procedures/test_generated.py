"""The generated tests of the shipped procedures, each version of each: edges, guards, roles, places, limits.

Less than every edge is not enough: what nobody may walk stands in `worlds.WAIVED` with its reason.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.procedures import office
from tests.procedures.worlds import SHADOWED, WAIVED, calendar, world
from workflows.testing import Walk, boundary_days, clock_faults, missing, role_faults, state_faults, walk

VERSIONS = [(one.name, one.version) for one in office.library().procedures]
FIRST_YEARS, LAST_YEARS = (2007, 2014, 2020), (2026, 2027, 2028)


@cache
def seen(name: str, version: int) -> Walk:
    return walk(world(name, version), {**WAIVED.get(name, {}), **SHADOWED.get(name, {})})


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_every_edge_is_done_and_every_guard_seen_on_both_sides(name: str, version: int) -> None:
    found = seen(name, version)
    assert found.faults == []
    assert missing(world(name, version), found, WAIVED.get(name, {}), SHADOWED.get(name, {})) == []


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_only_those_may_whom_the_file_names(name: str, version: int) -> None:
    """Each role at each place, and every two on the unit or one of them elsewhere, against each action."""
    of, found = world(name, version), seen(name, version)
    assert role_faults(of, found, office.ROLES) == []
    assert state_faults(of, found) == []


@pytest.mark.parametrize("years", [FIRST_YEARS, LAST_YEARS])
@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_every_clock_is_right_around_every_holiday(name: str, version: int, years: tuple[int, ...]) -> None:
    """From Spring Festival to the year whose notice is not out; in earlier years those of their own rules."""
    of, found = world(name, version), seen(name, version)
    faults, counted = clock_faults(of, found, boundary_days(calendar(), years))
    assert faults == []
    assert min(counted.values()) > 600, counted
