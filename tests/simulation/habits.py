"""What the people of the bureau do next with a matter: lawful habits with some chance in them.

A habit names who acts, which action, and what is typed over the plain form of `tests.machines.typed`. Whether
it may be done decides the application; what is refused is tried another day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.bureau import COUNTY, OFFICE, OTHER_OFFICE
from tests.machines.typed import FORMS


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a matter stands, as its people know it."""

    number: str
    kind: str
    state: str
    owner: str
    unit: str
    known: Mapping[str, Any]
    offered_to: str | None
    today: date


@dataclass(frozen=True, slots=True)
class Doing:
    """One thing somebody wants to do. `after` is in how many days the matter is looked at again."""

    who: str
    action: str
    typed: Mapping[str, Any] = field(default_factory=dict)
    form: int = 0
    after: int = 1


Habit = Callable[[Stand, Random], Doing | None]
COLLEAGUES = {"handler": "colleague", "colleague": "handler", "deputy": "handler"}
"""To whom somebody hands a matter on; where nobody is named there is nobody."""


def next_doing(stand: Stand, dice: Random) -> Doing | None:
    """Return what is done next with the matter, or None where nothing is."""
    if stand.offered_to is not None:
        return Doing(stand.offered_to, "accept_handover")
    colleague = COLLEAGUES.get(stand.owner)
    if stand.state in _HANDED_ON and colleague and dice.random() < 0.02:
        return Doing(stand.owner, "offer_handover", {"unit": stand.unit, "receiver": colleague}, after=0)
    habit = _HABITS.get(stand.kind, {}).get(stand.state)
    return habit(stand, dice) if habit else None


_HANDED_ON = {"accepted", "mediating", "mediated", "terminated", "verifying", "applied", "recovering"}


def filled(stand: Stand, doing: Doing, fresh: int) -> dict[str, Any]:
    """Return the form with days, sums and a fresh number put in."""
    form = {**FORMS[stand.kind][doing.action][doing.form], **doing.typed}
    words: dict[str, Any] = {
        "{today}": stand.today.isoformat(),
        "{yesterday}": (stand.today - timedelta(days=1)).isoformat(),
        "{soon}": (stand.today + timedelta(days=3)).isoformat(),
        "{claimed}": stand.known.get("claimed_fen", 1),
    }
    said = {}
    for name, value in form.items():
        meant = words.get(value, value) if isinstance(value, str) else value
        said[name] = meant.replace("{fresh}", str(fresh)) if isinstance(meant, str) else meant
    return said


# -- complaints


def _registered(stand: Stand, dice: Random) -> Doing:
    thrown = dice.random()
    if thrown < 0.04:
        return Doing("intake", "refuse")
    if thrown < 0.08:
        return Doing("intake", "ask_identity", after=2)
    if thrown < 0.11:
        return Doing("operator", "withdraw")
    return Doing("intake", "dispatch", form=int(dice.random() < 0.25))


def _identity_asked(stand: Stand, dice: Random) -> Doing:
    if not stand.known.get("identity_proved"):
        return Doing("intake", "record_identity", after=0)
    return Doing("intake", "dispatch")


def _dispatched(stand: Stand, dice: Random) -> Doing:
    thrown = dice.random()
    if thrown < 0.06 and stand.known.get("ruling") != "upheld":
        return Doing(stand.owner, "return_to_intake")
    if thrown < 0.10:
        return Doing(stand.owner, "refuse")
    if thrown < 0.12:
        return Doing("intake", "take_back")
    return Doing(stand.owner, "accept", after=dice.choice([0, 1, 2]))


def _returned(stand: Stand, dice: Random) -> Doing:
    return Doing("intake", "rule_on_return", form=dice.randrange(4))


def _ended_early(stand: Stand, dice: Random) -> Doing:
    if stand.state == "refused" and not stand.known.get("decision_told"):
        who = "intake" if stand.owner == "operator" else stand.owner
        return Doing(who, "tell_decision", after=dice.choice([0, 1]))
    return Doing(stand.owner, "close", after=dice.choice([2, 5]))


def _accepted(stand: Stand, dice: Random) -> Doing:
    known = stand.known
    if not known.get("decision_told"):
        return Doing(stand.owner, "tell_decision", after=dice.choice([0, 1, 4]))
    if known.get("consent_respondent") is None:
        return Doing(stand.owner, "record_consent", form=2 if dice.random() < 0.1 else 0)
    if known["consent_respondent"] is False:
        return Doing(stand.owner, "terminate", {"item": "2"})
    thrown = dice.random()
    if thrown < 0.06:
        return Doing(stand.owner, "open_lead")
    if thrown < 0.16:
        return Doing(stand.owner, "apply_payout", form=dice.choice([0, 0, 1, 2]))
    return Doing(stand.owner, "begin_mediation", after=dice.choice([1, 3]))


