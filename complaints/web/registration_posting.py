"""What happens with a posted registration, whichever desk takes it: shown again, or registered once."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from complaints.dossier.models import Matter
from complaints.dossier.work import Work
from complaints.foundation.errors import Invalid, Problem
from complaints.foundation.identity_numbers import credit_code_warning
from complaints.web import drafts
from complaints.web.registration_parts import F, keep_look, keep_posted, only_looks, posted_form
from complaints.web.submissions import fresh_key
from complaints.web.work import writing_work
from workflows.runtime.requests import KeyReused


def take(
    kind: type[F],
    draft: str,
    page_url: str,
    page: Callable[[F], str],
    register: Callable[[Work, F], Matter],
    done_url: Callable[[Matter], str],
) -> ResponseReturnValue:
    """Register what was posted, in one transaction that also forgets the draft, and go on to `done_url`.

    A button that only asks keeps the form as the draft and leads back to `page_url`. What cannot be read or
    registered shows `page` again with everything typed.
    """
    form = posted_form(kind)
    form.draft.data = draft
    if only_looks():
        keep_look(form)
        return redirect(page_url, 303)
    if not form.validate_on_submit():
        form.saved_at = keep_posted(draft)
        return page(form), 422
    try:
        with writing_work() as work:
            matter = register(work, form)
            drafts.forget(work.session, work.actor.id, draft)
    except KeyReused:
        form.idempotency_key.data = fresh_key()
        flash(
            _("This page has registered another complaint already. Check the answers, then send again."),
            "soon",
        )
        return page(form), 409
    except Problem as problem:
        if isinstance(problem, Invalid) and problem.field:
            form[problem.field].errors = [problem.sentence]
        else:
            flash(problem.sentence, "late")
        return page(form), problem.status
    warn_of_code(form.merchant_code.data)
    return redirect(done_url(matter), 303)


def warn_of_code(typed: str | None) -> None:
    """Say on the next page what is odd about a credit code that was kept as typed."""
    warning = credit_code_warning(typed or "")
    if warning:
        flash(_("%(warning)s It was saved as written.", warning=warning), "soon")
