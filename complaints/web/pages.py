"""What every page knows: the frame's context, the filters, and the language switch."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    g,
    get_flashed_messages,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from complaints.foundation.clock import SHANGHAI, local_moment
from complaints.foundation.identity_numbers import credit_code_warning
from complaints.foundation.money import format_yuan
from complaints.organisation.permissions import Permission
from complaints.web.access import is_allowed
from complaints.web.headers import csp_nonce
from complaints.web.languages import localised, other_language
from complaints.web.local_paths import local_path
from complaints.web.rooms import RailEntry
from complaints.web.services import services
from complaints.web.transaction import reading
from config import LOCALES
from workflows.rule_files import shipped_rules

blueprint = Blueprint("pages", __name__)

WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))


@blueprint.post("/language")
def choose_language() -> ResponseReturnValue:
    """Change the language of this browser and go back to the page."""
    language = request.form.get("language", "")
    if language not in LOCALES:
        abort(400)
    session["language"] = language
    return redirect(local_path(request.form.get("next")), 303)


def day(value: date | None) -> str:
    """Write a day as 2026-11-24 (周二)."""
    if value is None:
        return ""
    return f"{value.isoformat()} ({WEEKDAYS[value.weekday()]})"


def moment(value: datetime | int | None) -> str:
    """Write an instant, or microseconds since 1970, in Asia/Shanghai as 2026-11-24 (周二) 16:40."""
    if value is None:
        return ""
    local = local_moment(value) if isinstance(value, int) else value.astimezone(SHANGHAI)
    return f"{day(local.date())} {local:%H:%M}"


def short_moment(value: datetime) -> str:
    """Write an instant as a line of a list has room for: today 16:40, 11-24 16:40, 2025-11-24 16:40."""
    local, today = value.astimezone(SHANGHAI), services().clock.today()
    if local.date() == today:
        return _("today %(time)s", time=f"{local:%H:%M}")
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"


def yuan(fen: int | None) -> str:
    """Write fen as 1,234.50 元."""
    return "" if fen is None else _("%(amount)s yuan", amount=format_yuan(fen))


def amount(fen: int | None) -> str:
    """Write fen as 1,234.50, for columns whose unit stands above them."""
    return "" if fen is None else format_yuan(fen)


def law(subject: str, on: date | None = None) -> str:
    """Return the article on a subject with its instrument, by the rules of a day, else of today.

    Empty where those rules have none.
    """
    article = shipped_rules().article(subject, on or services().clock.today())
    return localised(article) if article is not None else ""


def asset(path: str) -> str:
    """Return the address of one of our files, with its content's digest.

    So that browsers may keep it for a year.
    """
    kept: dict[str, str] = g.setdefault("assets", {})
    if path not in kept:
        file = Path(current_app.static_folder or "") / path
        kept[path] = url_for("static", filename=path, v=_digest(str(file)))
    return kept[path]


@lru_cache(maxsize=512)
def _digest(file: str) -> str | None:
    """Return the first digits of a file's SHA-256, or None where there is no such file."""
    path = Path(file)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else None


def rail() -> list[RailEntry]:
    """Return the rooms that the person may enter, each with what waits there."""
    return [
        RailEntry(
            key=room.key,
            url=room.url,
            label=str(room.label),
            icon=room.icon,
            current=request.blueprint == room.key,
            count=room.count(reading(), current_user.actor, services().clock) if room.count else 0,
        )
        for room in services().rooms
        if room.label is not None and room.permission is not None and is_allowed(room.permission)
    ]


def _notices() -> list[dict[str, str]]:
    """Return what earlier requests left to say: kind as in templates/parts/notices.html, and text."""
    said = cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))
    return [{"kind": kind, "title": text} for kind, text in said]


def frame() -> dict[str, Any]:
    """Return what the layouts read. A page overrides a name by passing it itself."""
    context: dict[str, Any] = {
        "home_url": url_for("sign_in.start"),
        "language_url": url_for("pages.choose_language"),
        "other_language": other_language(),
        "now_local": services().clock.now().astimezone(SHANGHAI),
        "notices": _notices(),
        "rooms": [],
        "room_name": "",
    }
    if current_user.is_authenticated:
        rooms = rail()
        context |= {
            "rooms": rooms,
            "room_name": next((room.label for room in rooms if room.current), ""),
            "sign_out_url": url_for("sign_in.sign_out"),
        }
        if is_allowed(Permission.MATTER_SEARCH):
            context |= {"search_url": url_for("search.start"), "suggest_url": url_for("search.suggestions")}
    return context


def install(app: Flask) -> None:
    """Give the templates context, functions and filters."""
    app.register_blueprint(blueprint)
    app.context_processor(frame)
    app.add_template_global(asset)
    app.add_template_global(csp_nonce)
    app.add_template_global(localised)
    app.add_template_global(law)
    app.add_template_global(is_allowed)
    app.add_template_global(get_locale)
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_filter(short_moment)
    app.add_template_filter(yuan)
    app.add_template_filter(amount)
    app.add_template_filter(localised)
    app.add_template_filter(credit_code_warning)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
