"""The form that registers a complaint, as the official form of 2026 has it, for every room that takes one.

Questions stand in the order in which people speak. Each answer is read strictly; what cannot be read says so
under its own field, and everything typed stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from complaints.dossier.codes import DEMANDS, EVIDENCE, GENDERS, ID_TYPES, REPLY_CHANNELS
from complaints.dossier.models import Merchant
from complaints.dossier.registration import ConsumerGiven, MatterGiven, MerchantGiven
from complaints.foundation.emails import LONGEST, normalise_email
from complaints.foundation.identity_numbers import (
    normalise_citizen_number,
    normalise_code,
    read_credit_code,
)
from complaints.foundation.money import parse_yuan
from complaints.foundation.phones import callers_number
from complaints.reference.models import CategoryKind
from complaints.reference.privacy_notices import known_versions
from complaints.reference.queries import categories
from complaints.web.languages import localised
from complaints.web.submissions import ActForm
from complaints.web.typed_values import check_past, checked, clean, read_day, title_of
from workflows.definition import Label


@dataclass(frozen=True, slots=True)
class Given:
    """Everything a registration says, read and checked."""

    matter: MatterGiven
    consumer: ConsumerGiven
    merchant: MerchantGiven


def choices(labels: Mapping[str, Label]) -> list[tuple[str, str]]:
    """Return codes with their names in the language of the page."""
    return [(code, localised(label)) for code, label in labels.items()]


def required(sentence: Any) -> list[Any]:
    """Return the validators of a field that must be filled in, with the sentence that asks for it."""
    return [DataRequired(sentence)]


class RegistrationForm(ActForm):
    """Caller, what happened, with whom, when, how much, what is wanted, what there is to show for it."""

    phone = StringField(
        _l("Telephone"),
        required(_l("Which number can we call back?")),
        filters=[clean],
        render_kw={"inputmode": "tel", "autocomplete": "off", "maxlength": "40"},
    )
    name = StringField(
        _l("Name"),
        [*required(_l("What is the caller's name?")), Length(max=40, message=_l("At most 40 characters."))],
        filters=[clean],
        render_kw={"autocomplete": "off"},
    )
    gender = RadioField(_l("Form of address"), validate_choice=False, default="")
    address = StringField(
        _l("Address"),
        [Length(max=200, message=_l("At most 200 characters."))],
        filters=[clean],
        render_kw={"autocomplete": "off"},
    )
    reply_channel = SelectField(_l("Reply by"), default="phone")
    email = StringField(
        _l("E-mail address"),
        [Length(max=LONGEST, message=_l("At most 254 characters."))],
        filters=[clean],
        render_kw={"inputmode": "email", "autocomplete": "off", "placeholder": "zhou@example.com"},
    )
    id_type = SelectField(_l("Identity document"), default="")
    id_number = StringField(
        _l("Document number"),
        [Length(max=40, message=_l("At most 40 characters."))],
        filters=[clean],
        render_kw={"autocomplete": "off"},
    )
    facts = TextAreaField(
        _l("What happened?"),
        [
            *required(_l("What happened? A sentence is enough.")),
            Length(max=5000, message=_l("At most 5,000 characters: the rest can follow as a note.")),
        ],
        filters=[clean],
    )
    title = StringField(
        _l("In one line"),
        [Length(max=120, message=_l("At most 120 characters."))],
        filters=[clean],
        render_kw={"autocomplete": "off"},
    )
    merchant_name = StringField(
        _l("With whom?"),
        [Length(max=120, message=_l("At most 120 characters."))],
        filters=[clean],
        render_kw={"autocomplete": "off"},
    )
    merchant_id = StringField(filters=[clean])
    merchant_address = StringField(
        _l("Where is it?"),
        [Length(max=200, message=_l("At most 200 characters."))],
        filters=[clean],
        render_kw={"autocomplete": "off"},
    )
    merchant_code = StringField(_l("Credit code"), filters=[clean], render_kw={"autocomplete": "off"})
    happened_on = StringField(_l("When?"), filters=[clean])
    amount = StringField(_l("How much?"), filters=[clean])
    category = SelectField(_l("Goods or service"), default="")
    problem = SelectField(_l("Problem"), default="")
    demands = SelectMultipleField(
        _l("What is wanted?"), required(_l("What does the caller want? Choose at least one."))
    )
    evidence = SelectMultipleField(_l("What evidence is there?"))
    consent_publish = BooleanField(_l("Agrees to publication"))
    consent_entrust = BooleanField(_l("Agrees to entrusted mediation"))
    notice_read = BooleanField(_l("Read out"))
    notice_version = StringField(filters=[clean])

    today: date
    known_merchant: Merchant | None = None

    def prepare(self, session: Session, today: date) -> None:
        """Fill the lists of choices for the day and look the picked merchant up.

        Call it before the form is shown or validated.
        """
        self.today = today
        self.gender.choices = choices(GENDERS)
        self.reply_channel.choices = choices(REPLY_CHANNELS)
        self.id_type.choices = [("", _("not asked for")), *choices(ID_TYPES)]
        self.demands.choices, self.evidence.choices = choices(DEMANDS), choices(EVIDENCE)
        self.category.choices = {
            "": [("", _("not chosen yet"))],
            _("Goods"): _codes(session, CategoryKind.GOODS, today),
            _("Services"): _codes(session, CategoryKind.SERVICE, today),
        }
        self.problem.choices = [("", _("not chosen yet")), *_codes(session, CategoryKind.PROBLEM, today)]
        self.known_merchant = _merchant(session, self.merchant_id.data or "")

    def validate_phone(self, field: StringField) -> None:
        """Take numbers only at which the caller can be called back."""
        self._phone = checked(callers_number, field.data)

    def validate_email(self, field: StringField) -> None:
        """Whoever wishes e-mail gives an address; what was typed for another wish is not kept."""
        self._email = ""
        if self.reply_channel.data != "email":
            return
        if not field.data:
            raise ValidationError(_("To which address shall the e-mail go? Or choose another way of reply."))
        self._email = checked(normalise_email, field.data)

    def validate_gender(self, field: RadioField) -> None:
        """Take one of the forms of address, or none."""
        if field.data and field.data not in GENDERS:
            raise ValidationError(_("Choose one from the list."))

    def validate_id_number(self, field: StringField) -> None:
        """Type and number come together; a citizen's number must be possible (GB 11643)."""
        kind = self.id_type.data or ""
        if bool(kind) != bool(field.data):
            raise ValidationError(
                _("The kind of document and its number belong together: fill in both, or neither.")
            )
        reader = normalise_citizen_number if kind == "id_card" else normalise_code
        self._id_number = checked(reader, field.data) if field.data else ""

    def validate_merchant_name(self, field: StringField) -> None:
        """A complaint names the respondent (SAMR Order 121, art. 10, paragraph 1, item 2)."""
        if self.known_merchant is None and not field.data:
            raise ValidationError(_("Which merchant? Type a name, or pick one from the list."))

    def validate_merchant_address(self, field: StringField) -> None:
        """The same item asks for the respondent's address; a known merchant has its own."""
        if self.known_merchant is None and not field.data:
            raise ValidationError(_("Street or market is enough: it tells which office handles it."))

    def validate_merchant_code(self, field: StringField) -> None:
        """A wrong code only warns, since callers rarely know it; but it has at most 18 places."""
        self._code = checked(read_credit_code, field.data)

    def validate_happened_on(self, field: StringField) -> None:
        """Take a day that is not ahead."""
        self._happened_on = checked(read_day, field.data) if field.data else None
        check_past(self._happened_on, self.today)

    def validate_amount(self, field: StringField) -> None:
        """Take an amount of yuan with at most two decimals; it is kept as fen."""
        self._amount_fen = checked(parse_yuan, field.data) if field.data else None

    def validate_evidence(self, field: SelectMultipleField) -> None:
        """ "None" goes with nothing else."""
        if "none" in (field.data or ()) and len(field.data or ()) > 1:
            raise ValidationError(_("“None” and something else are both chosen: which is right?"))

    def validate_notice_read(self, field: BooleanField) -> None:
        """The caller first hears what happens with personal data (个人信息保护法第十七条、第三十五条)."""
        if not field.data:
            raise ValidationError(_("Read the notice on personal data to the caller, then tick this box."))

    def given(self) -> Given:
        """Return what was said, after the form has been validated."""
        known = self.known_merchant
        merchant = MerchantGiven(
            name=known.name if known else self.merchant_name.data or "",
            merchant_id=known.id if known else None,
            uscc="" if known else self._code,
            address="" if known else self.merchant_address.data or "",
        )
        consumer = ConsumerGiven(
            name=self.name.data or "",
            phone=self._phone,
            gender=self.gender.data or "",
            address=self.address.data or "",
            id_type=self.id_type.data or "",
            id_number=self._id_number,
            reply_channel=self.reply_channel.data,
            email=self._email,
        )
        version, facts = self.notice_version.data, self.facts.data or ""
        matter = MatterGiven(
            title=self.title.data or title_of(facts),
            facts=facts,
            happened_on=self._happened_on,
            amount_fen=self._amount_fen,
            category_code=self.category.data or "",
            problem_code=self.problem.data or "",
            demands=tuple(self.demands.data or ()),
            evidence=tuple(self.evidence.data or ()),
            consent_publish=self.consent_publish.data,
            consent_entrust=self.consent_entrust.data,
            notice_version=version if self.notice_read.data and version in known_versions() else "",
            detail=self.detail(),
        )
        return Given(matter, consumer, merchant)

    def detail(self) -> dict[str, Any]:
        """Return what only one room asks; nothing here."""
        return {}


def _codes(session: Session, kind: CategoryKind, day: date) -> list[tuple[str, str]]:
    return [(row.code, localised(row.label)) for row in categories(session, kind, day)]


def _merchant(session: Session, typed: str) -> Merchant | None:
    return session.get(Merchant, int(typed)) if re.fullmatch(r"[0-9]{1,12}", typed, re.ASCII) else None
