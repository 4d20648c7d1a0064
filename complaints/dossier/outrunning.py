"""What to say to whoever lost a race: what happened while the page was open, when, and by whom."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier.models import Matter
from complaints.dossier.progress import Standing, standing
from complaints.dossier.timeline import entries
from complaints.dossier.visibility import JOIN
from complaints.dossier.work import Work
from workflows.runtime.event_log import Event
from workflows.runtime.tables import instance


def outrun_sentence(work: Work, here: Standing, since: Sequence[Event]) -> str:
    """Return in one sentence what the page has not seen: the last step, and how many others there were.

    Only a step's name and person are told, which everybody reads who sees the matter.
    """
    if not since:
        return _("This matter was changed after the form was opened.")
    last = entries(work, here, since[-1:], private=False)[0]
    when = last.at.strftime("%Y-%m-%d %H:%M")
    if since[-1].actor_id == work.actor.id:
        told = _("You did “%(what)s” yourself at %(when)s, on another page.", what=last.text, when=when)
    else:
        told = _("%(who)s was faster: “%(what)s” at %(when)s.", who=last.who, what=last.text, when=when)
    if len(since) == 1:
        return told
    return told + _(" Before that there were %(number)d other steps.", number=len(since) - 1)


def outrun_anywhere(work: Work, since: Sequence[Event]) -> str:
    """Return the sentence where only the events are known. Raises NotFound where this person may not look."""
    if not since:
        return ""
    asked = select(Matter.number).join(instance, JOIN).where(instance.c.id == since[-1].instance_id)
    return outrun_sentence(work, standing(work, work.session.scalars(asked).one()), since)
