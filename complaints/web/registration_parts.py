"""The parts of the registration form that answer while somebody types: merchants, a hint at the category.

With script they are fragments; without, the same buttons keep the form as a draft and show the page again
with the answer. Everything is sent in the body of a POST: words of a caller never stand in an address, which
logs would keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from complaints.dossier.merchant_search import search_merchants
from complaints.dossier.similarity import Described
from complaints.foundation.clock import SHANGHAI
from complaints.foundation.encryption import keyed_hash
from complaints.foundation.errors import Invalid
from complaints.foundation.identity_numbers import credit_code_warning
from complaints.foundation.masking import mask_text
from complaints.foundation.phones import callers_number
from complaints.organisation.permissions import Permission
from complaints.reference.category_hints import category_hint
from complaints.reference.privacy_notices import privacy_notice
from complaints.web import drafts
from complaints.web.access import current_actor, needs
from complaints.web.registration_form import RegistrationForm
from complaints.web.services import clock
from complaints.web.transaction import reading, writing

F = TypeVar("F", bound=RegistrationForm)

blueprint = Blueprint("registration", __name__, url_prefix="/registration")

CHOSEN = "merchant-chosen"
"""The event that tells a page: there is another merchant now, look for similar complaints again."""

_LOOKS = ("look", "merchant_pick", "take")
"""Names of the buttons that ask something instead of registering."""
_CHANGED_BY_LOOKS = ("merchant_id", "merchant_name", "category", "problem")


@blueprint.post("/merchants")
@needs(Permission.HOTLINE_WORK, Permission.INTAKE_WORK)
def merchants() -> ResponseReturnValue:
    """Answer what is typed with the merchants that fit."""
    form = posted_form(RegistrationForm)
    answer = render_template("registration/_merchants_found.html", form=form, **merchants_for(form))
    return _with_event(answer)


@blueprint.post("/merchant")
@needs(Permission.HOTLINE_WORK, Permission.INTAKE_WORK)
def merchant() -> ResponseReturnValue:
    """Take the picked merchant into the form, or let it go again."""
    form = posted_form(RegistrationForm)
    answer = render_template("registration/_merchant.html", form=form, picked_now=True, **merchants_for(form))
    return _with_event(answer)


@blueprint.post("/category")
@needs(Permission.HOTLINE_WORK, Permission.INTAKE_WORK)
def category() -> ResponseReturnValue:
    """Answer the facts with a hint at the category, or take the hint over."""
    form = posted_form(RegistrationForm)
    return render_template("registration/_category.html", form=form, **category_for(form))


@blueprint.post("/code")
@needs(Permission.HOTLINE_WORK, Permission.INTAKE_WORK, Permission.MEDIATION_WORK)
def code() -> ResponseReturnValue:
    """Answer a typed credit code with what is odd about it; it could be registered all the same."""
    warning = credit_code_warning(request.form.get("merchant_code", ""))
    return render_template("registration/_code_said.html", warning=warning)


def posted_form(kind: type[F]) -> F:
    """Return the posted form, with what the pressed button changes in it."""
    form = kind()
    if "merchant_pick" in request.form:
        form.merchant_id.data = request.form["merchant_pick"]
    form.prepare(reading(), clock().today())
    if form.known_merchant is not None:
        form.merchant_name.data = form.known_merchant.name
    subject, _comma, problem = request.form.get("take", "").partition(",")
    form.category.data = subject or form.category.data
    form.problem.data = problem or form.problem.data
    return form


def parts_of(form: RegistrationForm) -> dict[str, Any]:
    """Return what the templates of the form read besides the form."""
    if not form.notice_version.data:
        form.notice_version.data = privacy_notice(form.today).version
    return {
        "form": form,
        "notice": privacy_notice(form.today),
        **merchants_for(form),
        **category_for(form),
    }


def merchants_for(form: RegistrationForm) -> dict[str, Any]:
    """Return the merchants that fit the typed name, masked; none where one is picked already."""
    typed = "" if form.known_merchant else form.merchant_name.data or ""
    found = search_merchants(reading(), typed, form.today)
    shown = [replace(one, name=mask_text(one.name), address=mask_text(one.address)) for one in found]
    return {"merchants": shown, "typed": typed}


def category_for(form: RegistrationForm) -> dict[str, Any]:
    """Return the hint for what is not chosen yet, with the names of its codes."""
    hint = category_hint(form.facts.data or "")
    if hint is None:
        return {"hint": None}
    subject = "" if form.category.data else hint.subject
    problem = "" if form.problem.data else hint.problem
    names = {value: text for field in (form.category, form.problem) for value, text in _options(field)}
    shown = [names[code] for code in (subject, problem) if code and code in names]
    return {"hint": hint if shown else None, "hint_names": shown, "hint_codes": f"{subject},{problem}"}


def described(form: RegistrationForm) -> Described:
    """Return what the form tells so far, to compare it with earlier complaints."""
    known, phone = form.known_merchant, whole_number(form.phone.data or "")
    return Described(
        text=mask_text(form.facts.data or ""),
        phone_hash=keyed_hash(phone) if phone else "",
        merchant_id=known.id if known else None,
        merchant_name=known.name if known else form.merchant_name.data or "",
        category_code=form.category.data or "",
    )


def whole_number(typed: str) -> str:
    """Return the caller's number in its normal form; empty while it is not a whole one."""
    try:
        return callers_number(typed) if typed.strip() else ""
    except Invalid:
        return ""


def only_looks() -> bool:
    """Tell whether a button was pressed that asks something instead of registering."""
    return any(name in request.form for name in _LOOKS)


def keep_look(form: RegistrationForm) -> None:
    """Keep the form, with what the button changed, as the draft that fills the page shown next."""
    changed = {name: form[name].data or "" for name in _CHANGED_BY_LOOKS}
    with writing() as session:
        drafts.keep(session, current_actor().id, form.draft.data or "", _pairs(changed))


def keep_posted(draft: str) -> str:
    """Keep what was posted as the person's draft; return when, HH:MM:SS in Asia/Shanghai."""
    with writing() as session:
        saved_at = drafts.keep(session, current_actor().id, draft, request.form.items(multi=True))
    return f"{saved_at.astimezone(SHANGHAI):%H:%M:%S}"


def _pairs(changed: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the posted fields with the changed ones in their new form."""
    for name, value in request.form.items(multi=True):
        if name not in changed and name not in _LOOKS:
            yield name, value
    yield from changed.items()


def _options(field: Any) -> Iterator[tuple[str, str]]:
    """Yield value and text of a select's choices, grouped or not."""
    groups = field.choices.values() if isinstance(field.choices, dict) else [field.choices]
    for group in groups:
        yield from group


def _with_event(body: str) -> Response:
    answer = make_response(body)
    # after the swap: who listens reads the form, and the picked merchant is in it only then
    answer.headers["HX-Trigger-After-Swap"] = CHOSEN
    return answer
