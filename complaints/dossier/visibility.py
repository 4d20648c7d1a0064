"""Whose matters a person sees, as ONE condition of SQL. No list, count, search or page reads matters without
it.

A role sees the matters of its units and of all below: operators only those they were first responder of or
registered; stations only the disputes of their venue; leads and payouts only those whose work they are. The
three administrators see none.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, false, or_, select
from sqlalchemy.orm import aliased

from complaints.dossier.models import Matter, MatterKind
from complaints.dossier.record_models import HistoricalRecord
from complaints.organisation.people import SignedInActor
from complaints.organisation.roles import Role
from complaints.organisation.units import at_or_below
from workflows.projection import Projection
from workflows.runtime.tables import instance

_ALL = tuple(MatterKind)
SEEN_BY_ROLE: dict[Role, tuple[MatterKind, ...]] = {
    Role.INTAKE: (MatterKind.COMPLAINT,),
    Role.HANDLER: _ALL,
    Role.HEAD: _ALL,
    Role.STATION: (MatterKind.STATION_DISPUTE,),
    Role.CASHIER: (MatterKind.PAYOUT,),
    Role.PAYOUT_APPROVER: (MatterKind.PAYOUT,),
    Role.SUPERVISOR: _ALL,
    Role.AUDITOR: _ALL,
}
"""Which kinds a role sees on its units and below. Operators stand apart: they see their own."""

JOIN = and_(instance.c.subject_type == "matter", instance.c.subject_id == Matter.id)
"""How a matter is joined to its instance."""


def visible_to(actor: SignedInActor) -> ColumnElement[bool]:
    """Return the condition on `instance` alone under which the person may see its matter.

    An instance's procedure is its matter's kind, so counts need not read the matters.
    """
    allowed = _by_role(actor)
    if actor.paths(Role.OPERATOR):
        own = or_(instance.c.first_responder_id == actor.id, _registered_by(actor.id))
        allowed.append(and_(instance.c.procedure == MatterKind.COMPLAINT.value, own))
    if not allowed:
        return false()
    handed = instance.c.handover_to == actor.id
    return or_(*allowed, handed)


def visible_among(actor: SignedInActor) -> ColumnElement[bool]:
    """Return the same condition for rows that the statement names by their ids, as a value.

    SQLite would look for the plain condition through its indexes: all that the person sees, for each portion
    of an export.
    """
    return case((visible_to(actor), 1), else_=0) == 1


def _by_role(actor: SignedInActor) -> list[ColumnElement[bool]]:
    allowed: list[ColumnElement[bool]] = []
    for role, kinds in SEEN_BY_ROLE.items():
        paths = actor.paths(role)
        if paths:
            allowed.append(
                and_(
                    instance.c.procedure.in_([kind.value for kind in kinds]),
                    at_or_below(instance.c.unit_path, paths),
                )
            )
    return allowed


def _registered_by(person_id: int) -> ColumnElement[bool]:
    own = aliased(Matter)
    found = select(own.id).where(own.id == instance.c.subject_id, own.registered_by == person_id)
    return found.correlate(instance).exists()


def saw(actor: SignedInActor, kind: str, registered_by: int, then: Projection) -> bool:
    """Tell the same of a matter as it stood at an event, for an actor with the grants of that day."""
    by_role = any(
        kind in kinds and any(then.unit_path.startswith(path) for path in actor.paths(role))
        for role, kinds in SEEN_BY_ROLE.items()
    )
    own = actor.id in (then.first_responder_id, registered_by)
    by_own = own and kind == MatterKind.COMPLAINT.value and bool(actor.paths(Role.OPERATOR))
    handed = then.handover_to == actor.id and bool(actor.paths(*SEEN_BY_ROLE, Role.OPERATOR))
    return by_role or by_own or handed


SEES_RECORDS = (Role.INTAKE, Role.HANDLER, Role.HEAD, Role.SUPERVISOR, Role.AUDITOR)
"""Who sees historical records on their units and below."""


def visible_records(actor: SignedInActor) -> ColumnElement[bool]:
    """Return the condition on `HistoricalRecord` alone under which the person may see the record."""
    return at_or_below(HistoricalRecord.unit_path, actor.paths(*SEES_RECORDS))
