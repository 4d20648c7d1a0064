"""The form of an action, made from the fields that its procedure declares, and what was typed.

Read strictly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms import Field as FormField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from complaints.dossier import completing
from complaints.dossier.choice_labels import choices_of
from complaints.dossier.clock_views import localised
from complaints.dossier.models import Matter
from complaints.dossier_page.offers import Offers, chooses_unit
from complaints.foundation.errors import Invalid
from complaints.foundation.masking import mask_text
from complaints.foundation.money import format_yuan, parse_yuan
from complaints.web import refusals
from complaints.web.submissions import ActForm
from complaints.web.typed_values import read_day
from workflows.definition import Action, Field, FieldKind
from workflows.guards import Why

_PERSON = re.compile(r"([0-9]{1,9})@(/[A-Za-z0-9_/-]{1,200})", re.ASCII)


class RevealForm(ActForm):
    """Why somebody needs a full value."""

    reason = TextAreaField(_l("Reason"))


def act_form(action: Action, offers: Offers) -> type[ActForm]:
    """Return the form's class: one field for each of the action's, under the same name."""
    made = {
        one.name: field for one in action.fields if (field := _form_field(action, one, offers)) is not None
    }
    return cast("type[ActForm]", type("ActionForm", (ActForm,), made))


def typed_fields(action: Action) -> list[Field]:
    """Return the fields that a person fills in.

    A receiver that follows from the unit is none of them, nor what the application works out.
    """
    hidden = FieldKind.PERSON if chooses_unit(action) else FieldKind.UNIT
    return [one for one in action.fields if one.kind is not hidden and not one.derived]


def asked_as(one: Field) -> str:
    """Return how the template asks: long, line, credit_code, date, money, chips, items, check, select."""
    if one.kind is FieldKind.TEXT:
        if one.name == "merchant_code":
            return "credit_code"
        return "line" if not one.private or one.name in completing.LINES else "long"
    if one.kind is FieldKind.FLAG:
        return "chips" if one.keep else "check"
    return {
        FieldKind.DATE: "date",
        FieldKind.FEN: "money",
        FieldKind.CODE: "chips",
        FieldKind.ITEM: "items",
        FieldKind.PERSON: "select",
        FieldKind.UNIT: "select",
        FieldKind.INTEGER: "select" if one.name in ("file_number", "work_number") else "line",
    }.get(one.kind, "line")


def _form_field(action: Action, one: Field, offers: Offers) -> Any:
    """Return the unbound field, or None for what the person does not choose."""
    if one not in typed_fields(action):
        return None
    label = localised(one.label)
    if one.kind is FieldKind.TEXT:
        return TextAreaField(label) if asked_as(one) == "long" else StringField(label)
    if one.kind is FieldKind.FLAG:
        # an answer that is kept is yes or no; what only confirms is ticked
        return _yes_or_no(one, label) if one.keep else BooleanField(label)
    if one.kind is FieldKind.CODE:
        choices = {code: localised(words) for code, words in choices_of(one).items()}
        return RadioField(label, choices=choices)
    if one.kind is FieldKind.ITEM:
        items = {item.code: localised(item.label) for item in offers.items[one.name]}
        return RadioField(label, choices=items)
    if one.kind is FieldKind.UNIT:
        # where nobody would own the matter it cannot go: such a unit is seen, but not chosen
        units = [
            SelectChoice(one.path, one.words, {} if one.receiver_id else {"disabled": True})
            for one in offers.units
        ]
        return SelectField(label, choices=[SelectChoice("", _("Choose a unit")), *units])
    if one.kind is FieldKind.PERSON:
        return SelectField(label, choices=_people(offers))
    if one.name == "file_number":
        return SelectField(label, choices={"": _("Choose a file"), **offers.files})
    if one.name == "work_number":
        return SelectField(label, choices={"": _("Choose a piece of work"), **offers.work})
    return StringField(label)


def _yes_or_no(one: Field, label: str) -> Any:
    choices = {"yes": _("yes"), "no": _("no")}
    if not one.required:
        choices[""] = _("not asked yet")
    return RadioField(label, choices=choices)


def _people(offers: Offers) -> dict[str, Any]:
    """Return the people in groups by unit, so that nobody is taken for a namesake elsewhere."""
    groups: dict[str, Any] = {"": _("Choose a person")}
    for one in offers.people:
        groups.setdefault(one.unit, {})[f"{one.id}@{one.unit_path}"] = one.name
    return groups


def preset(action: Action, today: str, matter: Matter) -> dict[str, str]:
    """Return what a fresh form shows: the day of what has happened is mostly today (ISO 8601).

    What completes the registration begins with what stands, but for the complainant's values, of which seeing
    one in full costs a reason (so does a merchant's name with a number in it), and for the merchant's code
    and address, which belong to its name.
    """
    if action.name == "supplement":
        stands = completing.what_stands(matter)
        amount = "" if stands["amount"] is None else format_yuan(stands["amount"])
        merchant = stands["merchant_name"]
        kept = {
            "reply_channel": stands["reply_channel"],
            "merchant_name": merchant if mask_text(merchant) == merchant else "",
        }
        return {**dict.fromkeys(stands, ""), **kept, "amount": amount}
    return {
        one.name: today
        for one in action.fields
        if one.kind is FieldKind.DATE and one.name.endswith("_on") and one.name != "due_on"
    }


# -- reading what was typed -------------------------------------------------------------------------------


def read(form: ActForm, action: Action, offers: Offers, matter: Matter) -> dict[str, Any]:
    """Return the payload that was typed; what cannot be read becomes the field's error and is left out.

    Whether the values are complete and lawful is the engine's to say; but what completes the registration is
    checked here as well, so that all errors come at once.
    """
    payload: dict[str, Any] = {}
    for one in typed_fields(action):
        bound = form[one.name]
        try:
            if one.kind is FieldKind.UNIT:
                payload |= _read_unit(bound.data, offers)
            elif one.kind is FieldKind.PERSON:
                payload |= _read_person(one.name, bound.data, offers)
            else:
                payload[one.name] = _READERS[one.kind](bound.data)
        except Invalid as wrong:
            add_error(bound, wrong.sentence)
    if action.name == "supplement":
        for problem in completing.problems(matter, payload):
            add_error(form[problem.field], problem.sentence)
    return {name: value for name, value in payload.items() if value is not None}


def _read_text(data: Any) -> str | None:
    return data if isinstance(data, str) and data.strip() else None


def _read_day(data: Any) -> str | None:
    return read_day(data).isoformat() if data and data.strip() else None


def _read_fen(data: Any) -> int | None:
    return parse_yuan(data) if data and data.strip() else None


def _read_whole(data: Any) -> int | None:
    plain = unicodedata.normalize("NFKC", data or "").strip()
    if not plain:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", plain, re.ASCII):
        raise Invalid(_("Write a whole number."))
    return int(plain)


def _read_flag(data: Any) -> bool | None:
    if isinstance(data, bool):
        return data
    return {"yes": True, "no": False}.get(data or "")


_READERS: Mapping[FieldKind, Callable[[Any], Any]] = {
    FieldKind.TEXT: _read_text,
    FieldKind.DATE: _read_day,
    FieldKind.FEN: _read_fen,
    FieldKind.INTEGER: _read_whole,
    FieldKind.FLAG: _read_flag,
    FieldKind.CODE: _read_text,
    FieldKind.ITEM: _read_text,
}


def _read_unit(data: Any, offers: Offers) -> dict[str, Any]:
    """Return the unit and its named receiver."""
    if not data:
        return {}
    unit = offers.unit(data)
    if unit is None:
        raise Invalid(_("Choose a unit from the list."))
    if not unit.receiver_id:
        raise Invalid(
            _(
                "%(unit)s has no named receiver today: nobody would own the matter. Ask the administrator to "
                "name one, or choose another unit.",
                unit=unit.name,
            )
        )
    return {"unit": unit.path, "receiver": unit.receiver_id}


def _read_person(name: str, data: Any, offers: Offers) -> dict[str, Any]:
    """Return the person; of a receiver with the unit for which that person takes the matter."""
    if not data:
        return {}
    found = _PERSON.fullmatch(data)
    person = offers.person(int(found[1]), found[2]) if found else None
    if person is None:
        raise Invalid(_("Choose a person from the list."))
    return {"receiver": person.id, "unit": person.unit_path} if name == "receiver" else {name: person.id}


# -- errors --------------------------------------------------------------------------------------------------


def add_error(bound: FormField, sentence: str) -> None:
    """Put a sentence beneath a field."""
    bound.errors = [*bound.errors, sentence]


def has_errors(form: ActForm) -> bool:
    """Tell whether something typed could not be read."""
    return any(bound.errors for bound in form)


def put_beneath(form: ActForm, action: Action, reasons: Iterable[Why]) -> list[Why]:
    """Put each reason about a field beneath that field; return those that no field on the page carries."""
    shown = {one.name for one in typed_fields(action)}
    stand_in = {"receiver": "unit", "unit": "receiver"}

    def place(name: str) -> str:
        found = name if name in shown else stand_in.get(name, "")
        return found if found in shown else ""

    return refusals.put_beneath(form, reasons, place)
