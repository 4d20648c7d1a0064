"""What stands against an action besides role and state: each condition written down by hand from the rules.

A condition answers with the reason's code, or nothing. None of it calls a guard of the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.machines.paper import Book, File
from tests.machines.people import holds

TWO_PEOPLE_OVER = 100_000
"""Above this sum in fen a second person signs, as shipped."""
HANDLING = ("accept", "refuse", "begin_mediation", "agree", "terminate", "finish_redo")
"""Who did one of these calls nobody back."""


@dataclass(frozen=True)
class Case:
    """One question: who wants to do what with which file, having typed what."""

    book: Book
    file: File
    who: str
    typed: Mapping[str, Any]

    @property
    def today(self) -> date:
        """The day of asking."""
        return self.book.today

    def day(self, name: str) -> date | None:
        """Return a typed day."""
        value = self.typed.get(name)
        return date.fromisoformat(value) if isinstance(value, str) and value else None

    def knows(self, name: str) -> Any:
        """Return what the file knows under that name."""
        return self.file.known.get(name)


Reasons = Iterator[str]
Condition = Callable[[Case], Reasons]


def owner(c: Case) -> Reasons:
    if c.who != c.file.owner:
        yield "not_owner"


def not_owner(c: Case) -> Reasons:
    if c.who == c.file.owner:
        yield "is_owner"


def one_set_alone(c: Case) -> Reasons:
    """Whatever the machine handles is received and accepted under the same rules; before it is accepted no
    rules of a mediation can be named at all.
    """
    yield "one_rule_set"
    if all(one.name != "mediation" for one in c.file.clocks):
        yield "field_wrong"


def owner_or_intake(c: Case) -> Reasons:
    if c.who != c.file.owner and not holds(c.who, "intake", c.file.unit, "up"):
        yield "not_owner_nor_intake"


def owner_or_head(c: Case) -> Reasons:
    if c.who != c.file.owner and not holds(c.who, "head", c.file.unit, "up"):
        yield "not_owner_nor_head"


def owner_or_approver(c: Case) -> Reasons:
    approves = any(holds(c.who, role, c.file.unit, "up") for role in ("head", "payout_approver"))
    if c.who != c.file.owner and not approves:
        yield "not_owner_nor_approver"


def deadline_leaves_time(c: Case) -> Reasons:
    day, clock = c.day("deadline"), c.file.clock("accept_decision")
    if day is None or clock is None:
        return
    if day <= c.today or (clock.open and day > clock.due.legal >= c.today):
        yield "deadline_unfit"


def not_ruled(c: Case) -> Reasons:
    if c.knows("ruling") == "upheld":
        yield "ruled_binding"


def identity(c: Case) -> Reasons:
    if not (c.knows("identity_known") or c.knows("identity_proved")):
        yield "identity_not_known"


def remedies(c: Case) -> Reasons:
    if c.typed.get("remedies_told") is not True:
        yield "remedies_not_told"


def decision_not_told_yet(c: Case) -> Reasons:
    if c.knows("decision_told"):
        yield "decision_told"


def result_not_told_yet(c: Case) -> Reasons:
    if c.knows("result_told"):
        yield "result_told"


def told_between(name: str) -> Condition:
    """Telling lies between that day of the file and today."""

    def told(c: Case) -> Reasons:
        day, since = c.day("told_on"), c.knows(name)
        if day is not None and (day > c.today or (since is not None and day < since)):
            yield "told_on_unfit"

    return told


def may_complete(c: Case) -> Reasons:
    if c.who == c.file.owner:
        return
    if c.who != c.file.first and not holds(c.who, "intake", c.file.unit, "up"):
        yield "not_the_holder"
    elif c.file.state not in {"registered", "identity_asked", "returned", "dispatched"} or c.knows(
        "decision_told"
    ):
        yield "decision_made"


def somebody_consents(c: Case) -> Reasons:
    if not any(name in c.typed for name in ("consent_complainant", "consent_respondent")):
        yield "consent_of_nobody"


def both_consent(c: Case) -> Reasons:
    if not (c.knows("consent_complainant") is True and c.knows("consent_respondent") is True):
        yield "consent_missing"


def not_removed(c: Case) -> Reasons:
    if c.who in c.file.removed:
        yield "must_step_back"


def no_session(c: Case) -> Reasons:
    if c.knows("session_on") is not None:
        yield "session_arranged"


def a_session(c: Case) -> Reasons:
    if c.knows("session_on") is None:
        yield "no_session"


def session_fits(c: Case) -> Reasons:
    day, clock = c.day("session_on"), c.file.clock("mediation")
    if day is None:
        return
    if day < c.today:
        yield "session_in_the_past"
    running = clock is not None and clock.open and not clock.paused
    if running and clock is not None and day > clock.due.alert:
        yield "session_after_period"


def session_held(c: Case) -> Reasons:
    day, decided = c.day("held_on"), c.knows("decided_on")
    if day is None:
        return
    if decided is not None and day < decided:
        yield "held_before_acceptance"
    elif day > c.today:
        yield "held_on_unfit"


def commission_fits(c: Case) -> Reasons:
    """The days of the commission lie between acceptance, or the result before, and today, in the period; a
    head approves.
    """
    day, decided, before = c.day("commissioned_on"), c.knows("decided_on"), c.knows("result_on")
    clock = c.file.clock("mediation")
    if day is not None and day > c.today:
        yield "commissioned_ahead"
    elif day is not None and decided is not None and day < decided:
        yield "commissioned_before_acceptance"
    elif day is not None and before is not None and day < before:
        yield "commissioned_before_last_result"
    elif day is not None and clock is not None and clock.open and day > clock.due.legal:
        yield "commissioned_after_period"
    if c.typed.get("approved_by") in (c.file.owner, c.who):
        yield "approves_own"
    elif c.typed.get("approved_by") in c.file.removed:
        yield "approver_must_step_back"


def result_fits(c: Case) -> Reasons:
    day, since = c.day("result_on"), c.knows("commissioned_on")
    if day is not None and day > c.today:
        yield "result_ahead"
    elif day is not None and since is not None and day < since:
        yield "result_before_commission"


def ground_fits(c: Case) -> Reasons:
    """Item 5 comes with the end of the sixty days, item 2 with somebody's refusal."""
    clock, item = c.file.clock("mediation"), c.typed.get("item")
    if item == "5" and clock is not None:
        first = max(clock.due.alert, clock.due.legal - timedelta(days=3))
        if clock.paused or c.today < first:
            yield "period_not_over"
    if item == "2" and False not in (c.knows("consent_complainant"), c.knows("consent_respondent")):
        yield "refusal_not_established"


