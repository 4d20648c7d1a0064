"""The report by row as a file: what the page shows, all of it, masked in the same way."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from complaints.dossier.record_models import LedgerImport
from complaints.ledgers import queries, shown
from complaints.ledgers.models import LedgerLine
from complaints.ledgers.sentences import say
from complaints.web import exports
from complaints.web.work import reading_work


def report_listing(source: LedgerImport, outcome: str) -> exports.Listing[LedgerLine]:
    """Return the report as a list to take away."""
    every = queries.lines(reading_work().session, source.id, outcome, 0, exports.MOST_ROWS + 1)
    by_row = {one.row: one for one in every}

    def read(rows: Sequence[int]) -> list[LedgerLine]:
        return [by_row[row] for row in rows]

    return exports.Listing(
        name="ledger report",
        title=_("Ledger report"),
        columns=[
            exports.Column(_("Row"), lambda one: one.row, exports.Kind.NUMBER),
            exports.Column(_("Number"), lambda one: one.number),
            exports.Column(_("Outcome"), lambda one: str(shown.OUTCOMES[one.outcome])),
            exports.Column(_("What there is to say"), lambda one: " ".join(map(say, one.why))),
        ],
        keys=list(by_row),
        read=read,
    )
