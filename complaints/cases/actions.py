"""What is done with leads: opening one from a complaint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from complaints.dossier import progress
from complaints.dossier.models import Channel, MatterKind
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.registration import Arrival, MatterGiven, instance_id_of, register, same_merchant
from complaints.dossier.work import Work
from complaints.organisation.models import Duty, UnitKind
from complaints.organisation.people import holders_of, on_duty
from complaints.organisation.roles import Role
from complaints.organisation.units import above, unit_by_path
from workflows.canonical import digest
from workflows.definition import Reach
from workflows.runtime.requests import Outcome
from workflows.steps import Assignee


def open_lead(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Start a lead from a complaint, in the unit that verifies and owned by whoever can verify it.

    The complaint changes no state and the lead lives on whatever becomes of it (SAMR Order 121, arts 9 and
    27). The complainant is not copied: who complained stays with the complaint (art. 37). The child's key
    follows from the form's, so that a double click finds the first lead instead of starting a second. Raises
    what `progress.act` raises; the caller's transaction then takes the lead back as well.
    """
    complaint = here.matter
    arrival = Arrival(
        kind=MatterKind.LEAD,
        channel=Channel(complaint.channel),
        received_at=work.now,
        region_code=complaint.region_code,
        source_path=complaint.source_path,
        first_responder_id=here.row["first_responder_id"],
        holder=_holder(work, here),
        parent=complaint,
        key=child_key(submitted.key, "lead"),
    )
    given = MatterGiven(
        # a lead names no complainant, so nothing could mask the name in its title later
        title=complaint.masked_title,
        facts=str(payload.get("clue") or ""),
        category_code=complaint.category_code,
        problem_code=complaint.problem_code,
    )
    merchant = complaint.merchant
    seller = same_merchant(merchant) if merchant else None
    lead = register(work, arrival, given, None, seller)
    return progress.act(work, here, "open_lead", payload, submitted, child_id=instance_id_of(work, lead))


def _holder(work: Work, complaint: Standing) -> Assignee:
    """Return who verifies: whoever found the clue where a handler or head of the unit.

    A clue that an intake officer found goes to the unit: to the complaint's own handler, else the named
    receiver, else a handler, else the head who hands it on. Where the unit has nobody today it stays the
    officer's, so that it is never nobody's.
    """
    unit = _verifying_unit(work, complaint.row["unit_path"])
    actor = work.actor
    if actor.grant(Role.HANDLER, unit, Reach.SELF) is None and actor.grant(Role.HEAD, unit, Reach.UP) is None:
        handlers = [one.id for one in holders_of(work.session, Role.HANDLER, unit, work.today)]
        if complaint.row["owner_id"] in handlers:
            return Assignee(complaint.row["owner_id"], unit)
        named = unit_by_path(work.session, unit)
        receiver = on_duty(work.session, named.id, Duty.RECEIVER, work.today) if named else None
        heads = [one.id for one in holders_of(work.session, Role.HEAD, unit, work.today)]
        able = [*([receiver.id] if receiver else []), *handlers, *heads]
        if able:
            return Assignee(able[0], unit)
    return Assignee(actor.id, unit)


def _verifying_unit(work: Work, unit_path: str) -> str:
    """Return where a lead lies: with the complaint, or for one at an intake desk with the bureau of the desk.

    A desk has no handlers, and nobody below or above it could take the lead over (SAMR Order 121, art. 41).
    """
    unit = unit_by_path(work.session, unit_path)
    if unit is not None and unit.kind == UnitKind.INTAKE_DESK.value:
        return above(unit_path)[1]
    return unit_path


def child_key(key: str, kind: str) -> str:
    """Return the key under which a form's child is started: always the same for one form, empty for none."""
    return digest(f"{kind}:{key}", "sha256") if key else ""
