"""The mediation desk's lists and the station's, as files."""

from __future__ import annotations

from flask_babel import gettext as _

from complaints.dossier.worklists import MatterRow, portion
from complaints.mediation.disputes import todays_keys
from complaints.mediation.queries import DeskRow, desk_keys, desk_portion
from complaints.web.exports import Column, Listing
from complaints.web.matter_columns import clock_columns, matter_columns
from complaints.web.work import reading_work


def desk_listing(tab: str, label: str) -> Listing[DeskRow]:
    """Return one tab of the desk with all its rows."""
    columns: list[Column[DeskRow]] = [
        Column(_("Urgency"), lambda row: band_labels()[row.band]),
        *clock_columns(lambda row: row.matter.clock),
        *matter_columns(lambda row: row.matter, "number", "received_on", "kind", "state"),
        *([Column(_("Tasks"), lambda row: "\n".join(row.tasks))] if tab in ("tasks", "helping") else []),
        *matter_columns(
            lambda row: row.matter,
            "title",
            "consumer",
            "merchant",
            "amount",
            "first_responder",
            "unit",
            "owner",
        ),
        Column(_("Next step"), lambda row: row.next_label),
    ]
    return Listing(
        f"mediation.{tab}",
        _("Mediation %(list)s", list=label),
        columns,
        desk_keys(reading_work(), tab),
        lambda ids: desk_portion(reading_work(), tab, ids),
    )


def band_labels() -> dict[str, str]:
    """Return the words for how urgent a row is."""
    return {
        "late": _("Overdue"),
        "today": _("Due today"),
        "later": _("Due later"),
        "still": _("No limit running"),
    }


def station_listing() -> Listing[MatterRow]:
    """Return what the station has in hand, and then what ended today."""
    names = ("number", "received_on", "title", "consumer", "merchant", "amount", "state")
    return Listing(
        "station.today",
        _("Station disputes"),
        [*matter_columns(lambda row: row, *names), *clock_columns(lambda row: row.clock)],
        todays_keys(reading_work()),
        lambda ids: portion(reading_work(), ids),
    )
