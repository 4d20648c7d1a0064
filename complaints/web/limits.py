"""How much a request may carry, and what: files up to MAX_UPLOAD_MB, forms without files two megabytes.

Pages are sent forms and nothing else: a body of JSON could be nested so deep that reading it fails. NUL is no
sign of any text (PostgreSQL takes none, SQLite counts wrongly after it): it is left out of forms and of
what is asked behind a question mark, and a path with it leads nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, Request, abort, request
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser
from werkzeug.utils import cached_property

LARGEST_FORM = 2 * 1024 * 1024
"""Bytes. Werkzeug's own form limit does not reach url-encoded forms, which are read as a whole."""
MOST_PARTS = 500
FORM_AROUND = 64 * 1024
"""Bytes that a page leaves for the rest of a form when it looks at the size of the files chosen in it."""


def _limit_plain_forms() -> None:
    """Lower the limit where no file can come."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_FORM


class FormParser(FormDataParser):
    """Reads a form as usual, and leaves NUL out of its texts."""

    def parse(self, *given: Any, **named: Any) -> Any:
        """Return the rest of the stream, the texts and the files."""
        stream, form, files = super().parse(*given, **named)
        if any(_has_nul(pair) for pair in form.items(multi=True)):
            form = type(form)(_without_nul(form))
        return stream, form, files


class FormRequest(Request):
    """A request whose forms and questions hold text only."""

    form_data_parser_class = FormParser

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """What stands behind the question mark, without NUL."""
        given = super().args
        return type(given)(_without_nul(given)) if any(map(_has_nul, given.items(multi=True))) else given


def _without_nul(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    return [(name.replace("\0", ""), text.replace("\0", "")) for name, text in form.items(multi=True)]


def _has_nul(texts: Iterable[str]) -> bool:
    return any("\0" in one for one in texts)


def _refuse_what_no_page_sends() -> None:
    """Answer 404 to an address that no page has, 415 to what is no form."""
    if "\0" in request.path:
        abort(404)
    if request.is_json:
        abort(415)


def install(app: Flask, largest_upload: int) -> None:
    """Set the limits, before anything reads a form."""
    app.config.update(
        MAX_CONTENT_LENGTH=largest_upload, MAX_FORM_MEMORY_SIZE=LARGEST_FORM, MAX_FORM_PARTS=MOST_PARTS
    )
    app.jinja_env.globals["most_upload_mb"] = largest_upload // (1024 * 1024)
    app.jinja_env.globals["most_file_bytes"] = largest_upload - FORM_AROUND
    app.request_class = FormRequest
    app.before_request(_limit_plain_forms)
    app.before_request(_refuse_what_no_page_sends)
