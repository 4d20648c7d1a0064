"""How much a request may carry: files up to MAX_UPLOAD_MB, forms without files two megabytes."""

from __future__ import annotations

from flask import Flask, request

LARGEST_FORM = 2 * 1024 * 1024
"""Bytes. Werkzeug's own form limit does not reach url-encoded forms, which are read as a whole."""
MOST_PARTS = 500


def _limit_plain_forms() -> None:
    """Lower the limit where no file can come."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_FORM


def install(app: Flask, largest_upload: int) -> None:
    """Set the limits, before anything reads a form."""
    app.config.update(
        MAX_CONTENT_LENGTH=largest_upload, MAX_FORM_MEMORY_SIZE=LARGEST_FORM, MAX_FORM_PARTS=MOST_PARTS
    )
    app.before_request(_limit_plain_forms)
