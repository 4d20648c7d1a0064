"""From the cookie's token to the person with today's grants, once a request."""

from __future__ import annotations

import logging
from datetime import datetime

from flask import Flask, g
from flask_login import LoginManager
from sqlalchemy.exc import OperationalError

from complaints.organisation import sign_ins
from complaints.organisation.people import actor_of
from complaints.web.access import SignedInUser
from complaints.web.services import services
from complaints.web.transaction import reading

log = logging.getLogger("complaints")


def load_user(token: str) -> SignedInUser | None:
    """Return who the token belongs to, or None; changes of grants and accounts bite at once."""
    parts = services()
    now = parts.clock.now()
    row = sign_ins.find_session(reading(), token)
    if row is None:
        return None
    if not sign_ins.is_alive(row, now, parts.door.lifetime):
        if row.person.disabled_at is None:
            g.expired_person_id = row.person_id
        return None
    if sign_ins.needs_touch(row, now):
        _touch(row.id, now)
    return SignedInUser(actor_of(reading(), row.person, parts.clock.today()), token, row.id)


def _touch(session_id: int, now: datetime) -> None:
    """Note that the person is here. Where that cannot be stored, on a full disk, reading goes on all the
    same; the sign-in then ends no later for it.
    """
    try:
        with services().database.writing() as session:
            sign_ins.touch(session, session_id, now)
    except OperationalError as error:
        log.warning("that somebody is here could not be stored: %s", error)


def install(app: Flask) -> None:
    """Let flask-login ask us. Its own protection by browser marks is off.

    The token is enough, and it is ours to end.
    """
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(load_user)
    manager.init_app(app)
