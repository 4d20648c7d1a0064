"""What is done with payouts: the engine's step, the sums and the ledger, in one transaction.

The engine judges role, guards and payload first and locks the payout's instance. Then what may have changed
since the page was shown is judged from the tables, in this order: the instance, the payout's row, the
purchase, the fund. Whatever refuses takes the whole step back. A step that was done already (the second click
of one form) is only answered: it posts nothing again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import select

from complaints.dossier import progress
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.refusals import Denied
from complaints.dossier.work import Work
from complaints.payouts import guards, purchases, queries
from complaints.payouts.ledger import Cause, balances, lock_fund, post
from complaints.payouts.models import EntryKind, Payout
from workflows.compiled import Refused
from workflows.guards import Why, day_of
from workflows.runtime.requests import Outcome

Effect = Callable[[Work, Payout, Mapping[str, Any], Outcome], None]
Step = Callable[[Work, Standing, Mapping[str, Any], Submitted], Outcome]


def do(work: Work, here: Standing, action: str, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Do one action of a payout with all that follows from it for sums, purchase and ledger.

    Raises what `progress.act` raises, and Denied also where another was faster: the purchase was paid, or
    the fund no longer covers the sum.
    """
    done = progress.act(work, here, action, payload, submitted)
    effect = EFFECTS.get(action)
    if effect is not None and not done.replayed:
        effect(work, _locked(work, here), payload, done)
        work.session.flush()
    return done


# -- what an action does besides the step -----------------------------------------------------------------


def _confirm(_work: Work, payout: Payout, payload: Mapping[str, Any], _done: Outcome) -> None:
    payout.verified_fen = payload["verified_fen"]


def _let_go(_work: Work, payout: Payout, _payload: Mapping[str, Any], _done: Outcome) -> None:
    """Free the purchase: what was refused or withdrawn may be applied for again."""
    payout.claim = None


def _approve(work: Work, payout: Payout, payload: Mapping[str, Any], done: Outcome) -> None:
    if not lock_fund(work.session):
        raise _denied(work, done, "approve", guards.FUND_NOT_OPENED)
    sum_fen, free = payload["approved_fen"], balances(work.session).free
    if sum_fen > free:
        raise _denied(work, done, "approve", guards.fund_too_small(sum_fen, free))
    payout.approved_fen = sum_fen


def _send_back(_work: Work, payout: Payout, _payload: Mapping[str, Any], _done: Outcome) -> None:
    payout.verified_fen = None


def _fail(_work: Work, payout: Payout, _payload: Mapping[str, Any], _done: Outcome) -> None:
    payout.approved_fen = None


def _settle(work: Work, payout: Payout, payload: Mapping[str, Any], done: Outcome) -> None:
    if payout.approved_fen is None:
        raise ValueError(f"payout {payout.matter_id} is to be paid without an approved sum")
    if not purchases.mark_paid(work.session, payout.purchase_key, payout.matter_id):
        number = queries.number_if_seen(work, purchases.holder_of(work.session, payout))
        raise _denied(work, done, "settled", guards.purchase_taken(number))
    lock_fund(work.session)
    payout.paid_fen = payout.approved_fen
    reference, paid_on = str(payload["voucher"]), day_of(payload["paid_on"]) or work.today
    _post(work, EntryKind.PAID, payout, payout.paid_fen, done, reference, paid_on)


def _link(_work: Work, payout: Payout, payload: Mapping[str, Any], _done: Outcome) -> None:
    payout.case_number = str(payload.get("case_number") or "")
    payout.not_filed_decision = str(payload.get("not_filed_decision") or "")


def _recover(work: Work, payout: Payout, payload: Mapping[str, Any], done: Outcome) -> None:
    """Post what came in since the last entry: the form gives the total so far."""
    more = payload["recovered_fen"] - payout.recovered_fen
    payout.recovered_fen = payload["recovered_fen"]
    _post(work, EntryKind.RECOVERED, payout, more, done, str(payload["reference"]), work.today)


def _write_off(work: Work, payout: Payout, _payload: Mapping[str, Any], done: Outcome) -> None:
    rest = payout.owed_fen
    if rest == 0:
        raise _denied(work, done, "write_off", guards.NOTHING_OWED)
    payout.written_off_fen += rest
    _post(work, EntryKind.WRITTEN_OFF, payout, rest, done, "", work.today)


EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "confirm": _confirm,
        "refuse": _let_go,
        "withdraw": _let_go,
        "approve": _approve,
        "send_back": _send_back,
        "failed": _fail,
        "settled": _settle,
        "link_case": _link,
        "recover": _recover,
        "write_off": _write_off,
    }
)
"""Actions of the procedure that change a sum, a purchase or the ledger."""


def _step(
    work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted, *, action: str
) -> Outcome:
    return do(work, here, action, payload, submitted)


STEPS: Mapping[str, Step] = MappingProxyType({name: partial(_step, action=name) for name in EFFECTS})
"""The same for whoever drives a matter by its procedure: no action that moves money goes past the ledger."""


# -- inside -----------------------------------------------------------------------------------------------


def _locked(work: Work, here: Standing) -> Payout:
    """Return the payout's row as it is now, held; the instance is locked already."""
    return work.session.scalars(
        select(Payout)
        .where(Payout.matter_id == here.matter.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _post(
    work: Work, kind: EntryKind, payout: Payout, fen: int, done: Outcome, reference: str, booked_on: date
) -> None:
    cause = Cause(work.actor.id, work.now, booked_on, payout.matter_id, done.seq, reference[:200])
    post(work.session, kind, fen, cause)


def _denied(work: Work, done: Outcome, action: str, why: Why) -> Denied:
    """Return the refusal of a step that the engine would have allowed."""
    return Denied(Refused(action, (why,)), done.instance_id, work.actor.id)
