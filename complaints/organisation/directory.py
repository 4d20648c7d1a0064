"""Who holds a role near a unit: on the unit itself, else on the nearest one above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import Connection, or_, select
from sqlalchemy.orm import Session

from complaints.organisation.models import Person, RoleGrant, Unit
from complaints.organisation.roles import Role
from complaints.organisation.units import above
from workflows.definition import Reach


def nearest_holders(
    session: Session | Connection, roles: Sequence[Role], unit_path: str, today: date
) -> dict[Role, tuple[int, ...]]:
    """Return, for each role, the ids of the enabled people who hold it nearest to the unit. One query for all
    roles.
    """
    return _nearest(session, roles, above(unit_path), today) if roles else {}


def _nearest(
    session: Session | Connection, roles: Sequence[Role], paths: Sequence[str], today: date
) -> dict[Role, tuple[int, ...]]:
    rows = session.execute(
        select(RoleGrant.role, Unit.path, Person.id)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role.in_([role.value for role in roles]),
            Unit.path.in_(paths),
            RoleGrant.valid_from <= today,
            or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to >= today),
            Person.disabled_at.is_(None),
        )
        .order_by(Person.id)
    )
    held: dict[Role, dict[str, list[int]]] = {}
    for role, path, person_id in rows:
        held.setdefault(Role(role), {}).setdefault(path, []).append(person_id)
    return {role: tuple(paths[max(paths, key=len)]) for role, paths in held.items()}


class RoleDirectory:
    """Fulfils `workflows.runtime.worker.Directory` from the grants of today."""

    def __init__(self, today: Callable[[], date]) -> None:
        """Take the day (Asia/Shanghai) from the application's clock."""
        self._today = today

    def holders(self, connection: Connection, role: str, unit_path: str, reach: Reach) -> tuple[int, ...]:
        """Return the ids of the people who hold the role nearest to the unit; with reach SELF only on the
        unit itself.
        """
        paths = (unit_path,) if reach is Reach.SELF else above(unit_path)
        return _nearest(connection, [Role(role)], paths, self._today()).get(Role(role), ())
