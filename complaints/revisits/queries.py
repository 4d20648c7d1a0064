"""Who is to be called back today, and how the call-backs of a period came out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, select, true

from complaints.dossier.models import Matter, MatterKind
from complaints.dossier.visibility import JOIN, visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import PAGE, MatterRow, count, keys, portion, worklist
from complaints.foundation.clock import SHANGHAI, microseconds
from complaints.foundation.shares import percent
from complaints.organisation.units import at_or_below
from complaints.revisits.practice import ATTEMPTS, HANDLING
from workflows.runtime.tables import event, instance


@dataclass(frozen=True, slots=True)
class CallRow:
    """A closed complaint that waits for its call-back."""

    matter: MatterRow
    attempts: int
    last_attempt_on: str
    called_today: bool
    """An attempt was made today: the next one is for another day."""
    mine: bool
    """Handled by this person, who may not call back."""

    @property
    def exhausted(self) -> bool:
        """Three attempts were made: the call-back may end as not reached."""
        return self.attempts >= ATTEMPTS


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How the call-backs of a period came out. The rate's denominator is those who answered; silence is not
    satisfaction.
    """

    very_satisfied: int
    satisfied: int
    fair: int
    unsatisfied: int
    not_reached: int
    no_answer: int

    @property
    def answered(self) -> int:
        """Those who graded."""
        return self.very_satisfied + self.satisfied + self.fair + self.unsatisfied

    @property
    def content(self) -> int:
        """Those who were satisfied or very satisfied."""
        return self.very_satisfied + self.satisfied

    @property
    def percent(self) -> str:
        """Satisfied of answered, two places; empty for 0/0."""
        return percent(self.content, self.answered)


def waiting() -> ColumnElement[bool]:
    """Return the condition of a complaint that waits for its call-back."""
    return and_(instance.c.procedure == MatterKind.COMPLAINT.value, instance.c.state == "closed")


def calls(work: Work, offset: int = 0) -> list[CallRow]:
    """Return the complaints to call about, the earliest due first; those called today already come with the
    others, marked.
    """
    return _calls(work, worklist(work, waiting(), limit=PAGE, offset=offset))


def call_keys(work: Work) -> list[int]:
    """Return the ids of all complaints to call about, the earliest due first."""
    return keys(work, waiting())


def calls_portion(work: Work, ids: Sequence[int]) -> list[CallRow]:
    """Return those of the complaints that the reader may see, as lines of the list."""
    return _calls(work, portion(work, ids))


def _calls(work: Work, rows: Sequence[MatterRow]) -> list[CallRow]:
    handled = _handled_by(work, [row.instance_id for row in rows])
    return [_call(row, work, handled) for row in rows]


def how_many(work: Work) -> int:
    """Count the complaints that wait for a call-back."""
    return count(work, waiting())


def outcomes(work: Work, first: date, last: date, unit_path: str = "") -> Outcomes:
    """Return how the call-backs ended from the first day to the last (both included, Asia/Shanghai), of the
    units at and below a path; one query.
    """
    actions = ("revisit", "revisit_unsatisfied", "end_unreached")
    rows = work.session.execute(
        select(event.c.action, event.c.payload, instance.c.vars)
        .join(instance, instance.c.id == event.c.instance_id)
        .join(Matter, JOIN)
        .where(
            visible_to(work.actor),
            at_or_below(instance.c.unit_path, [unit_path]) if unit_path else true(),
            Matter.kind == MatterKind.COMPLAINT.value,
            event.c.action.in_(actions),
            event.c.at_us >= _start_of(first),
            event.c.at_us < _start_of(last + timedelta(days=1)),
        )
    ).all()
    found = Counter(_ended_as(action, payload, kept) for action, payload, kept in rows)
    names: Sequence[str] = ("very_satisfied", "satisfied", "fair", "unsatisfied", "not_reached", "no_answer")
    return Outcomes(*(found.get(name, 0) for name in names))


def _ended_as(action: str, payload: str, kept: str) -> str:
    if action == "revisit":
        return str(json.loads(payload).get("grade", ""))
    if action == "revisit_unsatisfied":
        return "unsatisfied"
    return str(json.loads(kept).get("outcome", "not_reached"))


def _call(row: MatterRow, work: Work, handled: Collection[int]) -> CallRow:
    kept = json.loads(row.vars)
    last = str(kept.get("last_attempt_on") or "")
    return CallRow(
        matter=row,
        attempts=int(kept.get("attempts", 0)),
        last_attempt_on=last,
        called_today=last == work.today.isoformat(),
        mine=row.owner_id == work.actor.id or row.instance_id in handled,
    )


def _handled_by(work: Work, instance_ids: Sequence[int]) -> set[int]:
    """Return those of the instances on which this person did the handling, now or before a handover."""
    did = select(event.c.instance_id).where(
        event.c.instance_id.in_(instance_ids),
        event.c.actor_id == work.actor.id,
        event.c.action.in_(HANDLING),
    )
    return set(work.session.scalars(did)) if instance_ids else set()


def _start_of(day: date) -> int:
    """Return the start of a day in Asia/Shanghai as UTC microseconds."""
    return microseconds(datetime.combine(day, time(), SHANGHAI))
