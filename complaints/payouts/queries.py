"""What the payout desk shows: the queue, what needs care, one payout with its surroundings, the fund.

Sums are integer fen. A list of any length costs the same number of queries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from complaints.dossier.action_views import ReasonView, against
from complaints.dossier.models import Consumer, Matter, MatterKind
from complaints.dossier.progress import Standing
from complaints.dossier.visibility import JOIN, visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import MOST_KEYS, MatterRow, counts, keys, portion, worklist
from complaints.foundation.masking import mask_known_name
from complaints.organisation.people import SignedInActor, person_names
from complaints.organisation.roles import Role
from complaints.organisation.units import at_or_below
from complaints.payouts.models import LedgerEntry, Payout
from workflows.runtime.tables import instance

TABS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "verify": ("applied", "verifying"),
        "approve": ("approving",),
        "pay": ("paying",),
        "recover": ("paid", "recovering"),
        "ended": ("recovered", "written_off", "refused", "withdrawn"),
    }
)
"""The lists of the desk and the states of a payout in each."""

CARE = 5
"""Payouts that need care and are named beside the queue."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One payout of the queue; `sum_fen` is the latest sum known of it."""

    matter: MatterRow
    sum_fen: int
    two_people: bool
    """Above the limit: a second person countersigns before the approval."""


@dataclass(frozen=True, slots=True)
class SiblingLead:
    """A lead of the complaint from which a payout came."""

    number: str
    state: str
    case_number: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting of a payout, with who made it."""

    kind: str
    amount_fen: int
    booked_on: str
    reference: str
    who: str


@dataclass(frozen=True, slots=True)
class Posted:
    """One posting of the ledger with both its sides and its payout, which is empty where money was put in."""

    booked_on: date
    number: str
    title: str
    kind: str
    debit: str
    credit: str
    amount_fen: int
    reference: str
    who: str


def is_payout() -> ColumnElement[bool]:
    """Return the condition that a matter is a payout."""
    return Matter.kind == MatterKind.PAYOUT.value


def tab_of(state: str) -> str:
    """Return the list in which a payout of that state stands."""
    return next(tab for tab, states in TABS.items() if state in states)


def tab_counts(work: Work) -> dict[str, int]:
    """Count the payouts of each list; one query."""
    return counts(work, TABS, is_payout())


def own_tab(work: Work) -> str:
    """Return the list where this person's work lies; where that is empty, the first that is not."""
    roles = work.actor.roles
    own = "approve" if Role.PAYOUT_APPROVER in roles else "verify"
    if Role.CASHIER in roles and Role.HANDLER not in roles:
        own = "pay"
    counts = tab_counts(work)
    return next((tab for tab in (own, *TABS) if counts[tab] and tab != "ended"), own)


def queue(work: Work, tab: str, offset: int = 0) -> list[QueueRow]:
    """Return a page of one list: what is open by the day it falls due, what has ended the newest first."""
    conditions = (is_payout(), instance.c.state.in_(TABS[tab]))
    rows = worklist(work, *conditions, offset=offset, newest_first=tab == "ended")
    return _queue_rows(work.session, rows)


def queue_keys(work: Work, tab: str) -> list[int]:
    """Return the ids of one whole list, in its order."""
    return keys(work, is_payout(), instance.c.state.in_(TABS[tab]), newest_first=tab == "ended")


def queue_portion(work: Work, ids: Sequence[int]) -> list[QueueRow]:
    """Return those of the payouts that the reader may see, in their order."""
    return _queue_rows(work.session, portion(work, ids))


def posting_keys(work: Work) -> list[int]:
    """Return the ids of the postings of all payouts that the reader may see, and of what was put in."""
    return list(work.session.scalars(_postings(work, LedgerEntry.id).limit(MOST_KEYS)))


def postings(work: Work, ids: Sequence[int]) -> list[Posted]:
    """Return those of the postings that the reader may see, the first one first."""
    columns = LedgerEntry, Matter.number, Matter.title, Consumer.name
    statement = _postings(work, *columns).outerjoin(Consumer, Consumer.id == Matter.consumer_id)
    rows = work.session.execute(statement.where(LedgerEntry.id.in_(ids))).all()
    names = person_names(work.session, [entry.actor_id for entry, *_payout in rows])
    return [
        Posted(
            entry.booked_on,
            number or "",
            mask_known_name(title or "", name or ""),
            entry.kind,
            entry.debit,
            entry.credit,
            entry.amount_fen,
            entry.reference,
            names.get(entry.actor_id, ""),
        )
        for entry, number, title, name in rows
    ]


def _postings(work: Work, *columns: Any) -> Select[Any]:
    """Select of the postings; a sum put into the fund belongs to no payout and is shown on every desk."""
    return (
        select(*columns)
        .select_from(LedgerEntry)
        .outerjoin(Matter, Matter.id == LedgerEntry.matter_id)
        .outerjoin(instance, JOIN)
        .where(or_(LedgerEntry.matter_id.is_(None), visible_to(work.actor)))
        .order_by(LedgerEntry.id)
    )


