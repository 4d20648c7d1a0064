"""A matter enters the system: two sides, facts, number, and the start of its procedure, in one transaction.

Counting starts from receipt, not from registration: a letter may have arrived before anybody typed it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from complaints.dossier import registered, search_index
from complaints.dossier.models import Channel, Consumer, Matter, MatterKind, Merchant
from complaints.dossier.numbering import next_number
from complaints.dossier.search_filling import name_hash, text_of_matter
from complaints.dossier.search_reach import reach_of_matter
from complaints.dossier.search_terms import initials
from complaints.dossier.similarity import write_signatures
from complaints.dossier.work import Work
from complaints.foundation.clock import SHANGHAI
from complaints.foundation.encryption import keyed_hash
from complaints.foundation.masking import mask_text
from workflows.canonical import canonical
from workflows.runtime import reading
from workflows.runtime.requests import Start
from workflows.runtime.tables import instance
from workflows.steps import Assignee


@dataclass(frozen=True, slots=True)
class ConsumerGiven:
    """The complainant's side as given. `phone` and `email` are normalised; numbers are full."""

    name: str
    phone: str
    gender: str = ""
    address: str = ""
    id_type: str = ""
    id_number: str = ""
    reply_channel: str = "phone"
    email: str = ""


@dataclass(frozen=True, slots=True)
class MerchantGiven:
    """The operator's side as given: one we know (`merchant_id`), or a name and what the caller could tell."""

    name: str
    merchant_id: int | None = None
    uscc: str = ""
    address: str = ""
    unit_path: str = ""


@dataclass(frozen=True, slots=True)
class MatterGiven:
    """What was said. `amount_fen` is integer fen; `happened_on` a day in Asia/Shanghai."""

    title: str
    facts: str
    happened_on: date | None = None
    amount_fen: int | None = None
    category_code: str = ""
    problem_code: str = ""
    demands: Sequence[str] = ()
    evidence: Sequence[str] = ()
    consent_publish: bool = False
    consent_entrust: bool = False
    notice_version: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrival:
    """How the matter came: through which channel, when, to which unit, and who was reached first.

    `holder` is the person who owns it now and the unit that holds it.
    """

    kind: MatterKind
    channel: Channel
    received_at: datetime
    region_code: str
    source_path: str
    first_responder_id: int
    holder: Assignee
    vars: Mapping[str, Any] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    parent: Matter | None = None
    key: str = ""


def register(
    work: Work,
    arrival: Arrival,
    given: MatterGiven,
    consumer: ConsumerGiven | None,
    merchant: MerchantGiven | None,
) -> Matter:
    """Register a matter and start its procedure; the same form sent twice gives the first time's matter."""
    content = _content(arrival, given, consumer, merchant)
    earlier = work.engine.already_started(work.connection, arrival.key, content, work.actor)
    if earlier is not None:
        return matter_of_instance(work, earlier.instance_id)
    if arrival.parent is not None:
        # before the day's series, as everybody does who holds a matter and then takes a number
        reading.instance_row(work.connection, instance_id_of(work, arrival.parent), lock=True)
    matter = _matter(work, arrival, given)
    if consumer is not None:
        matter.consumer = consumer_row(consumer)
    if merchant is not None:
        matter.merchant = merchant_row(work, merchant)
    work.session.add(matter)
    work.session.flush()
    if arrival.kind is MatterKind.COMPLAINT:
        write_signatures(work.session, [(matter.id, matter.facts)])
    people = (matter.registered_by, arrival.first_responder_id)
    reach = reach_of_matter(matter.kind, arrival.holder.unit_path, people)
    search_index.write(work.session, [text_of_matter(matter, reach)])
    start = Start(
        procedure=arrival.kind.value,
        subject_type="matter",
        subject_id=matter.id,
        owner=arrival.holder,
        first_responder_id=arrival.first_responder_id,
        received_on=matter.received_on,
        vars={**known_of(matter.consumer, matter.merchant), **arrival.vars},
        told=registered.told_of(registered.columns_of(matter)),
        private=registered.private_of(registered.columns_of(matter)),
        messages=arrival.messages,
        parent_id=instance_id_of(work, arrival.parent) if arrival.parent else None,
        key=arrival.key,
        content=content,
    )
    work.engine.start(work.connection, start, work.actor)
    return matter


