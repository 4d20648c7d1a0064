"""The person who acts, with the grants that hold today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from complaints.organisation.models import Duty, DutyRoster, Person, RoleGrant, Unit
from complaints.organisation.roles import LABELS, Role
from workflows.definition import Label, Reach

SYSTEM_ID = 0
"""Acts for nobody: timers, imports. Its grants are the engine's own matter."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held today on a unit."""

    id: int
    role: Role
    unit_id: int
    unit_path: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class SignedInActor:
    """A person with today's grants, in the order of the roles. Fulfils `workflows.guards.Actor`."""

    id: int
    username: str
    name: str
    unit_id: int
    unit_path: str
    unit_name: str
    grants: tuple[Grant, ...]
    must_change_password: bool = False

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def main_role(self) -> Role | None:
        """The role whose desk the person starts at, or None where nothing is granted today."""
        return self.grants[0].role if self.grants else None

    @property
    def role_label(self) -> Label:
        """Name of the main role in both languages."""
        return LABELS[self.main_role] if self.main_role else Label("无角色", "No role")

    def grant(self, role: str, unit_path: str, reach: Reach) -> int | None:
        """Return the id of the grant by which this person holds the role there today, or None."""
        for one in self.grants:
            if one.role == role and _reaches(one.unit_path, unit_path, reach):
                return one.id
        return None

    def paths(self, *roles: Role) -> tuple[str, ...]:
        """Return the paths of the units on which one of the roles is held.

        Without those below another of them.
        """
        paths = sorted({grant.unit_path for grant in self.grants if not roles or grant.role in roles})
        return tuple(
            path for path in paths if not any(path != other and path.startswith(other) for other in paths)
        )


def _reaches(granted_on: str, unit_path: str, reach: Reach) -> bool:
    """Tell whether a grant on one unit reaches a matter of another."""
    if reach is Reach.SELF:
        return granted_on == unit_path
    return reach is Reach.ANY or unit_path.startswith(granted_on)


def actor_of(session: Session, person: Person, today: date) -> SignedInActor:
    """Load today's grants of the person: one query, or two where the unit is not loaded yet."""
    rows = session.execute(
        select(RoleGrant.id, RoleGrant.role, Unit.id, Unit.path, Unit.name)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(
            RoleGrant.person_id == person.id,
            RoleGrant.valid_from <= today,
            or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= today),
        )
    )
    order = {role: place for place, role in enumerate(Role)}
    grants = sorted(
        (Grant(grant_id, Role(role), unit_id, path, name) for grant_id, role, unit_id, path, name in rows),
        key=lambda grant: (order[grant.role], grant.unit_path),
    )
    return SignedInActor(
        id=person.id,
        username=person.username,
        name=person.name,
        unit_id=person.unit_id,
        unit_path=person.unit.path,
        unit_name=person.unit.name,
        grants=tuple(grants),
        must_change_password=person.must_change_password,
    )


def actor_by_username(session: Session, username: str, today: date) -> SignedInActor | None:
    """Return the enabled person of that user name as an actor; for commands and demonstrations."""
    person = session.scalars(
        select(Person)
        .options(joinedload(Person.unit))
        .where(Person.username == username.casefold(), Person.disabled_at.is_(None))
    ).first()
    return None if person is None else actor_of(session, person, today)


def person_names(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return the names of people by id, in one query.

    A list of any length costs the same number of queries.
    """
    if not ids:
        return {}
    found = session.execute(select(Person.id, Person.name).where(Person.id.in_(set(ids))))
    return dict(found.all())


def holders_of(session: Session, role: Role, unit_path: str, today: date) -> Sequence[Person]:
    """Return the enabled people who hold the role on the very unit today, by id."""
    return session.scalars(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(
            Unit.path == unit_path,
            RoleGrant.role == role.value,
            RoleGrant.valid_from <= today,
            or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= today),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.id)
    ).all()


def on_duty(session: Session, unit_id: int, duty: Duty, today: date) -> Person | None:
    """Return who has the unit's duty today, or None: its named receiver, or an intake desk's duty officer."""
    return session.scalars(
        select(Person)
        .join(DutyRoster, DutyRoster.person_id == Person.id)
        .where(
            DutyRoster.unit_id == unit_id,
            DutyRoster.duty == duty.value,
            DutyRoster.valid_from <= today,
            or_(DutyRoster.valid_to.is_(None), DutyRoster.valid_to >= today),
            Person.disabled_at.is_(None),
        )
        .order_by(DutyRoster.valid_from.desc())
        .limit(1)
    ).first()
