"""Two complaints that belong together: linked, or merged because they are one; and both taken back again.

What happened stands in the log of both, each with the other's number. Both instances are locked first, the
older one before the younger, so that two people who join the same complaints from both sides wait for each
other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from complaints.dossier import progress
from complaints.dossier.models import Matter, MatterKind, MatterRelation, RelationKind
from complaints.dossier.progress import Standing, Submitted, standing
from complaints.dossier.refusals import Denied
from complaints.dossier.registration import instance_id_of
from complaints.dossier.relation_checks import why_not_one
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.organisation.people import SYSTEM_ID
from workflows.compiled import Refused
from workflows.definition import Reach
from workflows.runtime import reading
from workflows.runtime.requests import Act, Outcome


@dataclass(frozen=True, slots=True)
class _System:
    """The system, which writes into the other file what a person did in the first."""

    id: int = SYSTEM_ID

    def grant(self, role: str, unit_path: str, reach: Reach) -> int | None:
        """Hold no role."""
        return None


def link(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Link another complaint that this person sees. Raises Invalid for one that cannot be linked, and what
    `progress.act` raises.
    """
    other, wrong = _named(work, here, payload, "other")
    _lock(work, here, other)
    count = _links(work.session, here.matter.id)
    done = progress.act(work, here, "link", payload, submitted, recorded=_recorded(payload, other, count + 1))
    if done.replayed:
        return done
    if other is None:
        raise wrong
    if _standing_relation(work.session, RelationKind.LINK, here.matter.id, other.matter.id) is not None:
        raise Invalid(_("These two are linked already."), "other")
    first, second = sorted((here.matter.id, other.matter.id))
    _keep(work, RelationKind.LINK, first, second, payload)
    _write_there(work, other, "linked_from_there", here, links=_links(work.session, other.matter.id))
    return done


