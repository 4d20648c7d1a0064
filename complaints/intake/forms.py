"""The registration form as the intake desk has it: how and when something reached the office."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, ValidationError

from complaints.dossier.codes import CHANNELS
from complaints.dossier.models import Channel
from complaints.foundation.clock import SHANGHAI
from complaints.intake.received import Received
from complaints.web.languages import localised
from complaints.web.registration_form import RegistrationForm, required
from complaints.web.typed_values import checked, clean, read_day

ARRIVING = (Channel.LETTER, Channel.VISIT, Channel.HOTLINE_12345, Channel.PLATFORM, Channel.TRANSFER)
"""How a complaint reaches the desk; calls are taken at the hotline, disputes of a venue at its station."""

_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])", re.ASCII)
_NOON = time(12)


class ReceivedForm(RegistrationForm):
    """A letter, a visit, or what another office passed on: the day it arrived counts, not today."""

    channel = SelectField(_l("How it came"))
    received_on = StringField(_l("Arrived on"), required(_l("On which day did it arrive?")), filters=[clean])
    received_time = StringField(_l("At"), filters=[clean])
    outside_number = StringField(
        _l("Number at the sender"), [Length(max=60, message=_l("At most 60 characters."))], filters=[clean]
    )

    now: datetime

    def prepare(self, session: Session, today: date) -> None:
        """Fill the lists of choices for the day."""
        super().prepare(session, today)
        self.channel.choices = [(one.value, localised(CHANNELS[one.value])) for one in ARRIVING]
        self.notice_read.label.text = _("Told about personal data")

    def validate_received_on(self, field: StringField) -> None:
        """Take a day that is not ahead."""
        self._received_on = checked(read_day, field.data)
        if self._received_on > self.today:
            raise ValidationError(_("It cannot have arrived after today."))

    def validate_received_time(self, field: StringField) -> None:
        """Take a time of day, or none: only the day counts."""
        found = _TIME.fullmatch(field.data or "")
        if field.data and found is None:
            raise ValidationError(_("Write the time as hours and minutes, for example 09:30."))
        self._received_time = time(int(found[1]), int(found[2])) if found else _NOON

    def validate_notice_read(self, field: BooleanField) -> None:
        """Nobody can read a notice to a letter: it goes with the answer, and is ticked where it was given."""

    def received(self, now: datetime) -> Received:
        """Return how and when it arrived, after the form has been validated.

        Without a time the middle of the day stands for it, though never a moment that lies ahead.
        """
        moment = datetime.combine(self._received_on, self._received_time, SHANGHAI)
        if not self.received_time.data:
            moment = min(moment, now)
        return Received(Channel(self.channel.data), moment)

    def detail(self) -> dict[str, Any]:
        """Keep the number that the matter has elsewhere, so that one matter told twice can be found."""
        number = self.outside_number.data
        return {"outside_number": number} if number else {}
