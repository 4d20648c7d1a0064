"""What the engine refuses, as an answer: every reason, who may be asked, and a line in the record of denials.

A room that shows its form again with the reasons above it does so itself; this is what everybody else gets.
"""

from __future__ import annotations

from flask import Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from complaints.dossier.refusals import Denied
from complaints.web.languages import localised
from complaints.web.local_paths import page_before
from complaints.web.services import Recorder
from workflows.compiled import Refused
from workflows.guards import Why
from workflows.runtime.engine import Engine
from workflows.runtime.requests import KeyReused, StaleVersion

CONFLICT = 409
WRONG = 422


def recorders(engine: Engine) -> dict[type[BaseException], Recorder]:
    """Return what writes a refused act down: who tried what with which matter, and why in vain."""

    def denied(session: Session, refusal: BaseException) -> None:
        if isinstance(refusal, Denied):
            engine.record_denial(
                session.connection(), refusal.instance_id, refusal.action, refusal.actor_id, refusal.reasons
            )

    return {Denied: denied}


def status_of(reasons: tuple[Why, ...]) -> int:
    """Return 422 where only what was typed is wrong, else 409: the matter or the person does not fit."""
    return WRONG if reasons and all(why.fields for why in reasons) else CONFLICT


def on_refused(refused: Refused) -> ResponseReturnValue:
    """Answer with every reason and its remedy."""
    sentences = [f"{localised(why.text)} {_remedy(why)}".strip() for why in refused.reasons]
    return _answer(" ".join(sentences), status_of(refused.reasons))


def on_stale(_stale: StaleVersion) -> ResponseReturnValue:
    """Answer that the matter has moved on since the page was opened."""
    return _answer("", CONFLICT)


def on_key_reused(_reused: KeyReused) -> ResponseReturnValue:
    """Answer that this very form was sent before with something else in it."""
    return _answer(_("This form was sent once already, with other words in it."), CONFLICT)


def _remedy(why: Why) -> str:
    return localised(why.remedy) if why.remedy else ""


def _answer(reason: str, status: int) -> ResponseReturnValue:
    back = page_before() if request.method == "POST" else ""
    return make_response(render_template("errors/409.html", reason=reason, back_url=back), status)


def install(app: Flask) -> None:
    """Handle them."""
    app.register_error_handler(Refused, on_refused)
    app.register_error_handler(StaleVersion, on_stale)
    app.register_error_handler(KeyReused, on_key_reused)
