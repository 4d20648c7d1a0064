"""Which day the reconciliation is asked for; a wrong day is said beside its field and replaced by today."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import Form
from wtforms.validators import Optional

from complaints.web.fields import DayField

EARLIEST = date(2007, 1, 1)
"""Before this day no working calendar is loaded."""


class DayForm(Form):
    """Read from the address (GET): a day is a link that people pass on."""

    day = DayField(_l("As of the end of"), [Optional()])


def day_of_form(form: DayForm, today: date) -> date:
    """Return the day that was asked for, or today with a word about it beside the field."""
    form.validate()
    asked: date | None = form.day.data
    if asked is not None and not EARLIEST <= asked <= today:
        form.day.errors = [*form.day.errors, _l("Give a day from 2007-01-01 to today, such as 2026-11-24.")]
        asked = None
    form.day.data = asked or today
    return asked or today
