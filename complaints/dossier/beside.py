"""Which matters somebody helps with: as their co-handler, or by a piece of work that is still open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from complaints.organisation.people import SignedInActor
from workflows.runtime.tables import co_handler, instance, work


@dataclass(frozen=True, slots=True)
class AskedWork:
    """A piece of work that somebody still has to do: its number in the instance, its kind, its day."""

    instance_id: int
    number: int
    kind: str
    due_on: date


def asked_in(actor: SignedInActor) -> Select[tuple[int]]:
    """Select the instances in which the person has open work, from the index of what is open alone."""
    return select(work.c.instance_id).where(work.c.person_id == actor.id, work.c.ended_seq.is_(None))


def helps_with(actor: SignedInActor) -> ColumnElement[bool]:
    """Return the condition on `instance` alone: the person co-handles it, or has open work in it.

    Two indexes that hold only what is present: few rows, however much there was.
    """
    helped = select(co_handler.c.instance_id).where(
        co_handler.c.person_id == actor.id, co_handler.c.to_seq.is_(None)
    )
    return or_(
        and_(instance.c.ended.is_(False), instance.c.id.in_(helped)), instance.c.id.in_(asked_in(actor))
    )


def open_work_of(connection: Connection, person_id: int, instances: Sequence[int]) -> list[AskedWork]:
    """Return the person's open work in these instances, the earliest due first."""
    found = connection.execute(
        select(work.c.instance_id, work.c.number, work.c.kind, work.c.due_on)
        .where(
            work.c.person_id == person_id,
            work.c.ended_seq.is_(None),
            work.c.instance_id.in_(instances),
        )
        .order_by(work.c.due_on, work.c.id)
    )
    return [AskedWork(*row) for row in found]
