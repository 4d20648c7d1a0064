"""The generated tests of the toy: every edge, guard, role and limit; each planted fault is found by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

import pytest

from tests.workflows.loan import UNIT, guards, keeper, librarian, procedure, rule_book
from workflows import counting
from workflows.calendars.working_calendar import WorkingCalendar, calendar_from, load_holiday_files
from workflows.compiled import Compiled
from workflows.counting import TimeRules
from workflows.definition import Procedure, Reach, RoleScope
from workflows.guards import Guard, GuardRegistry
from workflows.people import Person
from workflows.runtime import timers
from workflows.steps import Assignee
from workflows.testing import (
    Try,
    Walk,
    World,
    boundary_days,
    clock_faults,
    clocks,
    missing,
    role_faults,
    state_faults,
    walk,
)

LI = Person(7, {("librarian", UNIT): 77, ("keeper", UNIT): 78})
MA, KEEPER = librarian(9), keeper()
WU = librarian(5, "/town/west/")
ROLES = ("librarian", "keeper", "reader")
YEARS = (2026, 2027, 2028)
SPRING = ("2026-02-14", "2026-02-15", "2026-02-23", "2026-02-28")
MADE_UP = ("2026-01-04", "2026-05-09", "2026-09-20", "2026-10-01", "2026-10-10")
TURNS = ("2026-12-31", "2027-01-01", "2027-01-03", "2028-02-28", "2028-02-29", "2028-03-01")
WANTED = (*SPRING, *MADE_UP, *TURNS)


@cache
def calendar() -> WorkingCalendar:
    return calendar_from([year for year in load_holiday_files() if year.year >= 2025], "test")


def world(judged: Compiled | None = None) -> World:
    """The library: a librarian of the east who is keeper there, another one, one of the west, the keeper."""
    return World(
        judged or Compiled(procedure(), guards()),
        TimeRules(rule_book(), calendar()),
        known=guards(),
        expected=procedure(),
        people=(LI, MA, KEEPER, WU, Person(3)),
        owners=(Assignee(LI.id, UNIT),),
        begins=date(2026, 3, 2),
        starts=({"reader": 3, "asked_on": "2026-03-02"}, {"asked_on": "2026-03-02"}),
        forms={
            "lend": (Try(), Try({"lent_on": timedelta(days=1)})),
            "offer_handover": (
                Try({"receiver": MA.id}),
                Try({"receiver": WU.id, "unit": "/town/west/"}),
                Try({"receiver": lambda paper: paper.now.owner_id}),
            ),
        },
        duties=frozenset({"lend"}),
    )


def days() -> list[date]:
    return boundary_days(calendar(), YEARS)


def faults(of: World) -> list[str]:
    """Return all that the generated tests say of a world."""
    seen = walk(of, most=150)
    wrong, counted = clock_faults(of, seen, days())
    return [
        *seen.faults,
        *missing(of, seen, {}, {}),
        *role_faults(of, seen, ROLES),
        *state_faults(of, seen),
        *wrong,
        *(f"{name} was never counted" for name, times in counted.items() if not times),
    ]


@cache
def whole() -> tuple[World, Walk]:
    return world(), walk(world())


def test_every_edge_and_every_guard_is_seen() -> None:
    of, seen = whole()
    assert (seen.faults, missing(of, seen, {}, {})) == ([], [])


def test_the_days_are_those_on_which_limits_go_wrong() -> None:
    asked = set(days())
    for text in WANTED:
        assert date.fromisoformat(text) in asked, text


def test_every_role_is_tried_at_every_place_and_every_two_at_once() -> None:
    of, seen = whole()
    assert role_faults(of, seen, ROLES) == []
    assert state_faults(of, seen) == []


def test_every_clock_is_right_around_every_holiday() -> None:
    of, seen = whole()
    found, counted = clock_faults(of, seen, days())
    assert found == []
    assert min(counted.values()) > 150, counted


def test_what_is_not_held_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that stands still has no dates yet; and a check that looks at nothing counts nothing."""
    of, seen = whole()
    stopping = {edge: one for edge, one in seen.fired.items() if edge[0] == "send_to_binder"}
    some = days()[::20]
    _, begun = clock_faults(of, replace(seen, fired={}), some)
    _, stopped = clock_faults(of, replace(seen, fired=stopping), some)
    assert stopped["due"] == begun["due"] < clock_faults(of, seen, some)[1]["due"]
    assert stopped["binder"] > begun["binder"]
    monkeypatch.setattr(clocks, "_held", lambda *_given: iter(()))
    assert set(clock_faults(of, seen, some)[1].values()) == {0}


