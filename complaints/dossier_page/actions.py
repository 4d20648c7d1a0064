"""What is done from a matter's page: any action of its procedure, and a look at a full number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from complaints.cases.actions import open_lead
from complaints.dossier import attachments, progress, relations
from complaints.dossier.completing import supplement
from complaints.dossier.disclosing import note_look, stated_reason
from complaints.dossier.models import Disclosure, MatterKind
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.timeline import texts_in_full
from complaints.dossier.work import Work
from complaints.foundation.errors import NotFound
from complaints.foundation.masking import mask_text
from complaints.intake import actions as intake
from complaints.mediation import actions as mediation
from complaints.mediation.given import SessionHeld
from complaints.organisation.permissions import Permission, allowed, sees_masked
from complaints.payouts import actions as payouts
from complaints.payouts.applying import apply_as_typed
from complaints.payouts.queries import may_pay
from workflows.guards import day_of

Special = Callable[[Work, Standing, Mapping[str, Any], Submitted], object]

OF_THE_CONSUMER = ("phone", "email", "address", "id_number")
PAYEE = "payee"
"""Name and phone number of whom a payout goes to: for whoever may pay it, while it is to be paid."""
OF_THE_MERCHANT = {"merchant_name": "name", "merchant_address": "address"}
REVEALED = (*OF_THE_CONSUMER, *OF_THE_MERCHANT, "facts", "texts", PAYEE)
"""What can be shown in full: of both sides, what was said, and what was typed with the steps."""


def _hold_session(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> object:
    """Record a session through the mediation desk, which keeps its own list of them."""
    held_on = day_of(payload.get("held_on"))
    if held_on is None:
        return progress.act(work, here, "hold_session", payload, submitted)
    words = {name: str(payload.get(name, "")) for name in ("place", "outcome", "notes")}
    held = SessionHeld(held_on, words["place"], words["outcome"], words["notes"])
    return mediation.hold_session(work, here.matter.number, held, submitted)


def _plan(action: str) -> Special:
    """Return how a session is arranged, moved or called off: through the desk, which masks its place."""

    def plan(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> object:
        return mediation.plan_session(work, here.matter.number, action, payload, submitted)

    return plan


def _pass_up(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> object:
    """Pass a station's dispute up with its whole file; the complaint it becomes is the station's child."""
    return mediation.pass_up(work, here.matter.number, str(payload.get("reason", "")), "", submitted)


SPECIAL: Mapping[tuple[str, str], Special] = {
    ("complaint", "open_lead"): open_lead,
    ("complaint", "apply_payout"): apply_as_typed,
    ("complaint", "rule_on_return"): intake.rule_as_typed,
    ("complaint", "refuse"): intake.refuse,
    ("complaint", "supplement"): supplement,
    ("complaint", "hold_session"): _hold_session,
    ("complaint", "link"): relations.link,
    ("complaint", "unlink"): relations.unlink,
    ("complaint", "merge"): relations.merge,
    ("complaint", "unmerge"): relations.unmerge,
    **{("complaint", name): _plan(name) for name in ("arrange_session", "change_session")},
    ("station_dispute", "pass_up"): _pass_up,
    **{("payout", name): step for name, step in payouts.STEPS.items()},
    **{(kind.value, "attach"): attachments.attach for kind in MatterKind},
    **{(kind.value, "withdraw_file"): attachments.withdraw for kind in MatterKind},
}
"""Actions, by procedure and name, that need more than a step of the engine: a child, a ledger, a list."""


def do(work: Work, here: Standing, action: str, payload: Mapping[str, Any], submitted: Submitted) -> None:
    """Do one action of the matter's procedure, through the room that knows it.

    Raises Denied, StaleVersion or KeyReused; the caller's transaction is then rolled back.
    """
    special = SPECIAL.get((here.row["procedure"], action))
    if special is not None:
        special(work, here, payload, submitted)
    else:
        progress.act(work, here, action, payload, submitted)


def may_reveal(work: Work, here: Standing) -> bool:
    """Tell whether this person may see full numbers of the matter for a stated reason."""
    return allowed(work.actor, Permission.MATTER_REVEAL, here.row["unit_path"])


def may_reveal_this(work: Work, here: Standing, what: str) -> bool:
    """Tell whether this person may see that value of the matter for a stated reason.

    A cashier reads masked, and has to know whom to pay: the payee only, and only while the payout is to be
    paid by that cashier (个人信息保护法第六条: the least that the purpose needs).
    """
    if what == PAYEE:
        return may_pay(work, here)
    masked = sees_masked(work.actor, Permission.MATTER_READ, here.row["unit_path"])
    return what in REVEALED and not masked and may_reveal(work, here)


def reveal(work: Work, here: Standing, what: str, reason: str, address: str) -> str:
    """Write down who looks at which value and why, then return the value (PIPL arts 6 and 51).

    `address` is the browser's. Raises NotFound where there is no such value or no right to it, Invalid for a
    reason that says nothing.
    """
    value = _in_full(work, here, what)
    if not value or not may_reveal_this(work, here, what):
        raise NotFound(_("There is no such page, or it is not yours to see."))
    said = stated_reason(reason, _("Say in at least four characters why you need the full value."))
    look = Disclosure(matter_id=here.matter.id, person_id=work.actor.id, what=what, reason=said, at=work.now)
    note_look(work, look, f"{here.matter.number} {what}", address)
    return value


def _in_full(work: Work, here: Standing, what: str) -> str:
    """Return the full value; empty where there is none of that name, or nothing in it is masked."""
    matter = here.matter
    if what == "facts":
        return matter.facts_in_full if matter.facts != matter.facts_in_full else ""
    if what == "texts":
        return texts_in_full(work, here)
    if what == PAYEE:
        return f"{matter.consumer.name} {matter.consumer.phone}" if matter.consumer else ""
    if what in OF_THE_MERCHANT and matter.merchant is not None:
        words = str(getattr(matter.merchant, OF_THE_MERCHANT[what]))
        return words if mask_text(words) != words else ""
    return str(getattr(matter.consumer, what)) if matter.consumer and what in OF_THE_CONSUMER else ""
