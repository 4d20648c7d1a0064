"""The outbox as lists and counts: what waits, what is unclear, what nobody could be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from complaints.dossier import messages
from complaints.dossier.models import Consumer, Matter
from complaints.dossier.worklists import MOST_KEYS
from complaints.gateways.models import DeliveredMessage
from workflows.runtime.outbox import AMBIGUOUS, DEAD, PENDING, SENT
from workflows.runtime.tables import instance, outbox

STATES = (PENDING, AMBIGUOUS, DEAD, SENT)
FOR_A_PERSON = (AMBIGUOUS, DEAD)
"""The machine does nothing more about these: a person says what happened."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the outbox as the list shows it; the recipient is masked."""

    row: RowMapping
    number: str
    recipient: str
    kept: bool
    """Kept in the house by the embedded gateway instead of sent."""


def counts(session: Session) -> dict[str, int]:
    """Return how many rows stand in each state."""
    found = session.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return dict.fromkeys(STATES, 0) | {row[0]: row[1] for row in found}


def for_a_person(session: Session) -> int:
    """Return how many rows wait for a person."""
    statement = select(func.count()).select_from(outbox).where(outbox.c.state.in_(FOR_A_PERSON))
    return session.execute(statement).scalar_one()


def oldest_waiting_us(session: Session) -> int | None:
    """Return since when, in microseconds since 1970, the longest waiting row could have been sent."""
    statement = select(func.min(outbox.c.available_at_us)).where(outbox.c.state == PENDING)
    oldest: int | None = session.execute(statement).scalar_one()
    return oldest


def lines(session: Session, state: str | None, offset: int) -> list[Line]:
    """Return one page of rows, newest first: of one state, or of all."""
    statement = _joined().order_by(outbox.c.id.desc()).limit(PAGE).offset(offset)
    if state is not None:
        statement = statement.where(outbox.c.state == state)
    return [_line(one) for one in session.execute(statement)]


def line_keys(session: Session, state: str | None) -> list[int]:
    """Return the ids of all rows, newest first: of one state, or of all."""
    statement = select(outbox.c.id).order_by(outbox.c.id.desc()).limit(MOST_KEYS)
    return list(session.scalars(statement if state is None else statement.where(outbox.c.state == state)))


def lines_of(session: Session, ids: Sequence[int]) -> list[Line]:
    """Return the rows of these ids, newest first."""
    statement = _joined().where(outbox.c.id.in_(ids)).order_by(outbox.c.id.desc())
    return [_line(one) for one in session.execute(statement)]


def line(session: Session, outbox_id: int) -> Line | None:
    """Return one row, or None where there is none."""
    found = session.execute(_joined().where(outbox.c.id == outbox_id)).first()
    return _line(found) if found is not None else None


def _joined() -> Any:
    parent = Matter.__table__.alias("parent")
    return (
        select(
            *outbox.c,
            instance.c.procedure,
            instance.c.version,
            Matter.number,
            Consumer,
            DeliveredMessage.id.label("kept_id"),
        )
        .join(instance, instance.c.id == outbox.c.instance_id)
        .join(Matter, Matter.id == instance.c.subject_id)
        .outerjoin(parent, parent.c.id == Matter.parent_id)
        .outerjoin(Consumer, Consumer.id == func.coalesce(Matter.consumer_id, parent.c.consumer_id))
        .outerjoin(DeliveredMessage, DeliveredMessage.message_id == outbox.c.dedupe_key)
    )


def _line(found: Row[Any]) -> Line:
    values = found._mapping
    recipient = messages.masked_recipient(values["message"], values["Consumer"])
    return Line(values, values["number"], recipient, values["kept_id"] is not None)
