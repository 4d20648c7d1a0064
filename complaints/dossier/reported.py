"""What goes on beside a matter's states, in words: work, and what matters that came from it have reported."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier.clock_views import localised
from complaints.dossier.codes import KINDS
from complaints.dossier.models import Matter
from complaints.dossier.visibility import JOIN
from complaints.dossier.work import Work
from workflows.definition import Procedure
from workflows.runtime.event_log import Event
from workflows.runtime.tables import instance


def reported(work: Work, events: Sequence[Event]) -> dict[int, str]:
    """Return what each report among the events tells, by its number in the log. One query, or none.

    A report names the matter by its number alone: what stands in it is for those who may open it.
    """
    told = {event.seq: event.typed for event in events if event.kind == "act" and _hears(work, event)}
    if not told:
        return {}
    found = work.session.execute(
        select(instance.c.id, instance.c.version, Matter.number, Matter.kind)
        .join(Matter, JOIN)
        .where(instance.c.id.in_({said["child"] for said in told.values()}))
    )
    children = {row.id: row for row in found}
    words = {}
    for seq, said in told.items():
        child = children.get(said["child"])
        if child is None:
            continue
        state = work.engine.library.get(child.kind, child.version).procedure.states.get(said["reached"])
        words[seq] = _(
            "%(kind)s %(number)s: %(state)s",
            kind=localised(KINDS[child.kind]),
            number=child.number,
            state=localised(state.label) if state else said["reached"],
        )
    return words


def work_asked(work: Work, events: Sequence[Event]) -> dict[int, str]:
    """Return the kinds of the work that the events ask for, by number."""
    return {
        one["number"]: localised(_procedure(work, event).work.get(one["kind"]))
        for event in events
        for one in event.effects.get("work_asked", ())
    }


def work_day_text(event: Event, procedure: Procedure) -> str:
    """Say of which kind of work the day has come; who does it and the owner were told."""
    told = event.effects.get("tasks", ())
    kind = str(told[0]["name"]).removeprefix("work.") if told else ""
    label = procedure.work.get(kind)
    return _("%(work)s: the day it is due has come, task given", work=localised(label) if label else kind)


def _hears(work: Work, event: Event) -> bool:
    return bool(_procedure(work, event).actions[event.action].hears)


def _procedure(work: Work, event: Event) -> Procedure:
    return work.engine.library.get(event.procedure, event.version).procedure
