"""What each action does to a file, written down by hand: clocks, owner, messages, what is known then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.bureau import OFFICE
from tests.machines import beside
from tests.machines.edges import edges, is_final, is_over
from tests.machines.paper import Book, Clock, File, Step
from tests.machines.people import RECEIVERS, desk_of

LIMITS: Mapping[str, tuple[int, str]] = {
    "accept_decision": (7, "workday"),
    "mediation": (60, "day"),
    "tell_result": (7, "workday"),
    "competence_dispute": (7, "workday"),
    "identity": (3, "workday"),
    "appraisal_limit": (60, "day"),
    "close_file": (10, "workday"),
    "revisit": (7, "day"),
    "redo": (7, "workday"),
    "verify": (15, "workday"),
    "case_decision": (90, "day"),
    "station_reply": (1, "workday"),
    "payout_first_check": (1, "workday"),
    "payout_verify": (3, "workday"),
    "payout_approve": (2, "workday"),
    "payout_pay": (2, "workday"),
    "payout_link_case": (15, "workday"),
    "payout_recover": (90, "day"),
}
"""How long each limit runs: Order 121 arts 15, 23, 27, 33, and the local practice as shipped."""

BEGIN_IN: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("complaint", "registered"): ("accept_decision",),
    ("complaint", "identity_asked"): ("identity",),
    ("complaint", "accepted"): ("mediation",),
    ("complaint", "appraising"): ("appraisal_limit",),
    ("complaint", "mediated"): ("tell_result", "close_file"),
    ("complaint", "terminated"): ("tell_result", "close_file"),
    ("complaint", "refused"): ("close_file",),
    ("complaint", "withdrawn"): ("close_file",),
    ("complaint", "closed"): ("revisit",),
    ("complaint", "redo"): ("redo",),
    ("lead", "verifying"): ("verify",),
    ("lead", "filed"): ("case_decision",),
    ("payout", "applied"): ("payout_first_check",),
    ("payout", "verifying"): ("payout_verify",),
    ("payout", "approving"): ("payout_approve",),
    ("payout", "paying"): ("payout_pay",),
    ("payout", "paid"): ("payout_link_case",),
    ("payout", "recovering"): ("payout_recover",),
    ("station_dispute", "registered"): ("station_reply",),
}
"""Which limits begin with a state."""
BEGIN_ON: Mapping[str, str] = {"appraisal_limit": "commissioned_on"}
"""Which typed day a limit begins on, where it is not the day of the step."""


@dataclass(frozen=True)
class Effect:
    """What an action changes. `sets` may say {today}; `keeps` are typed values that stay known."""

    sets: Mapping[str, Any] = field(default_factory=dict)
    keeps: tuple[str, ...] = ()
    counts: str = ""
    meets: tuple[str, ...] = ()
    cancels: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    message: str = ""


_NO_SESSION = {"session_on": None}
_END = {"ended_on": "{today}", **_NO_SESSION}
_CHECKS = ("payout_first_check", "payout_verify", "payout_approve")

EFFECTS: Mapping[str, Mapping[str, Effect]] = {
    "complaint": {
        "ask_identity": Effect(message="notice.identity"),
        "record_identity": Effect({"identity_proved": True}, meets=("identity",)),
        "dispatch": Effect({"ruling": None}, cancels=("identity",)),
        "take_back": Effect({"ruling": None}),
        "return_to_intake": Effect(counts="returns", opens=("competence_dispute",), cancels=("identity",)),
        "rule_on_return": Effect(keeps=("ruling",), meets=("competence_dispute",)),
        "accept": Effect(
            {"decision": "accepted", "decided_on": "{today}"},
            cancels=("identity",),
            message="notice.accepted",
        ),
        "refuse": Effect(
            {"decision": "refused", "decided_on": "{today}"},
            cancels=("identity", "competence_dispute"),
            message="notice.refused",
        ),
        "tell_decision": Effect({"decision_told": True}, meets=("accept_decision",)),
        "withdraw": Effect(
            {"decision": "withdrawn", "ended_on": "{today}"},
            cancels=("accept_decision", "identity", "competence_dispute"),
        ),
        "record_consent": Effect(keeps=("consent_complainant", "consent_respondent")),
        "arrange_session": Effect(keeps=("session_on",), message="notice.session"),
        "change_session": Effect(_NO_SESSION, keeps=("session_on",), message="notice.session_changed"),
        "hold_session": Effect(_NO_SESSION, counts="sessions"),
        "start_appraisal": Effect(keeps=("commissioned_on",)),
        "finish_appraisal": Effect(keeps=("result_on",), meets=("appraisal_limit",)),
        "agree": Effect({"result": "agreed", **_END}, meets=("mediation",), message="notice.result"),
        "terminate": Effect(
            {"result": "terminated", **_END},
            meets=("mediation",),
            cancels=("appraisal_limit",),
            message="notice.result",
        ),
        "tell_result": Effect({"result_told": True}, meets=("tell_result",)),
        "close": Effect({"closed_on": "{today}"}, meets=("close_file",)),
        "record_attempt": Effect({"last_attempt_on": "{today}"}, counts="attempts"),
        "revisit": Effect({"revisited_on": "{today}"}, keeps=("grade",), meets=("revisit",)),
        "revisit_unsatisfied": Effect(
            {"grade": "unsatisfied", "attempts": 0, "last_attempt_on": None},
            counts="redos",
            meets=("revisit",),
            message="notice.redo",
        ),
        "end_unreached": Effect({"grade": None}, meets=("revisit",)),
        "finish_redo": Effect({"closed_on": "{today}"}, meets=("redo",)),
        "supplement": Effect({"identity_known": True}),
        "add_from_call": Effect(counts="additions"),
        "read_additions": Effect({"additions": 0}),
        "merge": Effect(
            cancels=("accept_decision", "identity", "competence_dispute"), message="notice.merged"
        ),
        "unmerge": Effect(message="notice.unmerged"),
    },
    "lead": {
        "file": Effect({"filed_on": "{today}"}, meets=("verify",), message="notice.filed"),
        "not_file": Effect({"ended_on": "{today}"}, meets=("verify",)),
        "pass_on": Effect({"ended_on": "{today}"}, meets=("verify",)),
        "conclude": Effect({"ended_on": "{today}"}, keeps=("value", "fine"), meets=("case_decision",)),
    },
    "payout": {
        "begin_check": Effect(meets=("payout_first_check",)),
        "confirm": Effect(keeps=("verified_fen",), meets=("payout_verify",)),
        "refuse": Effect({"ended_on": "{today}"}, cancels=_CHECKS),
        "countersign": Effect(keeps=("countersigned_fen",)),
        "approve": Effect(keeps=("approved_fen",), meets=("payout_approve",), message="paper.payment_order"),
        "send_back": Effect({"verified_fen": None, "countersigned_fen": None}, cancels=("payout_approve",)),
        "settled": Effect(keeps=("voucher",), meets=("payout_pay",)),
        "withdraw_finding": Effect({"verified_fen": None}, cancels=("payout_approve",)),
        "failed": Effect({"approved_fen": None, "countersigned_fen": None}, cancels=("payout_pay",)),
        "link_case": Effect(meets=("payout_link_case",)),
        "recover": Effect(keeps=("recovered_fen",)),
        "write_off": Effect({"ended_on": "{today}"}, cancels=("payout_recover",)),
        "file": Effect({"ended_on": "{today}"}, meets=("payout_recover",)),
        "withdraw": Effect({"ended_on": "{today}"}, cancels=_CHECKS),
    },
    "station_dispute": {
        "record_offer": Effect(keeps=("consumer_offer", "merchant_offer"), counts="offers"),
        "settle": Effect({"ended_on": "{today}"}, keeps=("amount",), meets=("station_reply",)),
        "pass_up": Effect({"ended_on": "{today}"}, meets=("station_reply",)),
        "withdraw": Effect({"ended_on": "{today}"}, cancels=("station_reply",)),
    },
}
"""The effects of each action, by procedure; what is not named only moves the state or the owner."""

QUIET = ("add_note", "attach", "withdraw_file", "ask_work", "finish_work", "call_off_work")
"""The actions that leave open forms valid."""
_NOTHING = Effect()
_DAYS = ("session_on", "commissioned_on", "result_on")


def begin(book: Book, file: File) -> None:
    """Enter a new file: its first owner, its first event, the limits of its first state."""
    file.owners.append((file.owner, file.unit))
    file.events.append((file.registered_by, "start"))
    file.did["start"] = file.registered_by
    for name in BEGIN_IN[file.kind, file.state]:
        file.clocks.append(Clock(name, book.today, *LIMITS[name]))
    book.files[file.number] = file


def happen(book: Book, file: File, step: Step) -> None:
    """Write down what a lawful step does to its file. Children and money are the machine's to add."""
    effect = EFFECTS[file.kind].get(step.action, _NOTHING)
    before, target = file.state, edges(file.kind)[step.action].target or file.state
    if step.action == "merge":
        file.set_aside_from = before
    elif step.action == "unmerge":
        target = file.set_aside_from
    file.seq += 1
    file.events.append((step.who, step.action))
    _learn(book, file, step, effect)
    if step.action not in QUIET:
        file.version += 1
        file.did[step.action] = step.who
    beside.happen(file, step)
    _limits(book, file, step, effect, before, target)
    file.state, held = target, (file.owner, file.unit)
    _hand_on(book, file, step)
    if file.offer is not None and is_over(file.kind, target):
        file.offer = None
    if effect.message:
        file.messages.append(effect.message)
    beside.move(file, held, moved=target != before, final=is_final(file.kind, target))


