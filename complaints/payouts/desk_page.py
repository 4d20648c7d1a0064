"""Everything that the desk shows of one payout, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from complaints.dossier.action_views import ActionView, action_views
from complaints.dossier.clock_views import is_provisional, localised
from complaints.dossier.models import Matter
from complaints.dossier.progress import Standing, procedure_of
from complaints.dossier.timeline import Entry, entries, erased_texts
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, worklist
from complaints.foundation.masking import mask_name, mask_phone
from complaints.organisation.permissions import Permission, allowed, sees_masked
from complaints.payouts import queries
from complaints.payouts.forms import FORMS, asks
from complaints.payouts.ledger import Balances
from complaints.payouts.models import Payout
from complaints.payouts.sheet import Ground, Sheet, sheet
from complaints.web.submissions import ActForm
from workflows.runtime import event_log

MAIN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "applied": ("begin_check",),
        "verifying": ("confirm",),
        "approving": ("approve", "countersign"),
        "paying": ("settled",),
        "paid": ("link_case",),
        "recovering": ("recover", "file"),
    }
)
"""What leads on from each state: done on the desk where allowed, else shown with the reason why not."""

BESIDE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "verifying": ("refuse",),
        "approving": ("send_back",),
        "paying": ("failed",),
        "recovering": ("write_off",),
    }
)
"""What stands as a second button beside the first."""

LATEST = 12
"""Entries of the timeline; the matter's own page has all of them."""


@dataclass(frozen=True, slots=True)
class Link:
    """An action that has the generic form of the matter's page."""

    key: str
    label: str
    url: str
    icon: str
    method: str = "get"
    shortcut: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class DeskPage:
    """What the template draws of the chosen payout."""

    row: MatterRow
    payout: Payout
    goods: str
    """Without the applicant's full name: the desk is read by more people than may know it."""
    sheet: Sheet
    consumer: str
    phone: str
    payee_url: str
    """Where whoever may pay now sees for a logged reason whom; empty for everybody else."""
    parent: str
    parent_open: bool
    entries: list[Entry]
    posted: list[queries.Entry]
    form: ActForm | None
    action: str
    action_label: str
    action_url: str
    draft_url: str
    beside: list[Link]
    """What else is often done here, as buttons beside the first."""
    voucher: str
    """What the number of the voucher is called, by the way in which the sum was paid."""
    links: list[Link]
    refused: list[ActionView]
    said: Sequence[str]


def desk_page(
    work: Work,
    here: Standing,
    sums: Balances,
    *,
    form: ActForm | None = None,
    action: str = "",
    said: Sequence[str] = (),
) -> DeskPage:
    """Return the page of a payout; `form`, `action` and `said` are what was sent and could not be done."""
    matter = here.matter
    payout = queries.payout_of(work.session, matter)
    reads = reads_texts(work, here)
    texts = {}
    if reads:
        texts = work.engine.private_texts(work.connection, here.instance_id) | erased_texts(work, here)
    events = event_log.events_of(work.connection, here.instance_id)
    leads = queries.sibling_leads(work, matter)
    row = worklist(work, Matter.id == matter.id)[0]
    due = here.row["next_alert_due"]
    provisional = is_provisional(here.row["next_legal_due"], work.time_rules)
    ground = Ground(work, here, payout, events, sums, leads, due, provisional, texts)
    views = action_views(work, here)
    chosen = action or _main(here.state, views, ground)
    if form is None and chosen:
        form = _fresh(chosen, here, ground)
    draft = draft_of(matter.number, chosen) if form is not None and asks(form) else ""
    if form is not None:
        form.draft.data = draft
    parent, parent_open = queries.parent_of(work, matter)
    label = procedure_of(work, here).actions[chosen].label if chosen else None
    links = [_link(here, one) for one in views if one.allowed and one.key != chosen]
    return DeskPage(
        row=row,
        payout=payout,
        goods=matter.unnamed(payout.goods),
        sheet=sheet(ground),
        consumer=mask_name(matter.consumer.name) if matter.consumer else "",
        phone=mask_phone(matter.consumer.phone) if matter.consumer else "",
        payee_url=_payee_url(matter, views),
        parent=parent,
        parent_open=parent_open,
        entries=[_told(one) for one in entries(work, here, events, private=reads)[:LATEST]],
        posted=queries.entries_of(work.session, matter),
        form=form,
        action=chosen,
        action_label=localised(label),
        action_url=url_for("payouts.do", number=matter.number, action=chosen) if chosen else "",
        draft_url=url_for("drafts.save", form=draft) if draft else "",
        beside=[one for one in links if one.key in BESIDE.get(here.state, ())],
        voucher=_voucher(str(ground.known.get("way", ""))),
        links=[one for one in links if one.key not in BESIDE.get(here.state, ())],
        refused=[one for one in views if not one.allowed and one.key in _steps(ground)],
        said=said,
    )


