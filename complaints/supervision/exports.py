"""The supervisor's lists as files: the figures, what is missed or nearly so, the matters behind a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from complaints.dossier.models import Matter
from complaints.dossier.worklists import MatterRow, keys, portion
from complaints.supervision.exceptions import (
    ExceptionRow,
    UnitLine,
    by_unit,
    exception_keys,
    exceptions_portion,
)
from complaints.supervision.figures import Ending, Figure, Scope, behind, endings, figures
from complaints.supervision.labels import basis_line, ending_labels, titles
from complaints.supervision.moved import Loading, MovedRow, found, moved_rows
from complaints.web.exports import Column, Kind, Listing
from complaints.web.matter_columns import clock_columns, matter_columns
from complaints.web.work import reading_work


def overview_listing(name: str, scope: Scope) -> Listing[Any]:
    """Return a list of the first page: "units", "overdue", "soon", or else the figures."""
    if name == "units":
        return _units(scope)
    if name in ("overdue", "soon"):
        return _exceptions(scope, overdue=name == "overdue")
    return _figures(scope)


def behind_listing(scope: Scope, key: str, chosen: Sequence[Ending]) -> Listing[tuple[MatterRow, Ending]]:
    """Return all matters behind a figure, or those that stand in the chosen ways."""

    def read(ids: Sequence[int]) -> list[tuple[MatterRow, Ending]]:
        work = reading_work()
        how = endings(work.session, scope, key, ids)
        return [(row, how.get(row.number, Ending.NOT_DUE)) for row in portion(work, ids)]

    columns: list[Column[tuple[MatterRow, Ending]]] = [
        *matter_columns(lambda row: row[0], "number", "received_on", "title"),
        Column(_("How it stands"), lambda row: ending_labels()[row[1]]),
        *matter_columns(lambda row: row[0], "state"),
        *clock_columns(lambda row: row[0].clock),
        *matter_columns(lambda row: row[0], "unit", "first_responder", "owner"),
    ]
    return Listing(
        f"supervision.{key}",
        _("Figure %(name)s", name=titles()[key]),
        [*columns, _basis(scope)],
        keys(reading_work(), Matter.id.in_(behind(scope, key, *chosen))),
        read,
    )


def moved_listing(loading: Loading) -> Listing[MovedRow]:
    """Return the limits that a loaded notice moved, of the reader's own units."""
    columns: list[Column[MovedRow]] = [
        Column(_("Number"), lambda row: row.number),
        Column(_("Received on"), lambda row: row.received_on, Kind.DAY),
        Column(_("Matter"), lambda row: row.title),
        Column(_("Limit"), lambda row: row.clock),
        Column(_("Kind of limit"), lambda row: _("internal limit") if row.internal else ""),
        Column(_("What became of it"), lambda row: _("moved") if row.moves else _("only final now")),
        Column(_("Work to, before"), lambda row: row.before.alert_due, Kind.DAY),
        Column(_("Work to, now"), lambda row: row.after.alert_due, Kind.DAY),
        Column(_("Legal limit, before"), lambda row: row.before.legal_due, Kind.DAY),
        Column(_("Legal limit, now"), lambda row: row.after.legal_due, Kind.DAY),
        Column(_("Provisional"), lambda row: _("provisional") if row.after.provisional else ""),
        Column(_("Unit"), lambda row: row.unit),
        Column(_("Present handler"), lambda row: row.owner),
    ]
    limits = found(reading_work(), loading)
    return Listing(
        "supervision.moved",
        _("Limits moved by a holiday notice"),
        columns,
        range(len(limits)),
        lambda places: moved_rows(reading_work(), loading, [limits[one] for one in places]),
    )


def _basis(scope: Scope) -> Column[Any]:
    """Return the column of what was counted; no figure stands without it."""
    said = " | ".join(basis_line(scope))
    return Column(_("Basis"), lambda _row: said)


def _figures(scope: Scope) -> Listing[Figure]:
    columns: list[Column[Figure]] = [
        Column(_("Figure"), lambda row: titles()[row.key]),
        Column(_("Per cent"), lambda row: float(row.percent) if row.percent else None, Kind.NUMBER),
        Column(_("In time"), lambda row: row.in_time, Kind.NUMBER),
        Column(_("Due or done"), lambda row: row.denominator, Kind.NUMBER),
        Column(_("Done late"), lambda row: row.late, Kind.NUMBER),
        Column(_("Not done, limit passed"), lambda row: row.missing, Kind.NUMBER),
        Column(_("Not yet due"), lambda row: row.not_due, Kind.NUMBER),
        Column(_("Left out"), lambda row: row.left_out, Kind.NUMBER),
        _basis(scope),
    ]
    return _of_all("figures", _("Supervision figures"), columns, figures(reading_work().session, scope))


def _units(scope: Scope) -> Listing[UnitLine]:
    columns: list[Column[UnitLine]] = [
        Column(_("Unit"), lambda row: row.unit),
        Column(_("Overdue"), lambda row: row.overdue, Kind.NUMBER),
        Column(_("Within three working days"), lambda row: row.soon, Kind.NUMBER),
        Column(_("Oldest limit missed"), lambda row: row.oldest, Kind.DAY),
        Column(_("Provisional"), lambda row: _("provisional") if row.provisional else ""),
    ]
    title = _("Over the limit or nearly so, by unit")
    return _of_all("units", title, columns, by_unit(reading_work(), scope.unit_path))


def _exceptions(scope: Scope, *, overdue: bool) -> Listing[ExceptionRow]:
    columns: list[Column[ExceptionRow]] = [
        Column(_("Number"), lambda row: row.number),
        Column(_("Received on"), lambda row: row.received_on, Kind.DAY),
        Column(_("Matter"), lambda row: row.title),
        *clock_columns(lambda row: row.clock),
        Column(_("Unit"), lambda row: row.unit),
        Column(_("Times returned"), lambda row: row.returns, Kind.NUMBER),
        Column(_("First responder"), lambda row: row.first_responder),
        Column(_("Present handler"), lambda row: row.owner),
    ]
    return Listing(
        "supervision.overdue" if overdue else "supervision.soon",
        _("Overdue, by name") if overdue else _("About to fall due"),
        columns,
        exception_keys(reading_work(), scope.unit_path, overdue=overdue),
        lambda ids: exceptions_portion(reading_work(), ids),
    )


def _of_all(name: str, title: str, columns: Sequence[Column[Any]], rows: Sequence[Any]) -> Listing[Any]:
    """Return a short list whose rows are all there already."""
    return Listing(
        f"supervision.{name}", title, columns, range(len(rows)), lambda places: [rows[at] for at in places]
    )
