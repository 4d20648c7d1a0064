"""Every limit that was missed and still runs, and every one about to be: by name, with who is responsible.

The first responder stands beside the present handler: whoever was reached first stays responsible to the end
(首接责任制).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.engine import RowMapping

from complaints.dossier.clock_views import ClockView, clock_view, is_provisional
from complaints.dossier.models import Consumer, Matter
from complaints.dossier.visibility import JOIN, visible_among, visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import MOST_KEYS
from complaints.foundation.masking import mask_known_name
from complaints.organisation.people import person_names
from complaints.organisation.units import at_or_below, unit_names
from complaints.supervision.figures import stands_still
from workflows.runtime.reading import clock_row
from workflows.runtime.tables import deadline, instance

SOON = 3
"""Working days ahead that count as about to fall due."""

_COLUMNS = (
    deadline,
    Matter.number,
    Matter.title,
    Matter.kind,
    Matter.received_on,
    Consumer.name.label("consumer"),
    instance,
)


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """One running clock that is over or nearly so, and who answers for it."""

    number: str
    title: str
    kind: str
    received_on: date
    state_label_key: tuple[str, int, str]
    unit_path: str
    unit: str
    first_responder: str
    owner: str
    returns: int
    clock: ClockView


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit's counts: limits missed, limits about to be, and the day of the oldest."""

    unit_path: str
    unit: str
    overdue: int
    soon: int
    oldest: date | None
    provisional: bool
    """Of the oldest."""


def soon_day(work: Work) -> date:
    """Return the last alert day that counts as soon."""
    return work.time_rules.calendar.add_working_days(work.today, SOON)


def by_unit(work: Work, unit_path: str = "") -> list[UnitLine]:
    """Return the units with something over or nearly so, the worst first; two queries and the names."""
    late = _counted(work, unit_path, overdue=True)
    near = _counted(work, unit_path, overdue=False)
    names = unit_names(work.session, [*late, *near])
    lines = []
    for path in late.keys() | near.keys():
        (overdue, oldest), (soon, _first) = late.get(path, _NONE), near.get(path, _NONE)
        provisional = is_provisional(oldest, work.time_rules)
        lines.append(UnitLine(path, names.get(path, path), overdue, soon, oldest, provisional))
    return sorted(lines, key=lambda line: (-line.overdue, -line.soon, line.unit_path))


_NONE = (0, None)
"""Of a unit in which nothing is over, or nothing is nearly so."""


def _counted(work: Work, unit_path: str, *, overdue: bool) -> dict[str, tuple[int, date | None]]:
    """Return by unit how many running clocks are over (or else about to be), and the first of their days.

    One question for both would be asked of every limit there ever was.
    """
    columns = (instance.c.unit_path, func.count(), func.min(deadline.c.legal_due))
    statement = _listed(work, unit_path, overdue, *columns).order_by(None).group_by(instance.c.unit_path)
    return {path: (count, first) for path, count, first in work.session.execute(statement)}


def exceptions(
    work: Work, unit_path: str = "", *, overdue: bool = True, limit: int = 50, offset: int = 0
) -> list[ExceptionRow]:
    """Return the running clocks that are over (or else about to be), the oldest first; four queries for any
    length.
    """
    listed = _listed(work, unit_path, overdue, *_COLUMNS)
    return _rows(work, listed.limit(limit).offset(offset))


def exception_keys(work: Work, unit_path: str = "", *, overdue: bool = True) -> list[int]:
    """Return the ids of the running clocks of a whole list, in its order."""
    return list(work.session.scalars(_listed(work, unit_path, overdue, deadline.c.id).limit(MOST_KEYS)))


def exceptions_portion(work: Work, ids: Sequence[int]) -> list[ExceptionRow]:
    """Return those of the clocks whose matters the reader may see, the oldest first."""
    return _rows(work, _joined(*_COLUMNS).where(visible_among(work.actor), deadline.c.id.in_(ids)))


def _listed(work: Work, unit_path: str, overdue: bool, *columns: Any) -> Select[Any]:
    late = deadline.c.legal_due < work.today
    near = and_(deadline.c.legal_due >= work.today, deadline.c.alert_due <= soon_day(work))
    return _joined(*columns).where(*_conditions(work, unit_path), late if overdue else near)


def _joined(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Matter)
        .join(instance, JOIN)
        .join(deadline, deadline.c.instance_id == instance.c.id)
        .order_by(deadline.c.legal_due, Matter.id)
    )


def _rows(work: Work, statement: Select[Any]) -> list[ExceptionRow]:
    named = statement.outerjoin(Consumer, Matter.consumer_id == Consumer.id)
    rows = work.session.execute(named).mappings().all()
    people = person_names(
        work.session, [one for row in rows for one in (row["owner_id"], row["first_responder_id"])]
    )
    units = unit_names(work.session, [row["unit_path"] for row in rows])
    return [_row(work, row, people, units) for row in rows]


def _conditions(work: Work, unit_path: str) -> list[ColumnElement[bool]]:
    """Return the conditions of a clock that runs on a matter this person sees; a paused clock is not late."""
    running = [
        visible_to(work.actor),
        deadline.c.met_seq.is_(None),
        deadline.c.cancelled_seq.is_(None),
        ~stands_still(),
    ]
    return [*running, at_or_below(instance.c.unit_path, [unit_path])] if unit_path else running


def _row(work: Work, row: RowMapping, people: dict[int, str], units: dict[str, str]) -> ExceptionRow:
    procedure = work.engine.library.get(row["procedure"], row["version"]).procedure
    return ExceptionRow(
        number=row["number"],
        title=mask_known_name(row["title"], row["consumer"] or ""),
        kind=row["kind"],
        received_on=row["received_on"],
        state_label_key=(row["procedure"], row["version"], row["state"]),
        unit_path=row["unit_path"],
        unit=units.get(row["unit_path"], row["unit_path"]),
        first_responder=people.get(row["first_responder_id"], ""),
        owner=people.get(row["owner_id"], ""),
        returns=int(json.loads(row["vars"]).get("returns", 0)),
        clock=clock_view(clock_row(row), procedure.clocks[row["clock"]], work.time_rules, work.today),
    )
