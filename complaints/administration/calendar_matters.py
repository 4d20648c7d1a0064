"""Which of the reader's own matters a notice would move: named on the page, where the reader sees any.

The moves are looked at while they pass by, so memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from complaints.administration.calendar_naming import naming
from complaints.dossier.models import Consumer, Matter
from complaints.dossier.visibility import JOIN, visible_among
from complaints.dossier.worklists import PAGE
from complaints.foundation.masking import mask_known_name
from complaints.organisation.people import SignedInActor
from workflows.deadlines import DueDate
from workflows.runtime.engine import Engine
from workflows.runtime.planned_moves import Move
from workflows.runtime.tables import instance

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class MatterLine:
    """One limit of a matter that the reader may see."""

    number: str
    title: str
    clock: str
    internal: bool
    before: DueDate
    after: DueDate
    moves: bool


class OwnMatters:
    """Notes which of the passing moves are of matters that the reader may see: how many, and the first page
    of them, those that move before those that only become final.
    """

    def __init__(self, session: Session, actor: SignedInActor) -> None:
        """Begin with none."""
        self._session, self._actor = session, actor
        self._kept: dict[bool, list[Move]] = {True: [], False: []}
        self.total = 0

    def noting(self, coming: Iterable[Move]) -> Iterator[Move]:
        """Yield all the moves, and note those in sight."""
        rest = iter(coming)
        while some := list(islice(rest, _AT_ONCE)):
            self._note([one for one in some if not one.paused and one.fault is None])
            yield from some

    def lines(self, engine: Engine) -> list[MatterLine]:
        """Return the first page of what was noted; one query."""
        kept = [*self._kept[True], *self._kept[False]][:PAGE]
        statement = (
            select(Matter.id, Matter.number, Matter.title, Consumer.name)
            .outerjoin(Consumer, Matter.consumer_id == Consumer.id)
            .where(Matter.id.in_({one.subject_id for one in kept}))
        )
        named = naming(engine)
        found = {
            key: (number, mask_known_name(title, consumer or ""))
            for key, number, title, consumer in self._session.execute(statement)
        }
        return [
            MatterLine(*found[one.subject_id], *named(one), one.before, one.after, one.moves) for one in kept
        ]

    def _note(self, some: list[Move]) -> None:
        wanted = {one.instance_id for one in some}
        statement = (
            select(instance.c.id)
            .join(Matter, JOIN)
            .where(instance.c.id.in_(wanted), visible_among(self._actor))
        )
        seen = set(self._session.scalars(statement))
        for one in some:
            if one.instance_id in seen:
                self.total += 1
                kept = self._kept[one.moves]
                if len(kept) < PAGE:
                    kept.append(one)