def _mediating(stand: Stand, dice: Random) -> Doing:
    known = stand.known
    if known.get("session_on"):
        if known["session_on"] <= stand.today.isoformat():
            return Doing(stand.owner, "hold_session", after=dice.choice([0, 3]))
        return Doing(stand.owner, "change_session", form=1) if dice.random() < 0.1 else Doing("", "", after=1)
    thrown = dice.random()
    for upto, action, after in (
        (0.08, "start_appraisal", 20),
        (0.12, "challenge", 1),
        (0.40, "arrange_session", 3),
        (0.75, "agree", 1),
        (0.85, "terminate", 1),
        (0.88, "open_lead", 2),
    ):
        if thrown < upto:
            return Doing(stand.owner, action, after=after)
    return Doing("", "", after=dice.choice([5, 12, 30]))


def _suspended(stand: Stand, dice: Random) -> Doing:
    return Doing("head" if stand.unit == OFFICE else "county_head", "decide_challenge")


def _result(stand: Stand, dice: Random) -> Doing:
    if not stand.known.get("decision_told"):
        return Doing(stand.owner, "tell_decision", after=0)
    if not stand.known.get("result_told"):
        return Doing(stand.owner, "tell_result", after=dice.choice([1, 1, 9]))
    return Doing(stand.owner, "close", after=dice.choice([1, 7, 14]))


def _closed(stand: Stand, dice: Random) -> Doing:
    who = dice.choice(["operator", "supervisor", "supervisor"])
    if stand.known.get("attempts", 0) >= 3:
        return Doing(who, "end_unreached")
    thrown = dice.random()
    if thrown < 0.25:
        return Doing(who, "record_attempt", after=dice.choice([0, 1, 2]))
    if thrown < 0.32:
        return Doing(who, "revisit_unsatisfied")
    return Doing(who, "revisit")


# -- leads


def _verifying(stand: Stand, dice: Random) -> Doing:
    thrown = dice.random()
    if thrown < 0.1:
        return Doing("head" if stand.unit == OFFICE else "county_head", "extend_verification", after=8)
    if thrown < 0.2:
        return Doing("", "", after=6)
    if thrown < 0.3:
        return Doing(stand.owner, "pass_on")
    return Doing(stand.owner, "propose_filing" if thrown < 0.65 else "propose_not_filing")


def _proposed(stand: Stand, dice: Random) -> Doing:
    who = "head" if stand.unit == OFFICE else "county_head"
    if dice.random() < 0.15:
        return Doing(who, "send_back", after=2)
    return Doing(who, "file" if stand.state == "filing_proposed" else "not_file", after=30)


# -- payouts


def _approving(stand: Stand, dice: Random) -> Doing:
    known = stand.known
    if dice.random() < 0.08:
        return Doing("payout_approver", "send_back")
    if known.get("verified_fen", 0) > 100_000 and not known.get("countersigned_fen"):
        return Doing("county_head", "countersign", {"countersigned_fen": known["verified_fen"]})
    return Doing("payout_approver", "approve", {"approved_fen": known.get("verified_fen")})


def _paying(stand: Stand, dice: Random) -> Doing:
    return Doing("cashier", "failed" if dice.random() < 0.1 else "settled")


def _recovering(stand: Stand, dice: Random) -> Doing:
    approved, back = stand.known.get("approved_fen") or 0, stand.known.get("recovered_fen") or 0
    if back >= approved:
        return Doing(stand.owner, "file")
    if dice.random() < 0.15:
        return Doing("head" if stand.unit == OFFICE else "county_head", "write_off")
    more = approved if dice.random() < 0.6 else back + max(1, (approved - back) // 2)
    return Doing("cashier", "recover", {"recovered_fen": more}, after=10)


def _at_the_station(stand: Stand, dice: Random) -> Doing:
    thrown = dice.random()
    action = "record_offer" if thrown < 0.3 else "settle" if thrown < 0.7 else "pass_up"
    return Doing(stand.owner, action if thrown < 0.95 else "withdraw")


def _always(action: str, after: int = 1, **typed: Any) -> Habit:
    return lambda stand, _dice: Doing(stand.owner, action, typed, after=after)


_HABITS: Mapping[str, Mapping[str, Habit]] = {
    "complaint": {
        "registered": _registered,
        "identity_asked": _identity_asked,
        "dispatched": _dispatched,
        "returned": _returned,
        "refused": _ended_early,
        "withdrawn": _ended_early,
        "accepted": _accepted,
        "mediating": _mediating,
        "appraising": _always("finish_appraisal", 2),
        "suspended": _suspended,
        "mediated": _result,
        "terminated": _result,
        "closed": _closed,
        "redo": _always("finish_redo", 3),
    },
    "lead": {
        "verifying": _verifying,
        "filing_proposed": _proposed,
        "not_filing_proposed": _proposed,
        "filed": _always("conclude"),
    },
    "payout": {
        "applied": _always("begin_check"),
        "verifying": _always("confirm"),
        "approving": _approving,
        "paying": _paying,
        "paid": _always("link_case", 5),
        "recovering": _recovering,
    },
    "station_dispute": {"registered": _at_the_station},
}
HANDLED_BY = {OFFICE: "handler", OTHER_OFFICE: "other_handler", COUNTY: "county_handler"}
"""The first handler of each unit."""
