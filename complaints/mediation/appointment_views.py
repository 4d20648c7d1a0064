"""The pages on which a session is arranged, moved or called off; the room's views give them their routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from complaints.dossier.action_views import article_of
from complaints.dossier.progress import Standing, procedure_of, standing
from complaints.dossier.work import Work
from complaints.foundation.masking import mask_name
from complaints.mediation import actions
from complaints.mediation.appointment_forms import ArrangeForm, ChangeForm
from complaints.mediation.appointments import Appointment, arranged, coming
from complaints.mediation.sending import INVALID, SENT, against, send, submitted
from complaints.organisation.permissions import Permission
from complaints.web.access import needs
from complaints.web.transaction import read_again
from complaints.web.work import reading_work


@needs(Permission.MEDIATION_WORK)
def arrange(number: str) -> ResponseReturnValue:
    """Arrange a session ahead."""
    work = reading_work()
    here = standing(work, number)
    if request.method == "GET":
        form: Any = ArrangeForm.opened(f"mediation.{number}.arrange", here.form_version)
    else:
        form = ArrangeForm()
    return _answer(
        work, here, form, lambda when: _("Arranged: %(when)s. The complainant gets a message.", when=when)
    )


@needs(Permission.MEDIATION_WORK)
def change(number: str) -> ResponseReturnValue:
    """Move the arranged session, or call it off."""
    work = reading_work()
    here = standing(work, number)
    if request.method == "GET":
        now = arranged(here.row["vars"]) or Appointment(work.today, "", "")
        form: Any = ChangeForm.opened(
            f"mediation.{number}.change",
            here.form_version,
            session_way=now.way,
            session_place=now.place,
        )
    else:
        form = ChangeForm()
    return _answer(work, here, form, _changed)


def _changed(when: str) -> str:
    """Say what became of the session; `when` is empty where it was called off."""
    if when:
        return _("Moved to %(when)s. The complainant gets a message.", when=when)
    return _("The session is called off. The complainant gets a message.")


def _answer(work: Work, here: Standing, form: Any, done: Callable[[str], str]) -> ResponseReturnValue:
    number, action = here.matter.number, form.ACTION
    form.prepare(procedure_of(work, here))
    status = 200
    if request.method == "POST":
        status = INVALID
        if form.validate_on_submit():
            said = form.payload()
            status = send(
                form, number, lambda one: actions.plan_session(one, number, action, said, submitted(form))
            )
        if status == SENT:
            read_again()
            planned = arranged(standing(reading_work(), number).row["vars"])
            flash(done(planned.words if planned else ""), "accent")
            return redirect(f"/matters/{number}", 303)
    return _page(number, form, action), status


def _page(number: str, form: Any, action: str) -> str:
    work = reading_work()
    here = standing(work, number)
    matter = here.matter
    return render_template(
        "mediation/arrange.html" if action == ArrangeForm.ACTION else "mediation/change.html",
        form=form,
        matter=matter,
        consumer=mask_name(matter.consumer.name) if matter.consumer else "",
        merchant=matter.merchant.masked_name if matter.merchant else "",
        present=arranged(here.row["vars"]),
        others=[one for one in coming(work, "mine") if one.number != number],
        reasons=against(work, here, action) if request.method == "GET" else [],
        article=article_of(work, here, action),
        matter_url=url_for("dossier_page.matter", number=number),
    )
