"""The procedures: which versions there are and what runs on them, what differs, what a move would do.

Everybody who works here may read how matters are handled, and counts only matters that are theirs to see. The
rehearsal of a move names matters to those who read matters; an administrator sees it in numbers. The move
itself is made from the command line.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from complaints.dossier.procedure_versions import compared, rehearsed
from complaints.dossier.visibility import visible_to
from complaints.dossier.work import Work
from complaints.organisation.permissions import Permission
from complaints.procedures import queries
from complaints.procedures.queries import VersionRow
from complaints.procedures.rehearsals import rehearsal as rehearsal_in_numbers
from complaints.procedures.rule_views import rule_set, rule_sets
from complaints.reference.guard_labels import guard_labels
from complaints.web.access import is_allowed, needs
from complaints.web.rooms import Room
from complaints.web.work import reading_work
from workflows.export.picture import is_end, picture_of
from workflows.export.svg import inline_svg, svg
from workflows.runtime.migration import versions_of
from workflows.versioning.differences import days_compared

PAGE = 30
_DIGITS = 18
"""Of a place in the list: a longer number is no id of a database."""

blueprint = Blueprint("procedures", __name__, url_prefix="/procedures")
ROOM = Room(
    blueprint, url="/procedures", label=_l("Procedures"), icon="flow", permission=Permission.PROCEDURES_READ
)


@blueprint.get("")
@needs(Permission.PROCEDURES_READ)
def listed() -> ResponseReturnValue:
    """List every version of every procedure."""
    return render_template("procedures/list.html", rows=_rows(reading_work()), counted=_counted())


blueprint.add_url_rule("/rules", view_func=rule_sets)
blueprint.add_url_rule("/rules/<named>", view_func=rule_set)


@blueprint.get("/<name>", defaults={"version": None})
@blueprint.get("/<name>/<int:version>")
@needs(Permission.PROCEDURES_READ)
def one(name: str, version: int | None) -> ResponseReturnValue:
    """Show one version, by default the one in force: picture, versions, limits over time, what was proved."""
    work = reading_work()
    rows = _rows(work, name)
    row = queries.one_version(rows, name, version)
    library = work.engine.library
    return render_template(
        "procedures/one.html",
        row=row,
        others=rows,
        # the picture escapes every label it writes, and holds neither script nor style
        picture=Markup(inline_svg(row.procedure, _language(), row.states)),  # noqa: S704
        cards=picture_of(row.procedure, _language(), row.states),
        is_end=is_end,
        limits=queries.limits(row.procedure, library.rule_book),
        proof=library.proof(name, row.version),
        guard_labels=guard_labels(),
        counted=_counted(),
    )


@blueprint.get("/<name>/<int:version>.svg")
@needs(Permission.PROCEDURES_READ)
def picture(name: str, version: int) -> ResponseReturnValue:
    """Give the picture away as a file."""
    row = queries.one_version(_rows(reading_work(), name), name, version)
    answer = Response(svg(row.procedure, _language(), row.states), mimetype="image/svg+xml")
    answer.headers["Content-Disposition"] = f"attachment; filename={row.name}-{row.version}.svg"
    return answer


@blueprint.get("/<name>/<int:old>/<int:new>")
@needs(Permission.PROCEDURES_READ)
def difference(name: str, old: int, new: int) -> ResponseReturnValue:
    """Show in words what differs between two versions; supervisors and administrators see how many running
    matters each line touches, wherever they are. A version is not compared with itself: it is shown.
    """
    work = reading_work()
    first, second = _two(work, name, old, new)
    if old == new:
        return redirect(url_for("procedures.one", name=name, version=old), 303)
    library = work.engine.library
    days = days_compared(library, first.procedure, second.procedure)
    return render_template(
        "procedures/difference.html",
        old=first,
        new=second,
        found=compared(work.session, work.engine, name, old, new, _language(), codes=False),
        days=[(day, library.rule_book.rule_set(day).instrument) for day in days],
        sees_totals=is_allowed(Permission.PROCEDURES_REHEARSE),
        has_plan=queries.shipped_plan(name, old, new) is not None,
    )


@blueprint.get("/<name>/<int:old>/<int:new>/rehearsal")
@needs(Permission.PROCEDURES_REHEARSE)
def rehearsal(name: str, old: int, new: int) -> ResponseReturnValue:
    """Show what a move would do, in numbers, and matter by matter to whoever may see the matters."""
    work = reading_work()
    first, second = _two(work, name, old, new)
    plan = queries.shipped_plan(name, old, new)
    rows, after, numbers = [], _place_asked(), None
    if plan is not None:
        among = visible_to(work.actor) if _counted() else None
        numbers = rehearsal_in_numbers(work.session, work.engine, plan, among)
        if among is not None:
            versions = versions_of(work.engine.library, plan)
            found = rehearsed(work.session, work.engine, plan, after, PAGE + 1, among)
            rows = [queries.move_row(each, *versions, _language()) for each in found[:PAGE]]
            after = found[PAGE - 1].rehearsed.instance_id if len(found) > PAGE else 0
    more = url_for("procedures.rehearsal", name=name, old=old, new=new, after=after) if after else ""
    return render_template(
        "procedures/rehearsal.html",
        old=first,
        new=second,
        plan=plan,
        numbers=numbers,
        named=_counted(),
        rows=rows,
        more_url=more if rows else "",
    )


def _rows(work: Work, name: str = "") -> tuple[VersionRow, ...]:
    return queries.version_rows(work, counted=_counted(), name=name)


def _two(work: Work, name: str, old: int, new: int) -> tuple[VersionRow, VersionRow]:
    rows = _rows(work, name)
    return queries.one_version(rows, name, old), queries.one_version(rows, name, new)


def _counted() -> bool:
    """Tell whether the reader sees matters at all; to whom does not, a zero would be a lie."""
    return is_allowed(Permission.MATTER_READ)


def _place_asked() -> int:
    """Return behind which place the list goes on; anything that is no place is the beginning."""
    text = request.args.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def _language() -> str:
    return str(get_locale() or "zh")
