"""What a matter's page reads besides the matter.

The number of queries does not depend on how much there is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from complaints.dossier.models import Matter
from complaints.dossier.progress import Standing
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, worklist
from complaints.organisation.models import Person, RoleGrant, Unit
from complaints.organisation.roles import Role
from complaints.organisation.units import above, at_or_below, unit_names
from complaints.reference.models import Category
from workflows.rows import ClockRow
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
    # their ids first: one list over "visible and related" would look at everything visible
    ids = list(work.session.scalars(select(Matter.id).where(Matter.parent_id == matter.id)))
    ids += [matter.parent_id] if matter.parent_id else []
    rows = worklist(work, Matter.id.in_(ids)) if ids else []
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


def colleagues(work: Work, here: Standing) -> list[Candidate]:
    """Return the handlers of the matter's own unit, to whom alone work may be given."""
    today = work.today
    return _of_unit(
        work,
        here,
        Person.id.in_(
            select(RoleGrant.person_id)
            .join(Unit, Unit.id == RoleGrant.unit_id)
            .where(
                RoleGrant.role == Role.HANDLER.value,
                Unit.path == here.row["unit_path"],
                RoleGrant.valid_from <= today,
                or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= today),
            )
        ),
        Person.disabled_at.is_(None),
    )


def heads(work: Work, here: Standing) -> list[Candidate]:
    """Return the heads of the matter's unit and of those above it, the nearest first.

    Who owns the matter, who asks, and who had to step back after a challenge (SAMR Order 121, art. 21)
    approves nothing in it.
    """
    path, today = str(here.row["unit_path"]), work.today
    removed = json.loads(here.row["vars"]).get("removed", ())
    rows = work.session.execute(
        select(Person.id, Person.name, Unit.path, Unit.name)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(
            RoleGrant.role == Role.HEAD.value,
            Unit.path.in_(above(path)),
            RoleGrant.valid_from <= today,
            or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= today),
            Person.disabled_at.is_(None),
            Person.id.not_in({here.row["owner_id"], work.actor.id, *removed}),
        )
        .distinct()
        .order_by(Unit.path.desc(), Person.id)
    )
    return [Candidate(*row) for row in rows]


def people_of_unit(work: Work, here: Standing, ids: Sequence[int]) -> list[Candidate]:
    """Return these people as they may be chosen for the matter's unit, whatever became of their accounts."""
    return _of_unit(work, here, Person.id.in_(ids))


def _of_unit(work: Work, here: Standing, *conditions: ColumnElement[bool]) -> list[Candidate]:
    path = str(here.row["unit_path"])
    unit = unit_names(work.session, [path]).get(path, "")
    found = work.session.execute(select(Person.id, Person.name).where(*conditions).order_by(Person.id))
    return [Candidate(person_id, name, path, unit) for person_id, name in found]


def handover_candidates(work: Work, here: Standing, roles: Sequence[str]) -> list[Candidate]:
    """Return who may take the matter over: within the unit, below it or above it, never sideways.

    SAMR Order 121, art. 41. `roles` are those that may accept; the present owner is left out, and so is
    whoever had to step back after a challenge (art. 21).
    """
    path, today = str(here.row["unit_path"]), work.today
    left_out = {here.row["owner_id"], *json.loads(here.row["vars"]).get("removed", ())}
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
            Person.id.not_in(left_out),
        )
        .distinct()
        .order_by(Unit.path.desc(), Person.id)
    )
    return [Candidate(*row) for row in rows]
