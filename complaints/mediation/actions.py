"""What handlers and stations do: the engine's step and what the room keeps beside it, in one transaction.

A station settles privately between two sides and has no public power: it refuses nothing and mediates
nothing for the office (《市场监督管理投诉举报处理办法》第六条). What it cannot settle it passes up with the
whole file; the office's receipt on that day starts its seven working days (第十五条).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from complaints.dossier import progress
from complaints.dossier.models import Channel, Matter, MatterKind
from complaints.dossier.progress import Standing, Submitted
from complaints.dossier.registration import (
    Arrival,
    ConsumerGiven,
    MatterGiven,
    MerchantGiven,
    instance_id_of,
    register,
    same_consumer,
    same_merchant,
)
from complaints.dossier.visibility import JOIN
from complaints.dossier.work import Work
from complaints.foundation.masking import mask_text
from complaints.foundation.money import format_yuan
from complaints.mediation.disputes import of_stations, offers_of, own_dispute
from complaints.mediation.given import DisputeGiven, SessionHeld
from complaints.mediation.models import MediationSession
from complaints.organisation.models import Unit
from complaints.organisation.units import above
from workflows.runtime.requests import Outcome
from workflows.runtime.tables import instance
from workflows.steps import Assignee

PASSED_UP = "passed_up"
PLACE = 200
"""Characters of a place in the list of sessions."""


def hold_session(work: Work, number: str, held: SessionHeld, submitted: Submitted) -> Outcome:
    """Record a session and what both sides offered in it (《市场监督管理投诉举报处理办法》第二十条).

    The place is plain in the log and in lists: numbers of people in it are masked before it is kept.
    Raises what `progress.act` raises.
    """
    here = progress.standing(work, number)
    place = mask_text(held.place)
    payload = {
        "held_on": held.held_on.isoformat(),
        "place": place,
        "outcome": held.outcome,
        "notes": held.notes,
    }
    done = progress.act(work, here, "hold_session", payload, submitted)
    if not done.replayed:
        work.session.add(
            MediationSession(
                matter_id=here.matter.id,
                seq=done.seq,
                held_on=held.held_on,
                # the log keeps it whole; the list has room for so much, and masking may lengthen a place
                place=place[:PLACE],
                outcome=held.outcome,
                consumer_offer_fen=held.consumer_offer_fen,
                merchant_offer_fen=held.merchant_offer_fen,
            )
        )
        work.session.flush()
    return done


def plan_session(
    work: Work, number: str, action: str, payload: Mapping[str, Any], submitted: Submitted
) -> Outcome:
    """Arrange a session ahead, or move or call off the arranged one.

    On site both sides are told beforehand (《市场监督管理投诉举报处理办法》第二十条). The place goes into
    the log, the notice and lists: numbers of people in it are masked before it is kept.
    Raises what `progress.act` raises.
    """
    said = dict(payload)
    if said.get("session_place"):
        said["session_place"] = mask_text(str(said["session_place"]))
    return progress.act(work, progress.standing(work, number), action, said, submitted)


def agree(work: Work, number: str, form: str, amount_fen: int, terms: str, submitted: Submitted) -> Outcome:
    """Record the agreement and its form (《市场监督管理投诉举报处理办法》第二十四条).

    Raises what `progress.act` raises.
    """
    payload = {"form": form, "amount": amount_fen, "terms": terms}
    return progress.act(work, progress.standing(work, number), "agree", payload, submitted)


def answer_handover(work: Work, number: str, accepts: bool, submitted: Submitted) -> Outcome:
    """Take a matter that was offered, or decline it: until then its giver stays the owner."""
    action = "accept_handover" if accepts else "decline_handover"
    return progress.act(work, progress.standing(work, number), action, {}, submitted)


# -- the station ------------------------------------------------------------------------------------------


def register_dispute(work: Work, station: Unit, given: DisputeGiven, key: str) -> Matter:
    """Take a dispute: whoever takes it is its first responder and owns it to the reply (首接责任制).

    The same form sent twice gives the dispute of the first time.
    """
    arrival = Arrival(
        kind=MatterKind.STATION_DISPUTE,
        channel=Channel.STATION,
        received_at=work.now,
        region_code=_region_of(work, station.path),
        source_path=station.path,
        first_responder_id=work.actor.id,
        holder=Assignee(work.actor.id, station.path),
        key=key,
    )
    matter = MatterGiven(
        title=given.title,
        facts=given.facts,
        happened_on=given.happened_on,
        amount_fen=given.amount_fen,
        demands=tuple(given.demands),
        notice_version=given.notice_version,
    )
    office = above(station.path)[1:2]
    shop = MerchantGiven(
        name=given.shop,
        address=" ".join(part for part in (station.venue or station.name, given.place) if part),
        unit_path=office[0] if office else "",
    )
    consumer = ConsumerGiven(name=given.consumer, phone=given.phone)
    return register(work, arrival, matter, consumer, shop)


def record_offers(
    work: Work, number: str, consumer_fen: int, merchant_fen: int, submitted: Submitted
) -> Outcome:
    """Record what the consumer asks for and what the shop would pay. Raises what `progress.act` raises."""
    payload = {"consumer_offer": consumer_fen, "merchant_offer": merchant_fen}
    return progress.act(work, own_dispute(work, number), "record_offer", payload, submitted)


def settle(work: Work, number: str, settlement: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Record a private settlement: amount (fen), kind, terms, told. Raises what `progress.act` raises."""
    return progress.act(work, own_dispute(work, number), "settle", settlement, submitted)


