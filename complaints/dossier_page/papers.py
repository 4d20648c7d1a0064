"""The papers that a matter's steps name, each with its own day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from complaints.dossier.clock_views import day_text, localised
from complaints.foundation.clock import local_moment
from workflows.definition import Procedure
from workflows.guards import day_of
from workflows.runtime.event_log import Event

OWN_DAYS = ("commissioned_on", "result_on", "told_on")
"""Fields that say on which day the paper of a step was made or handed over; a step is often entered later."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that an event names, and its day."""

    name: str
    note: str


def papers(procedure: Procedure, events: Sequence[Event]) -> list[Paper]:
    """Return the papers that events name, newest first: what was decided or noticed, and commissions and
    reports by number.

    A paper has the day that its step was entered with, or else the day of the step.
    """
    found = []
    for event in reversed(events):
        action = procedure.actions.get(event.action) if event.kind == "act" else None
        if action is None:
            continue
        typed = event.typed
        own = next((day for name in OWN_DAYS if (day := day_of(typed.get(name))) is not None), None)
        note = day_text(own or local_moment(event.at_us).date())
        found += [Paper(localised(procedure.messages[name]), note) for name in action.emit]
        if typed.get("paper"):
            found.append(Paper(f"{localised(action.label)} {typed['paper']}", note))
    return found
