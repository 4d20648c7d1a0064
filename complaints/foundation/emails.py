"""E-mail addresses: one written form, and none that could carry a second line into a message."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from complaints.foundation.errors import Invalid
from complaints.foundation.half_width import half_width

LONGEST = 254
"""Characters of a whole address (RFC 5321, section 4.5.3.1)."""

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])", re.ASCII)


def normalise_email(text: str, field: str = "") -> str:
    """Return the address as it is kept: half-width, without blanks around it, the domain in small letters.

    What stands before the @ is left as typed, since the receiving server alone knows what it means. Raises
    Invalid for anything that is not one plain address.
    """
    local, _at, domain = half_width(text).strip().rpartition("@")
    domain = domain.lower()
    whole = f"{local}@{domain}"
    fits = len(local) <= 64 and len(whole) <= LONGEST
    if not (fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise Invalid(_("This is no e-mail address: write one such as zhou@example.com."), field)
    return whole
