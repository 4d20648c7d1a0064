"""The ledger of leads and cases, and the reconciliation of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from complaints.cases.exports import ledger_listing
from complaints.cases.forms import DayForm, day_of_form
from complaints.cases.queries import HAND_ON, TABS, LeadRow, case_sums, ledger, tab_counts, waiting_for
from complaints.cases.reconciliation import Flaw, LeadException, Reconciliation, reconcile
from complaints.dossier.clock_views import due_text
from complaints.dossier.codes import KINDS
from complaints.dossier.visibility import visible_to
from complaints.dossier.worklists import PAGE
from complaints.foundation.clock import Clock
from complaints.organisation.people import SignedInActor
from complaints.organisation.permissions import Permission
from complaints.web import exports
from complaints.web.access import needs
from complaints.web.languages import localised
from complaints.web.paging import page_asked, paging
from complaints.web.rooms import Room
from complaints.web.work import reading_work

blueprint = Blueprint("cases", __name__)


def _waiting(session: Session, actor: SignedInActor, _clock: Clock) -> int:
    return waiting_for(session, actor)


ROOM = Room(
    blueprint,
    url="/cases",
    label=_l("Leads"),
    icon="flag",
    permission=Permission.CASES_READ,
    count=_waiting,
)


@blueprint.get("/cases")
@needs(Permission.CASES_READ)
def desk() -> ResponseReturnValue:
    """Show one list of the ledger, and how the leads of a day add up."""
    work = reading_work()
    tab = request.args.get("tab", "open")
    if tab not in TABS:
        tab = "open"
    if exports.asked():
        return exports.answer(ledger_listing(tab, _tab_labels()[tab]))
    form = DayForm(request.args)
    day = day_of_form(form, work.today)
    offset = page_asked() * PAGE
    counts = tab_counts(work)
    found = reconcile(work.session, day, visible_to(work.actor))
    return render_template(
        "cases/ledger.html",
        tab=tab,
        tabs=_tabs(tab, counts, day, work.today),
        leads=[_lead(row) for row in ledger(work, tab, offset)],
        pages=paging(counts[tab], offset, PAGE, lambda page: url_for("cases.desk", tab=tab, page=page)),
        form=form,
        day=day,
        found=found,
        exceptions=[_exception(one) for one in found.exceptions[:PAGE]],
        others=max(len(found.exceptions) - PAGE, 0),
        sums=case_sums(work),
        basis=_basis(found, work.today),
    )


def _tab_labels() -> dict[str, str]:
    return {
        "open": _("Open leads"),
        "filed": _("Filed as cases"),
        "concluded": _("Concluded"),
        "not_filed": _("Not filed"),
        "passed": _("Passed on"),
    }


def _tabs(tab: str, counts: Mapping[str, int], day: date, today: date) -> list[dict[str, Any]]:
    words = _tab_labels()
    chosen = day.isoformat() if day != today else None
    return [
        {
            "label": words[name],
            "url": url_for("cases.desk", tab=name, day=chosen),
            "current": name == tab,
            "count": counts[name],
        }
        for name in TABS
    ]


def _lead(row: LeadRow) -> dict[str, Any]:
    labels = {
        "propose_filing": _("Propose filing"),
        "propose_not_filing": _("Propose not filing"),
        "file": _("File as a case"),
        "not_file": _("Decide not to file"),
        "send_back": _("Send back"),
        "conclude": _("Conclude the case"),
        HAND_ON: _("Hand it on"),
    }
    return {
        "row": row,
        "age": ngettext("%(num)d day", "%(num)d days", row.age),
        "origin_kind": localised(KINDS[row.origin.kind]) if row.origin else "",
        "steps": [
            (labels[one], url_for("dossier_page.do", number=row.matter.number, action=one))
            for one in row.next.steps
        ],
    }


def _exception(one: LeadException) -> dict[str, Any]:
    words = {
        Flaw.MISSING: _("reported, but there is no such lead"),
        Flaw.UNREPORTED: _("there, but its complaint never reported it"),
        Flaw.NO_PROOF: _("ended without case number, reason or receipt"),
        Flaw.OVERDUE: _("verification overdue since %(day)s", day=_overdue_since(one)),
    }
    return {"number": one.number, "title": one.title, "words": words[one.flaw]}


def _overdue_since(one: LeadException) -> str:
    return due_text(one.due, provisional=one.provisional) if one.due else ""


def _basis(found: Reconciliation, today: date) -> list[str]:
    cut_off = _("as of now") if found.day == today else _("as of the end of the day")
    return [_("leads you may see"), _("by day of opening and of the end"), cut_off]
