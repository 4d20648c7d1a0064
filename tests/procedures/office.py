"""An office on paper: the shipped procedures with the rooms' guards, people, and matters that walk through
them in memory.

A matter applies what an action sets, keeps, counts and hands over, so that guards meet the variables they
would meet in life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from complaints.cases.guards import GUARDS as CASES
from complaints.cases.invariants import INVARIANTS as CASES_KEEP
from complaints.dossier.relation_guards import GUARDS as RELATIONS
from complaints.intake.guards import GUARDS as INTAKE
from complaints.intake.invariants import INVARIANTS as INTAKE_KEEPS
from complaints.mediation.guards import GUARDS as MEDIATION
from complaints.mediation.invariants import INVARIANTS as MEDIATION_KEEPS
from complaints.payouts.guards import GUARDS as PAYOUTS
from complaints.payouts.invariants import INVARIANTS as PAYOUTS_KEEP
from complaints.revisits.guards import GUARDS as REVISITS
from workflows.compiled import Compiled
from workflows.definition import Assign, Field, FieldKind, Handover, Label, Reach
from workflows.generic_guards import GUARDS as GENERIC
from workflows.guards import ChildFact, ClockFact, Facts, GuardRegistry, HandoverFact
from workflows.loading import PROCEDURES, load_procedures
from workflows.rule_files import shipped_rules
from workflows.rule_sets import RuleBook
from workflows.versioning.versions import Library, load_released

ROLES = frozenset(
    {
        "operator",
        "intake",
        "handler",
        "head",
        "station",
        "cashier",
        "payout_approver",
        "supervisor",
        "auditor",
    }
)
TODAY = date(2026, 11, 24)
UNIT = "/420600/420606/07/"
COUNTY = "/420600/420606/"


def registry() -> GuardRegistry:
    return GuardRegistry([*GENERIC, *INTAKE, *MEDIATION, *CASES, *PAYOUTS, *REVISITS, *RELATIONS])


INVARIANTS = (*INTAKE_KEEPS, *MEDIATION_KEEPS, *CASES_KEEP, *PAYOUTS_KEEP)


def rules() -> RuleBook:
    return shipped_rules()


@cache
def library() -> Library:
    return Library(
        load_procedures(PROCEDURES),
        rules(),
        registry(),
        roles=ROLES,
        releases=load_released(),
        invariants=INVARIANTS,
    )


FIRST_DAYS = {1: date(2019, 12, 27), 2: date(2026, 4, 10), 3: TODAY}
"""A day of receipt for each version of the complaint; the first two cross to the instrument that followed."""


def compiled(name: str, version: int = 0) -> Compiled:
    return library().get(name, version) if version else library().version_for(name, TODAY)


@cache
def law(received: date, today: date) -> tuple[dict[str, Mapping[str, str]], dict[str, Label]]:
    """Return the meanings of items and the articles of a matter whose clocks all began today."""
    sets = {one.id: "" for on in (received, today) for one in [rules().rule_set(on, "complaints")]}
    named = {one: rules().article(one, today) for one in rules().subjects}
    articles = {subject: article for subject, article in named.items() if article is not None}
    return {**rules().codes(today), "rule_sets_of_mediation": sets}, articles


@dataclass(frozen=True)
class Officer:
    """Holds one role on one unit."""

    id: int
    role: str
    unit: str = UNIT

    def grant(self, role: str, unit_path: str, reach: Reach) -> int | None:
        fits = unit_path == self.unit if reach is Reach.SELF else unit_path.startswith(self.unit)
        return 1000 + self.id if role == self.role and (fits or reach is Reach.ANY) else None


OPERATOR = Officer(1, "operator", COUNTY)
INTAKE_OFFICER = Officer(2, "intake", COUNTY)
HANDLER = Officer(3, "handler")
COLLEAGUE = Officer(4, "handler")
HEAD = Officer(5, "head")
STATION = Officer(6, "station")
CASHIER = Officer(7, "cashier", COUNTY)
APPROVER = Officer(8, "payout_approver", COUNTY)
SUPERVISOR = Officer(9, "supervisor", "/420600/")
SECOND_HEAD = Officer(10, "head", COUNTY)
SYSTEM = Officer(0, "system")
PEOPLE = (
    HANDLER,
    HEAD,
    INTAKE_OFFICER,
    OPERATOR,
    STATION,
    CASHIER,
    APPROVER,
    SUPERVISOR,
    COLLEAGUE,
    SECOND_HEAD,
)

STARTS: Mapping[str, Mapping[str, Any]] = {
    "complaint": {"received_on": "2026-11-24", "respondent_named": True, "identity_known": True},
    "station_dispute": {},
    "lead": {},
    "payout": {"claimed_fen": 800, "two_people_over_fen": 100_000, "applied_by": 1},
}
OWNERS = {"complaint": INTAKE_OFFICER, "station_dispute": STATION, "lead": HANDLER, "payout": HANDLER}

VALUES: Mapping[FieldKind, Any] = {
    FieldKind.TEXT: "甲",
    FieldKind.CODE: "other",
    FieldKind.INTEGER: 1,
    FieldKind.FEN: 800,
    FieldKind.FLAG: True,
    FieldKind.PERSON: HANDLER.id,
    FieldKind.UNIT: UNIT,
}


@dataclass(frozen=True)
class Matter:
    """One matter at one instant."""

    procedure: str
    state: str
    owner: int
    today: date = TODAY
    vars: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[ChildFact, ...] = ()
    handover: HandoverFact | None = None
    clocks: Mapping[str, ClockFact] = field(default_factory=dict)
    version: int = 0
    """The version of the procedure; 0 for today's."""

    @property
    def compiled(self) -> Compiled:
        return compiled(self.procedure, self.version)

    @property
    def law(self) -> tuple[dict[str, Mapping[str, str]], dict[str, Label]]:
        received = self.vars.get("received_on")
        return law(date.fromisoformat(received) if received else self.today, self.today)

    def facts(self, who: Officer, payload: Mapping[str, Any]) -> Facts:
        return Facts(
            procedure=self.procedure,
            state=self.state,
            unit_path=UNIT,
            owner_id=self.owner,
            first_responder_id=OPERATOR.id,
            vars=self.vars,
            actor=who,
            today=self.today,
            payload=payload,
            children=self.children,
            clocks=self.clocks,
            handover=self.handover,
            items=self.law[0],
            articles=self.law[1],
        )

    def payload(self, action: str, **given: Any) -> dict[str, Any]:
        """Return a payload that fits the action's fields, with the given values in it."""
        fields = self.compiled.procedure.actions[action].fields
        return {
            one.name: self._value(one) for one in fields if one.required or one.kind is FieldKind.FLAG
        } | given

    def _value(self, one: Field) -> Any:
        if one.kind is FieldKind.ITEM:
            return min(self.law[0][one.items])
        if one.name == "approved_by":
            return HEAD.id
        if one.kind is FieldKind.DATE:
            return (self.today + timedelta(days=1 if one.name == "deadline" else 0)).isoformat()
        return one.choices[0] if one.choices else VALUES[one.kind]

    def why(self, action: str, who: Officer, **given: Any) -> list[str]:
        """Return the codes of all reasons against the action by this person."""
        facts = self.facts(who, self.payload(action, **given))
        return [one.code for one in self.compiled.why(action, facts, typed=True)]

    def do(self, action: str, who: Officer, days: int = 0, **given: Any) -> Matter:
        """Fire the action some days later and apply its effects. Raises Refused."""
        now = replace(self, today=self.today + timedelta(days=days))
        payload = now.payload(action, **given)
        defined = self.compiled.procedure.actions[action]
        fired = self.compiled.fire(action, now.facts(who, payload))
        known = dict(now.vars)
        known |= {
            name: now.today.isoformat() if value == "$today" else value
            for name, value in defined.sets.items()
        }
        known |= {one.name: payload[one.name] for one in defined.fields if one.keep and one.name in payload}
        known |= {name: now.vars.get(name, 0) + 1 for name in defined.counts}
        known |= {
            name: sorted({*known.get(name, ()), now.vars["by"][one.did]})
            for name, one in defined.lists.items()
            if not one.when or payload[one.when]
        }
        known["by"] = {**now.vars.get("by", {}), action: who.id}
        if self.compiled.procedure.can_be_undone(defined):
            known["undo"] = {action: {"state": now.state, "seq": 2}}
        owner, handover = now.owner, now.handover
        if defined.assign is Assign.RECEIVER:
            owner = payload["receiver"]
        elif defined.assign is not None:
            owner = INTAKE_OFFICER.id if defined.assign is Assign.INTAKE_DESK else who.id
        if defined.handover is Handover.ASK:
            handover = HandoverFact(now.owner, payload["receiver"], payload["unit"])
        elif defined.handover is not None:
            owner = handover.receiver_id if handover and defined.handover is Handover.ACCEPT else owner
            handover = None
        return replace(now, state=fired.state, vars=known, owner=owner, handover=handover)

    def with_child(self, procedure: str, state: str, ended: bool) -> Matter:
        return replace(self, children=(*self.children, ChildFact(99, procedure, state, ended, {})))

    def with_mediation_clock(
        self, legal_due: date, paused: bool = False, alert_due: date | None = None
    ) -> Matter:
        clock = ClockFact("mediation", alert_due or legal_due, legal_due, True, None, False, paused)
        return replace(self, clocks={**self.clocks, "mediation": clock})


