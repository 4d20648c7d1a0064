"""The operator's pages: the call, its fragments, and the number to read out.

Fragments are asked for by POST: a telephone number or a caller's words never stand in an address.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from complaints.dossier.brief_matters import brief, similar_complaints
from complaints.dossier.models import Matter
from complaints.dossier.progress import Standing, Submitted, standing
from complaints.dossier.refusals import Denied
from complaints.dossier.work import Work
from complaints.dossier.worklists import listed
from complaints.foundation.masking import mask_phone
from complaints.hotline.actions import add_to_complaint, register_complaint
from complaints.hotline.exports import own_listing
from complaints.hotline.forms import AddForm
from complaints.hotline.queries import (
    complaint_of_caller,
    duty_officer,
    earlier_matters_of_phone,
    next_steps,
    own_today,
)
from complaints.organisation.permissions import Permission
from complaints.web import drafts, exports
from complaints.web.access import current_actor, needs
from complaints.web.caller_looks import note_look, noted
from complaints.web.refusals import sentence_of
from complaints.web.registration_form import RegistrationForm
from complaints.web.registration_parts import described, keep_posted, parts_of, posted_form, whole_number
from complaints.web.registration_posting import take
from complaints.web.rooms import Room
from complaints.web.services import clock
from complaints.web.submissions import fresh_key, submission_key
from complaints.web.transaction import reading, writing
from complaints.web.work import reading_work, writing_work
from workflows.runtime.requests import KeyReused

blueprint = Blueprint("hotline", __name__, url_prefix="/hotline")
ROOM = Room(blueprint, "/hotline", _l("Calls"), "phone", Permission.HOTLINE_WORK)

DRAFT = "hotline.call"
_USED_UP = _l("This form was sent once already, with other words in it. Look at it again, then send.")
_KNOWN = "caller-known"
"""The event that tells the page: the caller's number has been looked up."""


@blueprint.get("")
@needs(Permission.HOTLINE_WORK)
def call() -> ResponseReturnValue:
    """Show the page for a call, filled with the kept draft where there is one."""
    if exports.asked():
        return exports.answer(own_listing())
    form = RegistrationForm.opened(DRAFT)
    form.prepare(reading(), clock().today())
    return _page(form)


@blueprint.post("")
@needs(Permission.HOTLINE_WORK)
def register() -> ResponseReturnValue:
    """Register the complaint, once; or, for a button that only asks, show the page again with the answer."""
    return take(RegistrationForm, DRAFT, url_for("hotline.call"), _page, _register, _registered_url)


def _register(work: Work, form: RegistrationForm) -> Matter:
    given = form.given()
    return register_complaint(
        work, given.matter, given.consumer, given.merchant, form.idempotency_key.data or ""
    )


def _registered_url(matter: Matter) -> str:
    return url_for("hotline.registered", number=matter.number)


@blueprint.post("/add")
@needs(Permission.HOTLINE_WORK)
def choose() -> ResponseReturnValue:
    """Keep the call and go on to the complaint to which it is to be added."""
    keep_posted(DRAFT)
    return redirect(url_for("hotline.add", number=request.form.get("add_to", "")), 303)


@blueprint.route("/add/<number>", methods=["GET", "POST"])
@needs(Permission.HOTLINE_WORK)
def add(number: str) -> ResponseReturnValue:
    """Show what is to be added to which complaint; then add it, once, instead of registering another."""
    draft = f"hotline.add.{number}"
    if request.method == "GET":
        call = RegistrationForm.opened(DRAFT)
        form = AddForm.opened(draft, phone=call.phone.data or "", said=call.facts.data or "")
        form.phone.data = call.phone.data or ""  # of this call, also where an older draft is back
    else:
        form = AddForm()
    phone = whole_number(form.phone.data or "")
    here = complaint_of_caller(reading_work(), number, phone)
    if request.method == "GET":
        return _add_page(form, here, draft)
    if not form.validate_on_submit():
        form.saved_at = keep_posted(draft)
        return _add_page(form, here, draft), 422
    try:
        with writing_work() as work:
            add_to_complaint(work, number, phone, form.said.data or "", Submitted(submission_key()))
            for kept in (draft, DRAFT):
                drafts.forget(work.session, work.actor.id, kept)
    except (Denied, KeyReused) as problem:
        form.idempotency_key.data = fresh_key()
        said = [sentence_of(why) for why in problem.reasons] if isinstance(problem, Denied) else [_USED_UP]
        form.said.errors = [*said]
        form.saved_at = keep_posted(draft)
        return _add_page(form, here, draft), 409
    return redirect(url_for("hotline.added", number=number), 303)


