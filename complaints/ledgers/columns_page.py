"""The page on which a person says which column of a ledger is which, in place of a map file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from xlsxwriter.utility import xl_col_to_name

from complaints.dossier.record_models import ImportStage, LedgerImport
from complaints.ledgers import actions, tops
from complaints.ledgers.forms import ColumnsForm, column_field, columns_form
from complaints.ledgers.headers import ROW, SHEET, missing_of
from complaints.ledgers.sentences import FIELDS, say
from complaints.ledgers.tops import Head
from complaints.organisation.units import unit_names
from complaints.web.refusals import CONFLICT
from complaints.web.work import reading_work

_COLUMN = re.compile(r"column_([0-9]{1,6})", re.ASCII)
_CELLS = 4
"""Of a line that are enough to know it again."""


@dataclass(frozen=True, slots=True)
class Choosing:
    """The lines that may be the header, the one that is taken for it, and the form about its columns."""

    heads: Sequence[Head]
    head: Head
    form: ColumnsForm


def choosing(source: LedgerImport, sent: MultiDict[str, str] | None = None) -> Choosing:
    """Return the form for the line that is asked for, else for the likely one; filled by what was sent, else
    by what is known of the columns.
    """
    asked = request.args.get("head", "") if sent is None else sent.get("head", "")
    found = tops.heads(tops.opened(source.notes))
    head = next((one for one in found if one.key == asked), None) or tops.likely(found, source.mapping)
    known = tops.supposed(head, source.mapping) if sent is None else {}
    names = {place: named(head, place) for place in head.places}
    form = columns_form(names)(
        formdata=sent,
        data={column_field(place): known.get(place, "") for place in names}
        | {"columns": actions.columns_key(source)},
    )
    return Choosing(found, head, form)


def judge(chosen: Choosing, sent: MultiDict[str, str]) -> dict[str, str]:
    """Return the mapping that was chosen; empty where something is wrong, which the form then says."""
    head, form = chosen.head, chosen.form
    form.validate()
    if form.head.data != head.key:
        _wrong(form, _("The row that was taken for the header is not there: choose it again."))
    for name, value in sent.items():
        column = _COLUMN.fullmatch(name)
        if column and value and name not in form:
            _wrong(form, _("The ledger has no column %(n)s: choose among those shown.", n=int(column[1])))
    fields: dict[str, int] = {}
    for place in head.places:
        field = form[column_field(place)]
        key = field.data or ""
        if key and key not in FIELDS:
            field.errors = [_("Choose one of the fields, or leave the column aside.")]
        elif key and key in fields:
            both = f"{named(head, fields[key])}, {named(head, place)}"
            said = _("Two columns for one field, %(field)s: %(names)s. Leave one of them aside.",
                field=FIELDS[key], names=both)  # fmt: skip
            field.errors = [said]
        elif key:
            fields[key] = place
    missing = missing_of(fields)
    if missing:
        _wrong(form, _missing(missing))
    if form.errors:
        return {}
    return {SHEET: str(head.sheet), ROW: str(head.line.row), **{key: str(at) for key, at in fields.items()}}


def show(source: LedgerImport, chosen: Choosing, status: int = 200) -> ResponseReturnValue:
    """Show the page."""
    work = reading_work()
    head, form = chosen.head, chosen.form
    form.head.data = head.key
    page = render_template(
        "ledgers/columns.html",
        source=source,
        form=form,
        failure=say(source.failure) if source.stage == ImportStage.FAILED else "",
        unit=unit_names(work.session, [source.unit_path]).get(source.unit_path, source.unit_path),
        columns=[_column(chosen, place) for place in head.places],
        heads=[(one.key, _line(chosen.heads, one), one.key == head.key) for one in chosen.heads],
        row=head.line.row,
    )
    return make_response(page, status)


def show_again(source: LedgerImport, chosen: Choosing, sentence: str) -> ResponseReturnValue:
    """Show what was chosen to somebody who came too late; sent once more it counts."""
    _wrong(chosen.form, sentence)
    chosen.form.columns.data = actions.columns_key(source)
    return show(source, chosen, CONFLICT)


def named(head: Head, place: int) -> str:
    """Return a column as a spreadsheet program and its header name it."""
    return f"{xl_col_to_name(place - 1)} {head.name(place)}".strip()


def _column(chosen: Choosing, place: int) -> dict[str, Any]:
    return {
        "place": place,
        "letter": xl_col_to_name(place - 1),
        "name": chosen.head.name(place),
        "examples": chosen.head.examples(place - 1),
        "field": chosen.form[column_field(place)],
    }


def _line(every: Sequence[Head], one: Head) -> str:
    """Return a line as it is offered as header; with its sheet where there are several."""
    cells = " · ".join([cell for cell in one.line.cells if cell][:_CELLS])
    if one.is_none:
        line = _("no row: the first one is a record already")
    else:
        line = f"{_('row %(row)s', row=one.line.row)}{_(': ')}{cells}"
    return f"{one.title} {line}" if len({other.sheet for other in every}) > 1 else line


def _missing(missing: Sequence[str]) -> str:
    words = [_("a title or a text") if key == "text" else str(FIELDS[key]) for key in missing]
    return _(
        "No column is chosen yet for: %(missing)s. Without it no row can be taken.",
        missing=_(", ").join(words),
    )


def _wrong(form: ColumnsForm, sentence: str) -> None:
    form.form_errors = [*form.form_errors, sentence]