def _learn(book: Book, file: File, step: Step, effect: Effect) -> None:
    for name, value in effect.sets.items():
        file.known[name] = book.today if value == "{today}" else value
    for name in effect.keeps:
        if name in step.typed:
            value = step.typed[name]
            file.known[name] = date.fromisoformat(value) if name in _DAYS else value
    if effect.counts:
        file.known[effect.counts] = (file.known.get(effect.counts) or 0) + 1
    if step.action == "supplement":
        file.known["identity_known"] = bool(file.caller.name)
    if step.action == "decide_challenge" and step.typed["upheld"]:
        file.removed.add(file.did["challenge"])
    if file.kind == "payout" and step.action in ("send_back", "withdraw_finding"):
        file.verified_by.add(file.did["confirm"])


def _limits(book: Book, file: File, step: Step, effect: Effect, before: str, target: str) -> None:
    """End, stop, go on with and begin limits."""
    moves = target != before
    running = [one for one in file.clocks if one.open]
    if moves and before == "appraising":
        # art. 22: not counted from the day of the commission to the day before the result
        _go_on(running, _typed_day(step, "result_on", book.today) - timedelta(days=1))
    _end(book, file, step, effect, is_final(file.kind, target))
    if step.action == "merge":
        file.stopped = [one for one in running if one.cancelled]
    elif step.action == "unmerge":
        # the limits go on with their own first days: nothing grows longer by having been merged
        file.clocks += [Clock(one.name, one.start, one.n, one.unit) for one in file.stopped]
        return
    if _goes_back(file, step, running):
        return
    if step.action == "extend_verification":
        clock = file.running("verify")
        assert clock is not None
        clock.n, clock.extended = clock.n + 15, True
    mediation = file.running("mediation")
    if moves and target == "appraising" and mediation is not None:
        mediation.pauses.append([_typed_day(step, "commissioned_on", book.today), None])
    for name in (*effect.opens, *(BEGIN_IN.get((file.kind, target), ()) if moves else ())):
        if file.running(name) is None:
            file.clocks.append(
                Clock(name, _typed_day(step, BEGIN_ON.get(name, ""), book.today), *LIMITS[name])
            )


