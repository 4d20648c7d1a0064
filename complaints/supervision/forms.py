"""The scope that a supervisor asks for: period, basis, cut-off. A wrong value is said beside its field and
replaced.
"""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from wtforms import DateField, Form, SelectField
from wtforms.validators import Optional

from complaints.supervision.figures import Basis, Scope

EARLIEST = date(2007, 1, 1)
"""Before this day no working calendar is loaded."""


class ScopeForm(Form):
    """Read from the address (GET): a scope is a link that people pass on."""

    first = DateField(_l("From"), [Optional()])
    last = DateField(_l("To"), [Optional()])
    as_of = DateField(_l("As of"), [Optional()])
    basis = SelectField(
        _l("Basis"),
        choices=[
            (Basis.RECEIVED.value, _l("by day of receipt")),
            (Basis.ACCEPTED.value, _l("by day of acceptance")),
            (Basis.CLOSED.value, _l("by day of closing")),
        ],
        default=Basis.RECEIVED.value,
    )


def scope_of(form: ScopeForm, today: date, visible: ColumnElement[bool] | None) -> Scope:
    """Return the scope; what is missing or cannot be read becomes this month by receipt, as of today."""
    form.validate()
    first = _sensible(form.first, today.replace(day=1), today)
    last = _sensible(form.last, today, today)
    if last < first:
        form.last.errors = [
            *form.last.errors,
            _l("The last day lies before the first: both are shown exchanged."),
        ]
        first, last = last, first
    as_of = _sensible(form.as_of, today, today)
    basis = Basis(form.basis.data) if form.basis.data in set(Basis) else Basis.RECEIVED
    form.first.data, form.last.data, form.as_of.data, form.basis.data = first, last, as_of, basis.value
    return Scope(first, last, basis, as_of, visible=visible)


def _sensible(field: DateField, otherwise: date, today: date) -> date:
    """Return the field's day if it is one that can be counted; else say so beside it and take the other."""
    day: date | None = field.data
    if day is None:
        return otherwise
    if not EARLIEST <= day <= today.replace(month=12, day=31):
        field.errors = [
            *field.errors,
            _l("Give a day from 2007-01-01 to the end of this year, such as 2026-11-24."),
        ]
        return otherwise
    return day