def test_the_gate_names_what_is_missing_and_what_is_waived_in_vain() -> None:
    of, seen = whole()
    seen = replace(seen, fired={edge: one for edge, one in seen.fired.items() if edge[0] != "count"})
    waived = {("renew", "lent"): "for the test", ("renew", "asked"): "for the test"}
    shadowed = {("lend", "reader_known"): "for the test"}
    assert missing(of, seen, waived, shadowed) == [
        "renew was done in lent: take it out of the waived ones",
        "count was never done in shelved",
        "reader_known refused lend by itself: take it out of the shadowed ones",
        "renew and asked do not belong together: take them out of the waived ones",
    ]


# -- planted faults


def saying(name: str, **said: Any) -> Compiled:
    """A machine made of another definition than the one that is expected."""
    defined = procedure()
    changed = {**defined.actions, name: replace(defined.actions[name], **said)}
    return Compiled(replace(defined, actions=MappingProxyType(changed)), guards())


def _a_day_late(patch: pytest.MonkeyPatch) -> Compiled:
    due = counting.TimeRules.due

    def late(self: counting.TimeRules, start: date, n: int, *more: Any) -> Any:
        return due(self, start, n + 1, *more)

    patch.setattr(counting.TimeRules, "due", late)
    return Compiled(procedure(), guards())


def _late_by_weekends(patch: pytest.MonkeyPatch) -> Compiled:
    """A limit that ends on a make-up Saturday is moved to the Monday."""
    due = counting.TimeRules.due

    def late(self: counting.TimeRules, *given: Any) -> Any:
        found = due(self, *given)
        return found._replace(alert_due=found.alert_due - timedelta(days=found.alert_due.weekday() == 5))

    patch.setattr(counting.TimeRules, "due", late)
    return Compiled(procedure(), guards())


def _said_a_day_early(patch: pytest.MonkeyPatch) -> Compiled:
    morning = timers.morning
    patch.setattr(timers, "morning", lambda day: morning(day - timedelta(days=1)))
    return Compiled(procedure(), guards())


def _lent_places(patch: pytest.MonkeyPatch) -> Compiled:
    """One role counts where another is held."""
    grant = Person.grant

    def lent(self: Person, role: str, *more: Any) -> int | None:
        held = any(one == role for one, _where in self.grants)
        found = (grant(replace(self, grants={(role, where): 1}), role, *more) for _one, where in self.grants)
        return next((1 for one in found if held and one), None)

    patch.setattr(Person, "grant", lent)
    return Compiled(procedure(), guards())


def _always_yes(_patch: pytest.MonkeyPatch) -> Compiled:
    own = guards()
    known = [own[name] for name in own.names if name != "reader_known"]
    return Compiled(procedure(), GuardRegistry([*known, Guard("reader_known", lambda _facts: None)]))


Plant = Callable[[pytest.MonkeyPatch], Compiled]
_BY_READERS_TOO = (RoleScope("keeper", Reach.UP), RoleScope("reader", Reach.SELF))
FAULTS: Mapping[str, tuple[Plant, str]] = {
    "a guard is removed": (
        lambda _patch: saying("renew", needs=()),
        "renew in lent by [('keeper', '/town/east/'), ('librarian', '/town/east/')] is done, although",
    ),
    "a guard always says yes": (_always_yes, "lend in asked by"),
    "a role is widened": (lambda _patch: saying("renew", roles=_BY_READERS_TOO), "renew: reader held on the"),
    "a reach is widened": (
        lambda _patch: saying("refuse", roles=(RoleScope("librarian", Reach.UP),)),
        "refuse: librarian held above it is let in",
    ),
    "a role is forgotten": (
        lambda _patch: saying("lend", roles=(RoleScope("librarian", Reach.SELF),)),
        "lend: keeper held on the unit is kept out",
    ),
    "a role lends its place": (
        _lent_places,
        "renew: reader held on the unit and keeper elsewhere is let in",
    ),
    "a source too many": (
        lambda _patch: saying("give_back", sources=("asked", "lent", "rebinding")),
        "give_back is not refused in asked",
    ),
    "a source is forgotten": (
        lambda _patch: saying("give_back", sources=("lent",)),
        "give_back was never done in rebinding",
    ),
    "a wrong target": (
        lambda _patch: saying("give_back", target="counted"),
        "leads to 'counted', not to 'shelved'",
    ),
    "a limit a day late": (_a_day_late, "counted day by day it is"),
    "a limit that knows no make-up Saturday": (_late_by_weekends, "alert_due is"),
    "a timer a day early": (_said_a_day_early, "is said by"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, sentence = FAULTS[fault]
    found = faults(world(plant(monkeypatch)))
    assert [one for one in found if sentence in one], found[:8]


def test_a_guard_that_nothing_can_satisfy_or_fail_does_not_pass_the_gate() -> None:
    """The definition and the machine agree, but the guard is worth nothing: it never refuses."""
    defined: Procedure = procedure()
    idle = GuardRegistry([guards()[name] for name in guards().names if name != "reader_known"])
    idle.register(Guard("reader_known", lambda _facts: None))
    of = replace(world(Compiled(defined, idle)), known=idle)
    assert "reader_known never refused lend" in missing(of, walk(of, most=150), {}, {})
