"""What an operator sees during a call.

The rule for earlier matters: whoever holds a telephone number's call sees of that number's complaints,
station disputes and payouts the number, title, state and clock, whoever took them, so that nobody has to tell
a story twice and nothing is registered twice. Not the person, not the facts, never a lead. Likewise of the
open complaints against the merchant in question. Looking at matters that another took is written into the
security log. Everything else stands behind `complaints.dossier.visibility`; only an operator's own matters
are links.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, or_, select

from complaints.dossier.callers import by_phone
from complaints.dossier.clock_views import ClockView, localised
from complaints.dossier.models import Matter, MatterKind, Merchant
from complaints.dossier.visibility import JOIN, visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, listed
from complaints.foundation.clock import SHANGHAI
from complaints.organisation.models import Duty
from complaints.organisation.people import on_duty
from complaints.organisation.units import intake_desk_for
from workflows.runtime.tables import instance

EARLIER = 20
"""Earlier matters that are shown at most."""
SIMILAR = 5
OWN = 30

_CALLERS_KINDS = (MatterKind.COMPLAINT.value, MatterKind.STATION_DISPUTE.value, MatterKind.PAYOUT.value)


@dataclass(frozen=True, slots=True)
class BriefMatter:
    """All that an operator sees of a matter that another may have taken; `own` ones may be opened."""

    number: str
    title: str
    kind: str
    state: str
    received_on: date
    clock: ClockView | None
    open: bool
    own: bool


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
    return _brief(work, running, running=True) + _brief(work, ended, running=False)


def similar_open_complaints(work: Work, merchant_id: int | None, merchant_name: str) -> list[BriefMatter]:
    """Return the newest open complaints against the picked merchant, or those of exactly that name."""
    if merchant_id is None and not merchant_name:
        return []
    same: ColumnElement[bool] = Matter.merchant_id == merchant_id
    if merchant_id is None:
        same = Matter.merchant_id.in_(select(Merchant.id).where(Merchant.name == merchant_name))
    conditions = (Matter.kind == MatterKind.COMPLAINT.value, instance.c.ended.is_(False), same)
    return _brief(work, listed(work, *conditions, limit=SIMILAR, newest_first=True), running=True)


def own_today(work: Work) -> list[MatterRow]:
    """Return what this operator registered today (Asia/Shanghai), the newest first."""
    midnight = datetime.combine(work.today, time(), SHANGHAI)
    mine = or_(Matter.registered_by == work.actor.id, instance.c.first_responder_id == work.actor.id)
    today = (Matter.kind == MatterKind.COMPLAINT.value, Matter.registered_at >= midnight)
    # an operator sees all of these; asked as "visible" too, the database would begin with every complaint
    return listed(work, mine, *today, limit=OWN, newest_first=True)


def next_steps(work: Work, received_on: date) -> list[Step]:
    """Return what follows on a complaint received that day: decision, mediation, call-back.

    Mediation is counted from the last day for the decision, the call-back from the end of mediation, so both
    are the latest days; people are commonly faster.
    """
    rules = work.time_rules
    found, start = [], received_on
    for clock in ("accept_decision", "mediation", "revisit"):
        limit = rules.rules.limit(clock, start)
        due = rules.due(start, limit.n, limit.unit)
        found.append(Step(clock, limit.n, localised(limit.article), due.legal_due, due.provisional))
        start = due.legal_due
    return found


def duty_officer(work: Work) -> DutyOfficer | None:
    """Return who has the duty at the intake desk that serves the operator's unit, or None."""
    desk = intake_desk_for(work.session, work.actor.unit_path, work.today)
    officer = on_duty(work.session, desk.id, Duty.OFFICER, work.today) if desk else None
    return DutyOfficer(officer.name, desk.name, desk.phone) if desk and officer else None


def _brief(work: Work, rows: Sequence[MatterRow], *, running: bool) -> list[BriefMatter]:
    """Keep of each row what the rule allows."""
    own = _own(work, [row.id for row in rows])
    return [
        BriefMatter(
            row.number,
            row.title,
            row.kind_label,
            row.state_label,
            row.received_on,
            row.clock,
            running,
            row.id in own,
        )
        for row in rows
    ]


def _own(work: Work, ids: Sequence[int]) -> frozenset[int]:
    """Return which of the matters this operator may open."""
    if not ids:
        return frozenset()
    seen = select(Matter.id).join(instance, JOIN).where(visible_to(work.actor), Matter.id.in_(ids))
    return frozenset(work.session.scalars(seen))
