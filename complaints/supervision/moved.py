"""Which of a supervisor's matters a holiday notice moved: each limit with its last day before and after.

It is read from the log: whoever loads a notice counts the limits again, each matter by an event of its own
that tells both days. Only matters that the reader may see are listed and counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.engine import RowMapping

from complaints.dossier.clock_views import localised
from complaints.dossier.models import Consumer, Matter
from complaints.dossier.visibility import JOIN, visible_among, visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import MOST_KEYS
from complaints.foundation.clock import local_moment
from complaints.foundation.masking import mask_known_name
from complaints.organisation.people import person_names
from complaints.organisation.units import unit_names
from workflows.runtime import calendar_table, recount
from workflows.runtime.tables import event, instance

SHOWN = 6
"""Loadings among which one may be chosen, the latest first."""
_ROWS = (
    select(
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


@dataclass(frozen=True, slots=True)
class MovedRow:
    """One limit that moved. A provisional day may move again with a later notice."""

    number: str
    title: str
    received_on: date
    unit: str
    owner: str
    clock: str
    before: date
    before_provisional: bool
    after: date
    after_provisional: bool

    @property
    def days(self) -> int:
        """By how many calendar days; negative where it comes nearer, 0 where it only became final."""
        return (self.after - self.before).days


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


def moved_ids(work: Work, loading: Loading, *, limit: int = MOST_KEYS, offset: int = 0) -> list[int]:
    """Return the ids of the instances whose limits moved, by unit."""
    statement = _moved(work, loading, instance.c.id).order_by(instance.c.unit_path, instance.c.id)
    return list(work.session.scalars(statement.limit(limit).offset(offset)))


def how_many(work: Work, loading: Loading) -> int:
    """Return how many of the reader's matters moved."""
    return int(work.session.scalars(_moved(work, loading, func.count())).one())


def moved_rows(work: Work, loading: Loading, ids: Sequence[int]) -> list[MovedRow]:
    """Return the moved limits of those of the instances that the reader may see, by unit; three queries."""
    statement = _ROWS.where(*_of(loading), visible_among(work.actor))
    rows = work.session.execute(statement, {"ids": list(ids)}).mappings().all()
    units = unit_names(work.session, [row["unit_path"] for row in rows])
    people = person_names(work.session, [row["owner_id"] for row in rows])
    return [
        _row(work, row, entry, units, people)
        for row in rows
        for entry in json.loads(row["changes"])["moved"]
        if entry.get("was")
    ]


def _moved(work: Work, loading: Loading, *columns: Any) -> Select[Any]:
    counted = select(event.c.instance_id).where(*_of(loading))
    return select(*columns).select_from(instance).where(instance.c.id.in_(counted), visible_to(work.actor))


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
    was = entry["was"]
    return MovedRow(
        number=row["number"],
        title=mask_known_name(row["title"], row["consumer"] or ""),
        received_on=row["received_on"],
        unit=units.get(row["unit_path"], row["unit_path"]),
        owner=people.get(row["owner_id"], ""),
        clock=localised(procedure.clocks[entry["clock"]].label),
        before=date.fromisoformat(was["legal_due"]),
        before_provisional=was["provisional"],
        after=date.fromisoformat(entry["legal_due"]),
        after_provisional=entry["provisional"],
    )
