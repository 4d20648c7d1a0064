"""The generated tests take the second toy as it is: children, assignments, an outer limit, a desk."""

from __future__ import annotations

from datetime import date, timedelta

from tests.workflows.runtime.world import (
    EAST,
    KEEPER,
    LI,
    MA,
    READER,
    WU,
    holiday_years,
    library,
)
from workflows.calendars.working_calendar import calendar_from
from workflows.counting import TimeRules
from workflows.guards import ChildFact
from workflows.people import Person
from workflows.steps import Assignee
from workflows.testing import (
    Try,
    World,
    boundary_days,
    clock_faults,
    missing,
    role_faults,
    state_faults,
    walk,
)

BOTH = Person(11, {("librarian", EAST): 1, ("keeper", EAST): 2})


def test_nothing_is_missing_and_nothing_wrong() -> None:
    shelf = library()
    world = World(
        shelf.get("loan", 1),
        TimeRules(shelf.rule_book, calendar_from(holiday_years(), "test")),
        known=shelf.guards,
        people=(LI, MA, KEEPER, WU, BOTH, READER),
        owners=(Assignee(LI.id, EAST),),
        begins=date(2026, 3, 2),
        first_responder=LI.id,
        starts=({"reader": 3}, {}),
        values={"unit": EAST, "receiver": MA.id},
        forms={
            "lend": (Try(), Try({"lent_on": timedelta(days=1)})),
            "ask_work": (Try(), Try({"due_on": timedelta(days=-1)})),
            "remove_co_handler": (Try(), Try({"co_handler": WU.id})),
            "offer_handover": (Try(), Try({"receiver": lambda paper: paper.now.owner_id})),
        },
        assignees={"send_to_desk": Assignee(LI.id, EAST)},
        children={
            "repair": (
                ChildFact(9, "repair", "open", False, {}),
                ChildFact(9, "repair", "done", True, {}),
            )
        },
    )
    seen = walk(world)
    assert (seen.faults, missing(world, seen, {}, {})) == ([], [])
    assert role_faults(world, seen, ("librarian", "keeper")) == []
    assert state_faults(world, seen) == []
    faults, counted = clock_faults(world, seen, boundary_days(world.time.calendar, (2026, 2027)))
    assert faults == []
    assert min(counted.values()) > 250, counted
