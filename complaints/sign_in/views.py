"""Sign in, choose a new password, sign out, and the way to the desk of one's role."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, login_user, logout_user

from complaints.foundation.errors import Invalid
from complaints.organisation import accounts, sign_ins
from complaints.organisation.models import Person
from complaints.organisation.permissions import Permission
from complaints.organisation.roles import DESKS
from complaints.sign_in.forms import ChangePasswordForm, SignInForm
from complaints.sign_in.visitors import load_user
from complaints.web.access import address, current_actor, needs
from complaints.web.local_paths import local_path
from complaints.web.rooms import Room
from complaints.web.services import services
from complaints.web.transaction import read_again, reading, writing

blueprint = Blueprint("sign_in", __name__)
ROOM = Room(blueprint)

_WRONG = 422
_TOO_MANY = 429


@blueprint.get("/")
def start() -> ResponseReturnValue:
    """Lead to the desk of the person's role, or to the sign-in page."""
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.sign_in"), 303)
    return redirect(_desk(), 303)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form, and open the door."""
    form = SignInForm()
    if request.method != "POST":
        if current_user.is_authenticated:
            return redirect(local_path(request.args.get("next")), 303)
        form.next.data = local_path(request.args.get("next"), "")
        return _page(form)
    if not form.validate_on_submit():
        return _page(form), _WRONG
    answer = sign_ins.sign_in(services().door, form.username.data or "", form.password.data or "", address())
    if isinstance(answer, sign_ins.Refused):
        locked = answer.locked_until is not None
        form.password.errors = [_locked_sentence(answer) if locked else _("User name or password is wrong.")]
        return _page(form), _TOO_MANY if locked else _WRONG
    _enter(answer.token)
    return redirect(local_path(form.next.data), 303)


@blueprint.route("/password", methods=["GET", "POST"])
@needs(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Change one's own password; every other sign-in of this person ends."""
    form = ChangePasswordForm()
    if request.method != "POST":
        return _password_page(form)
    if not form.validate_on_submit():
        return _password_page(form), _WRONG
    person = reading().get_one(Person, current_actor().id)
    old, new = form.old.data or "", form.new.data or ""
    try:
        accounts.check_new_password(services().door.passwords, person, old, new)
    except Invalid as problem:
        form[problem.field].errors = [problem.sentence]
        return _password_page(form), _WRONG
    _set_password(person.id, new)
    flash(_("The password is changed. You are signed out everywhere else."), "accent")
    return redirect(url_for("sign_in.start"), 303)


@blueprint.post("/sign-out")
@needs(Permission.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """End this sign-in here and on the server."""
    with writing() as transaction:
        sign_ins.sign_out(transaction, current_user.get_id(), services().clock.now(), address())
    logout_user()
    _forget_browser()
    return redirect(url_for("sign_in.sign_in"), 303)


def _page(form: SignInForm) -> str:
    """Show the sign-in page."""
    return render_template("sign_in/sign_in.html", form=form, kept=bool(request.args.get("kept")))


def _password_page(form: ChangePasswordForm) -> str:
    """Show the password page with its rules."""
    rules = services().door.passwords.rules
    forced = current_actor().must_change_password
    return render_template("sign_in/password.html", form=form, rules=rules, forced=forced)


def _set_password(person_id: int, password: str) -> None:
    """Store the new password and open a new sign-in in place of the ended ones."""
    door, now = services().door, services().clock.now()
    hashed = door.passwords.hash(password)
    with writing() as transaction:
        accounts.change_password(transaction, person_id, hashed, now, address())
        token = sign_ins.open_session(transaction, person_id, now, door.lifetime)
    _enter(token)


def _enter(token: str) -> None:
    """Give the browser a cookie of its own: nothing of the one it came with survives but the language."""
    _forget_browser()
    read_again()
    user = load_user(token)
    login_user(user)


def _forget_browser() -> None:
    """Empty the cookie but for the language."""
    language: Any = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def _desk() -> str:
    """Return the first page of the person's role that exists here."""
    actor = current_actor()
    rooms = {room.url for room in services().rooms}
    desks = [DESKS[grant.role] for grant in actor.grants if DESKS[grant.role] in rooms]
    return desks[0] if desks else url_for("sign_in.no_desk")


@blueprint.get("/welcome")
@needs(Permission.OWN_ACCOUNT)
def no_desk() -> ResponseReturnValue:
    """Tell a person whose role has no desk here what to do."""
    return render_template("sign_in/no_desk.html")


def _locked_sentence(refused: sign_ins.Refused) -> str:
    """Say how long to wait, in whole minutes."""
    if refused.locked_until is None:
        return ""
    seconds = (refused.locked_until - services().clock.now()).total_seconds()
    minutes = max(1, -int(-seconds // 60))
    return ngettext(
        "Too many failed attempts. Wait %(num)d minute, then try again, or ask your administrator.",
        "Too many failed attempts. Wait %(num)d minutes, then try again, or ask your administrator.",
        minutes,
    )
