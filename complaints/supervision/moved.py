"""Which limits a holiday notice moved, with the days before and after; those only final now stand apart.

It is read from the log: whoever loads a notice counts the limits again, each matter by an event of its own
that tells the days of both. Only matters that the reader may see are listed and counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.engine import RowMapping

from complaints.dossier.clock_views import localised
from complaints.dossier.models import Consumer, Matter
from complaints.dossier.visibility import JOIN, visible_among, visible_to
from complaints.dossier.work import Work
from complaints.foundation.clock import local_moment
from complaints.foundation.masking import mask_known_name
from complaints.organisation.people import person_names
from complaints.organisation.units import unit_names
from workflows.deadlines import DueDate
from workflows.runtime import calendar_table, recount
from workflows.runtime.planned_moves import due_date_of, moves
from workflows.runtime.tables import event, instance

SHOWN = 6
"""Loadings among which one may be chosen, the latest first."""
_ROWS = (
    select(
        event.c.instance_id,
        event.c.seq,
        event.c.changes,
        event.c.procedure,
        event.c.version,
        instance.c.unit_path,
        instance.c.owner_id,
        Matter.number,
        Matter.title,
        Matter.received_on,
        Consumer.name.label("consumer"),
    )
    .select_from(event)
    .join(instance, instance.c.id == event.c.instance_id)
    .join(Matter, JOIN)
    .outerjoin(Consumer, Matter.consumer_id == Consumer.id)
    .where(event.c.instance_id.in_(bindparam("ids", expanding=True)))
)
_FOUND = (
    select(event.c.instance_id, event.c.seq, event.c.changes)
    .join(instance, instance.c.id == event.c.instance_id)
    .order_by(instance.c.unit_path, event.c.instance_id, event.c.seq)
)


@dataclass(frozen=True, slots=True)
class Loading:
    """A loading of the calendar: its revision, when, and the instants (microseconds UTC) from and until which
    limits were counted again by it; None: still.
    """

    revision: str
    loaded_at: str
    from_us: int
    to_us: int | None


class Found(NamedTuple):
    """One limit that was counted again: where the log tells of it, and whether a day of it moved."""

    instance_id: int
    seq: int
    place: int
    moves: bool


@dataclass(frozen=True, slots=True)
class MovedRow:
    """One limit that was counted again. A provisional day may move again with a later notice."""

    number: str
    title: str
    received_on: date
    unit: str
    owner: str
    clock: str
    internal: bool
    before: DueDate
    after: DueDate

    @property
    def moves(self) -> bool:
        """Whether the day people work to or the legal one is another now."""
        return moves(self.before, self.after)


def loadings(work: Work) -> list[Loading]:
    """Return the latest loadings after which limits were counted again; nothing ran before the first."""
    rows = calendar_table.revisions(work.connection)[: SHOWN + 1]
    return [
        Loading(
            row["revision"],
            f"{local_moment(row['made_at_us']):%Y-%m-%d %H:%M}",
            row["made_at_us"],
            rows[at - 1]["made_at_us"] if at else None,
        )
        for at, row in enumerate(rows)
        if row["number"] > 1
    ][:SHOWN]


def found(work: Work, loading: Loading) -> list[Found]:
    """Return the limits that were counted again: first those that moved, each group by unit; one query.

    The log knows which they are, the database does not: every event of the loading is read, a few hundred
    bytes each.
    """
    statement = _FOUND.where(*_of(loading), visible_to(work.actor))
    limits = [
        Found(instance_id, seq, place, moves(due_date_of(entry["was"]), due_date_of(entry)))
        for instance_id, seq, changes in work.session.execute(statement)
        for place, entry in enumerate(json.loads(changes)["moved"])
        if entry.get("was")
    ]
    return sorted(limits, key=lambda one: not one.moves)


def moved_rows(work: Work, loading: Loading, limits: Sequence[Found]) -> list[MovedRow]:
    """Return the rows of those of the limits that the reader may see, in their order; three queries."""
    statement = _ROWS.where(*_of(loading), visible_among(work.actor))
    ids = list({one.instance_id for one in limits})
    rows = work.session.execute(statement, {"ids": ids}).mappings().all()
    units = unit_names(work.session, [row["unit_path"] for row in rows])
    people = person_names(work.session, [row["owner_id"] for row in rows])
    told = {(row["instance_id"], row["seq"]): (row, json.loads(row["changes"])["moved"]) for row in rows}
    listed = []
    for one in limits:
        if (one.instance_id, one.seq) in told:
            row, entries = told[one.instance_id, one.seq]
            listed.append(_row(work, row, entries[one.place], units, people))
    return listed


def _of(loading: Loading) -> Iterator[ColumnElement[bool]]:
    yield event.c.action == recount.KIND
    yield event.c.kind == recount.KIND
    yield event.c.at_us >= loading.from_us
    if loading.to_us is not None:
        yield event.c.at_us < loading.to_us


def _row(
    work: Work,
    row: RowMapping,
    entry: Mapping[str, Any],
    units: Mapping[str, str],
    people: Mapping[int, str],
) -> MovedRow:
    procedure = work.engine.library.remembered(row["procedure"], row["version"])
    rule = procedure.clocks[entry["clock"]]
    return MovedRow(
        number=row["number"],
        title=mask_known_name(row["title"], row["consumer"] or ""),
        received_on=row["received_on"],
        unit=units.get(row["unit_path"], row["unit_path"]),
        owner=people.get(row["owner_id"], ""),
        clock=localised(rule.label),
        internal=rule.internal,
        before=due_date_of(entry["was"]),
        after=due_date_of(entry),
    )
