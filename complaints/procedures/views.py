"""The procedures: which versions there are and what runs on them, what differs, what a move would do.

Everybody who works here may read how matters are handled; the rehearsal of a move names matters, and shows a
reader only those the reader may see. The move itself is made from the command line.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from complaints.dossier.procedure_versions import compared, rehearsed
from complaints.dossier.visibility import visible_to
from complaints.organisation.permissions import Permission
from complaints.procedures import queries
from complaints.procedures.queries import VersionRow
from complaints.web.access import current_actor, needs
from complaints.web.rooms import Room
from complaints.web.services import services
from complaints.web.transaction import reading
from workflows.differences import days_compared
from workflows.export.svg import svg
from workflows.runtime.migration import versions_of

PAGE = 30

blueprint = Blueprint("procedures", __name__, url_prefix="/procedures")
ROOM = Room(
    blueprint, url="/procedures", label=_l("Procedures"), icon="flow", permission=Permission.PROCEDURES_READ
)


@blueprint.get("")
@needs(Permission.PROCEDURES_READ)
def listed() -> ResponseReturnValue:
    """List every version of every procedure."""
    return render_template("procedures/list.html", rows=_rows())


@blueprint.get("/<name>/<int:version>")
@needs(Permission.PROCEDURES_READ)
def one(name: str, version: int) -> ResponseReturnValue:
    """Show one version: its picture with how many matters stand where, and what holds of it."""
    rows = _rows()
    row = queries.one_version(rows, name, version)
    return render_template(
        "procedures/one.html",
        row=row,
        others=[other for other in rows if other.name == name],
        # the picture escapes every label it writes, and holds neither script nor style
        picture=Markup(svg(row.facts.procedure, _language(), queries.counts(row))),  # noqa: S704
        proof=services().engine.library.proof(name, version),
    )


@blueprint.get("/<name>/<int:old>/<int:new>")
@needs(Permission.PROCEDURES_READ)
def difference(name: str, old: int, new: int) -> ResponseReturnValue:
    """Show in words what differs between two versions, and how many running matters each line touches."""
    first, second = _two(name, old, new)
    engine = services().engine
    days = days_compared(first.facts.procedure, second.facts.procedure)
    rules = engine.library.rule_book
    return render_template(
        "procedures/difference.html",
        old=first,
        new=second,
        found=compared(reading(), engine, name, old, new, _language()),
        days=[(day, rules.rule_set(day).instrument) for day in days],
        has_plan=queries.shipped_plan(name, old, new) is not None,
    )


@blueprint.get("/<name>/<int:old>/<int:new>/rehearsal")
@needs(Permission.SUPERVISION_READ)
def rehearsal(name: str, old: int, new: int) -> ResponseReturnValue:
    """Show, matter by matter, what a move would make of those that the reader may see."""
    first, second = _two(name, old, new)
    engine, plan = services().engine, queries.shipped_plan(name, old, new)
    rows, after = [], request.args.get("after", 0, type=int)
    if plan is not None:
        versions = versions_of(engine.library, plan)
        found = rehearsed(reading(), engine, plan, after, PAGE + 1, visible_to(current_actor()))
        rows = [queries.move_row(one, *versions, _language()) for one in found[:PAGE]]
        after = found[PAGE - 1].rehearsed.instance_id if len(found) > PAGE else 0
    more = url_for("procedures.rehearsal", name=name, old=old, new=new, after=after) if after else ""
    return render_template(
        "procedures/rehearsal.html",
        old=first,
        new=second,
        plan=plan,
        rows=rows,
        more_url=more if rows else "",
    )


def _rows() -> tuple[VersionRow, ...]:
    return queries.version_rows(reading(), services().engine)


def _two(name: str, old: int, new: int) -> tuple[VersionRow, VersionRow]:
    rows = _rows()
    return queries.one_version(rows, name, old), queries.one_version(rows, name, new)


def _language() -> str:
    return str(get_locale() or "zh")
