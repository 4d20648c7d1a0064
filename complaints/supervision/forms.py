"""The scope that a supervisor asks for: period, basis, cut-off, unit. A wrong value is said beside its field
and replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from wtforms import Form, SelectField

from complaints.organisation.models import Unit
from complaints.supervision.figures import Basis, Scope
from complaints.web.fields import DayField

EARLIEST = date(2007, 1, 1)
"""Before this day no working calendar is loaded."""


class ScopeForm(Form):
    """Read from the address (GET): a scope is a link that people pass on."""

    first = DayField(_l("From"))
    last = DayField(_l("To"))
    as_of = DayField(_l("As of"))
    basis = SelectField(_l("Basis"), default=Basis.RECEIVED.value, validate_choice=False)
    unit = SelectField(_l("Unit"), default="", validate_choice=False)

    paths: frozenset[str] = frozenset()
    """Paths of the units on offer."""

    def offer(self, units: Sequence[Unit]) -> None:
        """Fill the lists of choices: the bases; all units together and each of these, indented by level."""
        self.basis.choices = [
            (Basis.RECEIVED.value, _l("by day of receipt")),
            (Basis.ACCEPTED.value, _l("by day of acceptance")),
            (Basis.CLOSED.value, _l("by day of closing")),
        ]
        top = min((one.path.count("/") for one in units), default=0)
        indented = [(one.path, "\u3000" * (one.path.count("/") - top) + one.name) for one in units]
        self.unit.choices = [("", _l("all units")), *indented]
        self.paths = frozenset(one.path for one in units)


def scope_of(form: ScopeForm, today: date, visible: ColumnElement[bool] | None) -> Scope:
    """Return the scope; what is missing or cannot be read becomes this month by receipt, as of today."""
    form.validate()
    year_end = today.replace(month=12, day=31)
    first = _sensible(form.first, today.replace(day=1), year_end)
    last = _sensible(form.last, today, year_end)
    if last < first:
        form.last.errors = [
            *form.last.errors,
            _l("The last day lies before the first: both are shown exchanged."),
        ]
        first, last = last, first
        form.first.raw_data = form.last.raw_data = None
    as_of = _sensible(form.as_of, today, today)
    basis = Basis(_chosen(form.basis, set(Basis)) or Basis.RECEIVED)
    unit_path = _chosen(form.unit, form.paths)
    form.first.data, form.last.data, form.as_of.data = first, last, as_of
    form.basis.data, form.unit.data = basis.value, unit_path
    return Scope(first, last, basis, as_of, unit_path, visible)


def _chosen(field: SelectField, offered: Collection[str]) -> str:
    """Return the choice if it is offered; else say so beside the field and return an empty one."""
    if not field.data or field.data in offered:
        return field.data or ""
    field.errors = [*field.errors, _l("This cannot be chosen: the first of the list is taken.")]
    return ""


def _sensible(field: DayField, otherwise: date, latest: date) -> date:
    """Return the field's day if it is one that can be counted; else say so beside it and take the other."""
    day: date | None = field.data
    if day is None:
        return otherwise
    if not EARLIEST <= day <= latest:
        sentence = _l(
            "Give a day from %(earliest)s to %(latest)s.",
            earliest=EARLIEST.isoformat(),
            latest=latest.isoformat(),
        )
        field.errors = [*field.errors, sentence]
        return otherwise
    return day
