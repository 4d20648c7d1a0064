"""A matter's files: attaching and withdrawing are acts of its log, and who may look at which.

What a station attached to a dispute that it passed up stays in the dispute's log, and is read through the
complaint that came of it, by whoever sees the complaint and as that complaint is seen.

A file is judged, scanned and on the disk (`receiving`) before the transaction of the act begins. What an act
that fails leaves behind is removed at once, or, where nobody knows whether it failed, by the hourly sweep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from complaints.dossier import progress
from complaints.dossier.disclosing import note_look, stated_reason
from complaints.dossier.file_names import shown
from complaints.dossier.models import Attachment, Disclosure, Matter, MatterKind
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.receiving import Received
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.organisation.permissions import Permission, allowed, sees_masked
from workflows.runtime import reading
from workflows.runtime.requests import Outcome

MOST_FILES = 100
MOST_BYTES = 500 * 1024 * 1024
"""Of one matter, withdrawn files included."""

SEALED = frozenset({"identity_proof", "power_of_attorney", "agreement"})
"""Papers that carry full names and numbers of people: each look costs a logged reason."""
OPEN_TO_MASKED = frozenset({"receipt", "photo", "appraisal_report"})
"""What those see who read personal values masked and decide on money or watch (个人信息保护法第六条)."""
LOOK_LASTS = timedelta(minutes=10)
"""After its reason a sealed paper stays open to that person for so long."""


def attach(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Add a file: the event with its digest, and the row, in one transaction.

    `payload["file"]` is what `receiving` kept. Raises Conflict where the matter has the very file already or
    has no room for more, Invalid where there is no file, and what `progress.act` raises.
    """
    received = payload.get("file")
    reading.instance_row(work.connection, here.instance_id, lock=True)
    files, size, last = _counted(work, here)
    typed = {**payload, "file": received.name} if isinstance(received, Received) else dict(payload)
    digest = received.sha256 if isinstance(received, Received) else None
    recorded = {**typed, "file_number": last + 1, "digest": digest}
    done = progress.act(work, here, "attach", typed, submitted, recorded=recorded)
    if done.replayed:
        return done
    if not isinstance(received, Received):
        raise Invalid(_("Choose a file."), "file")
    _check_room(work, here, received, files, size)
    work.session.add(
        Attachment(
            matter_id=here.matter.id,
            number=last + 1,
            seq=done.seq,
            kind=str(payload.get("kind", "")),
            store_name=received.store_name,
            preview_name=received.preview_name,
            name=received.name,
            media_type=received.media_type,
            size=received.size,
            sha256=received.sha256,
            width=received.width,
            height=received.height,
            has_place=received.has_place,
            added_by=work.actor.id,
            added_at=work.now,
        )
    )
    work.session.flush()
    return done


def withdraw(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Take a file that does not belong here out of sight, with a reason; row and file stay.

    Raises NotFound where the matter has none, Invalid where it is another number, and what `progress.act`
    raises.
    """
    done = progress.act(work, here, "withdraw_file", payload, submitted)
    if done.replayed:
        return done
    files = files_of(work, here)
    if not files:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    found = next((one for one in files if one.number == payload.get("file_number")), None)
    if found is None:
        raise Invalid(_("Choose a file from the list."), "file_number")
    found.removed_at, found.removed_seq = work.now, done.seq
    work.session.flush()
    return done


def dispute_of(here: Standing) -> Matter | None:
    """Return the station dispute that a complaint came from, also for who does not see the dispute itself."""
    parent = here.matter.parent if here.matter.kind == MatterKind.COMPLAINT.value else None
    return parent if parent and parent.kind == MatterKind.STATION_DISPUTE.value else None


def files_of(work: Work, here: Standing) -> Sequence[Attachment]:
    """Return the matter's files in their order, without those withdrawn."""
    return work.session.scalars(_kept(here.matter)).all()


def passed_files_of(work: Work, here: Standing) -> Sequence[Attachment]:
    """Return the files of the dispute that the complaint came from, without those withdrawn."""
    dispute = dispute_of(here)
    return work.session.scalars(_kept(dispute)).all() if dispute else ()


def _kept(matter: Matter) -> Select[Attachment]:
    return (
        select(Attachment)
        .where(Attachment.matter_id == matter.id, Attachment.removed_at.is_(None))
        .order_by(Attachment.number)
    )


def file_of(work: Work, here: Standing, number: int, *, of_dispute: bool = False) -> Attachment:
    """Return a file of the matter, or of the dispute that it came from, that this person may know of.

    Raises NotFound, also for a withdrawn one.
    """
    matter = dispute_of(here) if of_dispute else here.matter
    asked = _kept(matter).where(Attachment.number == number) if matter else None
    found = None if asked is None else work.session.scalars(asked).first()
    if found is None:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return found


def may_open(work: Work, here: Standing, file: Attachment) -> bool:
    """Tell whether this person may look into the file at all, for a sealed one after giving a reason.

    A file cannot be masked: who reads masked opens only what shows goods and money.
    """
    if sees_masked(work.actor, Permission.MATTER_READ, here.row["unit_path"]):
        return file.kind in OPEN_TO_MASKED
    return file.kind not in SEALED or allowed(work.actor, Permission.MATTER_REVEAL, here.row["unit_path"])


def needs_reason(work: Work, here: Standing, file: Attachment) -> bool:
    """Tell whether the person has to say why first: a sealed paper, and no reason of the last minutes."""
    if file.kind not in SEALED:
        return False
    since = work.now - LOOK_LASTS
    asked = select(Disclosure.id).where(
        Disclosure.matter_id == here.matter.id,
        Disclosure.person_id == work.actor.id,
        Disclosure.what == _what(here, file),
        Disclosure.at > since,
        Disclosure.at <= work.now,
    )
    return work.session.scalars(asked.limit(1)).first() is None


def give_reason(work: Work, here: Standing, file: Attachment, reason: str, address: str) -> None:
    """Write down who looks into which sealed paper and why (个人信息保护法第六条、第五十一条).

    `address` is the browser's. Raises Invalid for a reason that says nothing.
    """
    said = stated_reason(reason, _("Say in at least four characters why you need to see it."))
    what = _what(here, file)
    look = Disclosure(matter_id=here.matter.id, person_id=work.actor.id, what=what, reason=said, at=work.now)
    note_look(work, look, f"{here.matter.number} {what}", address)


def _what(here: Standing, file: Attachment) -> str:
    return f"file {file.number}" if file.matter_id == here.matter.id else f"dispute file {file.number}"


def _counted(work: Work, here: Standing) -> tuple[int, int, int]:
    """Return how many files the matter has, their bytes, and the last number; withdrawn ones included."""
    found = work.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Attachment.size), 0),
            func.coalesce(func.max(Attachment.number), 0),
        ).where(Attachment.matter_id == here.matter.id)
    ).one()
    return int(found[0]), int(found[1]), int(found[2])


def _check_room(work: Work, here: Standing, received: Received, files: int, size: int) -> None:
    name = shown(received.name)
    same = work.session.scalars(
        select(Attachment.number).where(
            Attachment.matter_id == here.matter.id,
            Attachment.sha256 == received.sha256,
            Attachment.removed_at.is_(None),
        )
    ).first()
    if same is not None:
        raise Conflict(_("%(name)s is there already, as file %(number)s.", name=name, number=same))
    if files >= MOST_FILES or size + received.size > MOST_BYTES:
        raise Conflict(
            _(
                "%(name)s has no more room: a matter takes %(files)s files and %(size)s MB.",
                name=name,
                files=MOST_FILES,
                size=MOST_BYTES // (1024 * 1024),
            )
        )
