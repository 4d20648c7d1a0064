"""The form by which an operator adds what a caller says to an earlier complaint."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from complaints.web.submissions import ActForm
from complaints.web.typed_values import clean


class AddForm(ActForm):
    """What the caller says, to be added to a complaint that is there already."""

    phone = HiddenField(filters=[clean])
    """The caller's number, which must be that of the complaint."""
    said = TextAreaField(
        _l("What does the caller add?"),
        [
            DataRequired(_l("What does the caller say? A sentence is enough.")),
            Length(max=5000, message=_l("At most 5,000 characters: the rest can follow as a note.")),
        ],
        filters=[clean],
    )
