"""The selected matter beside the board: what it says, what is missing, where it belongs, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from complaints.dossier.action_views import ActionView, action_views
from complaints.dossier.brief_matters import SimilarComplaints, similar_complaints
from complaints.dossier.clock_views import localised
from complaints.dossier.codes import DEMANDS
from complaints.dossier.models import Matter
from complaints.dossier.progress import Standing, standing
from complaints.dossier.similarity import described_matter
from complaints.dossier.timeline import Entry, last_act
from complaints.dossier.work import Work
from complaints.foundation.errors import NotFound
from complaints.foundation.masking import mask_name, mask_phone
from complaints.intake.queries import BoardRow, Destination, chosen, destinations
from complaints.organisation.permissions import Permission, sees_masked
from complaints.reference.queries import category

BESIDE_DISPATCH = (
    "ask_identity",
    "record_identity",
    "refuse",
    "take_back",
    "rule_on_return",
    "withdraw",
    "tell_decision",
    "supplement",
    "open_lead",
    "read_additions",
    "merge",
)
"""Actions that the panel names besides dispatching; everything else is on the matter's own page."""
YEARS = 3
"""SAMR Order 121, art. 16, item 4: counted from knowing of the harm, at which the purchase only hints."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of what to look at before deciding: whether it is there, and what is odd."""

    ok: bool
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything the panel shows; names and numbers are masked."""

    row: BoardRow
    matter: Matter
    consumer: str
    category: str
    demands: str
    checks: list[Check]
    may_dispatch: bool
    why_no_dispatch: ActionView | None
    can: list[ActionView]
    cannot: list[ActionView]
    units: list[Destination]
    key: str
    similar: SimilarComplaints
    """Those like it that this officer sees; a hint for a person."""
    returned: Entry | None
    """The return that waits for a ruling: who sent it back, when and why."""


def panel(work: Work, number: str, key: str, lines: Sequence[BoardRow] = ()) -> Panel | None:
    """Return the panel of the matter, or None where there is none or it is not this person's to see.

    `key` is a fresh idempotency key for its form; `lines` are those of the board beside it, read already.
    """
    try:
        here = standing(work, number)
    except NotFound:
        return None
    found = [line for line in lines if line.matter.number == number] or chosen(work, [number])
    if not found:
        return None
    views = {one.key: one for one in action_views(work, here)}
    dispatch = views.get("dispatch")
    beside = [views[key] for key in BESIDE_DISPATCH if key in views]
    matter = here.matter
    return Panel(
        row=found[0],
        matter=matter,
        consumer=_consumer(matter),
        category=_category(work, matter),
        demands="、".join(localised(DEMANDS[one]) for one in matter.demands if one in DEMANDS),
        checks=_checks(here, found[0], work.today),
        may_dispatch=dispatch is not None and dispatch.allowed,
        why_no_dispatch=dispatch if dispatch is not None and not dispatch.allowed else None,
        can=[one for one in beside if one.allowed],
        cannot=[one for one in beside if not one.allowed],
        units=destinations(work),
        key=key,
        similar=similar_complaints(work, described_matter(matter), only_visible=True),
        returned=_returned(work, here),
    )


def _returned(work: Work, here: Standing) -> Entry | None:
    if here.state != "returned":
        return None
    private = not sees_masked(work.actor, Permission.MATTER_READ, here.row["unit_path"])
    return last_act(work, here, private=private, action="return_to_intake")


def _consumer(matter: Matter) -> str:
    consumer = matter.consumer
    return f"{mask_name(consumer.name)} · {mask_phone(consumer.phone)}" if consumer else ""


def _category(work: Work, matter: Matter) -> str:
    codes = [code for code in (matter.category_code, matter.problem_code) if code]
    rows = [category(work.session, code) for code in codes]
    return " · ".join(localised(row.label) for row in rows if row is not None)


def _checks(here: Standing, row: BoardRow, today: date) -> list[Check]:
    """Return what SAMR Order 121, arts 10 and 16, let one look for; hints for a person, no decision."""
    matter, consumer = here.matter, here.matter.consumer
    known = consumer is not None and bool(consumer.name and consumer.phone)
    address = consumer is not None and bool(consumer.address)
    old = matter.happened_on is not None and matter.happened_on < today - timedelta(days=365 * YEARS)
    return [
        Check(
            known and address, _("Complainant: name, phone, address"), "" if address else _("address missing")
        ),
        Check(
            bool(row.matter.merchant and row.address),
            _("Respondent: name and address"),
            _respondent_note(row),
        ),
        Check(bool(matter.demands and matter.facts), _("Facts and a concrete claim")),
        Check(
            not old, _("Not more than three years ago"), _("look when the harm became known") if old else ""
        ),
        Check(row.lately <= 1, _("Not a repeat"), _repeat_note(row)),
    ]


def _respondent_note(row: BoardRow) -> str:
    return "" if row.address else _("address missing")


def _repeat_note(row: BoardRow) -> str:
    return _("%(n)s complaints against it in 30 days", n=row.lately) if row.lately > 1 else ""
