"""The pages of one matter: the matter, an act on it, a full number for a reason, a clock's proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from complaints.dossier.action_views import ReasonView, against
from complaints.dossier.clock_views import localised
from complaints.dossier.progress import Standing, Submitted, standing
from complaints.dossier.refusals import Denied
from complaints.dossier.work import Work
from complaints.dossier_page import act_page as acts
from complaints.dossier_page.act_page import ActPage
from complaints.dossier_page.actions import PAYEE, may_reveal_this
from complaints.dossier_page.actions import do as do_action
from complaints.dossier_page.actions import reveal as reveal_value
from complaints.dossier_page.forms import (
    RevealForm,
    act_form,
    add_error,
    has_errors,
    preset,
    put_beneath,
    read,
)
from complaints.dossier_page.matter_page import matter_page
from complaints.dossier_page.offers import Offers, offers_for
from complaints.dossier_page.printed_proof import printed
from complaints.dossier_page.proof import proof as proof_of
from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.intake.remedies import other_ways
from complaints.mediation.doors import own_form
from complaints.organisation.permissions import Permission
from complaints.web import drafts
from complaints.web.access import address, needs
from complaints.web.languages import joined
from complaints.web.refusals import CONFLICT, WRONG, status_of, step_beside
from complaints.web.registration_posting import warn_of_code
from complaints.web.rooms import Room
from complaints.web.submissions import ActForm, fresh_key, submission_key
from complaints.web.transaction import read_again
from complaints.web.work import reading_work, writing_work
from workflows.definition import Action
from workflows.runtime.requests import KeyReused, StaleVersion

blueprint = Blueprint("dossier_page", __name__)
ROOM = Room(blueprint)


@blueprint.get("/matters/<number>")
@needs(Permission.MATTER_READ)
def matter(number: str) -> ResponseReturnValue:
    """Show one matter on one page."""
    work = reading_work()
    here = standing(work, number)
    page = matter_page(work, here, request.args.get("show", ""), whole=bool(request.args.get("whole")))
    return render_template("dossier_page/matter.html", page=page)


@blueprint.get("/matters/<number>/clocks/<clock>")
@needs(Permission.MATTER_READ)
def proof(number: str, clock: str) -> ResponseReturnValue:
    """Show how a limit was counted, day by day."""
    work = reading_work()
    here = standing(work, number)
    return render_template("dossier_page/proof.html", here=here, proof=proof_of(work, here, clock))


@blueprint.get("/matters/<number>/clocks/<clock>/print")
@needs(Permission.MATTER_READ)
def printed_proof(number: str, clock: str) -> ResponseReturnValue:
    """Show the same with what a court asks for besides: events, papers, notices, who printed it and when."""
    work = reading_work()
    here = standing(work, number)
    return render_template("dossier_page/printed_proof.html", here=here, paper=printed(work, here, clock))


# -- acting -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Desk:
    """An action about to be done: the matter, what its form offers, and the page that shows it."""

    work: Work
    here: Standing
    action: Action
    offers: Offers
    page: ActPage

    @property
    def named(self) -> str:
        """Number of the other complaint, where the address names one."""
        return _other(self.action)

    @property
    def draft(self) -> str:
        """Name of the form's draft."""
        return f"dossier_page.{self.here.matter.number}.{self.action.name}"


@blueprint.get("/matters/<number>/do/<action>")
@needs(Permission.MATTER_ACT)
def offer(number: str, action: str) -> ResponseReturnValue:
    """Show the form of an action, or every reason why it may not be done now."""
    desk = _desk(number, action)
    reasons = against(desk.work, desk.here, desk.action.name)
    if reasons:
        return _cannot(desk, reasons)
    if desk.action.name == "apply_payout":
        # the payout desk's own form knows the purchase and what was applied for before
        return redirect(f"{url_for('payouts.application')}?{urlencode({'from': number})}")
    own = own_form(desk.here.row["procedure"], desk.action.name, number)
    if own:
        # asks better, knows what stands, and files the same
        return redirect(own, 303)
    values = preset(desk.action, desk.work.today.isoformat(), desk.here.matter)
    values |= {one.name: desk.named for one in desk.action.fields if one.name in ("other", "into")}
    if desk.action.name == "withdraw_file":
        values["file_number"] = request.args.get("file_number", "")
    if desk.action.field("work_number") is not None:
        values["work_number"] = request.args.get("work_number", "")
    if desk.action.name == "refuse":
        values["reason"] = f"\n\n{other_ways(desk.work)}"
    form = act_form(desk.action, desk.offers).opened(
        desk.draft if desk.page.asked else "", desk.here.form_version, **values
    )
    return _form_page(desk, form, 200)


@blueprint.post("/matters/<number>/do/<action>")
@needs(Permission.MATTER_ACT)
def do(number: str, action: str) -> ResponseReturnValue:
    """Do it once, and go back to the matter; or show the form again with what was typed and why not."""
    desk = _desk(number, action)
    form = act_form(desk.action, desk.offers)()
    payload = read(form, desk.action, desk.offers, desk.here.matter)
    if has_errors(form):
        return _form_page(desk, form, WRONG)
    # a form without its version is as good as an old one
    given = Submitted(submission_key(), -1 if form.version is None else form.version)
    try:
        with writing_work() as work:
            here = standing(work, number)
            do_action(work, here, desk.action.name, payload, given)
            drafts.forget(work.session, work.actor.id, desk.draft)
            warn_of_code(payload.get("merchant_code"))
            return _gone_on(work, number, desk.action)
    except Denied as denied:
        return _denied(_again(number, action), form, denied)
    except StaleVersion as stale:
        desk = _again(number, action)
        page = acts.outrun(desk.work, desk.here, desk.page, stale)
        # where the faster step left nothing to be done, the form is not offered again
        reasons = against(desk.work, desk.here, desk.action.name)
        return _offer_again(desk, replace(page, reasons=reasons), form)
    except KeyReused:
        desk = _again(number, action)
        return _offer_again(desk, acts.used_up(desk.page), form)
    except (Invalid, Conflict) as problem:
        return _has_problem(_again(number, action), form, problem)


