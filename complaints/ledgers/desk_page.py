"""The lists of the room: the ledgers that were brought, with the form for another one, and the conflicts,
with the page of one.
"""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from complaints.foundation.errors import NotFound
from complaints.ledgers import actions, queries, shown
from complaints.ledgers.contents import Content
from complaints.ledgers.forms import SettleForm, UploadForm
from complaints.ledgers.sentences import FIELDS
from complaints.organisation.people import SignedInActor, person_names
from complaints.organisation.units import unit_names, units
from complaints.web.paging import page_asked, paging
from complaints.web.work import reading_work

PAGE = 50


def upload_form() -> UploadForm:
    """Return the form with the units that this person may import for."""
    work = reading_work()
    form = UploadForm()
    paths = queries.paths_of(work.actor)
    found = [one for path in paths for one in units(work.session, work.today, below=path)]
    form.unit.choices = [SelectChoice(one.path, one.name) for one in found]
    if len(found) > 1:
        # whoever may import for the whole bureau would else give it the ledger of one of its offices
        form.unit.choices.insert(0, SelectChoice("", _("Choose a unit")))
    return form


def show(form: UploadForm) -> str:
    """Show the ledgers that were brought, and the form for another one."""
    work = reading_work()
    offset, total = page_asked() * PAGE, queries.count_imports(work.session, work.actor)
    found = queries.imports(work.session, work.actor, offset, PAGE)
    return render_template(
        "ledgers/desk.html",
        form=form,
        fields=FIELDS,
        imports=found,
        state=shown.state_of,
        units=unit_names(work.session, {one.unit_path for one in found}),
        names=person_names(work.session, [one.person_id for one in found]),
        tabs=_tabs(work.session, work.actor, "imports"),
        pages=paging(total, offset, PAGE, lambda page: url_for("ledgers.desk", page=page)),
    )


def show_conflicts() -> str:
    """Show the conflicts that wait."""
    work = reading_work()
    offset, total = page_asked() * PAGE, queries.count_conflicts(work.session, work.actor)
    found = queries.conflicts(work.session, work.actor, offset, PAGE)
    return render_template(
        "ledgers/conflicts.html",
        conflicts=found,
        units=unit_names(work.session, {one.record.unit_path for one in found}),
        tabs=_tabs(work.session, work.actor, "conflicts"),
        pages=paging(total, offset, PAGE, lambda page: url_for("ledgers.conflicts", page=page)),
    )


def show_conflict(conflict_id: int, form: SettleForm, status: int) -> ResponseReturnValue:
    """Show the two contents of a number side by side, with the form, or with what was settled."""
    work = reading_work()
    found = queries.conflict_of(work.session, work.actor, conflict_id)
    if found is None:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    old = Content.from_json(found.old) if found.settled_at else queries.content_of(found.record)
    page = render_template(
        "ledgers/conflict.html",
        conflict=found,
        unit=unit_names(work.session, [found.record.unit_path]).get(found.record.unit_path, ""),
        pairs=shown.compared(old, actions.taken(old, found)),
        names=person_names(work.session, [found.settled_by] if found.settled_by else []),
        form=form,
    )
    return make_response(page, status)


def _tabs(session: Session, actor: SignedInActor, chosen: str) -> list[dict[str, Any]]:
    waiting = queries.count_conflicts(session, actor)
    return [
        {"label": _("Ledgers"), "url": url_for("ledgers.desk"), "current": chosen == "imports"},
        {
            "label": _("Conflicts"),
            "url": url_for("ledgers.conflicts"),
            "current": chosen == "conflicts",
            "count": waiting,
        },
    ]
