"""Security headers on every answer (OWASP ASVS 5.0 V3.4).

Nothing loads that is not ours, nothing personal is cached.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

from complaints.web.services import services

_YEAR_SECONDS = 31_536_000
_ASSET_SECONDS = 31_536_000
_NOTHING = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
_CAMERA = _NOTHING.replace("camera=()", "camera=(self)")
"""Evidence is photographed through a page's file field; some browsers ask for this."""
_WITH_FILES = ("/station", "/matters/")


def csp_nonce() -> str:
    """Return this answer's nonce for inline scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def _add_headers(response: Response) -> Response:
    """Add what is not set yet."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", _CAMERA if request.path.startswith(_WITH_FILES) else _NOTHING)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if services().settings.cookie_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_SECONDS}; includeSubDomains")
    if request.endpoint == "static":
        asked = "public, immutable" if request.args.get("v") else "public"
        headers["Cache-Control"] = f"{asked}, max-age={_ASSET_SECONDS if request.args.get('v') else 0}"
    else:
        headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response


def _policy() -> str:
    """Write the content security policy."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{csp_nonce()}'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
        )
    )


def install(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(_add_headers)
