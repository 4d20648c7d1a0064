"""Lists of matters: the same columns everywhere, within what the person may see, by the day they fall due.

A list of any length costs the same number of queries: matters, their running clocks, names of people, names
of units.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.engine import RowMapping

from complaints.dossier.clock_views import ClockView, clock_view, localised
from complaints.dossier.codes import KINDS
from complaints.dossier.models import Consumer, Matter, Merchant
from complaints.dossier.visibility import JOIN, visible_among, visible_to
from complaints.dossier.work import Work
from complaints.foundation.masking import mask_known_name, mask_name, mask_text
from complaints.organisation.people import person_names
from complaints.organisation.units import unit_names
from workflows.rows import ClockRow
from workflows.runtime.reading import clock_row
from workflows.runtime.tables import deadline, instance

PAGE = 50
"""Rows of a page."""

MOST_KEYS = 100_001
"""Matters of a whole list that are named at most."""

_COLUMNS = (
    instance,
    Matter.id.label("matter_id"),
    Matter.number,
    Matter.title,
    Matter.kind,
    Matter.received_on,
    Matter.amount_fen,
    Consumer.name.label("consumer"),
    Merchant.name.label("merchant"),
)


@dataclass(frozen=True, slots=True)
class MatterRow:
    """One line of a list. The complainant's name is masked, in the title too, and the merchant's numbers."""

    id: int
    instance_id: int
    number: str
    title: str
    kind: str
    kind_label: str
    state: str
    state_label: str
    stage: str
    consumer: str
    merchant: str
    unit_path: str
    unit: str
    owner_id: int
    owner: str
    first_responder: str
    received_on: date
    amount_fen: int | None
    version: int
    vars: str
    clock: ClockView | None

    @property
    def additions(self) -> int:
        """How often callers added something that the owner has not read yet."""
        return int(json.loads(self.vars).get("additions") or 0)

    @property
    def reports(self) -> int:
        """How many results of matters that came from it the owner has not read yet."""
        return int(json.loads(self.vars).get("reports") or 0)


def worklist(
    work: Work,
    *conditions: ColumnElement[bool],
    limit: int = PAGE,
    offset: int = 0,
    newest_first: bool = False,
) -> list[MatterRow]:
    """Return visible matters under the conditions (on `Matter` and `instance`), the earliest due first."""
    return listed(
        work, visible_to(work.actor), *conditions, limit=limit, offset=offset, newest_first=newest_first
    )


def listed(
    work: Work,
    *conditions: ColumnElement[bool],
    limit: int = PAGE,
    offset: int = 0,
    newest_first: bool = False,
) -> list[MatterRow]:
    """Return matters under the conditions alone, seen by this person or not.

    For a room with a narrower rule of its own (the caller on the line); everybody else asks `worklist`.
    """
    # columns, not objects: a list needs one personal value of the consumer's and decrypts no other
    found = (
        work.session.execute(
            select(*_COLUMNS)
            .select_from(Matter)
            .join(instance, JOIN)
            .outerjoin(Consumer, Matter.consumer_id == Consumer.id)
            .outerjoin(Merchant, Matter.merchant_id == Merchant.id)
            .where(*conditions)
            .order_by(*_order(newest_first))
            .limit(limit)
            .offset(offset)
        )
        .mappings()
        .all()
    )
    ids = [row["id"] for row in found]
    clocks = _next_clocks(work, ids)
    people = person_names(
        work.session, [one for row in found for one in (row["owner_id"], row["first_responder_id"])]
    )
    units = unit_names(work.session, [row["unit_path"] for row in found])
    return [_row(work, row, clocks, people, units) for row in found]


def keys(work: Work, *conditions: ColumnElement[bool], newest_first: bool = False) -> list[int]:
    """Return the ids of all visible matters under the conditions, in the order of `worklist`: a whole list,
    to be read in portions; MOST_KEYS at most.
    """
    statement = select(Matter.id).join(instance, JOIN).where(visible_to(work.actor), *conditions)
    return list(work.session.scalars(statement.order_by(*_order(newest_first)).limit(MOST_KEYS)))


def portion(work: Work, ids: Sequence[int]) -> list[MatterRow]:
    """Return the visible ones of the matters, in the order of their ids here."""
    named = listed(work, Matter.id.in_(ids), visible_among(work.actor), limit=len(ids))
    rows = {row.id: row for row in named}
    return [rows[one] for one in ids if one in rows]


def count(work: Work, *conditions: ColumnElement[bool]) -> int:
    """Count visible matters under the conditions."""
    statement = select(func.count()).select_from(Matter).join(instance, JOIN)
    return int(work.session.execute(statement.where(visible_to(work.actor), *conditions)).scalar_one())


def counts(work: Work, tabs: Mapping[str, Sequence[str]], *conditions: ColumnElement[bool]) -> dict[str, int]:
    """Count visible matters under the conditions for each tab, which names its states; one query."""
    columns = [func.count(case((instance.c.state.in_(states), 1))) for states in tabs.values()]
    statement = select(*columns).select_from(Matter).join(instance, JOIN)
    found = work.session.execute(statement.where(visible_to(work.actor), *conditions)).one()
    return dict(zip(tabs, found, strict=True))


def _order(newest_first: bool) -> list[Any]:
    if newest_first:
        return [Matter.id.desc()]
    return [instance.c.next_alert_due.is_(None), instance.c.next_alert_due, Matter.id]


def _next_clocks(work: Work, ids: Sequence[int]) -> dict[int, ClockRow]:
    """Return, for each instance, the running clock that its row names as next."""
    if not ids:
        return {}
    rows = work.session.execute(
        select(deadline)
        .join(
            instance, (instance.c.id == deadline.c.instance_id) & (instance.c.next_clock == deadline.c.clock)
        )
        .where(instance.c.id.in_(ids), deadline.c.met_seq.is_(None), deadline.c.cancelled_seq.is_(None))
    ).mappings()
    return {row["instance_id"]: clock_row(row) for row in rows}


def _row(
    work: Work,
    row: RowMapping,
    clocks: Mapping[int, ClockRow],
    people: Mapping[int, str],
    units: Mapping[str, str],
) -> MatterRow:
    procedure = work.engine.library.get(row["procedure"], row["version"]).procedure
    state = procedure.states[row["state"]]
    clock = clocks.get(row["id"])
    view = None
    if clock is not None:
        time = work.time_rules
        view = clock_view(clock, procedure.clocks[clock.clock], time, work.today)
    return MatterRow(
        id=row["matter_id"],
        instance_id=row["id"],
        number=row["number"],
        title=mask_known_name(row["title"], row["consumer"] or ""),
        kind=row["kind"],
        kind_label=localised(KINDS[row["kind"]]),
        state=state.name,
        state_label=localised(state.label),
        stage=state.stage,
        consumer=mask_name(row["consumer"]) if row["consumer"] else "",
        merchant=mask_text(row["merchant"] or ""),
        unit_path=row["unit_path"],
        unit=units.get(row["unit_path"], ""),
        owner_id=row["owner_id"],
        owner=people.get(row["owner_id"], ""),
        first_responder=people.get(row["first_responder_id"], ""),
        received_on=row["received_on"],
        amount_fen=row["amount_fen"],
        version=row["row_version"],
        vars=row["vars"],
        clock=view,
    )
