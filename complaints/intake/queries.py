"""The intake board: new matters by age and clock, each with a hint where it belongs.

A board of any length costs the same number of queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from complaints.dossier.clock_views import localised
from complaints.dossier.codes import CHANNELS
from complaints.dossier.merchant_search import complaints_lately
from complaints.dossier.models import Matter, MatterKind, Merchant
from complaints.dossier.visibility import visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import PAGE, MatterRow, keys, portion, worklist
from complaints.foundation.clock import Clock
from complaints.foundation.masking import mask_text
from complaints.intake.destinations import Hint, hint_for
from complaints.organisation.models import Person, Unit
from complaints.organisation.people import SignedInActor
from complaints.organisation.receivers import units_with_receivers
from complaints.organisation.roles import Role
from complaints.reference.queries import region_names
from workflows.runtime.tables import instance

TABS: Mapping[str, tuple[str, ...]] = {
    "new": ("registered", "identity_asked", "returned"),
    "returned": ("returned",),
    "identity": ("identity_asked",),
    "dispatched": ("dispatched",),
}
"""Which states of a complaint each list of the board shows."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A line of the board: `lately` of the merchant in 30 days, `returns` how often it came back."""

    matter: MatterRow
    channel: str
    received_at: datetime
    address: str
    returns: int
    lately: int
    hint: Hint | None


@dataclass(frozen=True, slots=True)
class Destination:
    """A unit to dispatch to, with who would own the matter there and how much is open there now."""

    path: str
    name: str
    receiver: str
    open: int


def board(work: Work, tab: str, page: int) -> list[BoardRow]:
    """Return a page (from 1) of one list, the earliest due first."""
    return rows_of(work, _of(TABS[tab]), limit=PAGE, offset=(page - 1) * PAGE)


def chosen(work: Work, numbers: Sequence[str]) -> list[BoardRow]:
    """Return the matters of these numbers that this person may see, whatever their state."""
    return rows_of(work, Matter.number.in_(numbers), limit=PAGE) if numbers else []


def board_keys(work: Work, tab: str) -> list[int]:
    """Return the ids of one whole list, the earliest due first."""
    return keys(work, instance.c.procedure == MatterKind.COMPLAINT.value, _of(TABS[tab]))


def chosen_ids(work: Work, ids: Sequence[int]) -> list[BoardRow]:
    """Return the matters of these ids that this person may see, in their order, as lines of the board."""
    return _lines(work, portion(work, ids))


def rows_of(work: Work, *conditions: ColumnElement[bool], limit: int, offset: int = 0) -> list[BoardRow]:
    """Return visible complaints under the conditions as lines of the board."""
    kind = instance.c.procedure == MatterKind.COMPLAINT.value
    return _lines(work, worklist(work, kind, *conditions, limit=limit, offset=offset))


def _lines(work: Work, rows: Sequence[MatterRow]) -> list[BoardRow]:
    more = _more(work, [row.id for row in rows])
    units = [unit for unit, _receiver in _handling(work)]
    regions = region_names(work.session, [unit.region_code for unit in units if unit.region_code], work.today)
    lately = complaints_lately(
        work.session, list({one["merchant_id"] for one in more.values() if one["merchant_id"]}), work.today
    )
    return [_row(row, more[row.id], units, regions, lately) for row in rows]


def tab_counts(work: Work) -> dict[str, int]:
    """Return how many complaints each list holds; one query."""
    states = sorted({state for names in TABS.values() for state in names})
    rows = work.session.execute(
        select(instance.c.state, func.count())
        .where(visible_to(work.actor), _of(states), instance.c.procedure == MatterKind.COMPLAINT.value)
        .group_by(instance.c.state)
    )
    by_state: dict[str, int] = dict(rows.all())
    return {tab: sum(by_state.get(state, 0) for state in names) for tab, names in TABS.items()}


def waiting(session: Session, actor: SignedInActor, _clock: Clock) -> int:
    """Return how many new complaints wait for this desk, for the rail."""
    complaints = instance.c.procedure == MatterKind.COMPLAINT.value
    statement = select(func.count()).select_from(instance)
    statement = statement.where(visible_to(actor), _of(TABS["new"]), complaints)
    return int(session.execute(statement).scalar_one())


def destinations(work: Work) -> list[Destination]:
    """Return every unit this officer may dispatch to, with its receiver of today and its open matters.

    Those that nobody receives for today stand last.
    """
    # of all units, not of these alone: named units led SQLite through whatever ended there in all years
    counted = work.session.execute(
        select(instance.c.unit_path, func.count())
        .where(instance.c.ended.is_(False))
        .group_by(instance.c.unit_path)
    )
    held: dict[str, int] = dict(counted.all())
    found = [
        Destination(unit.path, unit.name, person.name if person else "", held.get(unit.path, 0))
        for unit, person in _handling(work)
    ]
    return sorted(found, key=lambda one: not one.receiver)


def _of(states: Iterable[str]) -> ColumnElement[bool]:
    return instance.c.state.in_(list(states))


def _handling(work: Work) -> list[tuple[Unit, Person | None]]:
    return units_with_receivers(work.session, work.actor.paths(Role.INTAKE), work.today)


def _more(work: Work, ids: Sequence[int]) -> dict[int, RowMapping]:
    """Return what the board shows besides the common columns, by matter."""
    rows = work.session.execute(
        select(
            Matter.id,
            Matter.channel,
            Matter.received_at,
            Matter.merchant_id,
            Merchant.unit_path,
            Merchant.address,
        )
        .outerjoin(Merchant, Merchant.id == Matter.merchant_id)
        .where(Matter.id.in_(ids))
    ).mappings()
    return {row["id"]: row for row in rows}


def _row(
    row: MatterRow,
    more: RowMapping,
    units: Sequence[Unit],
    regions: Mapping[str, str],
    lately: Mapping[int, int],
) -> BoardRow:
    return BoardRow(
        matter=row,
        channel=localised(CHANNELS[more["channel"]]),
        received_at=more["received_at"],
        address=mask_text(more["address"] or ""),
        returns=int(json.loads(row.vars).get("returns", 0)),
        lately=lately.get(more["merchant_id"], 0),
        hint=hint_for(more["unit_path"] or "", more["address"] or "", units, regions),
    )
