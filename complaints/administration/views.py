"""The outbox: what waits, what is unclear, what nobody could be told, and a person's word about it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from complaints.administration import calendar_views, heartbeats, queries
from complaints.administration.actions import settle_message
from complaints.administration.exports import outbox_listing
from complaints.administration.forms import ARRIVED, SettleForm
from complaints.administration.troubles import in_words
from complaints.dossier import messages
from complaints.foundation.clock import Clock
from complaints.foundation.errors import NotFound
from complaints.organisation.people import SignedInActor
from complaints.organisation.permissions import Permission
from complaints.web import exports
from complaints.web.access import address, current_actor, is_allowed, needs
from complaints.web.paging import page_asked, paging
from complaints.web.rooms import Room
from complaints.web.services import services
from complaints.web.transaction import reading, writing
from workflows.definition import Label

blueprint = Blueprint("administration", __name__)
ALL = "all"
_WRONG = 422


def _waiting(session: Session, _actor: SignedInActor, _clock: Clock) -> int:
    return queries.for_a_person(session)


ROOM = Room(
    blueprint,
    url="/admin",
    label=_l("Administration"),
    icon="gear",
    permission=Permission.ADMIN_OUTBOX,
    count=_waiting,
)


for _rule, _view, _methods in calendar_views.PAGES:
    blueprint.add_url_rule(_rule, _view.__name__, _view, methods=_methods)


@blueprint.get("/admin")
@needs(Permission.ADMIN_OPEN)
def start() -> ResponseReturnValue:
    """Lead to the first page of the room that is this administrator's."""
    pages = ((Permission.ADMIN_OUTBOX, "administration.outbox"), (Permission.LOG_PROOF, "anchors.listed"))
    allowed = [page for permission, page in pages if is_allowed(permission)]
    return redirect(url_for(allowed[0] if allowed else "sign_in.no_desk"), 303)


@blueprint.get("/admin/outbox")
@needs(Permission.ADMIN_OUTBOX)
def outbox() -> ResponseReturnValue:
    """List the messages, those for a person first where there are any."""
    session = reading()
    counts = queries.counts(session)
    waiting = [state for state in queries.FOR_A_PERSON if counts[state]]
    state = request.args.get("state", waiting[0] if waiting else ALL)
    if state not in (*queries.STATES, ALL):
        abort(404)
    if exports.asked():
        return exports.answer(outbox_listing(None if state == ALL else state, _label_of))
    offset = page_asked() * queries.PAGE
    total = sum(counts.values()) if state == ALL else counts[state]
    return render_template(
        "administration/outbox.html",
        lines=queries.lines(session, None if state == ALL else state, offset),
        label_of=_label_of,
        in_words=in_words,
        state=state,
        counts=counts,
        total=sum(counts.values()),
        workers=heartbeats.alive(session, services().clock.now()),
        pages=paging(
            total,
            offset,
            queries.PAGE,
            lambda page: url_for("administration.outbox", state=state, page=page),
        ),
    )


@blueprint.get("/admin/outbox/<int:outbox_id>")
@needs(Permission.ADMIN_OUTBOX)
def message(outbox_id: int) -> ResponseReturnValue:
    """Show one message, masked, and ask what happened where the machine does not know."""
    return _message_page(outbox_id, SettleForm())


@blueprint.post("/admin/outbox/<int:outbox_id>/settle")
@needs(Permission.ADMIN_OUTBOX)
def settle(outbox_id: int) -> ResponseReturnValue:
    """Take the person's word, with a reason."""
    form = SettleForm()
    if not form.validate_on_submit():
        return _message_page(outbox_id, form), _WRONG
    _line(outbox_id)
    with writing() as session:
        done = settle_message(
            session,
            services().clock,
            current_actor(),
            outbox_id,
            arrived=form.outcome.data == ARRIVED,
            reason=(form.reason.data or "").strip(),
            address=address(),
        )
    flash(_("Settled.") if done else _("This message was settled already; nothing was changed."), "accent")
    return redirect(url_for("administration.outbox"), 303)


def _message_page(outbox_id: int, form: SettleForm) -> str:
    line = _line(outbox_id)
    return render_template(
        "administration/message.html",
        line=line,
        label=_label_of(line),
        in_words=in_words,
        message=messages.compose(reading(), services().engine, line.row, masked=True),
        form=form if line.row["state"] in queries.FOR_A_PERSON else None,
    )


def _line(outbox_id: int) -> queries.Line:
    line = queries.line(reading(), outbox_id)
    if line is None:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return line


def _label_of(line: queries.Line) -> Label:
    """Return what the message of a line is called."""
    procedure = services().engine.library.get(line.row["procedure"], line.row["version"]).procedure
    return messages.label_of(procedure, line.row["message"])