def closes_own(c: Case) -> Reasons:
    desk = c.file.state in {"refused", "withdrawn"} and holds(c.who, "intake", c.file.unit, "up")
    if c.who != c.file.owner and not desk:
        yield "not_owner"


def decision_was_told(c: Case) -> Reasons:
    if c.file.state != "withdrawn" and not c.knows("decision_told"):
        yield "decision_not_told"


def result_was_told(c: Case) -> Reasons:
    spared = c.file.state in {"refused", "withdrawn"} or c.knows("decision") == "refused"
    if not spared and not c.knows("result_told"):
        yield "result_not_told"


def a_lead_is_filed(c: Case) -> Reasons:
    leads = (c.book.files[one] for one in c.file.children)
    if not any(one.kind == "lead" and one.state in {"filed", "concluded"} for one in leads):
        yield "no_lead_filed"


PAYOUT_ENDS = {"recovered", "written_off", "refused", "withdrawn"}


def no_payout_runs(c: Case) -> Reasons:
    children = (c.book.files[one] for one in c.file.children)
    if any(one.kind == "payout" and one.state not in PAYOUT_ENDS for one in children):
        yield "payout_open"


def not_the_handler(c: Case) -> Reasons:
    if c.who in {c.file.did.get(action) for action in HANDLING} | {c.file.owner, *c.file.helping}:
        yield "own_work"


def another_day(c: Case) -> Reasons:
    if c.knows("last_attempt_on") == c.today:
        yield "attempted_today"


def attempts_left(c: Case) -> Reasons:
    if (c.knows("attempts") or 0) >= 3:
        yield "no_attempts_left"


def three_attempts(c: Case) -> Reasons:
    if (c.knows("attempts") or 0) < 3:
        yield "too_few_attempts"


# -- handovers


def no_offer(c: Case) -> Reasons:
    if c.file.offer is not None:
        yield "handover_pending"


def an_offer(c: Case) -> Reasons:
    if c.file.offer is None:
        yield "no_handover"


def receiver_fits(c: Case) -> Reasons:
    if c.typed["receiver"] == c.file.owner:
        yield "receiver_is_owner"
    unit = c.typed["unit"]
    if not (unit.startswith(c.file.unit) or c.file.unit.startswith(unit)):
        yield "handover_sideways"


def receiver_stays(c: Case) -> Reasons:
    if c.typed["receiver"] in c.file.removed:
        yield "receiver_must_step_back"


def the_receiver(c: Case) -> Reasons:
    if c.file.offer is not None and c.who != c.file.offer[0]:
        yield "not_receiver"


def a_party(c: Case) -> Reasons:
    if c.file.offer is not None and c.who not in (c.file.offer[0], c.file.owner):
        yield "not_handover_party"
