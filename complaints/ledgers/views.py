"""The room's pages: bring a ledger, look at its report, import it, settle conflicts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from complaints.dossier.receiving import Infected, NotNow
from complaints.dossier.record_models import ImportStage, LedgerImport
from complaints.foundation.clock import Clock
from complaints.foundation.errors import Conflict, Invalid
from complaints.gateways.file_store import StoreFull
from complaints.ledgers import actions, columns_page, desk_page, queries, queue, shown, tops
from complaints.ledgers.exports import conflicts_listing, imports_listing, report_listing
from complaints.ledgers.forms import ConfirmForm, SettleForm
from complaints.ledgers.headers import LARGEST_MAP, read_map
from complaints.ledgers.leases import Bench
from complaints.ledgers.models import Choice
from complaints.ledgers.sentences import say
from complaints.ledgers.uploads import take_in
from complaints.organisation.people import SignedInActor
from complaints.organisation.permissions import Permission
from complaints.organisation.units import unit_names
from complaints.web import exports
from complaints.web.access import needs
from complaints.web.errors import log
from complaints.web.paging import page_asked, paging
from complaints.web.refusals import CONFLICT, WRONG
from complaints.web.rooms import Room
from complaints.web.services import services
from complaints.web.transaction import read_again
from complaints.web.work import reading_work, writing_work

blueprint = Blueprint("ledgers", __name__)
PAGE = 50
_ID = "int(max=2147483647)"


def _waiting(session: Session, actor: SignedInActor, _clock: Clock) -> int:
    return queries.count_conflicts(session, actor)


ROOM = Room(
    blueprint,
    url="/ledgers",
    label=_l("Ledgers"),
    icon="book",
    permission=Permission.LEDGER_IMPORT,
    count=_waiting,
)


@blueprint.get("/ledgers")
@needs(Permission.LEDGER_IMPORT)
def desk() -> ResponseReturnValue:
    """List the ledgers that were brought, and ask for another."""
    if exports.asked():
        return exports.answer(imports_listing())
    return desk_page.show(desk_page.upload_form())


@blueprint.post("/ledgers")
@needs(Permission.LEDGER_IMPORT)
def upload() -> ResponseReturnValue:
    """Keep the file and have it checked: at once where it is small, else by a worker."""
    form = desk_page.upload_form()
    file, chosen = request.files.get("file"), form.validate()
    if not file or not file.filename:
        form.file.errors = [_("Choose a ledger, .xlsx or .csv.")]
    if not chosen or form.file.errors:
        return desk_page.show(form), WRONG
    assert file is not None  # noqa: S101 - it was asked for above
    try:
        mapping = _mapping()
        source = take_in(_store(), file, form.unit.data, mapping)
    except (Infected, NotNow) as problem:
        form.file.errors = [problem.sentence]
        return desk_page.show(form), problem.status
    except Invalid as problem:
        form.mapping.errors = [problem.sentence]
        return desk_page.show(form), WRONG
    except StoreFull:
        form.file.errors = [
            _("There is no room for the file now: tell the administrator, and try again later.")
        ]
        return desk_page.show(form), 503
    _do_if_small(source)
    return redirect(url_for("ledgers.report", import_id=source.id), 303)


@blueprint.get(f"/ledgers/<{_ID}:import_id>")
@needs(Permission.LEDGER_IMPORT)
def report(import_id: int) -> ResponseReturnValue:
    """Show what the check has found, row by row, or how far it has come."""
    return _report(import_id, ConfirmForm())


@blueprint.get(f"/ledgers/<{_ID}:import_id>/progress")
@needs(Permission.LEDGER_IMPORT)
def progress(import_id: int) -> ResponseReturnValue:
    """Return the progress alone; once it is over, the browser loads the whole page."""
    source = actions.need_import(reading_work(), import_id)
    answer = make_response(render_template("ledgers/_progress.html", source=source))
    if source.stage not in (ImportStage.UPLOADED, ImportStage.CONFIRMED):
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post(f"/ledgers/<{_ID}:import_id>/confirm")
@needs(Permission.LEDGER_IMPORT)
def confirm(import_id: int) -> ResponseReturnValue:
    """Have the checked ledger imported."""
    form = ConfirmForm()
    try:
        with writing_work() as work:
            skip, columns = bool(form.skip_refused.data), form.columns.data or ""
            source = actions.confirm(work, import_id, skip_refused=skip, columns=columns)
    except Invalid as problem:
        form.skip_refused.errors = [problem.sentence]
        read_again()
        return make_response(_report(import_id, form), WRONG)
    except Conflict as problem:
        return _too_late(import_id, problem)
    _do_if_small(source)
    return redirect(url_for("ledgers.report", import_id=import_id), 303)


@blueprint.post(f"/ledgers/<{_ID}:import_id>/drop")
@needs(Permission.LEDGER_IMPORT)
def drop(import_id: int) -> ResponseReturnValue:
    """Drop the ledger and its file."""
    try:
        with writing_work() as work:
            actions.drop(work, _store(), import_id, seen=request.form.get("seen", ""))
    except Conflict as problem:
        return _too_late(import_id, problem)
    flash(_("The ledger was dropped; nothing of it was imported."), "accent")
    return redirect(url_for("ledgers.desk"), 303)


@blueprint.post(f"/ledgers/<{_ID}:import_id>/again")
@needs(Permission.LEDGER_IMPORT)
def again(import_id: int) -> ResponseReturnValue:
    """Have a ledger checked again that stopped the program."""
    try:
        with writing_work() as work:
            source = actions.try_again(work, import_id)
    except Conflict as problem:
        return _too_late(import_id, problem)
    _do_if_small(source)
    return redirect(url_for("ledgers.report", import_id=import_id), 303)


@blueprint.route(f"/ledgers/<{_ID}:import_id>/columns", methods=["GET", "POST"])
@needs(Permission.LEDGER_IMPORT)
def columns(import_id: int) -> ResponseReturnValue:
    """Ask which column is which; checked again by what was chosen, the file itself is here already."""
    source = actions.need_import(reading_work(), import_id)
    mapping: dict[str, str] = {}
    chosen: columns_page.Choosing | None = None
    if actions.asks_for_columns(source):
        if request.method == "GET":
            return columns_page.show(source, columns_page.choosing(source))
        chosen = columns_page.choosing(source, request.form)
        mapping = columns_page.judge(chosen, request.form)
        if not mapping:
            return columns_page.show(source, chosen, WRONG)
    elif request.method == "GET":
        return redirect(url_for("ledgers.report", import_id=import_id), 303)
    try:
        with writing_work() as work:
            began = request.form.get("columns", "")
            source = actions.choose_columns(work, import_id, mapping, columns=began)
    except Conflict as problem:
        return _too_late(import_id, problem, chosen)
    _do_if_small(source)
    return redirect(url_for("ledgers.report", import_id=import_id), 303)


# -- conflicts ----------------------------------------------------------------------------------------------


@blueprint.get("/ledgers/conflicts")
@needs(Permission.LEDGER_IMPORT)
def conflicts() -> ResponseReturnValue:
    """List the conflicts that wait."""
    if exports.asked():
        return exports.answer(conflicts_listing())
    return desk_page.show_conflicts()


@blueprint.route(f"/ledgers/conflicts/<{_ID}:conflict_id>", methods=["GET", "POST"])
@needs(Permission.LEDGER_IMPORT)
def conflict(conflict_id: int) -> ResponseReturnValue:
    """Show the two contents of a number side by side, and settle which is right."""
    if request.method == "GET":
        return desk_page.show_conflict(conflict_id, SettleForm.opened(), 200)
    form = SettleForm()
    if not form.validate():
        return desk_page.show_conflict(conflict_id, form, WRONG)
    try:
        with writing_work() as work:
            settled = actions.settle(work, conflict_id, Choice(form.choice.data), form.reason.data or "")
    except Invalid as problem:
        form.reason.errors = [problem.sentence]
        return desk_page.show_conflict(conflict_id, form, WRONG)
    except Conflict as problem:
        flash(problem.sentence, "soon")
        read_again()
        return desk_page.show_conflict(conflict_id, form, CONFLICT)
    flash(_("Settled; the other content is kept in the record of the settlement."), "accent")
    return redirect(url_for("records.record", record_id=settled.record_id), 303)


# -- the parts of the pages ---------------------------------------------------------------------------------


def _too_late(
    import_id: int, problem: Conflict, chosen: columns_page.Choosing | None = None
) -> ResponseReturnValue:
    """Answer with what became of the ledger meanwhile, said in a sentence above its report; columns that can
    still be chosen stay as they were sent.
    """
    read_again()
    source = actions.need_import(reading_work(), import_id)
    if chosen is not None and actions.asks_for_columns(source):
        return columns_page.show_again(source, chosen, problem.sentence)
    flash(problem.sentence, "soon")
    return make_response(_report(import_id, ConfirmForm(formdata=None)), CONFLICT)


def _report(import_id: int, form: ConfirmForm) -> ResponseReturnValue:
    work = reading_work()
    source = actions.need_import(work, import_id)
    may_choose = actions.asks_for_columns(source)
    if may_choose and source.stage == ImportStage.FAILED:
        return columns_page.show(source, columns_page.choosing(source))
    outcome = request.args.get("rows", "")
    outcome = outcome if outcome in shown.OUTCOMES else ""
    if exports.asked():
        return exports.answer(report_listing(source, outcome))
    total = shown.count_of(source, outcome)
    offset = page_asked() * PAGE
    found = queries.lines(work.session, source.id, outcome, offset, PAGE)
    form.columns.data = actions.columns_key(source)
    return render_template(
        "ledgers/report.html",
        source=source,
        form=form,
        state=shown.state_of(source),
        failure=say(source.failure) if source.stage == ImportStage.FAILED else "",
        notes=[say(one) for one in source.notes if one["code"] != tops.CODE],
        may_choose=may_choose,
        may_try_again=actions.may_try_again(source),
        unit=unit_names(work.session, [source.unit_path]).get(source.unit_path, source.unit_path),
        lines=found,
        sentence=say,
        outcomes=shown.OUTCOMES,
        records=queries.record_ids(work.session, source.id, [one.row for one in found]),
        tabs=shown.outcome_tabs(source, outcome),
        here=url_for("ledgers.report", import_id=source.id, rows=outcome or None),
        pages=paging(
            total,
            offset,
            PAGE,
            lambda page: url_for("ledgers.report", import_id=source.id, rows=outcome or None, page=page),
        ),
    )


def _mapping() -> dict[str, str]:
    """Return what the map file says; nothing without one."""
    given: FileStorage | None = request.files.get("mapping")
    if given is None or not given.filename:
        return {}
    return read_map(given.stream.read(LARGEST_MAP + 1))


def _store() -> Any:
    return queue.store_in(services().settings.instance_dir)


def _do_if_small(source: LedgerImport) -> None:
    """Check or import a small ledger in this request; a larger one, and one that the database or the disk
    cannot do now, is left to a worker.
    """
    if source.size > queue.SMALL:
        return
    parts = services()
    try:
        queue.work_on(Bench(parts.database, parts.clock, _store(), f"request {source.id}"), source.id)
    except queue.NOT_ITS_FAULT as error:
        log.error("ledger %s is left to a worker", source.id, exc_info=error)
