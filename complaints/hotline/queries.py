"""What an operator sees during a call.

The rule for earlier matters: whoever holds a telephone number's call sees of that number's complaints,
station disputes and payouts the number, title, state and clock, whoever took them, so that nobody has to tell
a story twice and nothing is registered twice. Not the person, not the facts, never a lead. Likewise of
complaints that are like what the caller tells (`complaints.dossier.similarity`). Looking at the matters of a
number that another took is written into the security log (`complaints.web.caller_looks`), as the history of
the number and as a suggestion that names the same caller. Everything else stands behind
`complaints.dossier.visibility`; only an operator's own matters are links.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from complaints.dossier.brief_matters import BriefMatter, brief
from complaints.dossier.callers import by_phone
from complaints.dossier.clock_views import localised
from complaints.dossier.models import Matter, MatterKind
from complaints.dossier.progress import Standing
from complaints.dossier.visibility import JOIN
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, keys, listed
from complaints.foundation.clock import SHANGHAI
from complaints.foundation.errors import NotFound
from complaints.organisation.models import Duty
from complaints.organisation.people import on_duty
from complaints.organisation.units import intake_desk_for
from workflows.runtime.tables import instance

EARLIER = 20
"""Earlier matters that are shown at most."""
OWN = 30

_CALLERS_KINDS = (MatterKind.COMPLAINT.value, MatterKind.STATION_DISPUTE.value, MatterKind.PAYOUT.value)


@dataclass(frozen=True, slots=True)
class Step:
    """What happens next: `limit` days of the clock's unit, by which article, until when at the latest."""

    key: str
    limit: int
    article: str
    by: date
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class DutyOfficer:
    """Who has the duty at the intake desk today."""

    name: str
    desk: str
    phone: str


def earlier_matters_of_phone(work: Work, phone: str) -> list[BriefMatter]:
    """Return earlier matters of the normalised number, open ones first, by the rule above."""
    of_phone = (by_phone(phone), Matter.kind.in_(_CALLERS_KINDS))
    running = listed(work, *of_phone, instance.c.ended.is_(False), limit=EARLIER, newest_first=True)
    rest = EARLIER - len(running)
    ended = listed(work, *of_phone, instance.c.ended.is_(True), limit=rest, newest_first=True) if rest else []
    return brief(work, [*running, *ended])


def complaint_of_caller(work: Work, number: str, phone: str) -> Standing:
    """Return the complaint of that number where the caller's telephone number is the complainant's.

    Raises NotFound for any other: what one person tells never goes into another's file.
    """
    of_caller = (Matter.number == number, Matter.kind == MatterKind.COMPLAINT.value, by_phone(phone))
    asked = select(Matter, instance).join(instance, JOIN).where(*of_caller)
    found = work.session.execute(asked).mappings().first() if phone else None
    if found is None:
        raise NotFound(_("This number has no such complaint: look the caller's number up again."))
    return Standing(found["Matter"], found)


def own_today(work: Work) -> list[MatterRow]:
    """Return what this operator registered today (Asia/Shanghai), the newest first."""
    # an operator sees all of these; asked as "visible" too, the database would begin with every complaint
    return listed(work, *_own_today(work), limit=OWN, newest_first=True)


def own_today_keys(work: Work) -> list[int]:
    """Return the ids of all that this operator registered today, the newest first."""
    return keys(work, *_own_today(work), newest_first=True)


def _own_today(work: Work) -> tuple[ColumnElement[bool], ...]:
    midnight = datetime.combine(work.today, time(), SHANGHAI)
    mine = or_(Matter.registered_by == work.actor.id, instance.c.first_responder_id == work.actor.id)
    # the day's first, then whose: ordered by id, SQLite would look for the day among all of the years
    own = aliased(Matter)
    today = select(own.id).where(own.registered_at >= midnight)
    return mine, Matter.kind == MatterKind.COMPLAINT.value, Matter.id.in_(today)


def next_steps(work: Work, received_on: date) -> list[Step]:
    """Return what follows on a complaint received that day: decision, mediation, call-back.

    Mediation is counted from the last day for the decision, the call-back from the end of mediation, so both
    are the latest days; people are commonly faster.
    """
    rules = work.time_rules
    found, start = [], received_on
    for clock in ("accept_decision", "mediation", "revisit"):
        due, limit = rules.first_of(rules.rules.limit(clock, start), start)
        found.append(Step(clock, limit.n, localised(limit.article), due.legal_due, due.provisional))
        start = due.legal_due
    return found


def duty_officer(work: Work) -> DutyOfficer | None:
    """Return who has the duty at the intake desk that serves the operator's unit, or None."""
    desk = intake_desk_for(work.session, work.actor.unit_path, work.today)
    officer = on_duty(work.session, desk.id, Duty.OFFICER, work.today) if desk else None
    return DutyOfficer(officer.name, desk.name, desk.phone) if desk and officer else None
