"""Numbers that name a person or an enterprise: GB 11643 (citizens) and GB 32100-2015 (unified social credit
code).

A caller rarely knows a merchant's code, so a wrong one is a warning; a wrong citizen number is refused, since
identity is what the complainant must give (《市场监督管理投诉举报处理办法》第十条).
"""

from __future__ import annotations

import re

from flask_babel import gettext as _
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from complaints.foundation.errors import Invalid
from complaints.foundation.half_width import half_width

OLD_LICENCE = re.compile(r"[0-9]{15}")
"""The registration number of business licences before 2015-10-01."""
PLACES = 18
"""Of a unified social credit code."""


def normalise_code(text: str) -> str:
    """Return the code in half-width capitals without blanks and dashes."""
    return re.sub(r"[\s\-]", "", half_width(text)).upper()


def read_credit_code(text: str, field: str = "") -> str:
    """Return the code in its one form, though it may be wrong. Raises Invalid for more than can be one."""
    code = normalise_code(text)
    if len(code) > PLACES:
        raise Invalid(_("A credit code has 18 places: please look again, or leave it out."), field)
    return code


def normalise_citizen_number(text: str, field: str = "") -> str:
    """Return an 18-place citizen number (居民身份证).

    Raises Invalid where a place, the birthday or the check is wrong.
    """
    number = normalise_code(text)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number, re.ASCII):
        raise Invalid(_("A citizen's identity number has 18 places: please read it out once more."), field)
    try:
        ric.validate(number)
    except ValidationError:
        raise Invalid(
            _("This identity number cannot be right: its birthday, region or check digit does not fit."),
            field,
        ) from None
    return number


def credit_code_warning(text: str) -> str | None:
    """Return a sentence where a merchant's unified social credit code cannot be right, or None.

    It never blocks, and says nothing of what was saved: it also stands beside a form that was refused.
    """
    code = normalise_code(text)
    if not code:
        return None
    if OLD_LICENCE.fullmatch(code):
        return _(
            "15 places: this is a licence number from before October 2015, not a unified social credit code."
        )
    if re.search(r"[IOSVZ]", code):
        return _("A unified social credit code never contains the letters I, O, S, V or Z.")
    if len(code) != PLACES:
        return _(
            "A unified social credit code has 18 places, this one has %(places)s.",
            places=len(code),
        )
    try:
        uscc.validate(code)
    except ValidationError:
        return _("The check character of this unified social credit code does not fit.")
    return None
