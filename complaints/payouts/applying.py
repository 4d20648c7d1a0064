"""Applying for a payout: it begins as the child of a complaint, whose own log says so.

Payout, purchase and the complaint's event stand or fall in one transaction. The engine judges who may apply
and from which states; what the tables hold, the purchase above all, is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _

from complaints.dossier import progress
from complaints.dossier.models import Channel, Consumer, Matter, MatterKind, Merchant
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.registration import (
    Arrival,
    MatterGiven,
    instance_id_of,
    register,
    same_consumer,
    same_merchant,
)
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict, Invalid
from complaints.foundation.masking import mask_text
from complaints.payouts import purchases, queries
from complaints.payouts.models import Payout
from workflows.canonical import digest
from workflows.guards import day_of
from workflows.runtime import reading
from workflows.runtime.requests import Outcome
from workflows.steps import Assignee

GOODS, RECEIPT = 120, 80
"""Most characters of what was bought and of the receipt's number."""


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

    The complaint's own log says so in the same transaction (`apply_payout`): the payout is its child, owned
    by the applicant, who is kept out of its approval. Cap and limit of two signatures are those in force
    today and stay with the payout (local practice). Raises what `progress.act` raises where the complaint
    is over, has not reached a handler or is another unit's, Conflict where it lacks a side or the purchase
    has a payout already, and Invalid for a day ahead or words that are too long.
    """
    matter = complaint.matter
    consumer, merchant = matter.consumer, matter.merchant
    if consumer is None or merchant is None:
        raise Conflict(queries.sides_missing())
    # the words for the goods stand in lists, ledger and log, for more people than read a number in full
    asked = replace(asked, goods=mask_text(asked.goods))
    _check(work, asked)
    # held and read anew: whoever closes the complaint meanwhile sees the payout, or is seen here
    held = reading.instance_row(work.connection, complaint.instance_id, lock=True) or complaint.row
    unit = str(held["unit_path"])
    arrival = Arrival(
        kind=MatterKind.PAYOUT,
        channel=Channel(matter.channel),
        received_at=work.now,
        region_code=matter.region_code,
        source_path=matter.source_path,
        first_responder_id=held["first_responder_id"],
        holder=Assignee(work.actor.id, unit),
        vars=_start_vars(work, asked),
        parent=matter,
        key=digest(f"payout:{submitted.key}", "sha256") if submitted.key else "",
    )
    given = MatterGiven(
        title=asked.goods,
        facts=asked.facts or matter.facts_in_full,
        happened_on=asked.bought_on,
        amount_fen=asked.price_fen,
        category_code=matter.category_code,
        detail={"receipt_number": asked.receipt_number},
    )
    # the identity number stays with the complaint: a payout does not need it
    applicant = replace(same_consumer(consumer), id_type="", id_number="")
    made = register(work, arrival, given, applicant, same_merchant(merchant))
    if work.session.get(Payout, made.id) is None:
        _take(work, made, consumer, merchant, asked, unit)
    said = {
        "goods": asked.goods,
        "price_fen": asked.price_fen,
        "bought_on": asked.bought_on.isoformat(),
        "receipt_number": asked.receipt_number,
        "facts": asked.facts,
    }
    progress.act(work, complaint, "apply_payout", said, submitted, child_id=instance_id_of(work, made))
    return made


def apply_as_typed(
    work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted
) -> Outcome | Matter:
    """Apply with what a form of the complaint's own procedure says. Raises what `apply` raises."""
    goods, price, day = payload.get("goods"), payload.get("price_fen"), day_of(payload.get("bought_on"))
    words = [payload.get(name) or "" for name in ("receipt_number", "facts")]
    if not isinstance(goods, str) or not goods or type(price) is not int or day is None:
        # the engine says which of them is missing or wrong
        return progress.act(work, here, "apply_payout", payload, submitted)
    return apply(work, here, Application(goods, price, day, *map(str, words)), submitted)


# -- inside -------------------------------------------------------------------------------------------------


def _check(work: Work, asked: Application) -> None:
    """Raise Invalid for what the tables cannot hold or what cannot have been."""
    if asked.bought_on > work.today:
        raise Invalid(_("The day of purchase lies after today. Mend the day."), "bought_on")
    if asked.price_fen < 1:
        raise Invalid(_("Give the sum in yuan, for example 8.00."), "price_fen")
    for name, words, most in (
        ("goods", asked.goods, GOODS),
        ("receipt_number", asked.receipt_number, RECEIPT),
    ):
        if len(words) > most:
            raise Invalid(_("At most %(most)s characters, please.", most=most), name)


def _take(
    work: Work, made: Matter, consumer: Consumer, merchant: Merchant, asked: Application, unit: str
) -> None:
    """Add the payout's row and take the purchase. Raises Conflict where another payout holds it."""
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


def _taken(work: Work, payout: Payout) -> Conflict:
    number = queries.number_if_seen(work, purchases.holder_of(work.session, payout))
    if number:
        return Conflict(
            _(
                "This purchase already has a payout (%(number)s), and one purchase is paid once. Compare the "
                "receipts; if it is another purchase, give its receipt number in full.",
                number=number,
            )
        )
    return Conflict(
        _(
            "This purchase already has a payout at another unit, and one purchase is paid once. Compare the "
            "receipts; if it is another purchase, give its receipt number in full."
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
