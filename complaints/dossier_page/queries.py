"""What a matter's page reads besides the matter.

The number of queries does not depend on how much there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from complaints.dossier.models import Matter
from complaints.dossier.progress import Standing
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, worklist
from complaints.organisation.models import Duty, DutyRoster, Person, RoleGrant, Unit, UnitKind
from complaints.organisation.roles import Role
from complaints.organisation.units import above, at_or_below, units
from complaints.reference.models import Category
from workflows.projection import ClockRow
from workflows.runtime import reading


@dataclass(frozen=True, slots=True)
class Placed:
    """A person with the unit to be read beside the name."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may take a matter over, for a unit."""

    id: int
    name: str
    unit_path: str
    unit: str


@dataclass(frozen=True, slots=True)
class Family:
    """The matter this one came from, and those that came from it, as far as the reader may see them."""

    parent: MatterRow | None
    children: tuple[MatterRow, ...]


def family(work: Work, here: Standing) -> Family:
    """Return parent and children, oldest first. Those of other people stay out, as everywhere."""
    matter = here.matter
    rows = worklist(work, or_(Matter.parent_id == matter.id, Matter.id == matter.parent_id))
    parent = next((row for row in rows if row.id == matter.parent_id), None)
    children = sorted((row for row in rows if row.id != matter.parent_id), key=lambda row: row.id)
    return Family(parent, tuple(children))


def people_with_units(session: Session, ids: Sequence[int]) -> dict[int, Placed]:
    """Return people by id with the names of their own units."""
    rows = session.execute(
        select(Person.id, Person.name, Unit.name)
        .join(Unit, Unit.id == Person.unit_id)
        .where(Person.id.in_(set(ids)))
    )
    return {person_id: Placed(name, unit) for person_id, name, unit in rows}


def categories(session: Session, codes: Sequence[str]) -> dict[str, Category]:
    """Return categories by code, ended ones included: an old matter keeps its words."""
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    return {one.code: one for one in session.scalars(select(Category).where(Category.code.in_(wanted)))}


def clocks(work: Work, here: Standing) -> tuple[ClockRow, ...]:
    """Return every run of the matter's clocks, oldest first."""
    return reading.clocks_of(work.connection, here.instance_id)


_HANDLING = (UnitKind.OFFICE, UnitKind.COUNTY_BUREAU, UnitKind.CITY_BUREAU, UnitKind.CONSUMER_COUNCIL)
"""Kinds of units that matters are dispatched to; stations take only disputes of their own venue."""


def dispatch_units(work: Work) -> list[tuple[Unit, Person | None]]:
    """Return the units below this intake officer, each with its named receiver of today."""
    session, today = work.session, work.today
    found = [
        unit
        for path in work.actor.paths(Role.INTAKE)
        for unit in units(session, today, *_HANDLING, below=path)
    ]
    receivers = _receivers(session, [unit.id for unit in found], today)
    return [(unit, receivers.get(unit.id)) for unit in found]


def _receivers(session: Session, unit_ids: Sequence[int], today: date) -> dict[int, Person]:
    """Return the named receiver of each unit, as `people.on_duty` would for one.

    The latest begun row counts.
    """
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


def handover_candidates(work: Work, here: Standing, roles: Sequence[str]) -> list[Candidate]:
    """Return who may take the matter over: within the unit, below it or above it, never sideways.

    SAMR Order 121, art. 41. `roles` are those that may accept; the present owner is left out.
    """
    path, today = str(here.row["unit_path"]), work.today
    rows = work.session.execute(
        select(Person.id, Person.name, Unit.path, Unit.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(
            RoleGrant.role.in_(roles),
            or_(Unit.path.in_(above(path)), at_or_below(Unit.path, [path])),
            RoleGrant.valid_from <= today,
            or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= today),
            Person.disabled_at.is_(None),
            Person.id != here.row["owner_id"],
        )
        .distinct()
        .order_by(Unit.path.desc(), Person.id)
    )
    return [Candidate(*row) for row in rows]
