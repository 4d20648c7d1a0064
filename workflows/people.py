"""People with roles on units, for whoever keeps none of their own: a small application, a test.

An application with accounts answers the two protocols itself: `workflows.guards.Actor` (does this person hold
the role there) and `workflows.runtime.worker.Directory` (who holds it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflows.definition import Reach


@dataclass(frozen=True)
class Person:
    """Somebody with grants: role and the path of the unit it was granted on, to the id of the grant.

    A path begins and ends with a slash and names every unit above: `/town/east/` lies in `/town/`.
    """

    id: int
    grants: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def grant(self, role: str, unit_path: str, reach: Reach) -> int | None:
        """Return the id of the grant by which this person holds the role there, or None."""
        for (held, where), number in self.grants.items():
            if held == role and _reaches(where, unit_path, reach):
                return number
        return None


@dataclass(frozen=True)
class Staff:
    """All the people there are: a directory that tells who holds a role for a unit."""

    people: Iterable[Person]

    def holders(self, connection: object, role: str, unit_path: str, reach: Reach) -> tuple[int, ...]:
        """Return the ids of those who hold the role nearest to the unit, in the order of the staff."""
        found = [
            (len(where), one.id)
            for one in self.people
            for held, where in one.grants
            if held == role and _reaches(where, unit_path, reach)
        ]
        nearest = max((length for length, _person in found), default=0)
        return tuple(dict.fromkeys(person for length, person in found if length == nearest))


def _reaches(where: str, unit_path: str, reach: Reach) -> bool:
    """Tell whether a role granted there counts for the unit."""
    if reach is Reach.ANY:
        return True
    return unit_path == where if reach is Reach.SELF else unit_path.startswith(where)
