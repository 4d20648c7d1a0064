"""The hits of a search as a file."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from complaints.search.asking import Asked
from complaints.search.highlighting import unmarked
from complaints.search.listing import Line, lines
from complaints.search.queries import Hit
from complaints.web.exports import Column, Kind, Listing
from complaints.web.work import reading_work


def hits_listing(asked: Asked, hits: Sequence[Hit]) -> Listing[Line]:
    """Return all hits that the page leafs through, without the marks on their words."""
    columns: list[Column[Line]] = [
        Column(_("Kind"), lambda line: line.kind_label),
        Column(_("Number"), lambda line: line.number),
        Column(_("Matter"), lambda line: unmarked(line.title)),
        Column(_("Consumer"), lambda line: line.person),
        Column(_("Merchant"), lambda line: unmarked(line.merchant)),
        Column(_("Received on"), lambda line: line.received_on, Kind.DAY),
        Column(_("State"), lambda line: line.state),
        Column(_("Unit"), lambda line: line.unit),
        Column(_("Place in the text"), lambda line: line.snippet.striptags()),
    ]
    return Listing(
        "search",
        _("Search"),
        columns,
        range(len(hits)),
        lambda places: lines(reading_work(), [hits[at] for at in places], asked),
    )
