"""What goes on beside the states of a matter: pieces of work with a person and a day, and co-handlers.

There are no parallel states: they multiply, and nobody could say any more where a matter stands. Work is
asked for, finished or called off; a guard joins it where the law lets a step wait for it. What is open stands
in the instance's variables, so that a step and its guards read no further table; the tables serve the lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from workflows.definition import (
    CO_HANDLERS,
    WORK,
    WORK_ASKED,
    Action,
    CoHandling,
    Procedure,
    StateKind,
    WorkStep,
)
from workflows.guards import Facts
from workflows.projection import Projection


@dataclass(frozen=True, slots=True)
class OpenWork:
    """A piece of work that is not done; the days are Asia/Shanghai."""

    number: int
    kind: str
    person_id: int
    due_on: date
    asked_on: date


def open_work(known: Mapping[str, Any]) -> tuple[OpenWork, ...]:
    """Return the open pieces of work that an instance's variables tell of, the oldest first."""
    waiting = known.get(WORK)
    if not waiting:
        return ()
    found = [
        OpenWork(
            int(number),
            one["kind"],
            one["person"],
            date.fromisoformat(one["due_on"]),
            date.fromisoformat(one["asked_on"]),
        )
        for number, one in waiting.items()
    ]
    return tuple(sorted(found, key=lambda one: one.number))


def co_handlers(known: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the ids of the people who handle the matter beside its owner."""
    return tuple(known.get(CO_HANDLERS) or ())


def plan_beside(
    changes: dict[str, Any], procedure: Procedure, action: Action, before: Projection, facts: Facts
) -> None:
    """Add to the changes of a step what it does to work and co-handlers. State and owner stand in them."""
    if procedure.work:
        _plan_work(changes, procedure, action, before, facts)
    _plan_co_handlers(changes, action, before, facts)


def _plan_work(
    changes: dict[str, Any], procedure: Procedure, action: Action, before: Projection, facts: Facts
) -> None:
    waiting: dict[str, Any] = dict(before.vars.get(WORK) or {})
    ended: list[dict[str, Any]] = []
    if action.work is WorkStep.ASK:
        number = int(before.vars.get(WORK_ASKED, 0)) + 1
        said = facts.payload
        asked = {"kind": said["work"], "person": said["worker"], "due_on": str(said["due_on"])}
        changes["work_asked"] = [{**asked, "number": number, "by": facts.actor.id}]
        changes["vars"][WORK_ASKED] = number
        waiting[str(number)] = {**asked, "asked_on": facts.today.isoformat()}
    elif action.work is not None:
        ended = [{"number": facts.payload["work_number"], "how": action.work.value}]
    if waiting and procedure.states[changes.get("state", before.state)].kind is StateKind.FINAL:
        # with the last state nobody waits for anything any more
        ended = [
            {"number": int(number), "how": WorkStep.CALL_OFF.value} for number in sorted(waiting, key=int)
        ]
    if not ended and action.work is None:
        return
    for one in ended:
        waiting.pop(str(one["number"]), None)
    changes["work_ended"] = ended
    changes["vars"][WORK] = waiting


def _plan_co_handlers(changes: dict[str, Any], action: Action, before: Projection, facts: Facts) -> None:
    present = set(co_handlers(before.vars))
    named, removed = set(), set()
    if action.co_handler is CoHandling.NAME:
        named = {facts.payload["co_handler"]} - present
    elif action.co_handler is CoHandling.REMOVE:
        removed = {facts.payload["co_handler"]} & present
    owner = changes.get("owner")
    if owner is not None:
        # they are the unit's; and nobody helps oneself
        removed |= present if owner["unit"] != before.unit_path else present & {owner["person"]}
    if named or removed:
        changes["co_handlers_named"], changes["co_handlers_removed"] = sorted(named), sorted(removed)
        changes["vars"][CO_HANDLERS] = sorted(present - removed | named)
