"""What an operator does while the caller is on the line: register a complaint, or add to an earlier one."""

from __future__ import annotations

from flask_babel import gettext as _

from complaints.dossier import progress
from complaints.dossier.models import Channel, Matter, MatterKind
from complaints.dossier.progress import Submitted
from complaints.dossier.registration import Arrival, ConsumerGiven, MatterGiven, MerchantGiven, register
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict
from complaints.hotline.queries import complaint_of_caller
from complaints.organisation.models import Unit
from complaints.organisation.units import intake_desk_for, region_code_of
from workflows.steps import Assignee


def register_complaint(
    work: Work, given: MatterGiven, consumer: ConsumerGiven, merchant: MerchantGiven, key: str
) -> Matter:
    """Register what the caller said; the same form sent twice gives the same complaint.

    It lies at the intake desk that serves the operator's unit. The operator, who was reached first, stays its
    first responder and owns it until it is dispatched. Counting starts today. Raises Conflict where there is
    no desk.
    """
    desk = need_desk(work)
    arrival = Arrival(
        kind=MatterKind.COMPLAINT,
        channel=Channel.PHONE,
        received_at=work.now,
        region_code=region_code_of(work.session, desk.path),
        source_path=work.actor.unit_path,
        first_responder_id=work.actor.id,
        holder=Assignee(work.actor.id, desk.path),
        messages=("receipt.registered",),
        key=key,
    )
    return register(work, arrival, given, consumer, merchant)


def add_to_complaint(work: Work, number: str, phone: str, said: str, submitted: Submitted) -> Matter:
    """Add what the caller says to the open complaint of the same telephone number; nothing is registered.

    Whoever took that complaint: the words go into its file under the operator's name, and its owner is shown
    that they wait. Raises NotFound for a complaint that is not this caller's, and what `progress.act` raises.
    """
    here = complaint_of_caller(work, number, phone)
    progress.act(work, here, "add_from_call", {"said": said}, submitted)
    return here.matter


def need_desk(work: Work) -> Unit:
    """Return the intake desk that serves the operator's unit. Raises Conflict where there is none today."""
    desk = intake_desk_for(work.session, work.actor.unit_path, work.today)
    if desk is None:
        raise Conflict(
            _("No intake desk serves your unit today. Ask the system administrator for one, then send again.")
        )
    return desk