def _desk(number: str, action_name: str) -> _Desk:
    work = reading_work()
    here = standing(work, number)
    action = acts.action_of(work, here, action_name)
    offers = offers_for(work, here, action)
    return _Desk(work, here, action, offers, acts.act_page(work, here, action, offers, _other(action)))


def _other(action: Action) -> str:
    """Return the number of another complaint that the address or the form names, for an act about two."""
    names = [one.name for one in action.fields if one.name in ("other", "into")]
    typed = request.values.get(names[0], "") if names else ""
    return "".join(typed.split())[:32]


def _again(number: str, action_name: str) -> _Desk:
    """Load everything afresh: what refused the act may be newer than what this request has read."""
    read_again()
    return _desk(number, action_name)


def _gone_on(work: Work, number: str, action: Action) -> ResponseReturnValue:
    """Go back to the matter, or to the desk where the act took the matter out of this person's sight."""
    work.session.flush()
    try:
        standing(work, number)
    except NotFound:
        flash(
            _("“%(action)s” is done. The matter is no longer with you.", action=localised(action.label)),
            "accent",
        )
        return redirect(url_for("sign_in.start"), 303)
    return redirect(url_for("dossier_page.matter", number=number), 303)


def _keep(desk: _Desk) -> None:
    """Keep what was typed as the person's draft: the page says that nothing of it is lost."""
    if desk.page.asked:
        with writing_work() as work:
            drafts.keep(work.session, work.actor.id, desk.draft, request.form.items(multi=True))


def _denied(desk: _Desk, form: ActForm, denied: Denied) -> ResponseReturnValue:
    """Show the filled form with the reasons: those about a field beneath it, the others above."""
    _keep(desk)
    left = put_beneath(form, desk.action, denied.reasons)
    told = step_beside(desk.here.matter.number, denied)
    page = acts.refused(desk.work, desk.here, desk.page, left, told)
    return _form_page(desk, form, status_of(denied.reasons), page)


def _has_problem(desk: _Desk, form: ActForm, problem: Invalid | Conflict) -> ResponseReturnValue:
    """Show the filled form with what a room found: beneath its field, or above where it belongs to none."""
    _keep(desk)
    told = step_beside(desk.here.matter.number, problem, desk.action.name)
    if isinstance(problem, Invalid) and problem.field in form:
        add_error(form[problem.field], problem.sentence)
        return _form_page(desk, form, problem.status, replace(desk.page, meanwhile=told))
    outrun = joined(told, problem.sentence)
    return _form_page(desk, form, problem.status, replace(desk.page, outrun=outrun))


def _offer_again(desk: _Desk, page: ActPage, form: ActForm) -> ResponseReturnValue:
    """Show what was typed with a new key and the present version, so that it can be sent after a look."""
    _keep(desk)
    form.idempotency_key.data = fresh_key()
    form.form_version.data = desk.here.form_version
    return _form_page(desk, form, CONFLICT, page)


def _cannot(desk: _Desk, reasons: list[ReasonView]) -> ResponseReturnValue:
    shown = render_template("dossier_page/cannot.html", here=desk.here, page=desk.page, reasons=reasons)
    return make_response(shown, CONFLICT)


def _form_page(desk: _Desk, form: ActForm, status: int, page: ActPage | None = None) -> ResponseReturnValue:
    form.draft.data = desk.draft
    shown = render_template(
        "dossier_page/act.html",
        here=desk.here,
        page=page or desk.page,
        form=form,
        draft_url=url_for("drafts.save", form=desk.draft) if desk.page.asked else "",
    )
    return make_response(shown, status)


# -- a full value -------------------------------------------------------------------------------------------


@blueprint.route("/matters/<number>/reveal/<what>", methods=["GET", "POST"])
@needs(Permission.MATTER_REVEAL, Permission.PAYOUTS_PAY)
def reveal(number: str, what: str) -> ResponseReturnValue:
    """Ask why, write it down, then show the full value on this one page."""
    work = reading_work()
    here = standing(work, number)
    if not may_reveal_this(work, here, what):
        raise NotFound(_("There is no such page, or it is not yours to see."))
    draft = f"dossier_page.{number}.reveal_{what}"
    form, value, status = RevealForm.opened(draft), "", 200
    if request.method == "POST":
        form = RevealForm()
        form.draft.data = draft
        try:
            with writing_work() as writer:
                value = reveal_value(
                    writer, standing(writer, number), what, form.reason.data or "", address()
                )
                drafts.forget(writer.session, writer.actor.id, draft)
        except Invalid as problem:
            add_error(form.reason, problem.sentence)
            status = WRONG
    back = "payouts.payout" if what == PAYEE else "dossier_page.matter"
    shown = render_template(
        "dossier_page/reveal.html",
        here=here,
        what=what,
        form=form,
        value=value,
        draft_url=url_for("drafts.save", form=draft),
        back_url=url_for(back, number=number),
    )
    return make_response(shown, status)
