"""The board as a file."""

from __future__ import annotations

from flask_babel import gettext as _

from complaints.intake.queries import BoardRow, board_keys, chosen_ids
from complaints.web.exports import Column, Kind, Listing
from complaints.web.matter_columns import clock_columns, matter_columns
from complaints.web.work import reading_work


def board_listing(tab: str) -> Listing[BoardRow]:
    """Return one list of the board with all its rows."""
    return Listing(
        f"intake.{tab}",
        _("Intake %(list)s", list=labels()[tab]),
        _columns(tab),
        board_keys(reading_work(), tab),
        lambda ids: chosen_ids(reading_work(), ids),
    )


def labels() -> dict[str, str]:
    """Return what the lists of the board are called."""
    return {
        "new": _("To dispatch"),
        "returned": _("Returned, to rule on"),
        "identity": _("Waiting for identity"),
        "dispatched": _("Dispatched, may be taken back"),
    }


def _columns(tab: str) -> list[Column[BoardRow]]:
    now_with: list[Column[BoardRow]] = [
        Column(_("Suggested unit"), lambda row: row.hint.unit if row.hint else None),
        Column(_("Reason for the suggestion"), lambda row: row.hint.why if row.hint else None),
    ]
    if tab == "dispatched":
        now_with = matter_columns(lambda row: row.matter, "unit", "owner")
    return [
        *clock_columns(lambda row: row.matter.clock),
        *matter_columns(lambda row: row.matter, "number"),
        Column(_("Source"), lambda row: row.channel),
        Column(_("Received at"), lambda row: row.received_at, Kind.MOMENT),
        *matter_columns(lambda row: row.matter, "title", "merchant", "state"),
        Column(_("Times returned"), lambda row: row.returns, Kind.NUMBER),
        Column(_("Complaints about this merchant in 30 days"), lambda row: row.lately, Kind.NUMBER),
        *now_with,
    ]
