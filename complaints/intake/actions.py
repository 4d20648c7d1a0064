"""What the intake desk does: register what came by letter or visit, dispatch, rule on a return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from complaints.dossier import progress
from complaints.dossier.models import Channel, Matter, MatterKind
from complaints.dossier.progress import Standing, Submitted, intake_duty
from complaints.dossier.refusals import Denied
from complaints.dossier.registration import Arrival, ConsumerGiven, MatterGiven, MerchantGiven, register
from complaints.dossier.work import Work
from complaints.foundation.clock import SHANGHAI
from complaints.foundation.errors import Conflict, Invalid
from complaints.intake.received import Received
from complaints.intake.remedies import reason_without
from complaints.organisation.models import Person
from complaints.organisation.receivers import units_with_receivers
from complaints.organisation.roles import Role
from complaints.organisation.units import intake_desk_for, region_code_of
from workflows.calendars.working_calendar import DateOutsideCalendarError
from workflows.compiled import Refused
from workflows.definition import Label
from workflows.definition_files import DefinitionError
from workflows.earlier_limits import PART
from workflows.guards import Why
from workflows.runtime.requests import Outcome
from workflows.runtime.tables import assignment
from workflows.steps import Assignee

UPHELD, OTHER_UNIT = "upheld", "other_unit"
"""The two rulings on a return: the dispatch stands, or another unit is named."""

UPHELD_GOES_BACK = Why(
    "upheld_goes_back",
    Label(
        "维持原分送的，只能送回退回它的单位。",
        "A dispatch that stands goes back to the unit that returned it.",
    ),
    Label("请改选单位，或者改分送。", "Choose that unit, or rule for another one."),
    fields=("unit",),
)
NOT_THE_SAME_UNIT = Why(
    "same_unit_again",
    Label("这个单位退回了该事项。", "This unit returned the matter."),
    Label("请另选单位，或者维持原分送。", "Choose another one, or let the dispatch stand."),
    fields=("unit",),
)
REASON_IS_MISSING = Why(
    "reason_missing",
    Label("只有其他解决途径，没有写明理由。", "The other ways stand there, but not the reason."),
    Label("请在上面写明不予受理的理由。", "Write above them why the complaint is not accepted."),
    fields=("reason",),
)


def register_received(
    work: Work,
    received: Received,
    given: MatterGiven,
    consumer: ConsumerGiven,
    merchant: MerchantGiven,
    key: str,
) -> Matter:
    """Register a complaint that came by letter, visit or from another office; counting starts from receipt.

    A visitor was reached by the officer who registers, who stays first responder. What no person took is the
    duty officer's. Raises Invalid for a time of receipt that cannot be, Conflict without a desk or duty
    officer.
    """
    _check_received(work, received.received_at)
    holder = _holder(work, received.channel)
    arrival = Arrival(
        kind=MatterKind.COMPLAINT,
        channel=received.channel,
        received_at=received.received_at,
        region_code=region_code_of(work.session, holder.unit_path),
        source_path=holder.unit_path,
        first_responder_id=holder.person_id,
        holder=holder,
        messages=("receipt.registered",),
        key=key,
    )
    return register(work, arrival, given, consumer, merchant)


def dispatch(work: Work, here: Standing, unit_path: str, note: str, submitted: Submitted) -> Outcome:
    """Send a matter to a unit, whose named receiver owns it at once (SAMR Order 121, art. 41).

    Raises Invalid for a unit that cannot take it, and what `progress.act` raises.
    """
    receiver = need_receiver(work, unit_path)
    payload = {"unit": unit_path, "receiver": receiver.id, "note": note}
    return progress.act(work, here, "dispatch", payload, submitted)


def rule_on_return(
    work: Work, here: Standing, ruling: str, unit_path: str, reason: str, submitted: Submitted
) -> Outcome:
    """Rule on a return: the dispatch stands, or another unit is named (SAMR Order 121, arts 33 and 41).

    Raises Denied where ruling and unit contradict each other, Invalid for a unit that cannot take it, and
    what `progress.act` raises.
    """
    payload = {"ruling": ruling, "unit": unit_path, "reason": reason}
    return rule_as_typed(work, here, payload, submitted)


def rule_as_typed(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Rule on a return as the act's form says it: a dispatch that stands needs no unit to be chosen.

    Raises what `rule_on_return` raises. Which unit it goes back to is told while the matter waits for the
    ruling; the same form sent twice is answered by its key.
    """
    ruling, unit_path = str(payload.get("ruling", "")), str(payload.get("unit", ""))
    rules = here.state == "returned" and bool(work.actor.paths(Role.INTAKE))
    if rules and ruling == UPHELD and not unit_path:
        unit_path = unit_before(work, here)
    if not rules or not unit_path:
        return progress.act(work, here, "rule_on_return", payload, submitted)
    check_ruling(work, here, ruling, unit_path)
    receiver = need_receiver(work, unit_path)
    recorded = {**payload, "unit": unit_path, "receiver": receiver.id}
    return progress.act(work, here, "rule_on_return", payload, submitted, recorded=recorded)


