"""What an operator registered today, as a file."""

from __future__ import annotations

from flask_babel import gettext as _

from complaints.dossier.worklists import MatterRow, portion
from complaints.hotline.queries import own_today_keys
from complaints.web.exports import Listing
from complaints.web.matter_columns import clock_columns, matter_columns
from complaints.web.work import reading_work


def own_listing() -> Listing[MatterRow]:
    """Return all that this operator registered today, the newest first."""
    return Listing(
        "hotline.today",
        _("Registered by me today"),
        [
            *matter_columns(lambda row: row, "number", "received_on", "title", "state"),
            *clock_columns(lambda row: row.clock),
        ],
        own_today_keys(reading_work()),
        lambda ids: portion(reading_work(), ids),
    )
