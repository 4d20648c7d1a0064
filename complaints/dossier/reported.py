"""What goes on beside a matter's states, in words: work, and what matters that came from it have reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import case, select
from sqlalchemy.engine import RowMapping

from complaints.dossier.clock_views import localised
from complaints.dossier.codes import KINDS
from complaints.dossier.field_values import Names, value_text
from complaints.dossier.models import Matter
from complaints.dossier.visibility import JOIN, visible_to
from complaints.dossier.work import Work
from complaints.foundation.clock import local_moment
from complaints.organisation.people import SYSTEM_ID, person_names
from workflows.definition import Procedure
from workflows.runtime.event_log import Event
from workflows.runtime.tables import event as event_table
from workflows.runtime.tables import instance


@dataclass(frozen=True, slots=True)
class Report:
    """What a matter that came from this one has come to; `details` are label and value of the decision."""

    text: str
    details: tuple[tuple[str, str], ...] = ()


def reported(work: Work, events: Sequence[Event]) -> dict[int, Report]:
    """Return what each report among the events tells, by its number in the log. Three queries, or none.

    A report names the matter by its number; who decided and on what ground is told to those who may open it,
    and its private words stand there alone.
    """
    told = {event.seq: event.typed for event in events if event.kind == "act" and _hears(work, event)}
    if not told:
        return {}
    found = work.session.execute(
        select(
            instance.c.id,
            instance.c.version,
            Matter.number,
            Matter.kind,
            case((visible_to(work.actor), 1), else_=0).label("seen"),
        )
        .join(Matter, JOIN)
        .where(instance.c.id.in_({said["child"] for said in told.values()}))
    )
    children = {row.id: row for row in found}
    steps = _steps(work, [one for one, row in children.items() if row.seen])
    people = person_names(work.session, [row["actor_id"] for row in steps.values()]) if steps else {}
    words = {}
    for seq, said in told.items():
        child = children.get(said["child"])
        if child is None:
            continue
        procedure = work.engine.library.get(child.kind, child.version).procedure
        state = procedure.states.get(said["reached"])
        step = steps.get((child.id, said["reached"]))
        words[seq] = Report(
            _(
                "%(kind)s %(number)s: %(state)s",
                kind=localised(KINDS[child.kind]),
                number=child.number,
                state=localised(state.label) if state else said["reached"],
            ),
            _decision(work, step, people.get(step["actor_id"], "")) if step else (),
        )
    return words


def _steps(work: Work, children: Sequence[int]) -> dict[tuple[int, str], RowMapping]:
    """Return the steps by which people brought the matters to their states, the last into each."""
    rows = work.session.execute(
        select(event_table)
        .where(
            event_table.c.instance_id.in_(children),
            event_table.c.kind == "act",
            event_table.c.from_state != event_table.c.to_state,
            event_table.c.actor_id != SYSTEM_ID,
        )
        .order_by(event_table.c.seq)
    ).mappings()
    return {(row["instance_id"], row["to_state"]): row for row in rows}


def _decision(work: Work, step: RowMapping, who: str) -> tuple[tuple[str, str], ...]:
    """Return who took the step and what was typed with it; of a private text only that it is there."""
    version = work.engine.library.get(step["procedure"], step["version"])
    action, typed = version.procedure.actions[step["action"]], json.loads(step["payload"])
    at = local_moment(step["at_us"])
    found = [(_("Decided by"), f"{who} · {localised(action.label)} · {at:%Y-%m-%d %H:%M}")]
    for one in action.fields:
        value = typed.get(one.name)
        if value in (None, "") or one.derived:
            continue
        text = _("stands in that matter") if one.private else value_text(one, value, Names(), at.date())
        found.append((localised(one.label), text))
    return tuple(found)


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
