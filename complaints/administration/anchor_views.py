"""The anchors of the log: which days are signed, whether each row is what was signed, how old the last is.

Auditors and administrators see it; it names no matter and holds no personal value.
"""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from complaints.administration.anchor_rows import AnchorRow, rows
from complaints.organisation.permissions import Permission
from complaints.web.access import needs
from complaints.web.paging import page_asked, paging
from complaints.web.rooms import Room
from complaints.web.services import services
from complaints.web.transaction import reading
from workflows.runtime import anchors

PAGE = 30

blueprint = Blueprint("anchors", __name__)
ROOM = Room(
    blueprint, url="/admin/anchors", label=_l("Log proof"), icon="lock", permission=Permission.LOG_PROOF
)


@blueprint.get("/admin/anchors")
@needs(Permission.LOG_PROOF)
def listed() -> ResponseReturnValue:
    """List the anchors, the latest first."""
    connection = reading().connection()
    offset = page_asked() * PAGE
    total = anchors.how_many(connection)
    latest = rows(connection, 1, 0)
    return render_template(
        "administration/anchors.html",
        last=latest[0] if latest else None,
        rows=rows(connection, PAGE, offset),
        total=total,
        days_old=_days_old(latest, services().clock.today()),
        by_itself=bool(services().settings.log.anchor_key and services().settings.log.anchor_dir),
        algorithm=services().settings.log.algorithm,
        pages=paging(total, offset, PAGE, lambda page: url_for("anchors.listed", page=page)),
    )


def _days_old(latest: list[AnchorRow], today: date) -> int:
    return (today - latest[0].anchor.statement.day).days if latest else 0
