"""Closed unless opened: every route names a permission, or stands on the short list of open ones.

Lacking the right to a page is 403; a matter that is not this person's is 404, as if it did not exist.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ParamSpec

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import UserMixin, current_user

from complaints.foundation.errors import NotAllowed, Problem
from complaints.organisation.people import SignedInActor
from complaints.organisation.permissions import Permission, allowed
from complaints.organisation.security_log import record
from complaints.web.languages import localised
from complaints.web.services import services

OPEN = frozenset({"static", "health.healthz", "pages.choose_language", "sign_in.sign_in", "sign_in.start"})
"""Endpoints that anyone may open."""

OPEN_BEFORE_NEW_PASSWORD = frozenset({"sign_in.change_password", "sign_in.sign_out"})
"""What a person may do who has to choose a new password first."""

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]
_NEEDED: dict[Callable[..., Any], tuple[Permission, ...]] = {}


class SignInNeeded(Problem):
    """Nobody is signed in, or no longer."""

    status = 401


class SignedInUser(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """Who is signed in, for flask-login and the templates.

    The id in the cookie is the sign-in's random token.
    """

    def __init__(self, actor: SignedInActor, token: str, session_id: int) -> None:
        """Wrap the actor."""
        self.actor, self.token, self.session_id = actor, token, session_id
        self.name, self.unit_name = actor.name, actor.unit_name

    @property
    def role_label(self) -> str:
        """The main role in the language of the page."""
        return localised(self.actor.role_label)

    def get_id(self) -> str:
        """Return what flask-login puts into the cookie."""
        return self.token


def needs(*permissions: Permission) -> Callable[[View[P]], View[P]]:
    """Let only people in who hold at least one of the permissions, on any unit."""
    if not permissions:
        raise ValueError("name at least one permission")

    def close(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            actor = current_actor()
            if actor.must_change_password and request.endpoint not in OPEN_BEFORE_NEW_PASSWORD:
                return redirect(url_for("sign_in.change_password"), 303)
            if not any(allowed(actor, permission) for permission in permissions):
                record_refusal(permissions[0].value)
                raise NotAllowed(_("This page belongs to a role that you do not hold."))
            return view(*args, **kwargs)

        _NEEDED[guarded] = permissions
        return guarded

    return close


def current_actor() -> SignedInActor:
    """Return who is signed in. Raises SignInNeeded where nobody is."""
    if not current_user.is_authenticated:
        raise SignInNeeded(_("Please sign in."))
    actor: SignedInActor = current_user.actor
    return actor


def is_allowed(permission: Permission, unit_path: str | None = None) -> bool:
    """Tell whether the person who is signed in has the right on the unit, or anywhere."""
    return bool(current_user.is_authenticated) and allowed(current_actor(), permission, unit_path)


def record_refusal(subject: str) -> None:
    """Write a refused access into the security log."""
    parts = services()
    with parts.database.writing() as session:
        record(
            session,
            parts.clock.now(),
            "refused",
            success=False,
            actor_id=current_actor().id,
            subject=f"{request.method} {request.path} {subject}",
            address=address(),
        )


def address() -> str:
    """Return the network address of the browser."""
    return request.remote_addr or ""


def expired_person_id() -> int | None:
    """Return whose sign-in has just timed out, where the browser still holds its cookie.

    For keeping what was typed.
    """
    person_id: int | None = g.get("expired_person_id")
    return person_id


def permissions_of(view: Callable[..., Any]) -> tuple[Permission, ...]:
    """Return what `needs` asks for before a view; empty where it is open."""
    return _NEEDED.get(view, ())


def check_every_route(app: Flask) -> None:
    """Raise RuntimeError where a route neither names a permission nor is on the open list."""
    unguarded = sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in OPEN and not permissions_of(view)
    )
    if unguarded:
        raise RuntimeError(f"routes without a permission: {', '.join(unguarded)}")