def _typed_day(step: Step, name: str, today: date) -> date:
    """Return the day that was typed under that name, or today."""
    said = step.typed.get(name)
    return date.fromisoformat(said) if said else today


def _go_on(running: list[Clock], stood_until: date) -> None:
    for one in running:
        if one.paused:
            one.pauses[-1][1] = stood_until


def _goes_back(file: File, step: Step, running: list[Clock]) -> bool:
    """Keep the limit that a finding meets; withdrawn, the finding gives it back with its own first day."""
    if step.action == "confirm":
        file.finding = next((one for one in running if not one.open), None)
    if step.action != "withdraw_finding" or file.finding is None:
        return False
    old = file.finding
    file.clocks.append(Clock(old.name, old.start, old.n, old.unit))
    return True


def _end(book: Book, file: File, step: Step, effect: Effect, final: bool) -> None:
    """Meet the limits that the step meets; with the last state of a matter all others fall away."""
    told = step.typed.get("told_on") or step.typed.get("result_on")
    for one in file.clocks:
        if one.open and one.name in effect.meets:
            one.met_on = date.fromisoformat(told) if told else book.today
        elif one.open and (final or one.name in effect.cancels):
            one.cancelled = True


def _hand_on(book: Book, file: File, step: Step) -> None:
    """Find the new owner, if any; an answered or overtaken offer is over."""
    new = None
    if step.action in ("dispatch", "rule_on_return"):
        unit = step.typed.get("unit", OFFICE)
        new = (RECEIVERS[unit], unit)
    elif step.action == "take_back":
        new = (step.who, desk_of(file.unit))
    elif step.action == "return_to_intake":
        new = ("intake", desk_of(file.unit))
    elif step.action == "accept_handover":
        new = file.offer
    answered = step.action in ("accept_handover", "decline_handover")
    if new is not None and new != (file.owner, file.unit):
        file.owner, file.unit = new
        file.owners.append(new)
        answered = True
    if answered:
        file.offer = None
    if step.action == "offer_handover":
        file.offer = (step.typed["receiver"], step.typed["unit"])
