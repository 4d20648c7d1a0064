"""Whose each text is, as terms of the text index: a question and who asks it are answered by one index.

Without these a person of middle reach, who sees every tenth matter, has the newest thousands of a frequent
word gone through for a few of his own. The terms narrow and may hold too much, never too little: what is
found stands behind `complaints.dossier.visibility`, always.

A unit's term is of the kind of matter and one unit; a text has it for its unit and all above. A person's term
is of whoever registered it, was reached first, or has it handed over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from complaints.dossier import search_index
from complaints.dossier.models import Matter, MatterKind
from complaints.dossier.search_index import MATTER, RECORD
from complaints.dossier.visibility import JOIN, SEEN_BY_ROLE, SEES_RECORDS
from complaints.organisation.people import SignedInActor
from complaints.organisation.roles import Role
from complaints.organisation.units import above
from workflows.runtime.tables import instance

_AS_THEY_STAND = select(
    Matter.id,
    Matter.kind,
    instance.c.unit_path,
    Matter.registered_by,
    instance.c.first_responder_id,
    instance.c.handover_to,
).join(instance, JOIN)
_AS_ONE_STANDS = _AS_THEY_STAND.where(instance.c.id == bindparam("of"))


def reach_of_matter(kind: str, unit_path: str, people: Iterable[int | None]) -> str:
    """Return the terms of a matter that a unit holds, with blanks between."""
    units = [_unit(kind, path) for path in above(unit_path)]
    return _written([*units, *(_person(one) for one in people if one)])


def reach_of_record(unit_path: str) -> str:
    """Return the terms of a unit's historical record, with blanks between."""
    return _written(_unit(RECORD, path) for path in above(unit_path))


def reach_of_matters(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """Return the terms of matters as they stand now, by matter id; one query."""
    return _read(connection.execute(_AS_THEY_STAND.where(Matter.id.in_(ids))))


def hold(connection: Connection, ids: Collection[int]) -> None:
    """Let no step move these matters until the transaction ends; waits for one that is under way."""
    mine = select(instance.c.id).where(instance.c.subject_type == MATTER, instance.c.subject_id.in_(ids))
    connection.execute(mine.order_by(instance.c.id).with_for_update(read=True))


def follow(connection: Connection, instance_id: int) -> None:
    """Move a matter's text to where the matter went, in the transaction of the step."""
    for matter_id, reach in _read(connection.execute(_AS_ONE_STANDS, {"of": instance_id})).items():
        search_index.move(connection, MATTER, matter_id, reach)


def reach_asked(actor: SignedInActor) -> Sequence[str] | None:
    """Return the terms of which a text has one if the person may see it, None where every text would do.

    No term where the person sees nothing.
    """
    terms: list[str] = []
    for role, kinds in SEEN_BY_ROLE.items():
        for path in actor.paths(role):
            if path == above(path)[-1] and {*kinds} == {*MatterKind}:
                return None
            terms += [_unit(kind.value, path) for kind in kinds]
    terms += [_unit(RECORD, path) for path in actor.paths(*SEES_RECORDS)]
    if terms or actor.paths(Role.OPERATOR):
        terms.append(_person(actor.id))
    return tuple(dict.fromkeys(terms))


def _read(rows: Iterable[Row[Any]]) -> dict[int, str]:
    return {row.id: reach_of_matter(row.kind, row.unit_path, tuple(row)[3:]) for row in rows}


def _unit(kind: str, path: str) -> str:
    return f"u{blake2b(f'{kind} {path}'.encode(), digest_size=6).hexdigest()}"


def _person(person_id: int) -> str:
    return f"p{person_id}"


def _written(terms: Iterable[str]) -> str:
    return " ".join(sorted(set(terms)))