def withdraw(work: Work, number: str, note: str, submitted: Submitted) -> Outcome:
    """End a dispute that the consumer takes back. Raises what `progress.act` raises."""
    return progress.act(work, own_dispute(work, number), "withdraw", {"note": note}, submitted)


def pass_up(work: Work, number: str, reason: str, address: str, submitted: Submitted) -> Outcome:
    """Pass a dispute up with the whole file: it becomes a complaint, in one transaction.

    The complaint is received now, lies with the duty officer of the intake desk, and keeps the station's
    mediator as first responder. The dispute is locked first, so two clicks give one complaint. `address` is
    the consumer's, where the station asked for it. Raises what `progress.act` raises, and Conflict where
    the intake desk has no duty officer.
    """
    _lock(work, number)
    here = own_dispute(work, number)
    if here.state == PASSED_UP:
        # answers the second click of one form; any other form is told that the dispute has moved on
        return progress.act(work, here, "pass_up", {"reason": reason}, submitted)
    complaint = _complaint_from(work, here, reason, address)
    child_id = instance_id_of(work, complaint)
    return progress.act(work, here, "pass_up", {"reason": reason}, submitted, child_id)


def _lock(work: Work, number: str) -> None:
    """Hold the dispute for this transaction (SQLite: the writer holds the one lock already)."""
    work.session.execute(
        select(instance.c.id)
        .join(Matter, JOIN)
        .where(Matter.number == number, of_stations(work.actor))
        .with_for_update(of=instance)
    )


def _complaint_from(work: Work, here: Standing, reason: str, address: str) -> Matter:
    dispute = here.matter
    arrival = Arrival(
        kind=MatterKind.COMPLAINT,
        channel=Channel.STATION,
        received_at=work.now,
        region_code=dispute.region_code,
        source_path=dispute.source_path,
        first_responder_id=here.row["first_responder_id"],
        holder=progress.intake_duty(work, here.row["unit_path"]),
        parent=dispute,
    )
    offers = offers_of(here)
    given = MatterGiven(
        title=dispute.title,
        facts=f"{dispute.facts_in_full}\n\n{_station_record(offers, reason)}",
        happened_on=dispute.happened_on,
        amount_fen=dispute.amount_fen,
        category_code=dispute.category_code,
        problem_code=dispute.problem_code,
        demands=tuple(dispute.demands),
        evidence=tuple(dispute.evidence),
        consent_publish=dispute.consent_publish,
        consent_entrust=dispute.consent_entrust,
        notice_version=dispute.notice_version,
        detail={**dispute.detail, "station_dispute": dispute.number, **offers},
    )
    consumer = same_consumer(dispute.consumer, address) if dispute.consumer else None
    seller = same_merchant(dispute.merchant) if dispute.merchant else None
    return register(work, arrival, given, consumer, seller)


def _station_record(offers: Mapping[str, int], reason: str) -> str:
    """Write for the office what the station tried; the record is kept in Chinese like every file."""
    said = "服务站调处情况："
    if offers:
        asked, offered = offers.get("consumer_offer", 0), offers.get("merchant_offer", 0)
        said += f"消费者要求{format_yuan(asked)}元，经营者愿付{format_yuan(offered)}元。"
    return f"{said}{reason}"


def _region_of(work: Work, path: str) -> str:
    """Return the region of the nearest unit that answers for one, as the six digits of its county."""
    codes = dict(
        work.session.execute(select(Unit.path, Unit.region_code).where(Unit.path.in_(above(path)))).all()
    )
    found = next((codes[one] for one in above(path) if codes.get(one)), "")
    # where no unit names its region, the code of the city bureau is its region code
    return (found or path.strip("/").split("/")[0])[:6]
