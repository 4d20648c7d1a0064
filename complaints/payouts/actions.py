"""What is done with payouts: the engine's step, the sums and the ledger, in one transaction.

The engine judges role, guards and payload first and locks the payout's instance. Then what may have changed
since the page was shown is judged from the tables, in this order: the instance, the payout's row, the
purchase, the fund. Whatever refuses takes the whole step back. A step that was done already (the second click
of one form) is only answered: it posts nothing again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier import progress
from complaints.dossier.models import Channel, Consumer, Matter, MatterKind
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.refusals import Denied
from complaints.dossier.registration import Arrival, ConsumerGiven, MatterGiven, MerchantGiven, register
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict, Invalid
from complaints.organisation.people import holders_of
from complaints.organisation.roles import Role
from complaints.payouts import guards, purchases
from complaints.payouts.ledger import Cause, balances, lock_fund, post
from complaints.payouts.models import EntryKind, Payout
from workflows.canonical import digest
from workflows.compiled import Refused
from workflows.definition import Reach
from workflows.guards import Why, day_of
from workflows.runtime import reading
from workflows.runtime.requests import Outcome
from workflows.steps import Assignee

Effect = Callable[[Work, Payout, Mapping[str, Any], Outcome], None]
Step = Callable[[Work, Standing, Mapping[str, Any], Submitted], Outcome]


@dataclass(frozen=True, slots=True)
class Application:
    """What is applied for. `price_fen` is what was paid for the goods: the price is advanced, no multiple."""

    goods: str
    price_fen: int
    bought_on: date
    receipt_number: str = ""
    facts: str = ""


def apply(work: Work, complaint: Standing, asked: Application, submitted: Submitted) -> Matter:
    """Start a payout from a complaint and return it; the same form sent twice gives the payout of the first.

    The applicant is kept out of its approval. Cap and limit of two signatures are those in force today and
    stay with the payout (local practice). Raises Conflict where the purchase has a payout already, where the
    complaint lacks a side, is over, or has not reached a handler, and Invalid for a day ahead.
    """
    matter = complaint.matter
    consumer, merchant = matter.consumer, matter.merchant
    # held and read anew: whoever closes the complaint meanwhile sees the payout, or is seen here
    held = reading.instance_row(work.connection, complaint.instance_id, lock=True)
    if matter.kind != MatterKind.COMPLAINT.value or held is None or held["ended"]:
        raise Conflict(_("An advance payment is applied for from a complaint that is not over yet."))
    if consumer is None or merchant is None:
        raise Conflict(
            _("Register the complainant and the merchant first: the payout is for one, the other repays it.")
        )
    if asked.bought_on > work.today:
        raise Invalid(_("The day of purchase lies after today. Mend the day."), "bought_on")
    unit = str(complaint.row["unit_path"])
    arrival = Arrival(
        kind=MatterKind.PAYOUT,
        channel=Channel(matter.channel),
        received_at=work.now,
        region_code=matter.region_code,
        source_path=matter.source_path,
        first_responder_id=complaint.row["first_responder_id"],
        holder=_holder(work, complaint),
        vars=_start_vars(work, asked),
        parent=matter,
        key=digest(f"payout:{submitted.key}", "sha256") if submitted.key else "",
    )
    given = MatterGiven(
        title=asked.goods,
        facts=asked.facts or matter.facts,
        happened_on=asked.bought_on,
        amount_fen=asked.price_fen,
        category_code=matter.category_code,
        detail={"receipt_number": asked.receipt_number},
    )
    seller = MerchantGiven(merchant.name, merchant_id=merchant.id)
    made = register(work, arrival, given, _consumer(consumer), seller)
    if work.session.get(Payout, made.id) is not None:
        return made
    bought: dict[str, Any] = {
        "phone_hash": consumer.phone_hash,
        "seller": merchant.name,
        "goods": asked.goods,
        "bought_on": asked.bought_on,
    }
    payout = Payout(
        matter_id=made.id,
        purchase_key=purchases.purchase_key(unit_path=unit, receipt_number=asked.receipt_number, **bought),
        person_key=purchases.person_key(**bought),
        goods=asked.goods,
        receipt_number=asked.receipt_number,
        bought_on=asked.bought_on,
        claimed_fen=asked.price_fen,
    )
    if not purchases.take(work.session, payout):
        raise _taken(work, payout)
    return made


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
        number = purchases.holder_of(work.session, payout)
        raise _denied(work, done, "settled", guards.purchase_taken(number))
    lock_fund(work.session)
    payout.paid_fen = payout.approved_fen
    reference, paid_on = str(payload["bank_reference"]), day_of(payload["paid_on"]) or work.today
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


def _taken(work: Work, payout: Payout) -> Conflict:
    return Conflict(
        _(
            "This purchase already has a payout (%(number)s), and one purchase is paid once. Compare the "
            "receipts; if it is another purchase, give its receipt number in full.",
            number=purchases.holder_of(work.session, payout),
        )
    )


def _start_vars(work: Work, asked: Application) -> dict[str, Any]:
    rules = work.time_rules.rules
    return {
        "claimed_fen": asked.price_fen,
        "payout_cap_fen": rules.setting("payout_cap_fen", work.today).value,
        "two_people_over_fen": rules.setting("two_people_over_fen", work.today).value,
        "applied_by": work.actor.id,
    }


def _holder(work: Work, complaint: Standing) -> Assignee:
    """Return who verifies: the applicant where a handler of the unit, else the complaint's own handler."""
    unit = str(complaint.row["unit_path"])
    if work.actor.grant(Role.HANDLER, unit, Reach.SELF) is not None:
        return Assignee(work.actor.id, unit)
    handlers = [person.id for person in holders_of(work.session, Role.HANDLER, unit, work.today)]
    if complaint.row["owner_id"] not in handlers:
        raise Conflict(
            _("The complaint has not reached a handler yet: have it dispatched to an office first.")
        )
    return Assignee(complaint.row["owner_id"], unit)


def _consumer(known: Consumer) -> ConsumerGiven:
    return ConsumerGiven(
        name=known.name,
        phone=known.phone,
        gender=known.gender,
        address=known.address,
        reply_channel=known.reply_channel,
    )
