"""The browser's signed cookie, whose own time of day counts for nothing.

How long a sign-in lasts is said by its row (`complaints.organisation.sign_ins`). Flask besides drops a cookie
that was signed later than now: where the machine's clock was set back by seconds, whoever had just signed in
was signed out.
"""

from __future__ import annotations

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature


class SessionCookies(SecureCookieSessionInterface):
    """Opens a cookie with the right signature, whenever it was signed."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie says, or an empty session where it has none of our signature."""
        serializer = self.get_signing_serializer(app)
        cookie = request.cookies.get(self.get_cookie_name(app))
        if serializer is None or not cookie:
            return super().open_session(app, request)
        try:
            return self.session_class(serializer.loads(cookie))
        except BadSignature:
            return self.session_class()
