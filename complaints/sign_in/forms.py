"""The two forms of the door. Passwords are taken exactly as typed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """User name and password."""

    username = StringField(
        _l("User name"),
        [InputRequired(), Length(max=40)],
        render_kw={
            "autocomplete": "username",
            "autofocus": True,
            "autocapitalize": "none",
            "spellcheck": "false",
        },
    )
    password = PasswordField(
        _l("Password"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()


class ChangePasswordForm(FlaskForm):  # type: ignore[misc]  # flask-wtf ships no types
    """The present password, and the new one twice."""

    old = PasswordField(
        _l("Present password"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "current-password", "autofocus": True},
    )
    new = PasswordField(_l("New password"), [InputRequired()], render_kw={"autocomplete": "new-password"})
    again = PasswordField(
        _l("New password once more"),
        [InputRequired(), EqualTo("new", _l("The two new passwords differ."))],
        render_kw={"autocomplete": "new-password"},
    )
