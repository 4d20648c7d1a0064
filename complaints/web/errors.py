"""Every failure has a page, or JSON for machines: what happened, what was kept, what to do.

None tells more than it must.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, SecurityError

from complaints.foundation.errors import Problem
from complaints.web import drafts
from complaints.web.access import SignInNeeded, current_actor
from complaints.web.local_paths import comes_from_here, local_path, page_before

log = logging.getLogger("complaints")

_PAGES = {one: str(one) for one in (400, 403, 404, 409, 413, 429, 503)} | {405: "404", 422: "400"}
UNUSABLE = (OperationalError, InterfaceError, InternalError, NoConnectionFree)
"""How a database says that it cannot be used now: gone, cut off, its disk full or failing, all taken."""
RETRY_AFTER = 10
"""Seconds after which a program may ask again."""
_FOR_MACHINES = ("/api/", "/healthz", "/drafts/")


def on_problem(problem: Problem) -> ResponseReturnValue:
    """Answer with the problem's own sentence."""
    return _answer(problem.status, problem.sentence)


def on_http(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask and Werkzeug refuse: unknown addresses, wrong methods, large or broken requests."""
    if isinstance(error, SecurityError):
        # Without a host of ours there are no addresses, so no page either.
        return Response("This host is not served here.\n", 400, mimetype="text/plain")
    if error.response is not None:
        return Response(error.get_response().data, error.response.status_code)
    only_forms = _("This address only takes a form; it cannot be opened by itself.")
    answer = _answer(error.code or 500, only_forms if error.code == 405 else "")
    allow = dict(error.get_headers()).get("Allow")
    if allow:
        answer.headers["Allow"] = allow
    return answer


def on_sign_in_needed(_needed: SignInNeeded) -> ResponseReturnValue:
    """Lead to the sign-in page, which leads back.

    What was typed is kept as a draft where the browser was known.
    """
    kept = request.method == "POST" and drafts.keep_of_expired()
    page = _page_left()
    url = url_for("sign_in.sign_in", next=page if page != "/" else None, kept=1 if kept else None)
    if _is_for_machines():
        return _json(401, _("Please sign in."), "")
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url})
    return redirect(url, 303)


def on_csrf(_error: CSRFError) -> ResponseReturnValue:
    """Refuse a form without the token of this browser; the page says whether what was typed was kept.

    It is where the person is known, and the form came from a page of ours: another site could send anything.
    """
    if _is_for_machines():
        return _json(400, _("The security token of the form is missing or no longer valid."), "")
    page, ours = page_before(), comes_from_here()
    if current_user.is_authenticated:
        kept = ours and drafts.keep_for(current_actor().id)
        return make_response(render_template("errors/csrf.html", back_url=page, is_kept=kept), 400)
    kept = ours and drafts.keep_of_expired()
    door = url_for("sign_in.sign_in", next=page if page != "/" else None, kept=1 if kept else None)
    return make_response(render_template("errors/session_expired.html", back_url=door, is_kept=kept), 400)


def on_unexpected(error: Exception) -> ResponseReturnValue:
    """Answer anything else with a number, under which the log has the details."""
    number = secrets.token_hex(4)
    log.error("event %s: %s %s", number, request.method, request.path, exc_info=error)
    return _answer(500, "", number)


def on_unusable_database(error: SQLAlchemyError) -> ResponseReturnValue:
    """Answer that the database cannot be used now; nothing is half done, and the next request tries anew.

    A connection that is cut at the commit leaves open whether the step was stored: the form's key makes sure
    that sending it again does it once. The page may need the database itself: then plain words do.
    """
    number = secrets.token_hex(4)
    log.error("event %s: %s %s: the database", number, request.method, request.path, exc_info=error)
    try:
        answer = _answer(503, "", number)
    except SQLAlchemyError:
        words = (
            _("The database cannot be used right now. Nothing is half done. Try again in a moment."),
            _("Number of this event: %(number)s", number=number),
        )
        answer = Response("\n".join(words) + "\n", 503, mimetype="text/plain")
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _answer(status: int, sentence: str, number: str = "") -> Response:
    """Write the page or the JSON of a status."""
    if _is_for_machines():
        return _json(status, sentence or _("The request was refused."), number)
    page = _PAGES.get(status, "400" if status < 500 else "500")
    context: dict[str, Any] = {"reason": sentence, "trace_id": number}
    if request.method == "POST":
        context["back_url"] = page_before()
        if status == 409 and current_user.is_authenticated:
            context["is_kept"] = drafts.keep_for(current_actor().id)
    return make_response(render_template(f"errors/{page}.html", **context), status)


def _json(status: int, sentence: str, number: str) -> Response:
    """Write an error for a machine."""
    body = {"error": sentence, "event": number} if number else {"error": sentence}
    answer = jsonify(body)
    answer.status_code = status
    return answer


def _is_for_machines() -> bool:
    """Tell whether the answer is read by a program."""
    return request.path.startswith(_FOR_MACHINES)


def _page_left() -> str:
    """Return the page to come back to: this one, or for a form the page it stood on."""
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return local_path(request.full_path.removesuffix("?"))
    return page_before()


def install(app: Flask) -> None:
    """Handle all of it."""
    app.register_error_handler(Problem, on_problem)
    app.register_error_handler(SignInNeeded, on_sign_in_needed)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(CSRFError, on_csrf)
    for kind in UNUSABLE:
        app.register_error_handler(kind, on_unusable_database)
    app.register_error_handler(Exception, on_unexpected)
