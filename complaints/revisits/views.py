"""The list of people to call back today, and what came of the call-backs of the month."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from complaints.dossier.work import Work
from complaints.dossier.worklists import PAGE
from complaints.foundation.clock import Clock
from complaints.organisation.people import SignedInActor
from complaints.organisation.permissions import Permission
from complaints.revisits.exports import calls_listing
from complaints.revisits.practice import ATTEMPTS
from complaints.revisits.queries import calls, how_many, outcomes
from complaints.web import exports
from complaints.web.access import needs
from complaints.web.paging import page_asked, paging
from complaints.web.rooms import Room
from complaints.web.services import services
from complaints.web.work import reading_work

blueprint = Blueprint("revisits", __name__)


def _waiting(session: Session, actor: SignedInActor, clock: Clock) -> int:
    return how_many(Work(session, actor, services().engine, clock))


ROOM = Room(
    blueprint,
    url="/revisits",
    label=_l("Call-backs"),
    icon="back",
    permission=Permission.REVISITS_WORK,
    count=_waiting,
)


@blueprint.get("/revisits")
@needs(Permission.REVISITS_WORK)
def desk() -> ResponseReturnValue:
    """Show whom to call, the earliest due first, and how the month's call-backs came out."""
    if exports.asked():
        return exports.answer(calls_listing())
    work = reading_work()
    offset = page_asked() * PAGE
    first = work.today.replace(day=1)
    total = how_many(work)
    return render_template(
        "revisits/desk.html",
        calls=calls(work, offset),
        outcomes=outcomes(work, first, work.today),
        attempts=ATTEMPTS,
        first=first,
        today=work.today,
        pages=paging(total, offset, PAGE, lambda page: url_for("revisits.desk", page=page)),
    )