def draft_of(number: str, action: str) -> str:
    """Return the name of the draft of one of the desk's forms."""
    return f"payouts.{number}.{action}"


def _payee_url(matter: Matter, views: Sequence[ActionView]) -> str:
    may_pay = any(one.allowed and one.key == "settled" for one in views)
    return url_for("dossier_page.reveal", number=matter.number, what="payee") if may_pay else ""


def _voucher(way: str) -> str:
    return {"cash": _("cash receipt"), "transfer": _("bank reference")}.get(way, "")


def _told(entry: Entry) -> Entry:
    """Return the line with what was typed in it: the sum, the proof, the reason, as far as it may be read."""
    hidden = _("(not shown to you)")
    values = [value for _label, value in entry.details if value != hidden]
    return replace(entry, text=" · ".join((entry.text, *values)))


def reads_texts(work: Work, here: Standing) -> bool:
    """Tell whether the reader sees what was found on the spot: who handles it, and who decides on it."""
    unit = here.row["unit_path"]
    return not sees_masked(work.actor, Permission.PAYOUTS_READ, unit) or allowed(
        work.actor, Permission.PAYOUTS_APPROVE, unit
    )


def _steps(ground: Ground) -> list[str]:
    """Return what leads on from here; a second signature only where the sum asks for one."""
    over = queries.sum_of(ground.payout) > int(ground.known.get("two_people_over_fen") or 0)
    return [one for one in MAIN.get(ground.here.state, ()) if over or one != "countersign"]


def _main(state: str, views: Sequence[ActionView], ground: Ground) -> str:
    """Return the action whose form the desk opens, or an empty text where the reader may do none of them."""
    may = [one.key for one in views if one.allowed]
    order = _steps(ground)
    if state == "approving" and not ground.known.get("countersigned_fen"):
        order.reverse()
    if state == "recovering" and ground.payout.owed_fen == 0:
        order.reverse()
    return next((key for key in order if key in may), "")


def _fresh(action: str, here: Standing, ground: Ground) -> ActForm:
    """Return the empty form of an action, with what is most likely typed."""
    payout = ground.payout
    lead = next((one for one in ground.leads if one.case_number), None)
    values: dict[str, dict[str, Any]] = {
        "confirm": {"verified_fen": payout.claimed_fen},
        "countersign": {"countersigned_fen": payout.verified_fen},
        "approve": {"approved_fen": payout.verified_fen},
        "settled": {"paid_on": ground.work.today},
        "link_case": {"case_number": lead.case_number if lead else ""},
        "recover": {"recovered_fen": payout.paid_fen - payout.written_off_fen},
    }
    draft = draft_of(here.matter.number, action) if asks(FORMS[action]()) else ""
    return FORMS[action].opened(draft, here.form_version, **values.get(action, {}))


def _link(here: Standing, one: ActionView) -> Link:
    url = url_for("dossier_page.do", number=here.matter.number, action=one.key)
    return Link(one.key, one.label, url, "right")
