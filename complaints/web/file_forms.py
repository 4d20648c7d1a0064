"""The form by which files are added to a matter, on a page of its own and on the matter's."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import MultipleFileField, RadioField

from complaints.dossier.choice_labels import choices_of
from complaints.dossier.clock_views import localised
from complaints.dossier.progress import Standing, procedure_of
from complaints.dossier.receiving import LARGEST_FILE
from complaints.dossier.work import Work
from complaints.web.file_rows import FileRow, dispute_words, file_rows, passed_rows
from complaints.web.services import services
from complaints.web.submissions import ActForm

MOST_AT_ONCE = 10
ACCEPT = "image/jpeg,image/png,image/webp,.pdf,.docx,.xlsx,.mp3,.m4a,.wav,.amr,.mp4"
"""For the browser's choice. A telephone offers its camera, and hands its own formats over as JPEG."""


class AttachForm(ActForm):
    """Files of one kind of paper."""

    file = MultipleFileField(_l("Files"))
    kind = RadioField(_l("Kind of paper"), validate_choice=False)


@dataclass(frozen=True, slots=True)
class FilesSection:
    """The files on a matter's page; the form is none where this person may add none."""

    rows: list[FileRow]
    passed: list[FileRow]
    """Those of the dispute that a complaint came from: to be read here, and changed only there."""
    source: str
    """That dispute, in words."""
    form: AttachForm | None
    accept: str = ACCEPT

    @property
    def limits(self) -> str:
        """What can be sent, in one line."""
        return limits()


def limits() -> str:
    """Say what can be sent."""
    return _(
        "pictures, PDF, Word, Excel, recordings or videos; up to %(most)s at once, each at most %(size)s MB, "
        "all together at most %(all)s MB",
        most=MOST_AT_ONCE,
        size=LARGEST_FILE // (1024 * 1024),
        all=services().settings.max_upload_bytes // (1024 * 1024),
    )


def files_section(work: Work, here: Standing, *, adds: bool) -> FilesSection:
    """Return the matter's files as this reader sees them, with a form where this person `adds` some."""
    form = fresh_form(work, here) if adds else None
    return FilesSection(file_rows(work, here), passed_rows(work, here), dispute_words(here), form)


def fresh_form(work: Work, here: Standing) -> AttachForm:
    """Return an empty form for files of the matter."""
    return with_kinds(AttachForm.opened(version=here.form_version), work, here)


def with_kinds(form: AttachForm, work: Work, here: Standing) -> AttachForm:
    """Put in the kinds of paper that the matter's procedure knows."""
    form.kind.choices = list(kinds_of(work, here).items())
    return form


def kinds_of(work: Work, here: Standing) -> dict[str, str]:
    """Return code and words of the kinds of paper that the matter's procedure knows."""
    one = procedure_of(work, here).actions["attach"].field("kind")
    return {code: localised(words) for code, words in choices_of(one).items()} if one else {}
