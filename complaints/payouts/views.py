"""The payout desk: the queue by step, one payout with its proof and its posting, and the application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from complaints.dossier.action_views import ReasonView
from complaints.dossier.models import Matter
from complaints.dossier.outrunning import outrun_sentence
from complaints.dossier.progress import Standing, Submitted, standing
from complaints.dossier.refusals import Denied
from complaints.dossier.timeline import Entry, entries
from complaints.dossier.work import Work
from complaints.dossier.worklists import PAGE
from complaints.foundation.clock import Clock
from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.foundation.masking import mask_name, mask_phone
from complaints.organisation.people import SignedInActor
from complaints.organisation.permissions import Permission, allowed
from complaints.payouts import actions, applying, queries
from complaints.payouts.applying import Application
from complaints.payouts.desk_page import desk_page, draft_of
from complaints.payouts.exports import ledger_listing, queue_listing
from complaints.payouts.forms import FORMS, ApplyForm, payload_of
from complaints.payouts.ledger import balances
from complaints.web import drafts, exports
from complaints.web.access import needs
from complaints.web.paging import page_asked, paging
from complaints.web.refusals import CONFLICT, WRONG, put_beneath, sentence_of, status_of, step_beside
from complaints.web.rooms import Room
from complaints.web.services import services
from complaints.web.submissions import ActForm, fresh_key, submission_key
from complaints.web.transaction import read_again
from complaints.web.work import reading_work, writing_work
from workflows.guards import Why
from workflows.runtime.event_log import Event
from workflows.runtime.requests import KeyReused, StaleVersion

blueprint = Blueprint("payouts", __name__)


def _waiting(session: Session, actor: SignedInActor, _clock: Clock) -> int:
    return queries.waiting_for(session, actor)


ROOM = Room(
    blueprint,
    url="/payouts",
    label=_l("Payouts"),
    icon="coin",
    permission=Permission.PAYOUTS_READ,
    count=_waiting,
)


# -- the desk ---------------------------------------------------------------------------------------------


@blueprint.get("/payouts")
@needs(Permission.PAYOUTS_READ)
def desk() -> ResponseReturnValue:
    """Show a list of the queue with its first payout beside it."""
    work = reading_work()
    tab = request.args.get("tab", "")
    if tab not in queries.TABS:
        tab = queries.own_tab(work)
    if exports.asked():
        whole_ledger = request.args.get("list") == "ledger"
        return exports.answer(ledger_listing() if whole_ledger else queue_listing(tab, _labels()[tab]))
    rows = queries.queue(work, tab, page_asked() * PAGE)
    chosen = standing(work, rows[0].matter.number) if rows else None
    return _desk(work, tab, rows, chosen)


@blueprint.get("/payouts/<number>")
@needs(Permission.PAYOUTS_READ)
def payout(number: str) -> ResponseReturnValue:
    """Show one payout beside the list it stands in."""
    work = reading_work()
    here = _payout(work, number)
    return _desk_of(work, here)


@blueprint.get("/payouts/<number>/<action>")
@needs(Permission.PAYOUTS_READ)
def back(number: str, action: str) -> ResponseReturnValue:
    """Lead from the address of a refused form, which a sign-in may come back to, to the payout's page."""
    if action not in FORMS:
        abort(404)
    return redirect(url_for("payouts.payout", number=number), 303)


