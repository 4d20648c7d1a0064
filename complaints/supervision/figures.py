"""The three 100 %: accepted, handled, replied. Each figure is a fraction of named matters, as of a day, on a
basis.

- accepted (受理率): decided AND told with proof within the limit of SAMR Order 121, art. 15 / received,
  with the limit passed or already told;
- handled (处理率): ended within the limit of art. 23 / accepted, with the limit passed or ended;
- replied (回复率): the result told with proof within seven working days of the end / ended, with the limit
  passed or told.

What is not yet due is counted apart and in none of the three; so is what was withdrawn, or merged into the
earlier complaint that carries it on, within the limit and before its decision. A limit counts as passed from
the day after its last day, and not while an appraisal keeps it from running (art. 22). A figure for a past
cut-off counts only what had been recorded by the end of that day, for the unit that held the matter then, so
it comes out the same whenever it is computed.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, Select, and_, case, exists, extract, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from complaints.dossier.models import Matter, MatterKind
from complaints.dossier.visibility import JOIN
from complaints.foundation.clock import SHANGHAI, microseconds
from complaints.foundation.shares import percent
from complaints.organisation.units import at_or_below
from workflows.runtime.tables import assignment, deadline, event, instance, pause


class Basis(enum.StrEnum):
    """By which of its days a matter belongs to the period."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class Ending(enum.StrEnum):
    """How a matter stands towards one figure."""

    IN_TIME = "in_time"
    LATE = "late"
    MISSING = "missing"
    NOT_DUE = "not_due"
    LEFT_OUT = "left_out"
    """The clock was cancelled within its limit, before the decision: the complaint was withdrawn, or merged
    into an earlier one, whose own limit ends no later.
    """


CLOCKS: Mapping[str, str] = MappingProxyType(
    {"accepted": "accept_decision", "handled": "mediation", "replied": "tell_result"}
)
"""The clock whose keeping each figure measures."""

_MIDNIGHT_UTC_SECONDS = 16 * 3600
"""24:00 in Asia/Shanghai, counted from 00:00 UTC of the same date."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: a period (both days included), its basis, the cut-off day, and the units at and below
    a path that held the matter at the cut-off.
    """

    first: date
    last: date
    basis: Basis
    as_of: date
    unit_path: str = ""
    visible: ColumnElement[bool] | None = None
    """The reader's condition of visibility, by today's rights; None for the command line, which reads
    everything.
    """
    records: ColumnElement[bool] | None = None
    """The same for historical records (`complaints.supervision.answered`)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with everything needed to recompute it."""

    key: str
    in_time: int
    late: int
    missing: int
    not_due: int
    left_out: int

    @property
    def numerator(self) -> int:
        """Matters done within the limit."""
        return self.in_time

    @property
    def denominator(self) -> int:
        """Matters whose limit has passed, or that were done."""
        return self.in_time + self.late + self.missing

    @property
    def gap(self) -> int:
        """Matters that keep the figure from 100 %."""
        return self.late + self.missing

    @property
    def percent(self) -> str:
        """The figure with two places; one missing matter never shows as 100.00. Empty for 0/0."""
        return percent(self.numerator, self.denominator)


def figures(session: Session, scope: Scope) -> list[Figure]:
    """Return the three figures, one query each."""
    return [_figure(session, scope, key) for key in CLOCKS]


def behind(scope: Scope, key: str, *endings: Ending) -> Select[tuple[int]]:
    """Select the ids of the matters behind a figure, all of them or those with the endings."""
    rows = _rows(scope, key).subquery()
    statement = select(rows.c.matter_id)
    return statement.where(rows.c.ending.in_([one.value for one in endings])) if endings else statement


def endings(session: Session, scope: Scope, key: str, ids: Iterable[int] | None = None) -> dict[str, Ending]:
    """Return the matters behind a figure by number, with how each stands: all, or those with the ids."""
    rows = _rows(scope, key).subquery()
    statement = (
        select(Matter.number, rows.c.ending).join(rows, rows.c.matter_id == Matter.id).order_by(Matter.number)
    )
    if ids is not None:
        statement = statement.where(Matter.id.in_(list(ids)))
    return {number: Ending(ending) for number, ending in session.execute(statement)}


def _figure(session: Session, scope: Scope, key: str) -> Figure:
    rows = _rows(scope, key).subquery()
    counted: dict[str, int] = dict(
        session.execute(select(rows.c.ending, func.count()).group_by(rows.c.ending)).all()
    )
    return Figure(key, *(int(counted.get(one.value, 0)) for one in Ending))


