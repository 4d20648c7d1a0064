"""A matter's files as its pages list them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from complaints.dossier.attachments import (
    SEALED,
    dispute_of,
    files_of,
    may_open,
    needs_reason,
    passed_files_of,
)
from complaints.dossier.choice_labels import CHOICES
from complaints.dossier.clock_views import localised
from complaints.dossier.codes import KINDS
from complaints.dossier.file_names import shown
from complaints.dossier.models import Attachment
from complaints.dossier.progress import Standing
from complaints.dossier.work import Work
from complaints.foundation.clock import SHANGHAI
from complaints.organisation.people import person_names
from complaints.organisation.permissions import Permission, sees_masked
from workflows.definition import Label

KB, MB = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of the list. Addresses are empty where this reader may not look into it."""

    number: int
    kind: str
    name: str
    """Empty for who reads personal values masked: names of files hold names of people."""
    size: str
    who: str
    at: datetime
    """Asia/Shanghai."""
    url: str
    preview_url: str
    """The small picture, where it may be seen without a further word."""
    is_sealed: bool
    digest: str
    pixels: str
    has_place: bool
    origin: str
    """The matter and the step of its log by which the file came, where that is another matter."""


def file_rows(work: Work, here: Standing) -> list[FileRow]:
    """Return the files in their order; the number of queries does not depend on how many there are."""
    return rows_of(work, here, files_of(work, here))


def passed_rows(work: Work, here: Standing) -> list[FileRow]:
    """Return the files of the dispute that the complaint came from; none where it came from none."""
    return rows_of(work, here, passed_files_of(work, here))


def place_of(here: Standing, one: Attachment) -> dict[str, Any]:
    """Return where a file is looked at: at the matter through which it is read."""
    of = "files" if one.matter_id == here.matter.id else "dispute-files"
    return {"number": here.matter.number, "of": of, "file_number": one.number}


def dispute_words(here: Standing) -> str:
    """Return the station dispute that a complaint came from by kind and number; empty where there is none."""
    dispute = dispute_of(here)
    return f"{localised(KINDS[dispute.kind])} {dispute.number}" if dispute else ""


def _origin(here: Standing, one: Attachment) -> str:
    if one.matter_id == here.matter.id:
        return ""
    return _("%(matter)s, step %(step)s of its log", matter=dispute_words(here), step=one.seq)


def rows_of(work: Work, here: Standing, files: Sequence[Attachment]) -> list[FileRow]:
    """Return these files as this reader sees them."""
    names = person_names(work.session, sorted({one.added_by for one in files})) if files else {}
    return [_row(work, here, one, names.get(one.added_by, "")) for one in files]


def _row(work: Work, here: Standing, one: Attachment, who: str) -> FileRow:
    place = place_of(here, one)
    opens = may_open(work, here, one)
    plain = opens and one.kind not in SEALED and one.preview_name is not None
    return FileRow(
        number=one.number,
        kind=kind_words(one.kind),
        name="" if _is_masked(work, here) else shown(one.name),
        size=size_words(one.size),
        who=who,
        at=one.added_at.astimezone(SHANGHAI),
        url=url_for("files.file", **place) if opens else "",
        preview_url=url_for("files.preview", **place) if plain else "",
        is_sealed=one.kind in SEALED,
        digest=one.sha256,
        pixels=f"{one.width} × {one.height}" if one.width else "",
        has_place=one.has_place,
        origin=_origin(here, one),
    )


def file_words(work: Work, here: Standing, one: Attachment) -> str:
    """Return a file in one line, for choosing it."""
    name = "" if _is_masked(work, here) else shown(one.name)
    return _("%(number)s. %(kind)s %(name)s", number=one.number, kind=kind_words(one.kind), name=name).strip()


def download_name(work: Work, here: Standing, one: Attachment) -> str:
    """Return under which name the file is handed out: its own, or kind and number for who reads masked."""
    if not _is_masked(work, here):
        return shown(one.name)
    return f"{kind_words(one.kind)}-{one.number}.{one.name.rpartition('.')[2]}"


def is_open_now(work: Work, here: Standing, one: Attachment) -> bool:
    """Tell whether the content may be handed to this person at once."""
    return may_open(work, here, one) and not needs_reason(work, here, one)


def kind_words(kind: str) -> str:
    """Return a kind of paper in words."""
    return localised(CHOICES.get(kind, Label(kind, kind)))


def size_words(size: int) -> str:
    """Return a size in bytes as people read it."""
    if size >= MB:
        return f"{size / MB:.1f} MB"
    return f"{max(1, round(size / KB))} KB"


def _is_masked(work: Work, here: Standing) -> bool:
    return sees_masked(work.actor, Permission.MATTER_READ, here.row["unit_path"])
