"""What stands beside a complaint: those it is linked to or merged with, and those that are like it.

Whoever sees only one of two complaints that belong together learns the number of the other, no more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier.brief_matters import BriefMatter, SimilarComplaints, brief, similar_complaints
from complaints.dossier.models import Matter, MatterKind, MatterRelation, RelationKind
from complaints.dossier.progress import Standing
from complaints.dossier.relations import relations_of
from complaints.dossier.similarity import compared, described_matter
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, worklist
from complaints.dossier_page.queries import Family
from complaints.foundation.clock import local_moment, microseconds
from complaints.foundation.masking import mask_text
from complaints.organisation.people import person_names


@dataclass(frozen=True, slots=True)
class Related:
    """A complaint that belongs to this one. `title`, `state`, `why` are empty where the reader does not see
    it; `undo_url` where this reader cannot take it back here. `at` is aware, Asia/Shanghai.
    """

    words: str
    number: str
    url: str
    title: str
    state: str
    who: str
    at: datetime
    why: str
    undo_url: str


@dataclass(frozen=True, slots=True)
class Relations:
    """Everything of it on a matter's page. `merged_into` is set where another complaint carries this one."""

    related: list[Related]
    merged_into: Related | None
    similar: SimilarComplaints
    links: bool
    """Whether this reader may link, and so is offered it beside each similar complaint."""
    merges: bool
    received_on: date
    """The day this one was received: it is merged only into one received no later."""


def relations(work: Work, here: Standing, offered: Collection[str], family: Family) -> Relations | None:
    """Return what stands beside a complaint; None for other kinds. `offered` are the acts with a button."""
    matter = here.matter
    if matter.kind != MatterKind.COMPLAINT.value:
        return None
    rows = relations_of(work.session, matter.id)
    others = [_other(one, matter.id) for one in rows]
    numbers = _numbers(work, others)
    seen = {row.id: row for row in worklist(work, Matter.id.in_(others))} if others else {}
    names = person_names(work.session, [one.made_by for one in rows])
    found = [_related(one, matter, numbers, seen, names, offered) for one in rows]
    carrier = next((view for view, one in zip(found, rows, strict=True) if _is_merged(one, matter.id)), None)
    kin = [row.id for row in family.children] + ([family.parent.id] if family.parent else [])
    alike = described_matter(matter, without=frozenset([matter.id, *others, *kin]))
    return Relations(
        related=[view for view in found if view is not carrier],
        merged_into=carrier,
        similar=similar_complaints(work, alike, only_visible=True),
        links="link" in offered,
        merges="merge" in offered,
        received_on=matter.received_on,
    )


def other_complaint(work: Work, here: Standing, number: str) -> BriefMatter | None:
    """Return the complaint of that number as a form about both shows it, with what the two have in common."""
    rows = worklist(
        work, Matter.number == number, Matter.kind == MatterKind.COMPLAINT.value, Matter.id != here.matter.id
    )
    if not rows:
        return None
    alike = compared(work.session, described_matter(here.matter), rows[0].id)
    return brief(work, rows, [alike] if alike else [])[0]


def _is_merged(one: MatterRelation, matter_id: int) -> bool:
    return one.kind == RelationKind.MERGE.value and one.matter_id == matter_id


def _other(one: MatterRelation, matter_id: int) -> int:
    return one.other_id if one.matter_id == matter_id else one.matter_id


def _numbers(work: Work, ids: list[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = work.session.execute(select(Matter.id, Matter.number).where(Matter.id.in_(ids)))
    return dict(rows.all())


def _related(
    one: MatterRelation,
    matter: Matter,
    numbers: Mapping[int, str],
    seen: Mapping[int, MatterRow],
    names: Mapping[int, str],
    offered: Collection[str],
) -> Related:
    other_id = _other(one, matter.id)
    number, row = numbers[other_id], seen.get(other_id)
    action = "unmerge" if _is_merged(one, matter.id) else "unlink"
    other = None if action == "unmerge" else number
    undo = one.kind == RelationKind.LINK.value or action == "unmerge"
    url = url_for("dossier_page.offer", number=matter.number, action=action, other=other)
    return Related(
        words=_words(one, matter.id),
        number=number,
        url=url_for("dossier_page.matter", number=number) if row else "",
        title=row.title if row else "",
        state=row.state_label if row else "",
        who=names.get(one.made_by, ""),
        at=local_moment(microseconds(one.made_at)),
        why=mask_text(one.why) if row else "",
        undo_url=url if undo and action in offered else "",
    )


def _words(one: MatterRelation, matter_id: int) -> str:
    if one.kind == RelationKind.LINK.value:
        return _("Linked")
    return _("Merged into") if one.matter_id == matter_id else _("Merged into this one")
