"""The files of a matter: adding some, looking at one, handing one out.

What people upload is never shown as it came: it is handed out as a file to keep (OWASP ASVS 5.0 V3.2.1), and
a picture on a page is a small one drawn anew.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from urllib.parse import quote

from flask import (
    Blueprint,
    Response,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from complaints.dossier import attachments
from complaints.dossier.action_views import ReasonView, against, reason_views
from complaints.dossier.file_names import ending_of
from complaints.dossier.models import Attachment, MatterKind
from complaints.dossier.progress import Standing, standing
from complaints.dossier.receiving import NotNow
from complaints.dossier.work import Work
from complaints.dossier_page.act_page import ActPage, act_page, action_of
from complaints.dossier_page.adding_files import Outcome, add_each, say_added, try_one
from complaints.dossier_page.forms import RevealForm, add_error, put_beneath
from complaints.dossier_page.offers import Offers
from complaints.foundation.errors import Invalid, NotFound
from complaints.organisation.permissions import Permission
from complaints.web.access import address, is_allowed, needs
from complaints.web.file_forms import (
    ACCEPT,
    AttachForm,
    fresh_form,
    kinds_of,
    limits,
    with_kinds,
)
from complaints.web.file_rows import download_name, is_open_now, place_of, rows_of
from complaints.web.refusals import CONFLICT, WRONG, status_of
from complaints.web.rooms import Room
from complaints.web.services import services
from complaints.web.submissions import fresh_key
from complaints.web.transaction import read_again
from complaints.web.work import reading_work, writing_work

blueprint = Blueprint("files", __name__)
ROOM = Room(blueprint)

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Whoever opens what is handed out opens it alone, with nothing running (OWASP ASVS 5.0 V3.2.1)."""


@blueprint.get("/matters/<number>/do/attach")
@needs(Permission.MATTER_ACT)
def attach(number: str) -> ResponseReturnValue:
    """Show the form for files, or every reason why none may be added."""
    work = reading_work()
    here = standing(work, number)
    reasons = against(work, here, "attach")
    if reasons:
        page = _page(work, here)
        return make_response(
            render_template("dossier_page/cannot.html", here=here, page=page, reasons=reasons), CONFLICT
        )
    return _form_page(work, here, fresh_form(work, here), 200)


@blueprint.post("/matters/<number>/do/attach")
@needs(Permission.MATTER_ACT)
def add(number: str) -> ResponseReturnValue:
    """Add each file that can be taken, once, and say of each other why not."""
    work = reading_work()
    here = standing(work, number)
    form = with_kinds(AttachForm(), work, here)
    kind, sent = form.kind.data or "", [one for one in request.files.getlist("file") if one.filename]
    if not sent or kind not in kinds_of(work, here) or against(work, here, "attach"):
        # nothing is looked into for who may not, or has not said what it is: the engine says why
        done = Outcome()
        try_one(done, number, {"kind": kind, "file": sent[0].filename if sent else None}, None)
    else:
        done = add_each(number, kind, sent)
    if done.added:
        say_added(done.added)
    if done.denied is None and not done.problems:
        return redirect(_back(here), 303)
    read_again()
    work = reading_work()
    return _refused(work, standing(work, number), form, done)


def _refused(work: Work, here: Standing, form: AttachForm, done: Outcome) -> ResponseReturnValue:
    """Show the form again: reasons beneath their fields or above, files to be chosen again."""
    reasons: list[ReasonView] = []
    statuses = [one.status for one in done.problems]
    if done.denied is not None:
        left = put_beneath(form, action_of(work, here, "attach"), done.denied.reasons)
        reasons = reason_views(work, here, left)
        statuses.append(status_of(done.denied.reasons))
    for one in done.problems:
        add_error(form.file, one.sentence)
    form.idempotency_key.data = fresh_key()
    return _form_page(work, here, form, max(statuses), reasons)


def _form_page(
    work: Work, here: Standing, form: AttachForm, status: int, reasons: list[ReasonView] | None = None
) -> ResponseReturnValue:
    shown = render_template(
        "dossier_page/attach.html",
        here=here,
        page=_page(work, here),
        form=form,
        accept=ACCEPT,
        limits=limits(),
        reasons=reasons or [],
        back_url=_back(here),
    )
    return make_response(shown, status)


