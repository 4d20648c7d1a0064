"""The forms of the ledgers' room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from complaints.ledgers.models import Choice
from complaints.ledgers.sentences import FIELDS
from complaints.web.fields import Given
from complaints.web.submissions import ActForm


class UploadForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """A ledger, whose it is, and where its headers differ from the usual ones a map file."""

    file = FileField(_l("Ledger file"))
    unit = SelectField(_l("Whose ledger is it?"), [Given(_l("Choose the unit."))])
    mapping = FileField(_l("Map file"))


class ConfirmForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """The yes to what the check has found by these columns."""

    columns = HiddenField()
    skip_refused = BooleanField(_l("Leave the refused rows out"))


class ColumnsForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """Which field each column is; `head` says which line of which sheet is the header, `columns` from which
    choice the page began.
    """

    head = HiddenField()
    columns = HiddenField()


def columns_form(names: Mapping[int, str]) -> type[ColumnsForm]:
    """Return the form's class: a choice for each column, by its place in the sheet (from 1)."""
    choices = {"": _("Leave aside"), **{key: str(label) for key, label in FIELDS.items()}}
    made = {
        # what is no field gets our own sentence
        column_field(place): SelectField(name, choices=choices, validate_choice=False)
        for place, name in names.items()
    }
    return cast("type[ColumnsForm]", type("ColumnsOfLedger", (ColumnsForm,), made))


def column_field(place: int) -> str:
    """Return the name of a column's choice."""
    return f"column_{place}"


class SettleForm(ActForm):
    """How a conflict is settled."""

    choice = RadioField(
        _l("Which content is right?"),
        [Given(_l("Choose one of the two."))],
        choices=[
            SelectChoice(Choice.KEEP.value, _l("Keep what is on record")),
            SelectChoice(Choice.TAKE.value, _l("Take the other")),
        ],
    )
    reason = TextAreaField(_l("Why?"), [Given(_l("Say in at least four characters why."))])


class ReasonForm(ActForm):
    """Why a full value is needed."""

    reason = TextAreaField(_l("Why do you need it?"))
