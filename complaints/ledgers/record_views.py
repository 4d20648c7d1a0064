"""One historical record on one page, and its full values for a stated reason."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from complaints.dossier.record_models import HistoricalRecord
from complaints.foundation.errors import Invalid, NotFound
from complaints.ledgers import actions, queries, shown
from complaints.ledgers.forms import ReasonForm
from complaints.organisation.people import person_names
from complaints.organisation.permissions import Permission, allowed, sees_masked
from complaints.organisation.units import unit_names
from complaints.web.access import address, needs
from complaints.web.refusals import WRONG
from complaints.web.rooms import Room
from complaints.web.work import reading_work, writing_work

blueprint = Blueprint("records", __name__)
ROOM = Room(blueprint)
_ID = "int(max=2147483647)"


@blueprint.get(f"/records/<{_ID}:record_id>")
@needs(Permission.MATTER_READ)
def record(record_id: int) -> ResponseReturnValue:
    """Show a historical record, masked."""
    work = reading_work()
    one = _record(record_id)
    may_reveal, hides = actions.may_reveal(work, one), _hides(one)
    said = shown.masked(queries.content_of(one), hide_name=hides)

    def url(what: str) -> str:
        return url_for("records.reveal", record_id=record_id, what=what)

    settled = [found for found in queries.settlements(work.session, one.id) if found.settled_at]
    return render_template(
        "ledgers/record.html",
        record=one,
        title=shown.title_of(one, hide_name=hides),
        text=said["text"],
        reply=said["reply"],
        unit=unit_names(work.session, [one.unit_path]).get(one.unit_path, ""),
        facts=shown.record_facts(one, hide_name=hides, url=url if may_reveal else None),
        masked=hides,
        text_url=url("text") if may_reveal and one.text != one.text_in_full else "",
        reply_url=url("reply") if may_reveal and one.reply != one.reply_in_full else "",
        settlements=settled,
        opens_settlements=allowed(work.actor, Permission.LEDGER_IMPORT, one.unit_path),
        names=person_names(work.session, [found.settled_by or 0 for found in settled]),
    )


@blueprint.route(f"/records/<{_ID}:record_id>/reveal/<what>", methods=["GET", "POST"])
@needs(Permission.MATTER_REVEAL)
def reveal(record_id: int, what: str) -> ResponseReturnValue:
    """Ask why, write it down, then show the full value on this one page."""
    one = _record(record_id)
    if not actions.may_reveal(reading_work(), one) or not actions.in_full(one, what):
        raise NotFound(_("There is no such page, or it is not yours to see."))
    form, value, status = ReasonForm.opened(), "", 200
    if request.method == "POST":
        form = ReasonForm()
        try:
            with writing_work() as work:
                value = actions.reveal(work, one, what, form.reason.data or "", address())
        except Invalid as problem:
            form.reason.errors = [problem.sentence]
            status = WRONG
    page = render_template("ledgers/reveal.html", record=one, what=what, form=form, value=value)
    return make_response(page, status)


def _record(record_id: int) -> HistoricalRecord:
    work = reading_work()
    one = queries.record_of(work.session, work.actor, record_id)
    if one is None:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return one


def _hides(one: HistoricalRecord) -> bool:
    return sees_masked(reading_work().actor, Permission.MATTER_READ, one.unit_path)
