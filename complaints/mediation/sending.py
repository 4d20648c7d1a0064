"""Sending a form of this room: one transaction, and where it was refused the form again with the reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _

from complaints.dossier.action_views import ReasonView, done_just_before, reason_views
from complaints.dossier.progress import Standing, Submitted, explain, standing
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict
from complaints.mediation.forms import DeskForm
from complaints.web import drafts
from complaints.web.languages import joined
from complaints.web.refusals import MISSING, faster_step, put_beneath, sentence_of, status_of, step_beside
from complaints.web.submissions import fresh_key
from complaints.web.transaction import read_again
from complaints.web.work import reading_work, writing_work
from workflows.compiled import Refused
from workflows.runtime.requests import KeyReused, StaleVersion

SENT, INVALID, OVERTAKEN = 303, 422, 409
_SAME_NAMES: Mapping[str, str] = MappingProxyType({})


def submitted(form: DeskForm) -> Submitted:
    """Return key and version of the form. A form without a version is treated as one of long ago."""
    return Submitted(form.idempotency_key.data or "", -1 if form.version is None else form.version)


def send(
    form: DeskForm,
    number: str,
    do: Callable[[Work], Any],
    names: Mapping[str, str] = _SAME_NAMES,
) -> int:
    """Do it in one transaction and forget the draft; return the status of the answer.

    SENT where it was done. Else 422 or 409 with the engine's reasons under their fields (`names` maps the
    procedure's field names to the form's), or OVERTAKEN with `form.meanwhile` and the new version, so that
    the form can be sent again after a look. Other problems with a sentence of their own pass through.
    """
    try:
        with writing_work() as work:
            do(work)
            if form.draft.data:
                drafts.forget(work.session, work.actor.id, form.draft.data)
    except Refused as refused:
        _put_reasons(form, number, refused, names)
        return status_of(refused.reasons)
    except StaleVersion as stale:
        form.meanwhile = faster_step(stale) or _("This matter was changed after the form was opened.")
        form.form_version.data = f"{stale.now}-{stale.since[-1].seq}" if stale.since else str(stale.now)
        return OVERTAKEN
    except KeyReused:
        form.idempotency_key.data = fresh_key()
        form.form_errors.append(
            _("This form was sent before with other content. Check what is recorded, then send it again.")
        )
        return OVERTAKEN
    except Conflict as problem:
        form.form_errors.append(problem.sentence)
        return OVERTAKEN
    return SENT


def _put_reasons(form: DeskForm, number: str, refused: Refused, names: Mapping[str, str]) -> None:
    read_again()
    work = reading_work()
    here = standing(work, number)
    form.meanwhile = step_beside(number, refused)
    views = reason_views(work, here, refused.reasons)
    said = {
        why: sentence_of(why) if why.code == MISSING else joined(view.text, view.remedy)
        for why, view in zip(refused.reasons, views, strict=True)
    }

    def place(name: str) -> str:
        found = names.get(name, name)
        return found if found in form else ""

    form.form_errors.extend(said[why] for why in put_beneath(form, refused.reasons, place, said.__getitem__))


def against(work: Work, here: Standing, action: str) -> list[ReasonView]:
    """Return why the person cannot do the action with the matter now; an empty list where they can."""
    verdict = explain(work, here).get(action)
    if verdict is None:
        done = done_just_before(work, here, action)
        if done is not None:
            return [done]
        return [
            ReasonView(
                _("This step does not belong to the present state of the matter."),
                _("Open the matter: its page shows what can be done now."),
            )
        ]
    return reason_views(work, here, verdict.reasons)