@blueprint.post("/payouts/<number>/<action>")
@needs(Permission.PAYOUTS_WORK, Permission.PAYOUTS_APPROVE, Permission.PAYOUTS_PAY)
def do(number: str, action: str) -> ResponseReturnValue:
    """Do one of the desk's own actions, and show the payout again."""
    if action not in FORMS:
        abort(404)
    form = FORMS[action]()
    if not form.validate_on_submit():
        return _again(number, action, form, (), WRONG)
    # a form without its version is as good as an old one
    given = Submitted(submission_key(), -1 if form.version is None else form.version)
    try:
        with writing_work() as work:
            actions.do(work, _payout(work, number), action, payload_of(form), given)
            drafts.forget(work.session, work.actor.id, draft_of(number, action))
    except Denied as denied:
        read_again()
        told = step_beside(number, denied)
        return _again(number, action, form, denied.reasons, status_of(denied.reasons), told)
    except StaleVersion as stale:
        told = _("Compare what is shown now, then send again.")
        return _again(number, action, form, (), CONFLICT, told, stale.since)
    except KeyReused:
        told = _("This form was sent once already, with other words in it.")
        return _again(number, action, form, (), CONFLICT, told)
    return redirect(url_for("payouts.payout", number=number), 303)


def _payout(work: Work, number: str) -> Standing:
    """Return the payout of that number. Raises NotFound for every other matter."""
    here = standing(work, number)
    if here.matter.kind != "payout":
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return here


def _again(
    number: str,
    action: str,
    form: ActForm,
    reasons: Sequence[Why],
    status: int,
    told: str = "",
    since: Sequence[Event] = (),
) -> ResponseReturnValue:
    """Show what was typed with the reasons why not, what happened `since`, a new key, the present version."""
    read_again()
    work = reading_work()
    here = _payout(work, number)
    form.idempotency_key.data = fresh_key()
    form.form_version.data = here.form_version
    outrun = outrun_sentence(work, here, since) if since else ""
    said = [one for one in (*_put_beneath(form, reasons), outrun, told) if one]
    return make_response(_desk_of(work, here, form=form, action=action, said=said), status)


def _put_beneath(form: ActForm, reasons: Sequence[Why]) -> list[str]:
    """Put each reason beneath the field it names, and return the others as sentences."""
    left = put_beneath(form, reasons, lambda name: name if name in form else "")
    return [sentence_of(why) for why in left]


def _desk_of(work: Work, here: Standing, **more: Any) -> ResponseReturnValue:
    tab = queries.tab_of(here.state)
    return _desk(work, tab, queries.queue(work, tab, page_asked() * PAGE), here, **more)


def _desk(
    work: Work, tab: str, rows: Sequence[queries.QueueRow], here: Standing | None, **more: Any
) -> ResponseReturnValue:
    counts = queries.tab_counts(work)
    sums = balances(work.session)
    return render_template(
        "payouts/desk.html",
        tab=tab,
        tabs=_tabs(tab, counts),
        rows=rows,
        pages=paging(
            counts[tab],
            page_asked() * PAGE,
            PAGE,
            lambda page: url_for("payouts.desk", tab=tab, page=page),
        ),
        care=[one for one in queries.care_needed(work) if tab != "recover"],
        sums=sums,
        share=sums.free / sums.funded if sums.funded else 0,
        page=desk_page(work, here, sums, **more) if here else None,
    )


def _labels() -> dict[str, str]:
    return {
        "verify": _("Verify"),
        "approve": _("Approve"),
        "pay": _("Pay"),
        "recover": _("Recover"),
        "ended": _("Ended"),
    }


def _tabs(tab: str, counts: Mapping[str, int]) -> list[dict[str, Any]]:
    words = _labels()
    return [
        {
            "key": name,
            "label": words[name],
            "url": url_for("payouts.desk", tab=name),
            "current": name == tab,
            "count": counts[name],
        }
        for name in queries.TABS
    ]


# -- the application --------------------------------------------------------------------------------------


@blueprint.get("/payouts/apply")
@needs(Permission.PAYOUTS_WORK)
def application() -> ResponseReturnValue:
    """Show the form of an application, filled with what the complaint knows."""
    work = reading_work()
    here = _complaint(work, request.args.get("from", ""))
    matter = here.matter
    reasons = queries.against_applying(work, here)
    if reasons:
        return _form_page(work, here, ApplyForm(), CONFLICT, against=reasons)
    form = ApplyForm.opened(
        _draft(matter),
        here.form_version,
        goods=matter.masked_title,
        price=matter.amount_fen,
        bought_on=matter.happened_on,
    )
    return _form_page(work, here, form, 200)