def unlink(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Remove a link, from either side and whether the other side is seen or not. Raises as `link` does."""
    number = _typed(payload, "other")
    other = work.session.scalars(select(Matter).where(Matter.number == number)).one_or_none()
    there = _standing_of(work, other) if other is not None else None
    _lock(work, here, there)
    count = _links(work.session, here.matter.id)
    recorded = {**payload, "other": number, "links": max(count - 1, 0)} if number else payload
    done = progress.act(work, here, "unlink", payload, submitted, recorded=recorded)
    if done.replayed:
        return done
    row = _standing_relation(work.session, RelationKind.LINK, here.matter.id, other.id) if other else None
    if row is None or there is None:
        raise Invalid(_("No complaint of this number is linked to this one."), "other")
    _end(work, row, payload)
    _write_there(work, there, "unlinked_from_there", here, links=_links(work.session, there.matter.id))
    return done


def merge(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Merge this complaint into the earlier one that carries it on from now.

    It keeps its number, its page and its first responder; its clocks stop. Raises Denied with the reason
    where the two cannot be one complaint, Invalid for a number that names none, and what `progress.act`
    raises.
    """
    earlier, wrong = _named(work, here, payload, "into")
    _lock(work, here, earlier)
    recorded = {**payload, "into": earlier.matter.number} if earlier is not None else payload
    done = progress.act(work, here, "merge", payload, submitted, recorded=recorded)
    if done.replayed:
        return done
    if earlier is None:
        raise wrong
    earlier = _standing_of(work, earlier.matter)
    why = why_not_one(work, here.matter, earlier)
    if why is not None:
        raise Denied(Refused("merge", (why,)), here.instance_id, work.actor.id)
    _keep(work, RelationKind.MERGE, here.matter.id, earlier.matter.id, payload)
    _write_there(work, earlier, "take_in", here, carries=_carried(work.session, earlier.matter.id))
    return done


def unmerge(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Undo a merging: the complaint returns to its state, its owner and its clocks with their own dates.

    Raises Conflict where it was merged, or undone and merged anew, meanwhile, and what `progress.act` raises.
    """
    row = _merged_row(work.session, here.matter.id)
    earlier = _standing_of(work, work.session.get_one(Matter, row.other_id)) if row is not None else None
    _lock(work, here, earlier)
    done = progress.act(work, here, "unmerge", payload, submitted)
    if done.replayed:
        return done
    if _merged_row(work.session, here.matter.id) is not row:
        # merged, or undone and merged anew, while this waited for the lock: what is merged now was not meant
        raise Conflict(_("This matter was changed after the form was opened."))
    if row is None or earlier is None:
        return done
    _end(work, row, payload)
    _write_there(work, earlier, "let_go", here, carries=_carried(work.session, earlier.matter.id))
    return done


def merged_into(session: Session, matter_ids: Sequence[int]) -> dict[int, str]:
    """Return, for each of the matters that is merged now, the number of the one that carries it."""
    if not matter_ids:
        return {}
    rows = session.execute(
        select(MatterRelation.matter_id, Matter.number)
        .join(Matter, Matter.id == MatterRelation.other_id)
        .where(
            MatterRelation.matter_id.in_(matter_ids),
            MatterRelation.kind == RelationKind.MERGE.value,
            MatterRelation.ended_at.is_(None),
        )
    )
    return dict(rows.all())


def relations_of(session: Session, matter_id: int) -> list[MatterRelation]:
    """Return what stands between this matter and others now, oldest first."""
    found = select(MatterRelation).where(
        or_(MatterRelation.matter_id == matter_id, MatterRelation.other_id == matter_id),
        MatterRelation.ended_at.is_(None),
    )
    return list(session.scalars(found.order_by(MatterRelation.id)))


# -- inside ------------------------------------------------------------------------------------------------


def _typed(payload: Mapping[str, Any], name: str) -> str:
    return "".join(str(payload.get(name) or "").split())


def _named(
    work: Work, here: Standing, payload: Mapping[str, Any], name: str
) -> tuple[Standing | None, Invalid]:
    """Return the complaint that was named, or None and the sentence to say once the act itself is allowed."""
    number = _typed(payload, name)
    if number == here.matter.number:
        return None, Invalid(_("This is the complaint's own number: name the other one."), name)
    unknown = Invalid(_("There is no complaint of this number that you may see."), name)
    try:
        there = standing(work, number)
    except NotFound:
        return None, unknown
    return (there, unknown) if there.matter.kind == MatterKind.COMPLAINT.value else (None, unknown)


def _standing_of(work: Work, matter: Matter) -> Standing:
    """Return the present standing of a matter, seen by this person or not."""
    instance_id = instance_id_of(work, matter)
    row = reading.instance_row(work.connection, instance_id)
    if row is None:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return Standing(matter, row)


def _lock(work: Work, *both: Standing | None) -> None:
    for instance_id in sorted(one.instance_id for one in both if one is not None):
        reading.instance_row(work.connection, instance_id, lock=True)


def _recorded(payload: Mapping[str, Any], other: Standing | None, links: int) -> Mapping[str, Any]:
    return payload if other is None else {**payload, "other": other.matter.number, "links": links}


def _keep(work: Work, kind: RelationKind, first: int, second: int, payload: Mapping[str, Any]) -> None:
    work.session.add(
        MatterRelation(
            kind=kind.value,
            matter_id=first,
            other_id=second,
            why=str(payload.get("reason", "")),
            made_by=work.actor.id,
            made_at=work.now,
        )
    )
    work.session.flush()


def _end(work: Work, row: MatterRelation, payload: Mapping[str, Any]) -> None:
    row.ended_by, row.ended_at, row.ended_why = work.actor.id, work.now, str(payload.get("reason", ""))
    work.session.flush()


def _write_there(work: Work, there: Standing, action: str, here: Standing, **counted: int) -> None:
    """Write into the other's log what was done here, with this one's number."""
    recorded = {"other": here.matter.number, **counted}
    act = Act(instance_id=there.instance_id, action=action, payload={}, recorded=recorded)
    work.engine.act(work.connection, act, _System())


def _standing_relation(session: Session, kind: RelationKind, one: int, other: int) -> MatterRelation | None:
    first, second = sorted((one, other)) if kind is RelationKind.LINK else (one, other)
    return session.scalars(
        select(MatterRelation).where(
            MatterRelation.kind == kind.value,
            MatterRelation.matter_id == first,
            MatterRelation.other_id == second,
            MatterRelation.ended_at.is_(None),
        )
    ).one_or_none()


def _merged_row(session: Session, matter_id: int) -> MatterRelation | None:
    found = relations_of(session, matter_id)
    return next(
        (one for one in found if one.kind == RelationKind.MERGE.value and one.matter_id == matter_id), None
    )


def _links(session: Session, matter_id: int) -> int:
    return sum(one.kind == RelationKind.LINK.value for one in relations_of(session, matter_id))


def _carried(session: Session, matter_id: int) -> int:
    found = select(func.count()).select_from(MatterRelation)
    return (
        session.scalar(
            found.where(
                MatterRelation.other_id == matter_id,
                MatterRelation.kind == RelationKind.MERGE.value,
                MatterRelation.ended_at.is_(None),
            )
        )
        or 0
    )
