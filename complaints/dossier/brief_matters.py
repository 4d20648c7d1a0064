"""What somebody who registers a matter sees of others' matters: number, title, state and clock, no more.

Not the person, not the facts, never a lead: enough that nobody has to tell a story twice and nothing is
registered twice. Only what the reader may see anyhow is a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from complaints.dossier.clock_views import ClockView
from complaints.dossier.models import Matter, MatterKind
from complaints.dossier.relation_checks import MERGED
from complaints.dossier.relations import merged_into
from complaints.dossier.similarity import Alike, Described, similar
from complaints.dossier.visibility import JOIN, visible_among, visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, listed
from workflows.runtime.tables import instance


@dataclass(frozen=True, slots=True)
class BriefMatter:
    """All that is shown of a matter that another may have taken; `own` ones may be opened.

    The state of a merged one names the complaint that carries it. `reasons` say why it is shown among the
    similar ones; `same_caller`, that the number is the same.
    """

    number: str
    title: str
    kind: str
    state: str
    received_on: date
    clock: ClockView | None
    open: bool
    own: bool
    reasons: tuple[str, ...] = ()
    same_caller: bool = False
    takes_more: bool = False
    """Whether what a caller says can be added to it: a complaint at work."""


@dataclass(frozen=True, slots=True)
class SimilarComplaints:
    """The similar complaints as they are shown. `cut`: the time for comparing ran out before the end."""

    rows: tuple[BriefMatter, ...] = ()
    cut: bool = False
    asked: bool = False
    """Whether anything was known to look for."""


def brief(work: Work, rows: Sequence[MatterRow], because: Sequence[Alike] = ()) -> list[BriefMatter]:
    """Keep of each row what may be shown."""
    flags = _flags(work, [row.id for row in rows])
    into = merged_into(work.session, [row.id for row in rows if row.state == MERGED])
    why = {one.matter_id: one for one in because}
    return [
        BriefMatter(
            row.number,
            row.title,
            row.kind_label,
            f"{row.state_label} → {into[row.id]}" if row.id in into else row.state_label,
            row.received_on,
            row.clock,
            *flags[row.id],
            tuple(why[row.id].reasons) if row.id in why else (),
            row.id in why and why[row.id].same_caller,
            flags[row.id][0] and row.kind == MatterKind.COMPLAINT.value,
        )
        for row in rows
    ]


def similar_complaints(work: Work, one: Described, *, only_visible: bool = False) -> SimilarComplaints:
    """Return the complaints most like the one described, the nearest first.

    `only_visible` leaves out what the reader may not open: for pages of a matter, where nobody registers.
    """
    if not (one.text or one.phone_hash or one.merchant_id or one.merchant_name):
        return SimilarComplaints()
    # asked before anything is cut: another unit's complaints must not hide the reader's own
    seen = visible_among(work.actor) if only_visible else None
    result = similar(work.session, one, work.today, seen=seen)
    ids = [each.matter_id for each in result.found]
    rows = {row.id: row for row in listed(work, Matter.id.in_(ids))} if ids else {}
    ordered = [rows[matter_id] for matter_id in ids if matter_id in rows]
    return SimilarComplaints(tuple(brief(work, ordered, result.found)), result.cut, asked=True)


def _flags(work: Work, ids: Sequence[int]) -> dict[int, tuple[bool, bool]]:
    """Return of each matter whether work on it goes on, and whether this person may open it."""
    if not ids:
        return {}
    found = select(Matter.id, instance.c.ended, visible_to(work.actor)).join(instance, JOIN)
    rows = work.session.execute(found.where(Matter.id.in_(ids)))
    return {matter_id: (not ended, bool(seen)) for matter_id, ended, seen in rows}
