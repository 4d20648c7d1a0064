"""The ledger of leads and cases as a file."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from complaints.cases.queries import LeadRow, ledger_keys, ledger_portion
from complaints.dossier.codes import KINDS
from complaints.web.exports import Column, Kind, Listing
from complaints.web.languages import localised
from complaints.web.matter_columns import clock_columns, matter_columns
from complaints.web.work import reading_work


def ledger_listing(tab: str, label: str) -> Listing[LeadRow]:
    """Return one list of the ledger with all its rows."""
    columns: list[Column[LeadRow]] = [
        *matter_columns(lambda row: row.matter, "number", "received_on", "title", "merchant", "state"),
        Column(_("Comes from"), lambda row: localised(KINDS[row.origin.kind]) if row.origin else None),
        Column(_("Number of its origin"), lambda row: row.origin.number if row.origin else None),
        Column(_("Age in days"), lambda row: row.age, Kind.NUMBER),
        *matter_columns(lambda row: row.matter, "owner", "unit"),
        *_end(tab),
    ]
    return Listing(
        f"cases.{tab}",
        _("Leads %(list)s", list=label),
        columns,
        ledger_keys(reading_work(), tab),
        lambda ids: ledger_portion(reading_work(), tab, ids),
    )


def _end(tab: str) -> Sequence[Column[LeadRow]]:
    """Return the columns that only this list has: its limit while it runs, its end once it has one."""
    number: Column[LeadRow] = Column(_("Case number"), lambda row: row.number)
    ended_on: Column[LeadRow] = Column(_("Ended on"), lambda row: row.ended_on, Kind.DAY)
    if tab in ("open", "filed"):
        return [*([number] if tab == "filed" else []), *clock_columns(lambda row: row.matter.clock)]
    if tab == "concluded":
        return [
            number,
            Column(_("Decision"), lambda row: row.decision_number),
            Column(_("Value (yuan)"), lambda row: row.value, Kind.YUAN),
            Column(_("Fine (yuan)"), lambda row: row.fine, Kind.YUAN),
            Column(_("Forfeit (yuan)"), lambda row: row.forfeit, Kind.YUAN),
            ended_on,
        ]
    if tab == "not_filed":
        return [Column(_("Reason"), lambda row: row.reason or _("(not shown to you)")), ended_on]
    return [
        Column(_("Agency"), lambda row: row.agency),
        Column(_("Receipt number"), lambda row: row.number),
        ended_on,
    ]
