"""The columns that lists of matters share, for their exports: what the lines of `worklists` show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from complaints.dossier.clock_views import ClockView
from complaints.dossier.worklists import MatterRow
from complaints.web.sheets import Column, Kind


def matter_columns(of: Callable[[Any], MatterRow], *names: str) -> list[Column[Any]]:
    """Return the named columns; `of` gives the matter of a row."""
    known = _known()
    return [Column(label, _value(of, get), kind) for label, get, kind in (known[name] for name in names)]


def clock_columns(of: Callable[[Any], ClockView | None]) -> list[Column[Any]]:
    """Return what a clock says in a list: what it limits, how much is left, until when, by which article."""

    def value(get: Callable[[ClockView], Any]) -> Callable[[Any], Any]:
        def read(row: Any) -> Any:
            clock = of(row)
            return None if clock is None else get(clock)

        return read

    return [
        Column(_("Time limit"), value(lambda clock: clock.name)),
        Column(_("Time left"), value(lambda clock: clock.remaining)),
        Column(_("Work to"), value(lambda clock: clock.alert_due), Kind.DAY),
        Column(_("Last lawful day"), value(lambda clock: clock.legal_due), Kind.DAY),
        Column(_("Provisional"), value(lambda clock: _("provisional") if clock.provisional else "")),
        Column(_("Legal basis"), value(lambda clock: clock.article or _("internal limit"))),
    ]


def _value(of: Callable[[Any], MatterRow], get: Callable[[MatterRow], Any]) -> Callable[[Any], Any]:
    return lambda row: get(of(row))


def _known() -> Mapping[str, tuple[str, Callable[[MatterRow], Any], Kind]]:
    return {
        "number": (_("Number"), lambda row: row.number, Kind.TEXT),
        "kind": (_("Kind"), lambda row: row.kind_label, Kind.TEXT),
        "title": (_("Matter"), lambda row: row.title, Kind.TEXT),
        "state": (_("State"), lambda row: row.state_label, Kind.TEXT),
        "consumer": (_("Consumer"), lambda row: row.consumer, Kind.TEXT),
        "merchant": (_("Merchant"), lambda row: row.merchant, Kind.TEXT),
        "amount": (_("Amount (yuan)"), lambda row: row.amount_fen, Kind.YUAN),
        "unit": (_("Unit"), lambda row: row.unit, Kind.TEXT),
        "owner": (_("Owner"), lambda row: row.owner, Kind.TEXT),
        "first_responder": (_("First responder"), lambda row: row.first_responder, Kind.TEXT),
        "received_on": (_("Received on"), lambda row: row.received_on, Kind.DAY),
    }
