"""The day's reconciliation of leads: opened = open + ended, and every exception by its number (零疏漏).

What was opened is counted where it was reported (the step `open_lead` in the complaint's own log), what is
open and what has ended where it lies (the leads). A report that has no lead, an end without its proof and a
limit that was missed are exceptions, each named.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, case, func, or_, select, union
from sqlalchemy.orm import Session

from complaints.cases.queries import ENDS, is_lead
from complaints.dossier.models import Consumer, Matter, MatterKind
from complaints.dossier.visibility import JOIN
from complaints.foundation.clock import SHANGHAI, microseconds
from complaints.foundation.masking import mask_known_name
from workflows.runtime.tables import deadline, event, instance


class Flaw(enum.StrEnum):
    """What is wrong with a lead."""

    MISSING = "missing"
    """A complaint reported it, and there is no such lead."""
    UNREPORTED = "unreported"
    """It is there, and its complaint never reported it."""
    NO_PROOF = "no_proof"
    """It has an end, but no case number, no reason, no receipt."""
    OVERDUE = "overdue"
    """It is open beyond the verification period (《市场监督管理投诉举报处理办法》第二十七条)."""


@dataclass(frozen=True, slots=True)
class LeadException:
    """One exception: the number of the lead, or of the complaint whose lead is missing."""

    flaw: Flaw
    number: str
    title: str
    unit_path: str
    due: date | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The balance at the end of a day (Asia/Shanghai)."""

    day: date
    reported: int
    """Leads that were opened up to the end of the day, counted where they were reported."""
    ended: int
    open: int
    opened_today: int
    ended_today: int
    exceptions: tuple[LeadException, ...]

    @property
    def carried(self) -> int:
        """What was open when the day began."""
        return self.open - self.opened_today + self.ended_today

    @property
    def difference(self) -> int:
        """What was reported less what there is; zero where everything adds up."""
        return self.reported - self.open - self.ended

    @property
    def balanced(self) -> bool:
        """Tell whether opened = open + ended and every end has its proof."""
        return not any(one.flaw is not Flaw.OVERDUE for one in self.exceptions)


def reconcile(session: Session, day: date, visible: ColumnElement[bool] | None = None) -> Reconciliation:
    """Return the balance at the end of the day over all leads, or those under a condition; four queries."""
    scope = () if visible is None else (visible,)
    begins, over = _start_of(day), _start_of(day + timedelta(days=1))
    ended = _first_end()
    opened_at = instance.c.started_at_us
    row = session.execute(
        select(
            func.count(),
            func.count(case((opened_at >= begins, 1))),
            func.count(case((ended.c.at_us < over, 1))),
            func.count(case((and_(ended.c.at_us >= begins, ended.c.at_us < over), 1))),
        )
        .select_from(Matter)
        .join(instance, JOIN)
        .outerjoin(ended, ended.c.instance_id == instance.c.id)
        .where(is_lead(), opened_at < over, *scope)
    ).one()
    known, opened_today, gone, gone_today = (int(one) for one in row)
    unequal = _unequal(session, over, scope)
    return Reconciliation(
        day=day,
        reported=known + sum(more for _, more in unequal),
        ended=gone,
        open=known - gone,
        opened_today=opened_today,
        ended_today=gone_today,
        exceptions=(
            *(one for one, _ in unequal),
            *_without_proof(session, over, scope),
            *_overdue(session, day, over, scope),
        ),
    )


def _first_end() -> Subquery:
    """Return, for each lead, when it first came to an end."""
    return (
        select(event.c.instance_id, func.min(event.c.at_us).label("at_us"))
        # by the leads, which are few: an event is found by its instance
        .where(event.c.instance_id.in_(select(instance.c.id).where(is_lead())), event.c.to_state.in_(ENDS))
        .group_by(event.c.instance_id)
        .subquery()
    )


