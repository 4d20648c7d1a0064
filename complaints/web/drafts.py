"""Drafts.

What is typed comes to the server every few seconds and is back after a crash or an expired sign-in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from complaints.foundation.clock import SHANGHAI
from complaints.foundation.errors import Invalid
from complaints.organisation.permissions import Permission
from complaints.web.access import current_actor, expired_person_id, needs
from complaints.web.models import Draft
from complaints.web.services import clock, services
from complaints.web.transaction import reading, writing

blueprint = Blueprint("drafts", __name__)

NEVER_KEPT = frozenset({"csrf_token", "idempotency_key", "form_version", "draft"})
LARGEST = 200_000
"""Characters of all fields together."""
KEPT_FOR = timedelta(days=30)
"""A draft that nobody came back to is removed: 个人信息保护法第四十七条第一项, its purpose has ended."""

_FORM = re.compile(r"[a-z_]+(?:\.[A-Za-z0-9_-]+)+")


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as a form takes it."""

    fields: MultiDict[str, str]
    saved_at: datetime

    @property
    def saved_time(self) -> str:
        """The time of day in Asia/Shanghai, HH:MM:SS, as the saved line shows it."""
        return f"{self.saved_at.astimezone(SHANGHAI):%H:%M:%S}"


@blueprint.post("/drafts/<form>")
@needs(Permission.OWN_DRAFTS)
def save(form: str) -> ResponseReturnValue:
    """Keep the fields of a form; answer when."""
    with writing() as session:
        saved_at = keep(session, current_actor().id, form, _posted())
    return jsonify(saved_at=f"{saved_at.astimezone(SHANGHAI):%H:%M:%S}")


def keep(session: Session, person_id: int, form: str, fields: Iterable[tuple[str, str]]) -> datetime:
    """Keep the fields as the person's draft of the form.

    Raises Invalid for an impossible name or too much text.
    """
    pairs = [[name, value] for name, value in fields if name not in NEVER_KEPT and "password" not in name]
    text = json.dumps(pairs, ensure_ascii=False)
    if not _FORM.fullmatch(form) or len(form) > 120:
        raise Invalid(_("There is no form of this name."))
    if len(text) > LARGEST:
        raise Invalid(_("This is more text than a draft holds: at most %(most)s characters.", most=LARGEST))
    now = services().clock.now()
    session.execute(delete(Draft).where(Draft.saved_at < now - KEPT_FOR))
    draft = session.get(Draft, (person_id, form))
    if draft is None:
        draft = Draft(person_id=person_id, form=form)
        session.add(draft)
    draft.fields, draft.saved_at = text, now
    return now


def find(form: str) -> Kept | None:
    """Return the draft of the form of the person who is signed in, or None."""
    draft = reading().get(Draft, (current_actor().id, form))
    if draft is None or draft.saved_at < clock().now() - KEPT_FOR:
        return None
    return Kept(MultiDict([(name, value) for name, value in json.loads(draft.fields)]), draft.saved_at)


def forget(session: Session, person_id: int, form: str) -> None:
    """Remove the draft, in the transaction that submits the form."""
    session.execute(delete(Draft).where(Draft.person_id == person_id, Draft.form == form))


def keep_of_expired() -> bool:
    """Keep what was posted after the sign-in had timed out, where form and person are known.

    Tell whether it was.
    """
    return keep_for(expired_person_id())


def keep_for(person_id: int | None) -> bool:
    """Keep what was posted and refused as the person's draft, under the name that the form carries.

    Tell whether it was: not where the person is unknown or the form has no draft.
    """
    form = request.form.get("draft", "")
    if person_id is None or not _FORM.fullmatch(form):
        return False
    try:
        with writing() as session:
            keep(session, person_id, form, _posted())
    except Invalid:
        return False
    return True


def _posted() -> Iterable[tuple[str, str]]:
    """Return the posted text fields in order, several of one name included."""
    return request.form.items(multi=True)
