"""What gateways report, in the reader's language. The rows keep one language, with a detail in brackets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

KNOWN: Mapping[str, Any] = MappingProxyType(
    {
        "the gateway cannot be reached": _l("the gateway cannot be reached"),
        "the gateway gave no answer": _l("the gateway gave no answer"),
        "the gateway answered without an id": _l("the gateway answered without an id"),
        "the gateway does not admit us, check key and limits": _l(
            "the gateway does not admit us, check key and limits"
        ),
        "the gateway refused the message": _l("the gateway refused the message"),
        "the gateway has trouble of its own": _l("the gateway has trouble of its own"),
        "the address or the subject holds a line break": _l("the address or the subject holds a line break"),
        "the mail server cannot be used": _l("the mail server cannot be used"),
        "the mail server broke off before the text": _l("the mail server broke off before the text"),
        "the mail server refused the address": _l("the mail server refused the address"),
        "the mail server asks to try later": _l("the mail server asks to try later"),
        "the mail server did not take the text": _l("the mail server did not take the text"),
        "the mail server gave no answer": _l("the mail server gave no answer"),
        "the mail server did not take the message": _l("the mail server did not take the message"),
        "the gateway never got the message": _l("the gateway never got the message"),
        "the gateway does not know yet": _l("the gateway does not know yet"),
        "there is no number to send to": _l("there is no number to send to"),
        "there is no address to send to": _l("there is no address to send to"),
        "nobody is named who has to be told": _l("nobody is named who has to be told"),
        "the text cannot be made": _l("the text cannot be made"),
        "the complainant wishes a letter: print it, post it, then settle this row": _l(
            "the complainant wishes a letter: print it, post it, then settle this row"
        ),
        "the complainant's number takes no text messages: tell by phone, then settle this row": _l(
            "the complainant's number takes no text messages: tell by phone, then settle this row"
        ),
        "the adapter failed": _l("the adapter failed"),
    }
)
_DETAILED = re.compile(r"(?P<what>.+?)(?: \((?P<detail>[^()]*)\))?")
_ADAPTER = re.compile(r"The adapter failed: (\w+)\.")


def in_words(trouble: str | None) -> str:
    """Return a row's trouble in the language of the page; a person's own words stay as they are."""
    plain = _ADAPTER.sub(r"the adapter failed (\1)", trouble or "")
    found = _DETAILED.fullmatch(plain)
    if found is None or found["what"] not in KNOWN:
        return plain
    what = str(KNOWN[found["what"]])
    return _("%(what)s (%(detail)s)", what=what, detail=found["detail"]) if found["detail"] else what