@blueprint.post("/payouts/apply")
@needs(Permission.PAYOUTS_WORK)
def apply() -> ResponseReturnValue:
    """Take an application once, and show the payout."""
    number = request.args.get("from", "")
    form = ApplyForm()
    if not form.validate_on_submit():
        work = reading_work()
        return _form_page(work, _complaint(work, number), form, WRONG)
    asked = Application(
        goods=(form.goods.data or "").strip(),
        price_fen=form.price.data or 0,
        bought_on=form.bought_on.data or services().clock.today(),
        receipt_number=(form.receipt_number.data or "").strip(),
        facts=(form.facts.data or "").strip(),
    )
    try:
        with writing_work() as work:
            # a form without its version is as good as an old one
            given = Submitted(submission_key(), -1 if form.version is None else form.version)
            here = _complaint(work, number)
            new = applying.apply(work, here, asked, given).number
            drafts.forget(work.session, work.actor.id, _draft(here.matter))
    except Denied as denied:
        read_again()
        told = step_beside(number, denied)
        return _apply_again(number, form, status_of(denied.reasons), denied.reasons, told)
    except StaleVersion as stale:
        return _apply_again(number, form, CONFLICT, (), since=stale.since)
    except KeyReused:
        told = _("This form was sent once already, with other words in it.")
        return _apply_again(number, form, CONFLICT, (), told)
    except (Conflict, Invalid) as problem:
        field = getattr(problem, "field", "")
        if field in form:
            form[field].errors = [*form[field].errors, problem.sentence]
        told = "" if field in form else problem.sentence
        return _apply_again(number, form, problem.status, (), told)
    return redirect(url_for("payouts.payout", number=new), 303)


def _apply_again(
    number: str,
    form: ApplyForm,
    status: int,
    reasons: Sequence[Why],
    told: str = "",
    since: Sequence[Event] = (),
) -> ResponseReturnValue:
    """Show what was typed with the reasons why not, what happened `since`, a new key, the present version."""
    read_again()
    work = reading_work()
    form.idempotency_key.data = fresh_key()
    here = _complaint(work, number)
    form.form_version.data = here.form_version
    outrun = outrun_sentence(work, here, since) if since else ""
    said = [one for one in (*_put_beneath(form, reasons), outrun, told) if one]
    return _form_page(work, here, form, status, said, changes=entries(work, here, since, private=False))


def _draft(complaint: Matter) -> str:
    """Return the name of the draft of an application from this complaint."""
    return f"payouts.apply.{complaint.number}"


def _complaint(work: Work, number: str) -> Standing:
    """Return the complaint that a payout is applied for from, where this person may do so."""
    here = standing(work, number)
    if here.matter.kind != "complaint" or not allowed(
        work.actor, Permission.PAYOUTS_WORK, here.row["unit_path"]
    ):
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return here


def _form_page(
    work: Work,
    here: Standing,
    form: ActForm,
    status: int,
    said: Sequence[str] = (),
    against: Sequence[ReasonView] = (),
    changes: Sequence[Entry] = (),
) -> ResponseReturnValue:
    """Show the form, or, where no payout can be applied for (`against`), why not and who could help."""
    matter = here.matter
    draft = _draft(matter)
    form.draft.data = draft
    shown = render_template(
        "payouts/apply.html",
        form=form,
        said=said,
        against=against,
        changes=changes,
        matter=matter,
        consumer=_masked(matter),
        earlier=queries.payouts_from(work, matter),
        draft_url=url_for("drafts.save", form=draft),
        action=f"{url_for('payouts.apply')}?{urlencode({'from': matter.number})}",
    )
    return make_response(shown, status)


def _masked(matter: Matter) -> str:
    if matter.consumer is None:
        return ""
    return f"{mask_name(matter.consumer.name)} {mask_phone(matter.consumer.phone)}"