def _page(work: Work, here: Standing) -> ActPage:
    return act_page(work, here, action_of(work, here, "attach"), Offers())


def _back(here: Standing) -> str:
    """Return the page the files stand on: a station's own for its dispute."""
    own = here.row["procedure"] == MatterKind.STATION_DISPUTE.value and is_allowed(Permission.STATION_WORK)
    endpoint = "station.dispute" if own else "dossier_page.matter"
    return url_for(endpoint, number=here.matter.number, _anchor="files")


# -- one file ---------------------------------------------------------------------------------------------


_FILE = '/matters/<number>/<any("files", "dispute-files"):of>/<int(max=99999):file_number>'
"""A file of the matter itself, or of the station dispute that it came from."""


@blueprint.route(_FILE, methods=["GET", "POST"])
@needs(Permission.MATTER_READ)
def file(number: str, of: str, file_number: int) -> ResponseReturnValue:
    """Show one file: what it is, its small picture and its digest; a sealed paper for a stated reason."""
    work, here, found = _found(number, of, file_number)
    if not attachments.may_open(work, here, found):
        raise _nothing()
    form, status = RevealForm(), 200
    if request.method == "POST" and attachments.needs_reason(work, here, found):
        try:
            with writing_work() as writer:
                attachments.give_reason(writer, here, found, form.reason.data or "", address())
        except Invalid as problem:
            add_error(form.reason, problem.sentence)
            status = WRONG
        else:
            return redirect(url_for("files.file", **place_of(here, found)), 303)
    shown = render_template(
        "dossier_page/file.html",
        here=here,
        row=rows_of(work, here, [found])[0],
        place=place_of(here, found),
        is_picture=found.preview_name is not None,
        is_open=is_open_now(work, here, found),
        form=form,
        may_withdraw=of == "files"
        and is_allowed(Permission.MATTER_ACT)
        and not against(work, here, "withdraw_file"),
        back_url=_back(here),
    )
    return make_response(shown, status)


@blueprint.get(f"{_FILE}/content")
@needs(Permission.MATTER_READ)
def content(number: str, of: str, file_number: int) -> ResponseReturnValue:
    """Hand the file out as it came, byte for byte, to be kept and never shown by the browser."""
    work, here, found = _found(number, of, file_number)
    if not attachments.may_open(work, here, found):
        raise _nothing()
    if not is_open_now(work, here, found):
        return redirect(url_for("files.file", **place_of(here, found)), 303)
    data = _read(found.store_name)
    if hashlib.sha256(data).hexdigest() != found.sha256:
        raise _damaged()
    answer = send_file(BytesIO(data), mimetype=found.media_type, etag=False)
    answer.headers["Content-Disposition"] = _disposition(download_name(work, here, found), file_number)
    return _alone(answer)


@blueprint.get(f"{_FILE}/preview")
@needs(Permission.MATTER_READ)
def preview(number: str, of: str, file_number: int) -> ResponseReturnValue:
    """Show the small picture that was drawn anew from the original."""
    work, here, found = _found(number, of, file_number)
    if found.preview_name is None or not is_open_now(work, here, found):
        raise _nothing()
    return _alone(send_file(BytesIO(_read(found.preview_name)), mimetype="image/jpeg", etag=False))


def _disposition(name: str, file_number: int) -> str:
    """Return the header that makes it a download under its own name (RFC 6266).

    Who knows no `filename*` gets a name in letters that every system takes.
    """
    plain = f"file-{file_number}.{ending_of(name)}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _found(number: str, of: str, file_number: int) -> tuple[Work, Standing, Attachment]:
    """Return the file of a matter that this person may see; anything else is not there."""
    work = reading_work()
    here = standing(work, number)
    return work, here, attachments.file_of(work, here, file_number, of_dispute=of == "dispute-files")


def _read(name: str) -> bytes:
    """Return a kept file, which is small enough to be compared with its digest before a byte is sent."""
    try:
        with services().receiving.store.open(name) as kept:
            return kept.read()
    except FileNotFoundError as missing:
        raise _damaged() from missing


def _alone(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _nothing() -> NotFound:
    return NotFound(_("There is no such page, or it is not yours to see."))


def _damaged() -> NotNow:
    return NotNow(
        _("The file is missing in the store, or is not what was once put there. Tell the administrator.")
    )
