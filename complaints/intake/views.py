"""The intake desk's pages: the board, dispatching one or many, registering what came by letter or visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from complaints.dossier.action_views import reason_views
from complaints.dossier.brief_matters import similar_complaints
from complaints.dossier.models import Matter
from complaints.dossier.progress import standing
from complaints.dossier.work import Work
from complaints.foundation.errors import NotFound, Problem
from complaints.intake import actions
from complaints.intake.exports import board_listing, labels
from complaints.intake.forms import ReceivedForm
from complaints.intake.panel import panel
from complaints.intake.queries import TABS, BoardRow, board, chosen, destinations, tab_counts, waiting
from complaints.organisation.permissions import Permission
from complaints.web import drafts, exports
from complaints.web.access import needs
from complaints.web.caller_looks import noted
from complaints.web.languages import joined
from complaints.web.lost_sight import lost_to
from complaints.web.refusals import faster_step
from complaints.web.registration_parts import described, parts_of, posted_form
from complaints.web.registration_posting import take
from complaints.web.rooms import Room
from complaints.web.services import clock
from complaints.web.submissions import KEY, fresh_key
from complaints.web.transaction import read_again, reading
from complaints.web.work import reading_work, submitted, writing_work
from workflows.compiled import Refused
from workflows.runtime.requests import KeyReused, StaleVersion

blueprint = Blueprint("intake", __name__, url_prefix="/intake")
ROOM = Room(blueprint, "/intake", _l("Intake"), "in", Permission.INTAKE_WORK, waiting)

DRAFT = "intake.register"
MOST = 50
"""Matters that are dispatched at once at most: a page of the board."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A matter that was not dispatched, and why."""

    number: str
    sentences: tuple[str, ...]


@blueprint.get("")
@needs(Permission.INTAKE_WORK)
def desk() -> ResponseReturnValue:
    """Show one list of the board and the selected matter beside it; for a fragment the matter alone."""
    tab = request.args.get("tab", "new")
    page = request.args.get("page", 1, type=int)
    if tab not in TABS or not 1 <= page <= 10_000:
        abort(404)
    if exports.asked():
        return exports.answer(board_listing(tab))
    work = reading_work()
    number = request.args.get("matter", "")
    if request.headers.get("HX-Request"):
        return render_template("intake/_panel.html", selected=panel(work, number, fresh_key()))
    rows = board(work, tab, page)
    number = number or (rows[0].matter.number if rows else "")
    return render_template(
        "intake/board.html",
        tab=tab,
        labels=labels(),
        page=page,
        rows=rows,
        counts=tab_counts(work),
        selected=panel(work, number, fresh_key(), rows) if number else None,
    )


@blueprint.get("/dispatch")
@needs(Permission.INTAKE_WORK)
def confirm() -> ResponseReturnValue:
    """List what was selected, each with its unit to confirm."""
    rows = chosen(reading_work(), request.args.getlist("n")[:MOST])
    if not rows:
        flash(_("Select at least one matter first."), "soon")
        return redirect(url_for("intake.desk"), 303)
    return _confirm_page(rows)


@blueprint.post("/dispatch")
@needs(Permission.INTAKE_WORK)
def dispatch() -> ResponseReturnValue:
    """Dispatch each matter in a transaction of its own; say which went, and which did not and why."""
    numbers = list(dict.fromkeys(request.form.getlist("n")))[:MOST]
    failed = [one for one in (_dispatch_one(number) for number in numbers) if one is not None]
    not_sent = {one.number for one in failed}
    went = [number for number in numbers if number not in not_sent]
    if not failed:
        return redirect(url_for("intake.dispatched", n=went), 303)
    read_again()
    work = reading_work()
    return _confirm_page(chosen(work, sorted(not_sent)), went=chosen(work, went), failed=failed), 409


@blueprint.get("/dispatched")
@needs(Permission.INTAKE_WORK)
def dispatched() -> ResponseReturnValue:
    """Show where matters lie now, after they were dispatched."""
    return render_template(
        "intake/dispatched.html", rows=chosen(reading_work(), request.args.getlist("n")[:MOST])
    )


