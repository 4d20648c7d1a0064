"""The answer to a form whose matter a faster step has taken out of the person's sight.

The page that lay open is no more theirs, and the words typed on it still are: who took the matter is told in
a sentence, and the words are handed back, with nothing to act upon.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from complaints.dossier.outrunning import hidden_sentence
from complaints.foundation.errors import NotFound
from complaints.web import drafts
from complaints.web.access import current_actor
from complaints.web.errors import on_problem
from complaints.web.languages import joined, localised
from complaints.web.refusals import CONFLICT
from complaints.web.services import services
from complaints.web.submissions import seen_by_form
from complaints.web.transaction import read_again
from complaints.web.work import reading_work
from workflows.definition import Field, FieldKind

_WRITTEN = (FieldKind.TEXT, FieldKind.DATE, FieldKind.FEN)
"""What a person writes; what was chosen from a list is chosen again in a moment."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One answer of the form as it was typed."""

    label: str
    words: str


def on_not_found(problem: NotFound) -> ResponseReturnValue:
    """Tell who took the matter, where this person saw it in the version that the form shows.

    To everybody else it answers like a number of no matter.
    """
    told = _told() if request.method == "POST" else ""
    if not told:
        return on_problem(problem)
    written = typed()
    kept = joined(
        _("Your step was not done."),
        _("What you typed stands below: copy what you still need.") if written else "",
        _("It is kept as a draft should the matter come back to you.")
        if drafts.keep_for(current_actor().id)
        else "",
    )
    shown = render_template("errors/lost_sight.html", number=_number(), reason=told, kept=kept, typed=written)
    return make_response(shown, CONFLICT)


def lost_to(number: str, version: int | None) -> str:
    """Return who took the matter of that number out of sight since that version, and with which step."""
    if version is None:
        return ""
    read_again()
    return hidden_sentence(reading_work(), number, version)


def _told() -> str:
    number = _number()
    return lost_to(number, seen_by_form()[0]) if number and current_user.is_authenticated else ""


def _number() -> str:
    """Return the matter's number from the address; an application names its complaint behind it."""
    return str((request.view_args or {}).get("number", "") or request.args.get("from", ""))


def typed() -> list[Typed]:
    """Return what was written into the posted form, in its order, with the words that it was asked by."""
    known, found = _fields(), []
    for name, words in request.form.items(multi=True):
        one = known.get(name) or known.get(f"{name}_fen")
        if words.strip() and one is not None and one.kind in _WRITTEN:
            found.append(Typed(localised(one.label), words))
    return found


def _fields() -> dict[str, Field]:
    """Return the fields of all steps by name; of a name that several ask by, the posted step's.

    A room's own form is at an address that is named like the step, or by a part of its name.
    """
    posted = str((request.view_args or {}).get("action", "") or (request.endpoint or "").partition(".")[2])
    steps = [
        step
        for one in sorted(services().engine.library.procedures, key=lambda one: one.version)
        for step in one.actions.values()
    ]
    steps.sort(key=lambda step: (step.name == posted, posted in step.name))
    return {one.name: one for step in steps for one in step.fields}


def install(app: Flask) -> None:
    """Handle what is not found."""
    app.register_error_handler(NotFound, on_not_found)
