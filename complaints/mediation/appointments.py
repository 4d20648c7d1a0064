"""Sessions that are arranged ahead: read from the matters' own variables, which the event log rebuilds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, and_, exists, select
from sqlalchemy.orm import joinedload

from complaints.dossier.choice_labels import CHOICES
from complaints.dossier.clock_views import day_text, localised
from complaints.dossier.models import Matter
from complaints.dossier.visibility import JOIN, visible_to
from complaints.dossier.work import Work
from complaints.foundation.masking import mask_name
from complaints.mediation.queries import tab_condition
from complaints.organisation.people import person_names
from workflows.guards import day_of
from workflows.runtime.tables import deadline, instance, pause

CLOCK = "mediation"
"""The clock within which both sides have to agree (《市场监督管理投诉举报处理办法》第二十三条第五项)."""
FILLED = '%"session_on":"%'
"""How the variables of a matter with an arranged session look, as text: the day stands there."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """An arranged session: day (Asia/Shanghai), time as 14:30, means as the procedure's code, place."""

    on: date
    at: str
    way: str
    place: str = ""

    @property
    def means(self) -> str:
        """The means in words, and the place where there is one."""
        words = localised(CHOICES[self.way]) if self.way in CHOICES else self.way
        return _("%(means)s, %(place)s", means=words, place=self.place) if self.place else words

    @property
    def words(self) -> str:
        """Day, time, means and place in words."""
        return f"{day_text(self.on)} {self.at} {self.means}"


@dataclass(frozen=True, slots=True)
class Coming:
    """A line of the desk: an arranged session with its matter; names of complainants are masked."""

    appointment: Appointment
    number: str
    title: str
    consumer: str
    merchant: str
    owner: str
    own: bool
    when: str
    """`past` (to be recorded or called off), `today` or `ahead`."""
    past_due: date | None
    provisional: bool
    """The last day to work to, where the session lies after it."""


def arranged(variables: str) -> Appointment | None:
    """Return the arranged session that a matter's variables (JSON) hold, or None."""
    known = json.loads(variables)
    day = day_of(known.get("session_on"))
    if day is None:
        return None
    said = {name: str(known.get(f"session_{name}") or "") for name in ("at", "way", "place")}
    return Appointment(day, said["at"], said["way"], said["place"])


def coming(work: Work, tab: str) -> list[Coming]:
    """Return the arranged sessions of a tab of the desk in order of time, those not yet recorded first.

    Two queries, whatever their number.
    """
    pause_of_it = and_(
        pause.c.instance_id == deadline.c.instance_id,
        pause.c.clock == deadline.c.clock,
        pause.c.opened_seq == deadline.c.opened_seq,
    )
    limit = and_(
        deadline.c.instance_id == instance.c.id,
        deadline.c.clock == CLOCK,
        deadline.c.met_seq.is_(None),
        deadline.c.cancelled_seq.is_(None),
        # while it stands still there is no last day that a session could miss
        ~exists().where(pause_of_it, pause.c.until.is_(None)),
    )
    rows = work.session.execute(
        select(Matter, instance.c.vars, instance.c.owner_id, deadline.c.alert_due, deadline.c.provisional)
        .join(instance, JOIN)
        .outerjoin(deadline, limit)
        .options(joinedload(Matter.consumer), joinedload(Matter.merchant))
        .where(visible_to(work.actor), tab_condition(work.actor, tab), instance.c.vars.like(FILLED))
    ).all()
    people = person_names(work.session, [row.owner_id for row in rows]) if rows else {}
    found = [
        _coming(work, row.Matter, appointment, (row.owner_id, people.get(row.owner_id, "")), row)
        for row in rows
        if (appointment := arranged(row.vars)) is not None
    ]
    return sorted(found, key=lambda one: (one.appointment.on, one.appointment.at, one.number))


def _coming(
    work: Work, matter: Matter, appointment: Appointment, owner: tuple[int, str], limit: Row[Any]
) -> Coming:
    today, due = work.today, limit.alert_due
    return Coming(
        appointment=appointment,
        number=matter.number,
        title=matter.masked_title,
        consumer=mask_name(matter.consumer.name) if matter.consumer else "",
        merchant=matter.merchant.masked_name if matter.merchant else "",
        owner=owner[1],
        own=owner[0] == work.actor.id,
        when="past" if appointment.on < today else "today" if appointment.on == today else "ahead",
        past_due=due if due is not None and appointment.on > due else None,
        provisional=bool(limit.provisional),
    )
