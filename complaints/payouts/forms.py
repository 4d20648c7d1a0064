"""The forms of the payout desk. Sums are typed in yuan and read strictly into fen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from complaints.web.fields import DayField, YuanField
from complaints.web.submissions import ActForm

_NEEDED = _l("Fill this in.")
_SUM = _l("Give the sum in yuan, for example 8.00.")


class ApplyForm(ActForm):
    """What was bought, for how much, when, and by what it is proved."""

    goods = StringField(_l("What was bought"), [DataRequired(_NEEDED), Length(max=120)])
    price = YuanField(_l("Price paid"), [InputRequired(_SUM)], least=1)
    bought_on = DayField(_l("Day of purchase"), [InputRequired(_l("Give the day, for example 2026-11-24."))])
    receipt_number = StringField(_l("Number of the receipt"), [Length(max=80)])
    facts = TextAreaField(_l("What is wrong with it"), [Length(max=4000)])


class BeginForm(ActForm):
    """Begin to check: nothing to fill in."""


class ConfirmForm(ActForm):
    """What was found on the spot."""

    verified_fen = YuanField(_l("Verified sum"), [InputRequired(_SUM)], least=1)
    evidence = TextAreaField(_l("Evidence, and what was seized"), [DataRequired(_NEEDED)])


class CountersignForm(ActForm):
    """The second signature above the limit."""

    countersigned_fen = YuanField(_l("Sum countersigned"), [InputRequired(_SUM)], least=1)


class ApproveForm(ActForm):
    """The approval."""

    approved_fen = YuanField(_l("Approved sum"), [InputRequired(_SUM)], least=1)


class SettleForm(ActForm):
    """What the bank, or the officer who handed the money over, did."""

    way = RadioField(_l("Way of payment"), [InputRequired(_l("Choose one."))])
    voucher = StringField(
        _l("Number of the voucher"),
        [DataRequired(_NEEDED), Length(max=200)],
        description=_l("cash: the receipt that the payee signed; transfer: the bank's reference"),
    )
    paid_on = DayField(_l("Paid on"), [InputRequired(_l("Give the day, for example 2026-11-24."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill the ways of payment."""
        super().__init__(*args, **kwargs)
        self.way.choices = [("cash", _("Cash")), ("transfer", _("Bank transfer"))]


class LinkForm(ActForm):
    """The case, or the decision that there is none."""

    case_number = StringField(_l("Case number"), [Length(max=120)])
    not_filed_decision = StringField(_l("Decision not to file"), [Length(max=120)])


class RecoverForm(ActForm):
    """What the seller paid back so far, in all."""

    recovered_fen = YuanField(_l("Recovered so far, in all"), [InputRequired(_SUM)], least=1)
    reference = StringField(_l("Number of the receipt or transfer"), [DataRequired(_NEEDED), Length(max=200)])


class FileForm(ActForm):
    """File as recovered: nothing to fill in."""


FORMS: Mapping[str, type[ActForm]] = MappingProxyType(
    {
        "begin_check": BeginForm,
        "confirm": ConfirmForm,
        "countersign": CountersignForm,
        "approve": ApproveForm,
        "settled": SettleForm,
        "link_case": LinkForm,
        "recover": RecoverForm,
        "file": FileForm,
    }
)
"""The actions that are done on the desk itself; all others have the generic form of the matter's page."""

_OWN = frozenset(name for name in dir(ActForm) if not name.startswith("_")) | {"csrf_token"}


def asks(form: ActForm) -> bool:
    """Tell whether the form has anything to type, and so a draft."""
    return any(field.short_name not in _OWN for field in form)


def payload_of(form: ActForm) -> dict[str, Any]:
    """Return what was typed under the names of the action's fields; an empty field is left out."""
    typed: dict[str, Any] = {}
    for field in form:
        if field.short_name in _OWN or field.data in (None, ""):
            continue
        data = field.data
        typed[field.short_name] = (
            data.isoformat() if isinstance(data, date) else data.strip() if isinstance(data, str) else data
        )
    return typed
