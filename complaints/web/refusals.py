"""What the engine refuses, as an answer: every reason, who may be asked, and a line in the record of denials.

A room that shows its form again with the reasons above it does so itself; this is what everybody else gets.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable

from flask import Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from complaints.dossier.outrunning import beside_sentence, outrun_anywhere
from complaints.dossier.progress import standing
from complaints.dossier.refusals import Denied
from complaints.foundation.errors import Conflict, Invalid, NotFound, Problem
from complaints.web.languages import joined, localised
from complaints.web.local_paths import page_before
from complaints.web.services import Recorder
from complaints.web.submissions import seen_by_form
from complaints.web.transaction import read_again
from complaints.web.work import reading_work
from workflows.compiled import Refused
from workflows.guards import Why
from workflows.proving.invariants import InvariantBroken
from workflows.runtime.engine import Engine
from workflows.runtime.requests import KeyReused, StaleVersion

log = logging.getLogger("complaints")

MISSING = "field_missing"
"""The engine's word for a field without an answer."""
CHOSEN = frozenset({"work_number", "file_number"})
"""Fields whose choices another may use up while the form lies open, without making it stale."""
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


def sentence_of(why: Why) -> str:
    """Return what is wrong and what to do; that what is missing has to be filled in goes without saying."""
    return joined(localised(why.text), "" if why.code == MISSING else _remedy(why))


def put_beneath(
    form: FlaskForm,
    reasons: Iterable[Why],
    place: Callable[[str], str],
    say: Callable[[Why], str] = sentence_of,
) -> list[Why]:
    """Put each reason about a field beneath that field; return those that no field of the form carries.

    `place` gives the form's field for the engine's, empty where the form has none. A field that could not be
    read has said so already; that it is missing is said only where nothing more telling is.
    """
    told: dict[str, list[Why]] = {}
    left = []
    for why in reasons:
        names = dict.fromkeys(found for name in why.fields if (found := place(name)))
        if not names:
            left.append(why)
        for name in names:
            told.setdefault(name, []).append(why)
    for name, about in told.items():
        telling = [why for why in about if why.code != MISSING]
        lacking = [] if telling or form[name].errors else about[:1]
        form[name].errors = [*form[name].errors, *(say(why) for why in telling or lacking)]
    return left


def on_refused(refused: Refused) -> ResponseReturnValue:
    """Answer with every reason and its remedy."""
    number = str((request.view_args or {}).get("number", ""))
    read_again()
    sentences = [one for why in refused.reasons for one in (localised(why.text), _remedy(why))]
    return _answer(joined(step_beside(number, refused), *sentences), status_of(refused.reasons))


def on_stale(stale: StaleVersion) -> ResponseReturnValue:
    """Answer what happened to the matter since the page was opened, and by whom."""
    return _answer(faster_step(stale), CONFLICT)


def faster_step(stale: StaleVersion) -> str:
    """Return in a sentence what happened to the matter since the page was opened, and by whom; empty where
    this person never saw it.
    """
    read_again()
    return outrun_anywhere(reading_work(), stale)


def step_beside(number: str, refused: Problem | Refused, action: str = "") -> str:
    """Return in a sentence what was done beside the states since the posted form was opened, and by whom.

    Empty where that cannot be why it was refused: only what was typed is wrong. The page was read anew.
    """
    seq = seen_by_form()[1]
    if seq is None or not _may_be_of_another(refused):
        return ""
    name = refused.action if isinstance(refused, Refused) else action
    work = reading_work()
    try:
        return beside_sentence(work, standing(work, number), name, seq)
    except NotFound:
        return ""


def _may_be_of_another(refused: Problem | Refused) -> bool:
    """Tell whether it speaks of the matter, or of what was chosen from it, not of what was typed alone."""
    if isinstance(refused, Refused):
        return any(not why.fields or set(why.fields) & CHOSEN for why in refused.reasons)
    return isinstance(refused, Conflict) or (isinstance(refused, Invalid) and refused.field in CHOSEN)


def on_key_reused(_reused: KeyReused) -> ResponseReturnValue:
    """Answer that this very form was sent before with something else in it."""
    return _answer(_("This form was sent once already, with other words in it."), CONFLICT)


def on_invariant_broken(broken: InvariantBroken) -> ResponseReturnValue:
    """Answer that the step would break a promise of the procedure: nothing was written, and the log tells."""
    number = secrets.token_hex(4)
    log.error("event %s: invariant: %s", number, broken)
    reason = _(
        "This step was not done, because it would break a rule that always holds: %(rule)s Nothing was "
        "changed. This is a fault of the program, not yours: tell the administrator number %(number)s.",
        rule=localised(broken.invariant.label),
        number=number,
    )
    return _answer(reason, CONFLICT)


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
    app.register_error_handler(InvariantBroken, on_invariant_broken)
