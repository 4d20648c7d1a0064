"""The audit of the ledger as a part of the check of the log: what the two do not say alike is an incident."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from complaints.payouts.audit import audit
from workflows.runtime.misfits import Trouble

_UNREADABLE = (AttributeError, LookupError, TypeError, ValueError)
"""What reading an event raises that was never written so; the check of the log names the event itself."""


def troubles(connection: Connection) -> Iterator[Trouble]:
    """Yield every fault of the ledger; a payout without a case is none."""
    with Session(bind=connection) as session:
        try:
            faults = audit(session).faults
        except _UNREADABLE as error:
            yield Trouble(0, 0, f"the ledger cannot be audited ({type(error).__name__})")
            return
    for one in faults:
        yield Trouble(0, 0, f"the ledger, {one.number and f'payout {one.number}: '}{one.words}")