def _unequal(
    session: Session, over: int, scope: Sequence[ColumnElement[bool]]
) -> list[tuple[LeadException, int]]:
    """Return the complaints that reported more leads than there are, or fewer, and by how many."""
    reports = (
        select(event.c.instance_id.label("of"), func.count().label("n"))
        .where(event.c.action == "open_lead", event.c.at_us < over)
        .group_by(event.c.instance_id)
        .subquery()
    )
    leads = (
        select(instance.c.parent_id.label("of"), func.count().label("n"))
        .where(
            instance.c.procedure == MatterKind.LEAD.value,
            instance.c.parent_id.is_not(None),
            instance.c.started_at_us < over,
        )
        .group_by(instance.c.parent_id)
        .subquery()
    )
    parents = union(select(reports.c.of), select(leads.c.of)).subquery()
    reported, there = func.coalesce(reports.c.n, 0), func.coalesce(leads.c.n, 0)
    rows = session.execute(
        select(Matter.number, Matter.title, Consumer.name, instance.c.unit_path, reported - there)
        .select_from(parents)
        .join(instance, instance.c.id == parents.c.of)
        .join(Matter, JOIN)
        .outerjoin(Consumer, Consumer.id == Matter.consumer_id)
        .outerjoin(reports, reports.c.of == parents.c.of)
        .outerjoin(leads, leads.c.of == parents.c.of)
        .where(reported != there, *scope)
        .order_by(Matter.number)
    )
    return [
        (
            LeadException(
                Flaw.MISSING if more > 0 else Flaw.UNREPORTED,
                number,
                mask_known_name(title, name or ""),
                unit,
            ),
            int(more),
        )
        for number, title, name, unit, more in rows
    ]


def _without_proof(session: Session, over: int, scope: Sequence[ColumnElement[bool]]) -> list[LeadException]:
    """Return the leads that have an end without what proves it."""
    told = (
        select(event.c.seq)
        .where(
            event.c.instance_id == instance.c.id,
            event.c.action == "not_file",
            event.c.payload.like('%"reason":%'),
        )
        .exists()
    )
    ended = _first_end()
    rows = session.execute(
        select(Matter.number, Matter.title, instance.c.unit_path)
        .join(instance, JOIN)
        .join(ended, ended.c.instance_id == instance.c.id)
        .where(
            is_lead(),
            ended.c.at_us < over,
            or_(
                and_(instance.c.state.in_(("filed", "concluded")), _lacks("case_number")),
                and_(instance.c.state == "passed", _lacks("receipt_number")),
                and_(instance.c.state == "not_filed", ~told),
            ),
            *scope,
        )
        .order_by(Matter.number)
    )
    return [LeadException(Flaw.NO_PROOF, *row) for row in rows]


def _lacks(name: str) -> ColumnElement[bool]:
    """Return the condition that a variable, kept as canonical JSON, has no text in it."""
    return or_(instance.c.vars.not_like(f'%"{name}":"%'), instance.c.vars.like(f'%"{name}":""%'))


def _overdue(
    session: Session, day: date, over: int, scope: Sequence[ColumnElement[bool]]
) -> list[LeadException]:
    """Return the leads whose verification was over its legal day at the end of the day."""
    limit = (deadline.c.legal_due, deadline.c.provisional)
    rows = session.execute(
        select(Matter.number, Matter.title, instance.c.unit_path, *limit)
        .join(instance, JOIN)
        .join(deadline, deadline.c.instance_id == instance.c.id)
        .where(
            is_lead(),
            instance.c.started_at_us < over,
            deadline.c.clock == "verify",
            deadline.c.cancelled_seq.is_(None),
            deadline.c.legal_due < day,
            or_(deadline.c.met_on.is_(None), deadline.c.met_on > day),
            *scope,
        )
        .order_by(deadline.c.legal_due, Matter.number)
    )
    return [LeadException(Flaw.OVERDUE, *row) for row in rows]


def _start_of(day: date) -> int:
    """Return the start of a day in Asia/Shanghai as UTC microseconds."""
    return microseconds(datetime.combine(day, time(), SHANGHAI))