@blueprint.get("/register")
@needs(Permission.INTAKE_WORK)
def register() -> ResponseReturnValue:
    """Show the form for what came by letter, visit or from another office."""
    form = ReceivedForm.opened(DRAFT)
    form.prepare(reading(), clock().today())
    return _register_page(form)


@blueprint.post("/register")
@needs(Permission.INTAKE_WORK)
def register_received() -> ResponseReturnValue:
    """Register it, once; counting starts with the day it arrived."""
    return take(ReceivedForm, DRAFT, url_for("intake.register"), _register_page, _register, _registered_url)


def _register(work: Work, form: ReceivedForm) -> Matter:
    given, key = form.given(), form.idempotency_key.data or ""
    received = form.received(work.now)
    return actions.register_received(work, received, given.matter, given.consumer, given.merchant, key)


def _registered_url(matter: Matter) -> str:
    flash(_("Registered: %(number)s", number=matter.number), "accent")
    return url_for("intake.desk", matter=matter.number)


@blueprint.post("/similar")
@needs(Permission.INTAKE_WORK)
def similar() -> ResponseReturnValue:
    """Answer what is typed so far with the complaints that are like it."""
    found = noted(similar_complaints(reading_work(), described(posted_form(ReceivedForm))))
    return render_template("intake/_similar.html", similar=found)


@blueprint.post("/discard")
@needs(Permission.INTAKE_WORK)
def discard() -> ResponseReturnValue:
    """Throw the kept draft of the registration away."""
    with writing_work() as work:
        drafts.forget(work.session, work.actor.id, DRAFT)
    return redirect(url_for("intake.register"), 303)


def _dispatch_one(number: str) -> Failed | None:
    """Dispatch one matter of the posted list; return None where it went."""
    typed = request.form
    key = typed.get(f"key-{number}", "")
    sent = submitted(key if KEY.fullmatch(key) else fresh_key(), typed.get(f"version-{number}"))
    try:
        with writing_work() as work:
            here = standing(work, number)
            actions.dispatch(work, here, typed.get(f"unit-{number}", ""), typed.get("note", "").strip(), sent)
    except Refused as refused:
        return Failed(number, _why_not(number, refused))
    except StaleVersion as stale:
        told = faster_step(stale) or _("This matter was changed after the form was opened.")
        return Failed(number, (joined(told, _("Look at it, then send it again.")),))
    except KeyReused:
        return Failed(number, (_("This page has dispatched it already, to another unit."),))
    except NotFound as problem:
        return Failed(number, (lost_to(number, sent.version) or problem.sentence,))
    except Problem as problem:
        return Failed(number, (problem.sentence,))
    return None


def _why_not(number: str, refused: Refused) -> tuple[str, ...]:
    """Return every reason with its remedy, as the matter stands now."""
    read_again()
    work = reading_work()
    reasons = reason_views(work, standing(work, number), refused.reasons)
    return tuple(joined(one.text, one.remedy) for one in reasons)


def _confirm_page(
    rows: list[BoardRow], went: list[BoardRow] | None = None, failed: list[Failed] | None = None
) -> str:
    """Write the page that lists each matter with its unit; what failed keeps the unit that was chosen.

    What this person sees no more has no line to be sent from again, only the sentence.
    """
    shown = {row.matter.number for row in rows}
    return render_template(
        "intake/dispatch.html",
        rows=rows,
        went=went or [],
        failed={one.number: one.sentences for one in failed or []},
        gone=[one for one in failed or [] if one.number not in shown],
        units=destinations(reading_work()),
        fresh_key=fresh_key,
        typed=request.form,
    )


def _register_page(form: ReceivedForm) -> str:
    """Write the registration page."""
    context: dict[str, Any] = parts_of(form)
    context["similar"] = noted(similar_complaints(reading_work(), described(form)))
    return render_template(
        "intake/register.html", **context, is_back=bool(form.saved_at) and request.method == "GET"
    )
