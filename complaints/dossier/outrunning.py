"""What to say to whoever lost a race: what happened while the page was open, when, and by whom."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier.clock_views import localised
from complaints.dossier.models import Matter
from complaints.dossier.out_of_sight import step_that_hid
from complaints.dossier.progress import Standing, standing
from complaints.dossier.timeline import entries
from complaints.dossier.visibility import JOIN
from complaints.dossier.work import Work
from complaints.foundation.clock import local_moment
from complaints.foundation.errors import NotFound
from complaints.organisation.people import person_names
from workflows.runtime import event_log
from workflows.runtime.event_log import Event
from workflows.runtime.requests import StaleVersion
from workflows.runtime.tables import instance

_MERELY_NOTED = frozenset({"warnings", "children_seen"})
"""What an event keeps for its replay and no guard asks for."""


def outrun_sentence(work: Work, here: Standing, since: Sequence[Event]) -> str:
    """Return in one sentence what the page has not seen: the last step, and how many others there were.

    Only a step's name and person are told, which everybody reads who sees the matter.
    """
    if not since:
        return _("This matter was changed after the form was opened.")
    last = entries(work, here, since[-1:], private=False)[0]
    told = _told(work, since[-1], last.who, last.text)
    if len(since) == 1:
        return told
    return told + _(" Before that there were %(number)d other steps.", number=len(since) - 1)


def outrun_anywhere(work: Work, stale: StaleVersion) -> str:
    """Return the sentence where only the refusal is known; empty for whom the matter was never there."""
    if not stale.since:
        return ""
    instance_id = stale.since[-1].instance_id
    asked = select(Matter.number).join(instance, JOIN).where(instance.c.id == instance_id)
    try:
        here = standing(work, work.session.scalars(asked).one())
    except NotFound:
        return _hidden(work, step_that_hid(work, instance.c.id == instance_id, stale.seen))
    return outrun_sentence(work, here, stale.since)


def hidden_sentence(work: Work, number: str, version: int) -> str:
    """Return who took the matter of that number out of this person's sight, and with which step, since the
    form of that version was opened; empty where it is in sight, or was not then either.
    """
    return _hidden(work, step_that_hid(work, Matter.number == number, version))


def beside_sentence(work: Work, here: Standing, action: str, seq: int) -> str:
    """Return what was done beside the states since the event that the form has seen; empty for nothing.

    Such a step makes no form stale, but may be why `action` is refused. What adds a word to the file and
    changes nothing is none of them, unless it is the very same step.
    """
    since = [
        one
        for one in event_log.events_after(work.connection, here.instance_id, seq)
        if one.kind == "act" and (one.action == action or one.effects.keys() - _MERELY_NOTED)
    ]
    return outrun_sentence(work, here, since) if since else ""


def _hidden(work: Work, event: Event | None) -> str:
    """Tell of the step by its name alone: whose the matter is now belongs to what is out of sight."""
    if event is None:
        return ""
    action = work.engine.library.get(event.procedure, event.version).procedure.actions.get(event.action)
    who = person_names(work.session, [event.actor_id]).get(event.actor_id, "")
    told = _told(work, event, who or _("System"), localised(action.label) if action else event.action)
    return told + _(" The matter is no longer with you.")


def _told(work: Work, event: Event, who: str, what: str) -> str:
    when = local_moment(event.at_us).strftime("%Y-%m-%d %H:%M")
    if event.actor_id == work.actor.id:
        return _("You did “%(what)s” yourself at %(when)s, on another page.", what=what, when=when)
    return _("%(who)s was faster: “%(what)s” at %(when)s.", who=who, what=what, when=when)
