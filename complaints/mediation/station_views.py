"""The station's desk, made for a phone: take a dispute in a minute, settle it on the spot, or pass it up.

A station sees its own venue only; every other matter is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from complaints.dossier.clock_views import localised
from complaints.dossier.progress import Standing, procedure_of
from complaints.dossier.timeline import timeline
from complaints.dossier.work import Work
from complaints.foundation.errors import Invalid, NotAllowed
from complaints.foundation.money import parse_yuan
from complaints.mediation import actions, disputes
from complaints.mediation.dispute_page import Proposal, head, receiving_desk
from complaints.mediation.exports import station_listing
from complaints.mediation.forms import (
    DisputeForm,
    OffersForm,
    PassUpForm,
    SettleForm,
    WithdrawForm,
    offered_choices,
)
from complaints.mediation.sending import INVALID, OVERTAKEN, SENT, against, send, submitted
from complaints.organisation.models import Unit
from complaints.organisation.permissions import Permission
from complaints.reference.privacy_notices import privacy_notice
from complaints.web import drafts, exports
from complaints.web.access import current_actor, needs
from complaints.web.file_forms import files_section
from complaints.web.rooms import Room
from complaints.web.submissions import fresh_key
from complaints.web.work import reading_work, writing_work
from workflows.runtime.requests import KeyReused

blueprint = Blueprint("station", __name__)
ROOM = Room(
    blueprint,
    url="/station",
    label=_l("Station"),
    icon="shop",
    permission=Permission.STATION_WORK,
    count=lambda session, actor, _clock: disputes.disputes_in_hand(session, actor),
)
REGISTER_DRAFT = "station.register"


@blueprint.get("/station")
@needs(Permission.STATION_WORK)
def today() -> ResponseReturnValue:
    """Show what the station has in hand, and what ended today."""
    if exports.asked():
        return exports.answer(station_listing())
    work = reading_work()
    return render_template(
        "mediation/station_today.html",
        station_name=_station_name(work),
        open_rows=disputes.open_disputes(work),
        done_rows=disputes.done_today(work),
    )


@blueprint.route("/station/register", methods=["GET", "POST"])
@needs(Permission.STATION_WORK)
def register() -> ResponseReturnValue:
    """Take a dispute."""
    work = reading_work()
    stations = disputes.own_stations(work.session, work.actor)
    if not stations:
        raise NotAllowed(
            _("You are assigned to no station today. Ask the administrator to correct your role.")
        )
    notice = privacy_notice(work.today)
    form: Any = DisputeForm.opened(REGISTER_DRAFT) if request.method == "GET" else DisputeForm()
    form.prepare(stations, work.today)
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.validate_on_submit():
            number = _register(form, stations)
            if number is not None:
                flash(_("Registered as %(number)s. You are the first responder.", number=number), "accent")
                return redirect(url_for("station.dispute", number=number), 303)
            status = OVERTAKEN
    form.notice_version.data = notice.version
    return render_template(
        "mediation/station_register.html",
        form=form,
        station_name=stations[0].name,
        several=len(stations) > 1,
        shops=disputes.shops_of(work.session, stations[0].path),
        notice=localised(notice.words),
        back_url=url_for("station.today"),
    ), status


def _register(form: DisputeForm, stations: Sequence[Unit]) -> str | None:
    """Register what the form says and return the matter's number, or None where its page was used before for
    something else; then it gets a new key, so that it can be sent again.
    """
    station = next(one for one in stations if one.path == form.station.data)
    try:
        with writing_work() as work:
            matter = actions.register_dispute(work, station, form.given(), form.idempotency_key.data or "")
            drafts.forget(work.session, work.actor.id, REGISTER_DRAFT)
            return matter.number
    except KeyReused:
        form.idempotency_key.data = fresh_key()
        flash(
            _("This page has registered another complaint already. Check the answers, then send again."),
            "soon",
        )
        return None


@blueprint.get("/station/<number>")
@needs(Permission.STATION_WORK)
def dispute(number: str) -> ResponseReturnValue:
    """Show one dispute: facts, both offers with the gap, and the two ways out."""
    work = reading_work()
    here = disputes.own_dispute(work, number)
    known = disputes.offers_of(here)
    form: Any = OffersForm.opened(
        f"station.{number}.offers",
        here.form_version,
        consumer_offer=known.get("consumer_offer", here.matter.amount_fen),
        merchant_offer=known.get("merchant_offer"),
    )
    return _dispute_page(work, here, form)


@blueprint.post("/station/<number>/offers")
@needs(Permission.STATION_WORK)
def offers(number: str) -> ResponseReturnValue:
    """Record what both sides say."""
    disputes.own_dispute(reading_work(), number)
    form = OffersForm()
    status = INVALID
    if form.validate_on_submit():
        said = (form.consumer_offer.data, form.merchant_offer.data)
        status = send(form, number, lambda one: actions.record_offers(one, number, *said, submitted(form)))
    if status == SENT:
        return redirect(url_for("station.dispute", number=number) + "#offers", 303)
    work = reading_work()
    return _dispute_page(work, disputes.own_dispute(work, number), form), status


def _dispute_page(work: Work, here: Standing, form: Any) -> str:
    known = disputes.offers_of(here)
    both = len(known) == 2
    return render_template(
        "mediation/station_dispute.html",
        **head(work, here),
        back_url=url_for("station.today"),
        form=form,
        proposal=Proposal.between(known["consumer_offer"], known["merchant_offer"]) if both else None,
        is_open=not here.row["ended"],
        refused={name: against(work, here, name) for name in ("record_offer", "settle", "pass_up")}
        if not here.row["ended"]
        else {},
        entries=timeline(work, here, private=True),
        files=files_section(work, here, adds=not against(work, here, "attach")),
        passed=disputes.passed_up(work, here.matter),
    )


@blueprint.route("/station/<number>/settle", methods=["GET", "POST"])
@needs(Permission.STATION_WORK)
def settle(number: str) -> ResponseReturnValue:
    """Settle on the spot: privately, between the two sides."""
    work = reading_work()
    here = disputes.own_dispute(work, number)
    if request.method == "GET":
        form: Any = SettleForm.opened(f"station.{number}.settle", here.form_version)
        _propose(form, request.args.get("amount", ""))
    else:
        form = SettleForm()
    form.kind.choices = offered_choices(procedure_of(work, here), "settle", "kind")
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.validate_on_submit():
            said = {
                "amount": form.amount.data,
                "kind": form.kind.data,
                "terms": form.terms.data,
                "told": form.told.data,
            }
            status = send(form, number, lambda one: actions.settle(one, number, said, submitted(form)))
        if status == SENT:
            flash(_("Settled. Both sides were told."), "accent")
            return redirect(url_for("station.dispute", number=number), 303)
    return _form_page("mediation/station_settle.html", form, number, "settle"), status


def _propose(form: Any, typed: str) -> None:
    """Take over the sum that the dispute's page proposes, also over an older draft."""
    if not typed:
        return
    try:
        form.amount.data, form.amount.raw_data = parse_yuan(typed), None
    except Invalid as problem:
        form.amount.raw_data, form.amount.errors = [typed], [problem.sentence]