def begin(procedure: str, version: int = 0, **known: Any) -> Matter:
    """Return a matter in its first state; of a version, one received in its time."""
    first, started = compiled(procedure, version).procedure.initial.name, {**STARTS[procedure], **known}
    today = FIRST_DAYS[version] if version and procedure == "complaint" else TODAY
    if "received_on" in started:
        started["received_on"] = today.isoformat()
    return Matter(procedure, first, OWNERS[procedure].id, today, vars=started, version=version)


def accepted() -> Matter:
    """Return a complaint that its handler accepted."""
    return begin("complaint").do("dispatch", INTAKE_OFFICER).do("accept", HANDLER)


def mediating() -> Matter:
    """Return a complaint in mediation, with both consents and its clock running to 2027-01-23."""
    consented = accepted().do("record_consent", HANDLER, consent_complainant=True, consent_respondent=True)
    return consented.do("begin_mediation", HANDLER).with_mediation_clock(
        date(2027, 1, 23), alert_due=date(2027, 1, 22)
    )


def closed() -> Matter:
    """Return a complaint that was agreed, told and closed."""
    return (
        mediating()
        .do("tell_decision", HANDLER)
        .do("agree", HANDLER)
        .do("tell_result", HANDLER)
        .do("close", HANDLER)
    )