@blueprint.get("/added/<number>")
@needs(Permission.HOTLINE_WORK)
def added(number: str) -> ResponseReturnValue:
    """Show the number to read out: that of the complaint which the call was added to."""
    return render_template("hotline/added.html", number=number, officer=duty_officer(reading_work()))


def _add_page(form: AddForm, here: Standing, draft: str) -> str:
    work = reading_work()
    form.draft.data = draft
    [shown] = brief(work, listed(work, Matter.id == here.matter.id))
    return render_template(
        "hotline/add.html", form=form, one=shown, draft_url=url_for("drafts.save", form=draft)
    )


@blueprint.post("/discard")
@needs(Permission.HOTLINE_WORK)
def discard() -> ResponseReturnValue:
    """Throw the kept draft away and begin with an empty page."""
    with writing() as session:
        drafts.forget(session, current_actor().id, DRAFT)
    return redirect(url_for("hotline.call"), 303)


@blueprint.post("/caller")
@needs(Permission.HOTLINE_WORK)
def caller() -> ResponseReturnValue:
    """Answer a telephone number with its earlier matters."""
    answer = make_response(
        render_template("hotline/_caller.html", **_caller(request.form.get("phone", ""), anew=True))
    )
    answer.headers["HX-Trigger"] = _KNOWN
    return answer


@blueprint.post("/similar")
@needs(Permission.HOTLINE_WORK)
def similar() -> ResponseReturnValue:
    """Answer what is typed so far with the complaints that are like it."""
    return render_template("hotline/_similar.html", **_similar(posted_form(RegistrationForm)))


@blueprint.get("/registered/<number>")
@needs(Permission.HOTLINE_WORK)
def registered(number: str) -> ResponseReturnValue:
    """Show the number to read out, with what comes next."""
    work = reading_work()
    here = standing(work, number)
    return render_template(
        "hotline/registered.html",
        matter=here.matter,
        steps=next_steps(work, here.matter.received_on),
        spoken=spoken_day,
        officer=duty_officer(work),
    )


def spoken_day(day: date) -> str:
    """Return a day as it is said: 12月3日, December 3."""
    return format_skeleton("MMMMd", day, locale=get_locale())


def _page(form: RegistrationForm) -> str:
    """Write the page with everything that stands around the form."""
    work = reading_work()
    form.draft.data = DRAFT
    is_back = bool(form.saved_at) and request.method == "GET"
    return render_template(
        "hotline/call.html",
        **parts_of(form),
        **_caller(form.phone.data or "", anew=False),
        **_similar(form),
        steps=next_steps(work, work.today),
        spoken=spoken_day,
        officer=duty_officer(work),
        own=own_today(work),
        is_back=is_back,
    )


def _caller(typed: str, *, anew: bool) -> dict[str, Any]:
    """Return what is known of the typed number: nothing while it is not a whole one.

    `anew` tells that it was just typed; a page that is shown again repeats what was looked up already.
    """
    phone = whole_number(typed)
    earlier = earlier_matters_of_phone(reading_work(), phone) if phone else []
    note_look(earlier, anew=anew)
    return {"known_phone": mask_phone(phone), "earlier": earlier}


def _similar(form: RegistrationForm) -> dict[str, Any]:
    """Return complaints like what the form tells so far."""
    return {"similar": noted(similar_complaints(reading_work(), described(form)))}