def known_of(consumer: Consumer | None, merchant: Merchant | None) -> dict[str, bool]:
    """Return what guards ask of a registration: whether both sides are told as SAMR Order 121, art. 10, asks.

    Name, phone and address are the complainant's true identity (paragraph 1, item 1); of the respondent it
    asks name and address (item 2).
    """
    return {
        "identity_known": consumer is not None
        and bool(consumer.name and consumer.phone and consumer.address),
        "respondent_named": merchant is not None and bool(merchant.name and merchant.address),
    }


def same_consumer(known: Consumer, address: str = "") -> ConsumerGiven:
    """Return the same person as the side of another matter, with the address that was given meanwhile."""
    return ConsumerGiven(
        name=known.name,
        phone=known.phone,
        gender=known.gender,
        address=address or known.address,
        id_type=known.id_type,
        id_number=known.id_number,
        reply_channel=known.reply_channel,
        email=known.email,
    )


def same_merchant(known: Merchant) -> MerchantGiven:
    """Return the operator of a matter that came from another."""
    return MerchantGiven(known.name, merchant_id=known.id)


def consumer_row(given: ConsumerGiven) -> Consumer:
    """Return a new row for the complainant's side; numbers are encrypted, and hashed so that equal ones are
    found.
    """
    return Consumer(
        name=given.name,
        name_hash=name_hash(given.name),
        phone=given.phone,
        phone_hash=keyed_hash(given.phone),
        gender=given.gender,
        address=given.address,
        id_type=given.id_type,
        id_number=given.id_number,
        id_hash=keyed_hash(given.id_number) if given.id_number else "",
        reply_channel=given.reply_channel,
        email=given.email,
    )


def merchant_row(work: Work, given: MerchantGiven) -> Merchant:
    """Return the merchant that was picked, or a new row: equal names are not taken for one merchant by the
    machine.
    """
    if given.merchant_id is not None:
        known = work.session.get(Merchant, given.merchant_id)
        if known is not None:
            return known
    return Merchant(
        name=given.name,
        initials=initials(given.name),
        uscc=given.uscc,
        address=given.address,
        unit_path=given.unit_path,
    )


def matter_of_instance(work: Work, instance_id: int) -> Matter:
    """Return the matter of an instance."""
    return work.session.scalars(
        select(Matter).join(instance, instance.c.subject_id == Matter.id).where(instance.c.id == instance_id)
    ).one()


def instance_id_of(work: Work, matter: Matter) -> int:
    """Return the id of the matter's instance."""
    found = work.session.execute(
        select(instance.c.id).where(instance.c.subject_type == "matter", instance.c.subject_id == matter.id)
    ).scalar_one()
    return int(found)


def _matter(work: Work, arrival: Arrival, given: MatterGiven) -> Matter:
    now = work.now  # read once: over midnight the number names the day of the registration all the same
    return Matter(
        number=next_number(work.session, arrival.region_code, now.astimezone(SHANGHAI).date()),
        kind=arrival.kind.value,
        parent_id=arrival.parent.id if arrival.parent else None,
        region_code=arrival.region_code,
        channel=arrival.channel.value,
        received_at=arrival.received_at,
        received_on=arrival.received_at.astimezone(SHANGHAI).date(),
        registered_at=now,
        registered_by=work.actor.id,
        source_path=arrival.source_path,
        # lists and messages carry the title; the facts keep what was said
        title=mask_text(given.title),
        facts_in_full=given.facts,
        happened_on=given.happened_on,
        amount_fen=given.amount_fen,
        category_code=given.category_code,
        problem_code=given.problem_code,
        demands=list(given.demands),
        evidence=list(given.evidence),
        detail=dict(given.detail),
        consent_publish=given.consent_publish,
        consent_entrust=given.consent_entrust,
        notice_version=given.notice_version,
    )


def _content(*parts: Any) -> str:
    """Return a keyed digest of what was submitted: it tells a double click from a key used for something
    else.

    When it arrived is left out: the second click is a little later. Of what begins from another matter only
    that matter counts: the rest is taken over from it and may have been completed since, and what was typed
    is compared by the other matter's own step, under the same key.
    """
    arrival, *rest = parts
    if arrival.parent is not None:
        return keyed_hash(canonical([arrival.kind.value, arrival.parent.id]))
    said = [arrival.kind.value, arrival.channel.value, arrival.source_path]
    for one in rest:
        said.append({name: _plain(value) for name, value in asdict(one).items()} if one is not None else None)
    return keyed_hash(canonical(said))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value
