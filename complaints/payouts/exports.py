"""The payout desk's lists and the ledger, as files."""

from __future__ import annotations

from flask_babel import gettext as _

from complaints.payouts.models import EntryKind
from complaints.payouts.queries import (
    Posted,
    QueueRow,
    posting_keys,
    postings,
    queue_keys,
    queue_portion,
)
from complaints.payouts.sheet import account_words
from complaints.web.exports import Column, Kind, Listing
from complaints.web.matter_columns import clock_columns, matter_columns
from complaints.web.work import reading_work


def queue_listing(tab: str, label: str) -> Listing[QueueRow]:
    """Return one list of the desk with all its rows."""
    columns: list[Column[QueueRow]] = [
        *matter_columns(lambda row: row.matter, "number", "received_on", "title", "merchant"),
        Column(_("Sum (yuan)"), lambda row: row.sum_fen, Kind.YUAN),
        *matter_columns(lambda row: row.matter, "state"),
        *clock_columns(lambda row: row.matter.clock),
        Column(_("Approval"), lambda row: _("two people approve") if row.two_people else None),
    ]
    return Listing(
        f"payouts.{tab}",
        _("Payouts %(list)s", list=label),
        columns,
        queue_keys(reading_work(), tab),
        lambda ids: queue_portion(reading_work(), ids),
    )


def ledger_listing() -> Listing[Posted]:
    """Return the postings of all payouts that the reader may see, and what was put into the fund."""
    accounts = {account.value: words for account, words in account_words().items()}
    columns: list[Column[Posted]] = [
        Column(_("Booked on"), lambda row: row.booked_on, Kind.DAY),
        Column(_("Payout"), lambda row: row.number),
        Column(_("Matter"), lambda row: row.title),
        Column(_("Posting"), lambda row: _kinds()[EntryKind(row.kind)]),
        Column(_("Debit"), lambda row: accounts[row.debit]),
        Column(_("Credit"), lambda row: accounts[row.credit]),
        Column(_("Amount (yuan)"), lambda row: row.amount_fen, Kind.YUAN),
        Column(_("Reference"), lambda row: row.reference),
        Column(_("Posted by"), lambda row: row.who),
    ]
    return Listing(
        "payouts.ledger",
        _("Payout ledger"),
        columns,
        posting_keys(reading_work()),
        lambda ids: postings(reading_work(), ids),
    )


def _kinds() -> dict[EntryKind, str]:
    return {
        EntryKind.FUNDED: _("Put in"),
        EntryKind.PAID: _("Paid"),
        EntryKind.RECOVERED: _("Recovered"),
        EntryKind.WRITTEN_OFF: _("Written off"),
    }
