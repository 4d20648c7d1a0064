"""The mediation desk: what is due, what was offered, what the unit has in hand, and two comfortable forms.

Everything else is done through the matter's own page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from complaints.dossier.action_views import article_of
from complaints.dossier.progress import procedure_of, standing
from complaints.dossier.worklists import PAGE
from complaints.foundation.masking import mask_name
from complaints.mediation import actions, appointment_views, queries
from complaints.mediation.appointments import arranged, coming
from complaints.mediation.doors import own_form
from complaints.mediation.exports import band_labels, desk_listing
from complaints.mediation.forms import AgreementForm, DeskForm, SessionForm, offered_choices
from complaints.mediation.sending import INVALID, SENT, against, send, submitted
from complaints.organisation.permissions import Permission
from complaints.organisation.roles import Role
from complaints.web import exports
from complaints.web.access import current_actor, needs
from complaints.web.paging import page_asked, paging
from complaints.web.rooms import Room
from complaints.web.submissions import fresh_key
from complaints.web.work import reading_work

blueprint = Blueprint("mediation", __name__)
ROOM = Room(
    blueprint,
    url="/mediation",
    label=_l("Mediation"),
    icon="talk",
    permission=Permission.MEDIATION_WORK,
    count=lambda session, actor, _clock: queries.waiting_for(session, actor),
)


for _name, _view in (("arrange", appointment_views.arrange), ("change", appointment_views.change)):
    blueprint.add_url_rule(f"/mediation/<number>/{_name}", _name, _view, methods=["GET", "POST"])


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the desk."""

    label: str
    url: str
    current: bool
    count: int


@blueprint.get("/mediation")
@needs(Permission.MEDIATION_WORK)
def desk() -> ResponseReturnValue:
    """Show one list of the desk, the most urgent first."""
    work = reading_work()
    counts = queries.desk_counts(work)
    chosen = request.args.get("tab", "")
    tab = chosen if chosen in queries.TABS else _first_tab(counts)
    if exports.asked():
        return exports.answer(desk_listing(tab, _tab_labels()[tab]))
    offset = page_asked() * PAGE
    rows = queries.desk(work, tab, offset)
    return render_template(
        "mediation/desk.html",
        tab=tab,
        tabs=[Tab(label, _tab_url(name), name == tab, counts[name]) for name, label in _tab_labels().items()],
        counts=counts,
        bands=[
            (name, found) for name in queries.BANDS if (found := [row for row in rows if row.band == name])
        ],
        band_labels=band_labels(),
        export_url=_tab_url(tab),
        sessions=coming(work, tab) if tab in ("mine", "unit") and not offset else [],
        pager=paging(counts[tab], offset, PAGE, lambda page: url_for("mediation.desk", tab=tab, page=page)),
        step_url=step_url,
        fresh_key=fresh_key,
    )


def step_url(number: str, action: str) -> str:
    """Return where an action's form is: the desk's own where there is one, else the matter's."""
    return own_form("complaint", action, number) or f"/matters/{number}/do/{action}"


def _first_tab(counts: dict[str, int]) -> str:
    """Return what a person sees first: one's own matters; without any what others ask of one; for a head
    those of the unit.
    """
    if counts["mine"]:
        return "mine"
    for tab in ("offered", "helping"):
        if counts[tab]:
            return tab
    return "unit" if Role.HEAD in current_actor().roles else "mine"


def _tab_url(tab: str) -> str:
    return url_for("mediation.desk", tab=tab)


def _tab_labels() -> dict[str, str]:
    return {
        "mine": _("My matters"),
        "offered": _("Offered to me"),
        "helping": _("I help with"),
        "unit": _("My unit"),
        "tasks": _("Tasks"),
    }


@blueprint.route("/mediation/<number>/session", methods=["GET", "POST"])
@needs(Permission.MEDIATION_WORK)
def session(number: str) -> ResponseReturnValue:
    """Record a session with both sides' offers."""
    work = reading_work()
    here = standing(work, number)
    name = f"mediation.{number}.session"
    if request.method == "GET":
        planned = arranged(here.row["vars"])
        form: Any = SessionForm.opened(
            name,
            here.form_version,
            held_on=min(planned.on, work.today) if planned else work.today,
            place=planned.means if planned else "",
        )
    else:
        form = SessionForm()
    form.outcome.choices = offered_choices(procedure_of(work, here), "hold_session", "outcome")
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.validate_on_submit():
            held = form.given()
            status = send(form, number, lambda one: actions.hold_session(one, number, held, submitted(form)))
        if status == SENT:
            flash(_("The session is on record."), "accent")
            return redirect(f"/matters/{number}", 303)
    return _page("mediation/session.html", form, number, "hold_session"), status


@blueprint.route("/mediation/<number>/agreement", methods=["GET", "POST"])
@needs(Permission.MEDIATION_WORK)
def agreement(number: str) -> ResponseReturnValue:
    """Record what was agreed; the sum is the merchant's last offer until somebody types another."""
    work = reading_work()
    here = standing(work, number)
    if request.method == "GET":
        held = queries.sessions_of(work.session, here.matter)
        offers = [one.merchant_offer_fen for one in held if one.merchant_offer_fen is not None]
        form: Any = AgreementForm.opened(
            f"mediation.{number}.agreement", here.form_version, amount=offers[-1] if offers else None
        )
    else:
        form = AgreementForm()
    form.agreement.choices = offered_choices(procedure_of(work, here), "agree", "form")
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.validate_on_submit():
            said = (form.agreement.data, form.amount.data, form.terms.data)
            status = send(
                form,
                number,
                lambda one: actions.agree(one, number, *said, submitted(form)),
                {"form": "agreement"},
            )
        if status == SENT:
            flash(_("The agreement is on record. Next: tell both sides the result."), "accent")
            return redirect(f"/matters/{number}", 303)
    return _page("mediation/agreement.html", form, number, "agree"), status


def _page(template: str, form: Any, number: str, action: str) -> str:
    work = reading_work()
    here = standing(work, number)
    matter = here.matter
    return render_template(
        template,
        form=form,
        matter=matter,
        consumer=mask_name(matter.consumer.name) if matter.consumer else "",
        merchant=matter.merchant.masked_name if matter.merchant else "",
        sessions=queries.sessions_of(work.session, matter),
        outcomes=dict(offered_choices(procedure_of(work, here), "hold_session", "outcome")),
        reasons=against(work, here, action) if request.method == "GET" else [],
        article=article_of(work, here, action),
        matter_url=f"/matters/{number}",
    )


@blueprint.post("/mediation/<number>/handover")
@needs(Permission.MEDIATION_WORK)
def handover(number: str) -> ResponseReturnValue:
    """Take a matter that was offered, or decline it."""
    form = DeskForm()
    accepts = request.form.get("answer") == "accept"
    status = INVALID
    if form.validate_on_submit():
        status = send(
            form, number, lambda one: actions.answer_handover(one, number, accepts, submitted(form))
        )
    if status != SENT:
        flash(_("Nothing was changed.") + " " + " ".join(_sentences(form)), "soon")
        return redirect(_tab_url("offered"), 303)
    if not accepts:
        flash(_("Declined: %(number)s stays with its owner.", number=number), "accent")
        return redirect(_tab_url("offered"), 303)
    flash(_("You own %(number)s now.", number=number), "accent")
    return redirect(f"/matters/{number}", 303)


def _sentences(form: DeskForm) -> list[str]:
    """Return what stands against a form that has no page of its own."""
    if form.meanwhile:
        return [form.meanwhile]
    return [str(one) for errors in form.errors.values() for one in errors]
