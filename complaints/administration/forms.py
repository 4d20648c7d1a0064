"""What a person types to settle a message that the machine could not end, and gives to load a notice."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FileField, HiddenField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from complaints.web.submissions import ActForm

ARRIVED, AGAIN = "arrived", "again"


class SettleForm(ActForm):
    """Arrived, or send it again; with how one knows."""

    outcome = RadioField(_l("What came out"), validators=[InputRequired(_l("Choose what came out."))])
    reason = StringField(
        _l("How you know"),
        validators=[
            InputRequired(_l("Write how you know, for example: the gateway's log names it.")),
            Length(max=200, message=_l("Write at most 200 characters.")),
        ],
    )

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.outcome.choices = [
            (ARRIVED, _l("It reached the person, or somebody told them")),
            (AGAIN, _l("It did not: send it again")),
        ]


class NoticeForm(ActForm):
    """A year's holiday notice, as a file."""

    file = FileField(_l("Holiday notice"))


class LoadNoticeForm(ActForm):
    """The yes to what the preview showed: the notice itself, and the calendar it was compared with."""

    name = HiddenField()
    content = HiddenField()
    base = HiddenField()
