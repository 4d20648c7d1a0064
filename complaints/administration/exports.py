"""The outbox as a file."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _

from complaints.administration.queries import Line, line_keys, lines_of
from complaints.administration.troubles import in_words
from complaints.web.exports import Column, Kind, Listing
from complaints.web.languages import localised
from complaints.web.transaction import reading
from workflows.definition import Label


def outbox_listing(state: str | None, label_of: Callable[[Line], Label]) -> Listing[Line]:
    """Return the messages of a state, or all."""
    columns: list[Column[Line]] = [
        Column(_("Message"), lambda line: localised(label_of(line))),
        Column(_("Number"), lambda line: line.number),
        Column(_("Recipient"), lambda line: line.recipient or _("nobody outside")),
        Column(
            _("State"), lambda line: _("Kept here, not sent") if line.kept else states()[line.row["state"]]
        ),
        Column(_("Attempts"), lambda line: line.row["attempts"], Kind.NUMBER),
        Column(_("Since"), lambda line: line.row["sent_at_us"] or line.row["available_at_us"], Kind.MOMENT),
        Column(_("What went wrong"), lambda line: in_words(line.row["trouble"])),
    ]
    return Listing(
        f"outbox.{state or 'all'}",
        _("Outbox"),
        columns,
        line_keys(reading(), state),
        lambda ids: lines_of(reading(), ids),
    )


def states() -> dict[str, str]:
    """Return the words for the states of a message."""
    return {
        "pending": _("Waiting"),
        "ambiguous": _("Unclear"),
        "dead": _("Not deliverable"),
        "sent": _("Sent"),
    }