def care_needed(work: Work) -> list[QueueRow]:
    """Return payouts that were paid and are linked neither to a case nor to a decision not to file."""
    rows = worklist(work, is_payout(), instance.c.state == "paid", limit=CARE)
    return _queue_rows(work.session, rows)


def _queue_rows(session: Session, rows: Sequence[MatterRow]) -> list[QueueRow]:
    found = session.scalars(select(Payout).where(Payout.matter_id.in_([row.id for row in rows])))
    payouts = {one.matter_id: one for one in found}
    return [QueueRow(row, sum_of(payouts[row.id]), _over(row, payouts[row.id])) for row in rows]


def sum_of(payout: Payout) -> int:
    """Return the latest sum known of a payout: paid, else approved, verified, claimed."""
    return payout.paid_fen or payout.approved_fen or payout.verified_fen or payout.claimed_fen


def _over(row: MatterRow, payout: Payout) -> bool:
    known: dict[str, Any] = json.loads(row.vars)
    return row.state in TABS["approve"] and sum_of(payout) > (known.get("two_people_over_fen") or 0)


def payout_of(session: Session, matter: Matter) -> Payout:
    """Return the sums of a payout."""
    return session.scalars(select(Payout).where(Payout.matter_id == matter.id)).one()


def sibling_leads(work: Work, matter: Matter) -> list[SiblingLead]:
    """Return the leads of the payout's complaint that the reader may see, the filed ones first."""
    if matter.parent_id is None:
        return []
    rows = work.session.execute(
        select(Matter.number, instance.c.state, instance.c.vars)
        .join(instance, JOIN)
        .where(
            visible_to(work.actor),
            Matter.parent_id == matter.parent_id,
            Matter.kind == MatterKind.LEAD.value,
        )
        .order_by(Matter.id)
    )
    leads = [
        SiblingLead(number, state, str(json.loads(known).get("case_number") or ""))
        for number, state, known in rows
    ]
    return sorted(leads, key=lambda one: not one.case_number)


def parent_of(work: Work, matter: Matter) -> tuple[str, bool]:
    """Return the number of what a payout came from, and whether the reader may open it."""
    if matter.parent_id is None:
        return "", False
    found = work.session.execute(
        select(Matter.number, visible_to(work.actor))
        .join(instance, JOIN)
        .where(Matter.id == matter.parent_id)
    ).one()
    return str(found[0]), bool(found[1])


def entries_of(session: Session, matter: Matter) -> list[Entry]:
    """Return the postings of a payout, the first one first."""
    rows = session.scalars(
        select(LedgerEntry).where(LedgerEntry.matter_id == matter.id).order_by(LedgerEntry.id)
    ).all()
    names = person_names(session, [row.actor_id for row in rows])
    return [
        Entry(row.kind, row.amount_fen, row.booked_on.isoformat(), row.reference, names.get(row.actor_id, ""))
        for row in rows
    ]


def payouts_from(work: Work, complaint: Matter) -> Sequence[Matter]:
    """Return the payouts that were applied for from a complaint and that the reader may see, in order.

    A complaint may have moved on to another unit after its payout was begun, which stays where it is.
    """
    return work.session.scalars(
        select(Matter)
        .join(instance, JOIN)
        .where(Matter.parent_id == complaint.id, is_payout(), visible_to(work.actor))
        .order_by(Matter.id)
    ).all()


def number_if_seen(work: Work, number: str) -> str:
    """Return the number of a payout where the reader may see that payout, else an empty text."""
    found = select(Matter.number).join(instance, JOIN).where(Matter.number == number, visible_to(work.actor))
    return work.session.scalars(found).first() or ""


def waiting_for(session: Session, actor: SignedInActor) -> int:
    """Count the payouts that wait for this person: own ones, to approve, to pay. One query."""
    waiting: list[ColumnElement[bool]] = [
        and_(
            instance.c.owner_id == actor.id,
            instance.c.ended.is_(False),
            instance.c.state.in_(("applied", "verifying", "paid", "recovering")),
        )
    ]
    for role, state in ((Role.PAYOUT_APPROVER, "approving"), (Role.CASHIER, "paying")):
        paths = actor.paths(role)
        if paths:
            waiting.append(and_(instance.c.state == state, at_or_below(instance.c.unit_path, paths)))
    return int(
        session.execute(
            select(func.count())
            .select_from(instance)
            .where(instance.c.procedure == MatterKind.PAYOUT.value, or_(*waiting))
        ).scalar_one()
    )


def sides_missing() -> str:
    """Return what is said where a complaint lacks a side."""
    return _("Register the complainant and the merchant first: the payout is for one, the other repays it.")


def against_applying(work: Work, complaint: Standing) -> list[ReasonView]:
    """Return every reason why no payout can be applied for from the complaint now; none where it can."""
    reasons = against(work, complaint, "apply_payout")
    matter = complaint.matter
    if matter.consumer_id is None or matter.merchant_id is None:
        reasons.append(ReasonView(sides_missing(), ""))
    return reasons


def may_pay(work: Work, here: Standing) -> bool:
    """Tell whether this person may pay the payout now: a cashier of its unit who did not approve it."""
    return here.matter.kind == MatterKind.PAYOUT.value and not against(work, here, "settled")