def _rows(scope: Scope, key: str) -> Select[tuple[int, str]]:
    """Select matter and ending for each matter that the figure could count."""
    met, cancelled = aliased(event), aliased(event)
    end = end_of(scope.as_of)
    was_met = and_(deadline.c.met_on.is_not(None), deadline.c.met_on <= scope.as_of, met.c.at_us < end)
    ending = case(
        (and_(was_met, deadline.c.met_on <= deadline.c.legal_due), Ending.IN_TIME.value),
        (was_met, Ending.LATE.value),
        (and_(cancelled.c.at_us < end, cancelled.c.at_us < _end_of_limit()), Ending.LEFT_OUT.value),
        (and_(deadline.c.legal_due < scope.as_of, ~stands_still()), Ending.MISSING.value),
        else_=Ending.NOT_DUE.value,
    )
    return (
        select(Matter.id.label("matter_id"), ending.label("ending"))
        .join(instance, JOIN)
        .join(deadline, and_(deadline.c.instance_id == instance.c.id, deadline.c.clock == CLOCKS[key]))
        .outerjoin(met, and_(met.c.instance_id == deadline.c.instance_id, met.c.seq == deadline.c.met_seq))
        .outerjoin(
            cancelled,
            and_(
                cancelled.c.instance_id == deadline.c.instance_id, cancelled.c.seq == deadline.c.cancelled_seq
            ),
        )
        .where(
            Matter.kind == MatterKind.COMPLAINT.value,
            deadline.c.start_date <= scope.as_of,
            instance.c.started_at_us < end,
            _is_the_run_of(end),
            _in_period(scope),
            _held_below(scope.unit_path, end) if scope.unit_path else true(),
            scope.visible if scope.visible is not None else true(),
        )
    )


def _is_the_run_of(end: int) -> ColumnElement[bool]:
    """Return the condition that this run of the clock is the one that counts at the instant.

    A clock has a second run where a merging was undone: by then the first one was cancelled, and before that
    the second did not exist.
    """
    opened, later, reopened = aliased(event), aliased(deadline), aliased(event)
    begun = exists().where(
        opened.c.instance_id == deadline.c.instance_id,
        opened.c.seq == deadline.c.opened_seq,
        opened.c.at_us < end,
    )
    overtaken = (
        select(later.c.clock)
        .join(
            reopened,
            and_(reopened.c.instance_id == later.c.instance_id, reopened.c.seq == later.c.opened_seq),
        )
        .where(
            later.c.instance_id == deadline.c.instance_id,
            later.c.clock == deadline.c.clock,
            later.c.opened_seq > deadline.c.opened_seq,
            reopened.c.at_us < end,
        )
        .exists()
    )
    return and_(or_(deadline.c.opened_seq == 1, begun), ~overtaken)


def stands_still() -> ColumnElement[bool]:
    """Return the condition that the clock (a row of `deadline`) stands still now.

    A pause that has ended has moved the limit past itself, so a past day needs no other condition. A pause
    that began after the limit had passed brings nothing back.
    """
    return (
        select(pause.c.id)
        .where(
            pause.c.instance_id == deadline.c.instance_id,
            pause.c.clock == deadline.c.clock,
            pause.c.opened_seq == deadline.c.opened_seq,
            pause.c.since <= deadline.c.legal_due,
            pause.c.until.is_(None),
        )
        .exists()
    )


def _in_period(scope: Scope) -> ColumnElement[bool]:
    if scope.basis is Basis.RECEIVED:
        return Matter.received_on.between(scope.first, scope.last)
    action = "accept" if scope.basis is Basis.ACCEPTED else "close"
    return exists().where(
        event.c.instance_id == instance.c.id,
        event.c.action == action,
        event.c.at_us >= end_of(scope.first - timedelta(days=1)),
        event.c.at_us < end_of(min(scope.last, scope.as_of)),
    )


def _held_below(unit_path: str, end: int) -> ColumnElement[bool]:
    """Return the condition that a unit at or below the path held the matter at the instant."""
    taken, left = aliased(event), aliased(event)
    return (
        select(assignment.c.id)
        .join(
            taken, and_(taken.c.instance_id == assignment.c.instance_id, taken.c.seq == assignment.c.from_seq)
        )
        .outerjoin(
            left, and_(left.c.instance_id == assignment.c.instance_id, left.c.seq == assignment.c.to_seq)
        )
        .where(
            assignment.c.instance_id == instance.c.id,
            at_or_below(assignment.c.unit_path, [unit_path]),
            taken.c.at_us < end,
            or_(left.c.seq.is_(None), left.c.at_us >= end),
        )
        .exists()
    )


def _end_of_limit() -> ColumnElement[int]:
    """Return 24:00 of the limit's last day, Asia/Shanghai (always UTC+8 here), in UTC microseconds."""
    return (extract("epoch", deadline.c.legal_due) + _MIDNIGHT_UTC_SECONDS) * 1_000_000


def end_of(day: date) -> int:
    """Return the end of a day (24:00 Asia/Shanghai) as UTC microseconds."""
    midnight = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    return microseconds(midnight.astimezone(UTC))
