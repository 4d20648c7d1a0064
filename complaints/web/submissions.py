"""Forms that act once.

Each page carries a fresh key, and the same key sent twice is done once (workflows.runtime).
"""

from __future__ import annotations

import re
import secrets
from typing import Any, Self

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField

from complaints.web import drafts

KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SEEN = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", re.ASCII)


def fresh_key() -> str:
    """Return a new key for a form that is shown."""
    return secrets.token_urlsafe(24)


def seen_by_form() -> tuple[int | None, int | None]:
    """Return the matter's version and last event that the posted form was made from, None where it does not
    say.
    """
    return _seen(request.form.get("form_version", ""))


def _seen(text: str) -> tuple[int | None, int | None]:
    found = _SEEN.fullmatch(text)
    version, seq = found.groups() if found else (None, None)
    return None if version is None else int(version), None if seq is None else int(seq)


def submission_key() -> str:
    """Return the key that came with the form, or a new one where it is missing or cannot be one of ours."""
    key = request.form.get("idempotency_key", "")
    return key if KEY.fullmatch(key) else fresh_key()


class ActForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """Base of every form that acts.

    CSRF token, key, version of the matter it was made from (`Standing.form_version`), name of its draft.
    """

    idempotency_key = HiddenField(default=fresh_key)
    form_version = HiddenField()
    draft = HiddenField()

    saved_at = ""
    """HH:MM:SS of the draft that filled the form, for the saved line."""

    @classmethod
    def opened(cls, draft: str = "", version: str = "", **values: object) -> Self:
        """Make the form for showing.

        With the person's draft of that name where there is one, else with the values.
        """
        kept = drafts.find(draft) if draft else None
        form = cls(formdata=kept.fields if kept else None, **values)
        form.idempotency_key.data = fresh_key()
        form.draft.data = draft
        form.form_version.data = version
        form.saved_at = kept.saved_time if kept else ""
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field; each says one sentence, the first, however many rules it breaks."""
        fits: bool = super().validate(extra_validators)
        for field in self:
            field.errors = list(field.errors)[:1]
        return fits

    @property
    def version(self) -> int | None:
        """The version of the matter that the page showed."""
        return _seen(self.form_version.data or "")[0]