@blueprint.route("/station/<number>/pass-up", methods=["GET", "POST"])
@needs(Permission.STATION_WORK)
def pass_up(number: str) -> ResponseReturnValue:
    """Pass the dispute up with the whole file."""
    work = reading_work()
    here = disputes.own_dispute(work, number)
    form: Any = (
        PassUpForm.opened(f"station.{number}.pass_up", here.form_version)
        if request.method == "GET"
        else PassUpForm()
    )
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.validate_on_submit():
            said = (form.reason.data, form.address.data or "")
            status = send(form, number, lambda one: actions.pass_up(one, number, *said, submitted(form)))
        if status == SENT:
            flash(_("Passed up with the whole file. You stay the first responder."), "accent")
            return redirect(url_for("station.dispute", number=number), 303)
    return _form_page(
        "mediation/station_pass_up.html", form, number, "pass_up", desk=receiving_desk(work, here)
    ), status


@blueprint.route("/station/<number>/withdraw", methods=["GET", "POST"])
@needs(Permission.STATION_WORK)
def withdraw(number: str) -> ResponseReturnValue:
    """End a dispute that the consumer takes back."""
    work = reading_work()
    here = disputes.own_dispute(work, number)
    form: Any = (
        WithdrawForm.opened(f"station.{number}.withdraw", here.form_version)
        if request.method == "GET"
        else WithdrawForm()
    )
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.validate_on_submit():
            note = form.note.data
            status = send(form, number, lambda one: actions.withdraw(one, number, note, submitted(form)))
        if status == SENT:
            flash(_("Ended: the consumer took the dispute back."), "accent")
            return redirect(url_for("station.dispute", number=number), 303)
    return _form_page("mediation/station_withdraw.html", form, number, "withdraw"), status


def _form_page(template: str, form: Any, number: str, action: str, **more: Any) -> str:
    work = reading_work()
    here = disputes.own_dispute(work, number)
    return render_template(
        template,
        **head(work, here),
        form=form,
        reasons=against(work, here, action) if request.method == "GET" else [],
        back_url=url_for("station.dispute", number=number),
        **more,
    )


def _station_name(work: Work) -> str:
    stations = disputes.own_stations(work.session, work.actor)
    return stations[0].name if stations else current_actor().unit_name
