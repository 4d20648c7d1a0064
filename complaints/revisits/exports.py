"""Whom to call back, as a file."""

from __future__ import annotations

from flask_babel import gettext as _

from complaints.revisits.queries import CallRow, call_keys, calls_portion
from complaints.web.exports import Column, Kind, Listing
from complaints.web.matter_columns import clock_columns, matter_columns
from complaints.web.work import reading_work


def calls_listing() -> Listing[CallRow]:
    """Return all that wait for a call-back."""
    columns: list[Column[CallRow]] = [
        *clock_columns(lambda row: row.matter.clock),
        *matter_columns(
            lambda row: row.matter,
            "number",
            "received_on",
            "title",
            "consumer",
            "merchant",
            "owner",
            "unit",
        ),
        Column(_("Call attempts"), lambda row: row.attempts, Kind.NUMBER),
        Column(_("Last attempt on"), lambda row: row.last_attempt_on),
    ]
    return Listing(
        "revisits",
        _("To call back"),
        columns,
        call_keys(reading_work()),
        lambda ids: calls_portion(reading_work(), ids),
    )
