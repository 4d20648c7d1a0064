"""The forms of the mediation desk and of the station. What cannot be read says so under its own field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from complaints.dossier.choice_labels import choices_of
from complaints.dossier.codes import DEMANDS
from complaints.mediation.given import DisputeGiven, SessionHeld
from complaints.organisation.models import Unit
from complaints.reference.privacy_notices import known_versions
from complaints.web.fields import DayField, Given, PhoneField, YuanField
from complaints.web.languages import localised
from complaints.web.submissions import ActForm
from complaints.web.typed_values import check_past, clean, title_of
from workflows.definition import Label, Procedure

_OFF = {"autocomplete": "off"}


def _text(label: Any, sentence: Any = None, most: int = 200) -> StringField:
    asked = [Given(sentence)] if sentence else []
    return StringField(label, [*asked, _at_most(most)], filters=[clean], render_kw=_OFF)


def _long(label: Any, sentence: Any, most: int = 5000) -> TextAreaField:
    return TextAreaField(label, [Given(sentence), _at_most(most)], filters=[clean])


def _at_most(most: int) -> Length:
    return Length(max=most, message=_l("At most %(most)s characters, please.", most=most))


def _choices(labels: Mapping[str, Label]) -> list[tuple[str, str]]:
    return [(code, localised(label)) for code, label in labels.items()]


def offered_choices(procedure: Procedure, action: str, name: str) -> list[tuple[str, str]]:
    """Return what an action's field offers, in the words of the page's language."""
    field = procedure.actions[action].field(name)
    return _choices(choices_of(field)) if field else []


class DeskForm(ActForm):
    """Base of the forms here: a form that was overtaken says in a sentence by what and by whom."""

    meanwhile: str = ""


class SessionForm(DeskForm):
    """A session that was held, with what both sides offered in it."""

    held_on = DayField(_l("Held on"), [Given(_l("On which day was the session?"))])
    place = _text(_l("Place or means"), _l("Where was it, or by which means: telephone, video?"))
    consumer_offer = YuanField(_l("The consumer asks for"))
    merchant_offer = YuanField(_l("The merchant offers"))
    outcome = RadioField(_l("Outcome"), [Given(_l("How did the session end?"))])
    notes = _long(_l("Record"), _l("What did both sides say? The record is part of the file."))

    def given(self) -> SessionHeld:
        """Return the session, after the form has been validated."""
        return SessionHeld(
            held_on=self.held_on.data,
            place=self.place.data or "",
            outcome=self.outcome.data,
            notes=self.notes.data or "",
            consumer_offer_fen=self.consumer_offer.data,
            merchant_offer_fen=self.merchant_offer.data,
        )


class AgreementForm(DeskForm):
    """What both sides agreed on."""

    amount = YuanField(
        _l("Sum recovered for the consumer"),
        [Given(_l("How much does the consumer get back? Write 0 where it is not about money."))],
    )
    agreement = RadioField(_l("Form"), [Given(_l("In which form was it agreed?"))])
    terms = _long(_l("Terms"), _l("What exactly was agreed, and until when is it done?"))


class OffersForm(DeskForm):
    """What the consumer asks for and what the shop would pay."""

    consumer_offer = YuanField(
        _l("The consumer asks for"), [Given(_l("How much does the consumer ask for?"))]
    )
    merchant_offer = YuanField(
        _l("The merchant offers"),
        [Given(_l("How much would the merchant pay? Write 0 for nothing."))],
    )


class SettleForm(DeskForm):
    """A private settlement on the spot."""

    amount = YuanField(
        _l("Sum agreed"),
        [Given(_l("On how much did both sides agree? Write 0 where it is not about money."))],
    )
    kind = RadioField(_l("Kind of settlement"), [Given(_l("What was agreed?"))])
    terms = _long(_l("What was settled"), _l("What exactly was agreed, and until when is it done?"))
    told = BooleanField(
        _l("Both sides were told of the settlement"),
        [InputRequired(_l("Tell both sides first, then tick this box."))],
    )


class PassUpForm(DeskForm):
    """Why a dispute could not be settled, and what the office needs besides."""

    reason = _long(_l("Why was it not settled?"), _l("Say in a sentence why the two sides did not agree."))
    address = _text(_l("The consumer's address"))


class WithdrawForm(DeskForm):
    """What the consumer said when taking the dispute back."""

    note = _long(
        _l("What did the consumer say?"), _l("Say in a sentence why the consumer takes it back."), 1000
    )


class DisputeForm(DeskForm):
    """A dispute taken in under a minute: who, with which shop, what, how much, what is wanted."""

    station = SelectField(_l("Station"))
    name = _text(_l("Who complains?"), _l("What is the consumer's name?"), 40)
    phone = PhoneField(
        _l("Telephone"),
        [Given(_l("Which number can be called back?"))],
        render_kw={**_OFF, "inputmode": "tel", "maxlength": "40"},
    )
    shop = _text(_l("With which shop?"), _l("Which shop of this venue is it?"), 120)
    place = _text(_l("Counter or floor"), most=80)
    facts = _long(_l("What happened?"), _l("What happened? A sentence is enough."))
    happened_on = DayField(_l("When?"))
    amount = YuanField(_l("How much?"))
    demands = SelectMultipleField(
        _l("What is wanted?"),
        [Given(_l("What does the consumer want? Choose at least one."))],
        render_kw=_OFF,
    )
    notice_read = BooleanField(
        _l("Read out to the consumer"),
        [InputRequired(_l("Read the notice on personal data to the consumer, then tick this box."))],
    )
    notice_version = StringField(filters=[clean])

    today: date

    def prepare(self, stations: Sequence[Unit], today: date) -> None:
        """Fill the lists of choices; call it before the form is shown or validated."""
        self.today = today
        self.station.choices = [(station.path, station.name) for station in stations]
        if self.station.data is None or len(stations) == 1:
            self.station.data = stations[0].path
        self.demands.choices = _choices(DEMANDS)

    def validate_happened_on(self, field: DayField) -> None:
        """Take a day that is not ahead."""
        check_past(field.data, self.today)

    def given(self) -> DisputeGiven:
        """Return what was said, after the form has been validated."""
        version = self.notice_version.data
        return DisputeGiven(
            consumer=self.name.data or "",
            phone=self.phone.data,
            shop=self.shop.data or "",
            title=title_of(self.facts.data or ""),
            facts=self.facts.data or "",
            place=self.place.data or "",
            happened_on=self.happened_on.data,
            amount_fen=self.amount.data,
            demands=tuple(self.demands.data or ()),
            notice_version=version if version in known_versions() else "",
        )