def check_ruling(work: Work, here: Standing, ruling: str, unit_path: str) -> None:
    """Raise Denied where the ruling and the unit contradict each other.

    Only while the matter waits for a ruling: the same form sent twice is answered by its key.
    """
    if here.state != "returned":
        return
    returned_by = unit_before(work, here)
    if ruling == UPHELD and returned_by and unit_path != returned_by:
        raise _denied(work, here, "rule_on_return", _cited(work, here, UPHELD_GOES_BACK, "ruling"))
    if ruling == OTHER_UNIT and unit_path == returned_by:
        raise _denied(work, here, "rule_on_return", _cited(work, here, NOT_THE_SAME_UNIT, "ruling"))


def refuse(work: Work, here: Standing, payload: Mapping[str, Any], submitted: Submitted) -> Outcome:
    """Refuse a complaint with item and reason (SAMR Order 121, arts 15 and 16).

    The sentence that names the other ways is filled in beforehand; alone it is no reason. Raises what
    `progress.act` raises, with everything that is wrong at once.
    """
    reason = str(payload.get("reason", ""))
    if not reason or reason_without(work, reason):
        return progress.act(work, here, "refuse", payload, submitted)
    try:
        return progress.act(work, here, "refuse", {**payload, "reason": ""}, submitted)
    except Denied as denied:
        missing = _cited(work, here, REASON_IS_MISSING, "acceptance")
        told = (missing if why.fields == ("reason",) else why for why in denied.reasons)
        raise _denied(work, here, "refuse", *told) from denied


def need_receiver(work: Work, unit_path: str) -> Person:
    """Return the named receiver of a unit this officer may dispatch to. Raises Invalid with a sentence."""
    paths = work.actor.paths(Role.INTAKE)
    for unit, receiver in units_with_receivers(work.session, paths, work.today):
        if unit.path == unit_path and receiver is not None:
            return receiver
        if unit.path == unit_path:
            raise Invalid(
                _(
                    "%(unit)s has no named receiver today: nobody would own the matter. "
                    "Ask the administrator to name one, or choose another unit.",
                    unit=unit.name,
                ),
                "unit",
            )
    raise Invalid(_("Choose a unit from the list."), "unit")


def unit_before(work: Work, here: Standing) -> str:
    """Return the path of the unit that held the matter before the present one; empty where there was none."""
    earlier = work.session.execute(
        select(assignment.c.unit_path)
        .where(assignment.c.instance_id == here.instance_id, assignment.c.to_seq.is_not(None))
        .order_by(assignment.c.from_seq.desc())
        .limit(1)
    ).scalar()
    return str(earlier or "")


def _cited(work: Work, here: Standing, why: Why, subject: str) -> Why:
    """Return the reason with the article on the subject in the rules that govern this matter."""
    return replace(why, article=progress.governing(work, here).article(subject))


def _denied(work: Work, here: Standing, action: str, *reasons: Why) -> Denied:
    return Denied(Refused(action, reasons), here.instance_id, work.actor.id)


def _holder(work: Work, channel: Channel) -> Assignee:
    """Return who was reached first, for the desk that serves the officer's unit."""
    if channel is not Channel.VISIT:
        return intake_duty(work, work.actor.unit_path)
    desk = intake_desk_for(work.session, work.actor.unit_path, work.today)
    if desk is None:
        raise Conflict(
            _("No intake desk serves your unit today. Ask the system administrator for one, then send again.")
        )
    return Assignee(work.actor.id, desk.path)


def _check_received(work: Work, received_at: datetime) -> None:
    """Refuse what lies ahead, and days whose rules or whose working days are not in here."""
    if received_at > work.now:
        raise Invalid(_("It cannot have arrived after now."), "received_on")
    day = received_at.astimezone(SHANGHAI).date()
    calendar, rules = work.time_rules.calendar, work.time_rules.rules
    try:
        work.engine.library.version_for(MatterKind.COMPLAINT.value, day)
        rules.rule_set(day, PART)
        calendar.require(day)
    except DefinitionError:
        first = min(one.valid_from for one in rules.all if one.part == PART)
        raise Invalid(
            _(
                "The oldest rules in here are those of %(day)s: what arrived before cannot be handled by "
                "its own rules. Check the day; an older paper goes into the ledger of earlier years.",
                day=first.isoformat(),
            ),
            "received_on",
        ) from None
    except DateOutsideCalendarError:
        raise Invalid(
            _(
                "The working days are known from %(day)s on: no limit can be counted before. "
                "Check the day; an older paper goes into the ledger of earlier years.",
                day=calendar.first_day.isoformat(),
            ),
            "received_on",
        ) from None
