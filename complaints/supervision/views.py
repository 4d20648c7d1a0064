"""The supervisor's pages: the three figures with their scope, the exceptions by name, and the matters behind
each figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from complaints.dossier.clock_views import localised
from complaints.dossier.models import Matter
from complaints.dossier.visibility import visible_records, visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import PAGE, count, worklist
from complaints.foundation.errors import NotFound
from complaints.organisation.models import Unit, UnitKind
from complaints.organisation.permissions import TABLE, Permission
from complaints.organisation.units import units
from complaints.revisits.queries import outcomes
from complaints.supervision.answered import answered
from complaints.supervision.exceptions import UnitLine, by_unit, exceptions
from complaints.supervision.exports import behind_listing, overview_listing
from complaints.supervision.figures import CLOCKS, Ending, Figure, Scope, behind, endings, figures
from complaints.supervision.forms import ScopeForm, scope_of
from complaints.supervision.labels import basis_line, ending_labels, numerators, titles
from complaints.supervision.moved_views import moved
from complaints.web import exports
from complaints.web.access import needs
from complaints.web.paging import page_asked, paging
from complaints.web.rooms import Room
from complaints.web.work import reading_work

blueprint = Blueprint("supervision", __name__)
ROOM = Room(
    blueprint,
    url="/supervision",
    label=_l("Supervision"),
    icon="chart",
    permission=Permission.SUPERVISION_READ,
)
MOST = 50
"""Lines of each list by name; a unit's own page has the rest."""


@blueprint.get("/supervision")
@needs(Permission.SUPERVISION_READ)
def overview() -> ResponseReturnValue:
    """Show the three figures of the scope, and what is over or about to be, by unit and by name."""
    work = reading_work()
    form, scope = _asked(work)
    if exports.asked():
        return exports.answer(overview_listing(request.args.get("list", ""), scope))
    lines = _unit_lines(work, scope)
    return render_template(
        "supervision/overview.html",
        form=form,
        scope=scope,
        presets=presets(work.today, scope),
        figures=[figure_view(work, scope, one) for one in figures(work.session, scope)],
        units=lines,
        late=exceptions(work, scope.unit_path, limit=MOST),
        late_total=sum(line.overdue for line, _url in lines),
        soon=exceptions(work, scope.unit_path, overdue=False, limit=MOST),
        soon_total=sum(line.soon for line, _url in lines),
        history=answered(work.session, scope, work.time_rules.calendar),
        called=outcomes(work, scope.first, scope.last, scope.unit_path),
        basis=basis_line(scope),
        export_url=lambda name: url_for("supervision.overview", **scope_args(scope), list=name),
    )


@blueprint.get("/supervision/figures/<key>")
@needs(Permission.SUPERVISION_READ)
def matters_behind(key: str) -> ResponseReturnValue:
    """List the matters behind one figure, all or those that stand in a chosen way."""
    if key not in CLOCKS:
        raise NotFound(_("There is no such figure."))
    work = reading_work()
    scope = _asked(work)[1]
    chosen = [Ending(one) for one in request.args.getlist("ending") if one in set(Ending)]
    if exports.asked():
        return exports.answer(behind_listing(scope, key, chosen))
    offset = page_asked() * PAGE
    condition = Matter.id.in_(behind(scope, key, *chosen))
    total = count(work, condition)
    rows = worklist(work, condition, limit=PAGE, offset=offset)
    how = endings(work.session, scope, key, [row.id for row in rows])
    figure = next(one for one in figures(work.session, scope) if one.key == key)
    return render_template(
        "supervision/behind.html",
        key=key,
        title=titles()[key],
        figure=figure,
        rows=[(row, how.get(row.number, Ending.NOT_DUE)) for row in rows],
        tabs=_tabs(scope, key, figure, chosen),
        ending_labels=ending_labels(),
        pages=paging(total, offset, PAGE, lambda page: _list_url(scope, key, chosen, page)),
        basis=basis_line(scope),
        export_url=_list_url(scope, key, chosen),
        back_url=url_for("supervision.overview", **scope_args(scope)),
    )


blueprint.add_url_rule("/supervision/moved", view_func=moved)


