"""Where an intake desk may send a matter: units that handle matters, each with its receiver of the day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from complaints.organisation.models import Duty, DutyRoster, Person, Unit, UnitKind
from complaints.organisation.units import at_or_below

HANDLING = (UnitKind.OFFICE, UnitKind.COUNTY_BUREAU, UnitKind.CITY_BUREAU)
"""Kinds of units that matters are dispatched to: the office's own (SAMR Order 121, art. 41).

A consumer council is entrusted with a mediation, never with the decision; a station takes only disputes of
its own venue.
"""


def units_with_receivers(
    session: Session, paths: Iterable[str], today: date
) -> list[tuple[Unit, Person | None]]:
    """Return the handling units at and below the paths, each with its receiver of today; two queries."""
    found = session.scalars(
        select(Unit)
        .where(
            at_or_below(Unit.path, paths),
            Unit.kind.in_([kind.value for kind in HANDLING]),
            Unit.valid_from <= today,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= today),
        )
        .order_by(Unit.path)
    ).all()
    receivers = _receivers(session, [unit.id for unit in found], today)
    return [(unit, receivers.get(unit.id)) for unit in found]


def _receivers(session: Session, unit_ids: list[int], today: date) -> dict[int, Person]:
    """Return the named receiver of each unit; of several valid rows the latest begun counts."""
    rows = session.execute(
        select(DutyRoster.unit_id, Person)
        .join(Person, Person.id == DutyRoster.person_id)
        .where(
            DutyRoster.unit_id.in_(unit_ids),
            DutyRoster.duty == Duty.RECEIVER.value,
            DutyRoster.valid_from <= today,
            or_(DutyRoster.valid_to.is_(None), DutyRoster.valid_to >= today),
            Person.disabled_at.is_(None),
        )
        .order_by(DutyRoster.valid_from)
    )
    return dict(rows.all())
