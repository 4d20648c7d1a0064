"""X-Forwarded-For and -Proto are believed from named proxies only.

Never from whoever sends them (ASVS V4.1.3).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class TrustedProxies:
    """WSGI middleware: applies the headers where the connection comes from one of the proxies."""

    def __init__(self, inner: WSGIApplication, addresses: tuple[str, ...]) -> None:
        """Wrap the application."""
        self._direct = inner
        self._behind_proxy = ProxyFix(inner, x_for=1, x_proto=1, x_host=0)
        self._addresses = frozenset(addresses)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        trusted = environ.get("REMOTE_ADDR") in self._addresses
        return (self._behind_proxy if trusted else self._direct)(environ, start_response)


def install(app: Flask, addresses: tuple[str, ...]) -> None:
    """Trust the proxies, where any are named."""
    if addresses:
        app.wsgi_app = TrustedProxies(app.wsgi_app, addresses)  # type: ignore[method-assign]