def _asked(work: Work) -> tuple[ScopeForm, Scope]:
    """Return the form of the address and the scope it asks for, within what this person may read."""
    form = ScopeForm(request.args)
    form.offer(_readable_units(work))
    scope = scope_of(form, work.today, visible_to(work.actor))
    return form, replace(scope, records=visible_records(work.actor))


def _readable_units(work: Work) -> list[Unit]:
    """Return the units whose figures this person may read, stations with the office that answers for them."""
    paths = work.actor.paths(*TABLE[Permission.SUPERVISION_READ].roles)
    valid = units(work.session, work.today, *(kind for kind in UnitKind if kind is not UnitKind.STATION))
    return [unit for unit in valid if unit.path.startswith(paths)]


def _unit_lines(work: Work, scope: Scope) -> list[tuple[UnitLine, str]]:
    """Return each unit with something over or nearly so, and the address of its own figures."""
    return [
        (line, url_for("supervision.overview", **{**scope_args(scope), "unit": line.unit_path}))
        for line in by_unit(work, scope.unit_path)
    ]


@dataclass(frozen=True, slots=True)
class Preset:
    """A period that people ask for by name."""

    label: str
    url: str
    current: bool


def presets(today: date, scope: Scope) -> list[Preset]:
    """Return this week, month, quarter and year as links that keep basis and cut-off."""
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    starts = (
        (_("This week"), today - timedelta(days=today.weekday())),
        (_("This month"), today.replace(day=1)),
        (_("This quarter"), quarter),
        (_("This year"), date(today.year, 1, 1)),
    )
    return [
        Preset(
            label,
            url_for(
                "supervision.overview",
                **{**scope_args(scope), "first": first.isoformat(), "last": today.isoformat()},
            ),
            (scope.first, scope.last) == (first, today),
        )
        for label, first in starts
    ]


def scope_args(scope: Scope) -> dict[str, Any]:
    """Return the scope as arguments of an address."""
    return {
        "first": scope.first.isoformat(),
        "last": scope.last.isoformat(),
        "basis": scope.basis.value,
        "as_of": scope.as_of.isoformat(),
        **({"unit": scope.unit_path} if scope.unit_path else {}),
    }


def figure_view(work: Work, scope: Scope, figure: Figure) -> dict[str, Any]:
    """Return a figure as the parts draw it: value, numerator, denominator, what keeps it from 100 %, and its
    law.
    """
    limit = work.time_rules.rules.limit(CLOCKS[figure.key], work.today)
    rest = [localised(limit.article), _("not yet due %(n)s", n=figure.not_due)]
    if figure.left_out:
        rest.append(_("withdrawn or merged before a decision %(n)s", n=figure.left_out))
    return {
        "label": titles()[figure.key],
        "value": figure.percent or None,
        "numerator_label": numerators()[figure.key],
        "numerator": f"{figure.numerator:,}",
        "denominator_label": _("due or done"),
        "denominator": f"{figure.denominator:,}",
        "gap": figure.gap,
        "list_url": _list_url(scope, figure.key, [Ending.LATE, Ending.MISSING] if figure.gap else []),
        "basis": rest,
        "trend": [],
    }


def _list_url(scope: Scope, key: str, chosen: Sequence[Ending], page: int = 0) -> str:
    more: dict[str, Any] = {"ending": [one.value for one in chosen]} if chosen else {}
    if page > 1:
        more["page"] = page
    return url_for("supervision.matters_behind", key=key, **scope_args(scope), **more)


def _tabs(scope: Scope, key: str, figure: Figure, chosen: Sequence[Ending]) -> list[dict[str, Any]]:
    groups: list[tuple[str, list[Ending], int]] = [
        (_("Gap"), [Ending.LATE, Ending.MISSING], figure.gap),
        (_("In time"), [Ending.IN_TIME], figure.in_time),
        (_("Not yet due"), [Ending.NOT_DUE], figure.not_due),
        (_("Left out"), [Ending.LEFT_OUT], figure.left_out),
        (_("All"), [], figure.denominator + figure.not_due + figure.left_out),
    ]
    return [
        {
            "label": label,
            "url": _list_url(scope, key, members),
            "current": list(chosen) == members,
            "count": number,
        }
        for label, members, number in groups
    ]
