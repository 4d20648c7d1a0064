"""The forms of a session arranged ahead: what is typed, read strictly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError
from wtforms.widgets import TextInput

from complaints.mediation.forms import DeskForm, offered_choices
from complaints.mediation.session_guards import CALLED_OFF, ON_SITE
from complaints.web.fields import DayField, Given
from complaints.web.typed_values import clean
from workflows.definition import Procedure

_TYPED_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.时]?([0-5][0-9])分?", re.ASCII)
"""The sign between may be left out: the keyboard that a phone shows for numbers has none."""
_LONG = Length(max=1000, message=_l("At most %(most)s characters, please.", most=1000))


class TimeField(Field):
    """A time of day typed as 14:30. `data` is HH:MM, or None where nothing was typed."""

    widget = TextInput()
    data: Any

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else self.data or ""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read the time."""
        text = unicodedata.normalize("NFKC", str(valuelist[0])).strip() if valuelist else ""
        found = _TYPED_TIME.fullmatch(text)
        self.data = f"{int(found[1]):02d}:{found[2]}" if found else None
        if text and not found:
            raise ValueError(_("Write the time as hour and minute, for example 14:30."))


class ArrangeForm(DeskForm):
    """A session to come: when, by which means, where, and how both sides were told."""

    session_on = DayField(_l("Day"), [Given(_l("On which day is the session?"))])
    session_at = TimeField(_l("Time"), [Given(_l("At what time is the session?"))])
    session_way = RadioField(_l("Means"), [Given(_l("By which means is the session held?"))])
    session_place = StringField(_l("Place"), [Length(max=200)], filters=[clean])
    told_complainant = RadioField(_l("How the complainant was told"))
    told_respondent = RadioField(_l("How the respondent was told"))
    bring = TextAreaField(_l("What both sides bring"), [_LONG], filters=[clean])
    late_ok = BooleanField(_l("Arrange it after the last day all the same"))

    ACTION = "arrange_session"
    NAMES: tuple[str, ...] = ("session_way", "told_complainant", "told_respondent")
    SENT = ("session_on", "session_at", "session_way", "session_place", "told_complainant", "told_respondent")

    def prepare(self, procedure: Procedure) -> None:
        """Give the choices; call it before the form is shown or validated."""
        for name in self.NAMES:
            field = self[name]
            field.choices = offered_choices(procedure, self.ACTION, name)
            # an answer nobody gave is none, not a wrong one; whether one is needed is the engine's to say
            field.validate_choice = bool(field.data)

    @property
    def takes_place(self) -> bool:
        """Tell whether the form names a session to come."""
        return True

    def validate_session_place(self, field: StringField) -> None:
        """On site there is a place."""
        if self.takes_place and self.session_way.data == ON_SITE and not field.data:
            raise ValidationError(_("Where is it? Both sides must be able to find it."))

    def validate_told_complainant(self, field: RadioField) -> None:
        """On site the complainant is told beforehand."""
        self._must_be_told(field)

    def validate_told_respondent(self, field: RadioField) -> None:
        """On site the respondent is told beforehand."""
        self._must_be_told(field)

    def _must_be_told(self, field: RadioField) -> None:
        if self.takes_place and self.session_way.data == ON_SITE and not field.data:
            raise ValidationError(_("Tell them the time, the place and the mediator first, then say how."))

    def payload(self) -> dict[str, Any]:
        """Return what goes to the engine, after the form has been validated."""
        found = {name: self[name].data for name in self.SENT}
        found["session_on"] = self.session_on.data.isoformat() if self.session_on.data else None
        return found | {"bring": self.bring.data, "late_ok": self.late_ok.data or None}


class ChangeForm(ArrangeForm):
    """A session that is moved to another time, or called off."""

    session_on = DayField(_l("New day"))
    session_at = TimeField(_l("New time"))
    session_way = RadioField(_l("Means"))
    change = RadioField(_l("Moved or called off?"), [Given(_l("Is the session moved or called off?"))])
    reason = TextAreaField(_l("Reason"), [Given(_l("Say why: both sides read it.")), _LONG], filters=[clean])

    ACTION = "change_session"
    NAMES = ("change", *ArrangeForm.NAMES)

    @property
    def takes_place(self) -> bool:
        """A called-off session takes no place."""
        return bool(self.change.data != CALLED_OFF)

    def payload(self) -> dict[str, Any]:
        """Return what goes to the engine; of a called-off session no new time, whatever stood in the form."""
        found = super().payload() if self.takes_place else {}
        told = {name: self[name].data for name in ("told_complainant", "told_respondent")}
        given = {"change": self.change.data, "reason": self.reason.data, **told}
        return {name: value for name, value in (found | given).items() if name != "bring"}
