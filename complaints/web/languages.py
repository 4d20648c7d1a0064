"""Chinese first, English by a switch."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, g, has_request_context, session
from flask_babel import (  # type: ignore[attr-defined]  # get_translations is left out of its __all__
    get_locale,
    get_translations,
)

from complaints.web.services import services
from config import LOCALES
from workflows.definition import Label

_BLANK_AFTER_CHINESE = re.compile(r"(?<=[。！？；]) +")
OWN_NAMES = {"zh_Hans_CN": "中文", "en": "English"}
"""Each language under its own name, whatever the page's language is."""


def choose_locale() -> str:
    """Return the language this browser chose, or the installation's."""
    chosen = session.get("language") if has_request_context() else None
    return chosen if chosen in LOCALES else services().settings.locale


def localised(label: Label) -> str:
    """Return a label of the workflow definitions in the language of the page."""
    return label.in_language(str(get_locale() or "zh"))


def joined(*sentences: str) -> str:
    """Return the sentences one behind the other; after a Chinese full stop stands no blank."""
    return _BLANK_AFTER_CHINESE.sub("", " ".join(one for one in sentences if one))


def other_language() -> dict[str, str]:
    """Return code and own name of the language that the page is not in."""
    code = LOCALES[1] if str(get_locale()) == LOCALES[0] else LOCALES[0]
    return {"code": code, "name": OWN_NAMES[code]}


def install(app: Flask) -> None:
    """Let the templates find their catalogue once a request: a page of a list asks for some hundred texts."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of jinja2.ext.i18n
        gettext=lambda text: _catalogue().ugettext(text),
        ngettext=lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
    )


def _catalogue() -> Any:
    """Return the catalogue of the page's language."""
    found = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_translations()
    return found
