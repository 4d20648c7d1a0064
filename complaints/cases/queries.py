"""The ledger of leads: each one with its origin, age, clock, owner and end. Sums are integer fen.

A page of any length costs the same number of queries.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, cast, func, or_, select, type_coerce
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session, aliased

from complaints.dossier.models import Matter, MatterKind
from complaints.dossier.sent_back import STATE, SentBack, sent_back
from complaints.dossier.visibility import JOIN, visible_to
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow, counts, keys, portion, worklist
from complaints.foundation.clock import local_moment
from complaints.foundation.masking import mask_text
from complaints.organisation.people import SignedInActor
from complaints.organisation.permissions import Permission, sees_masked
from complaints.organisation.roles import Role
from complaints.organisation.units import at_or_below
from workflows.guards import Facts, HandoverFact
from workflows.runtime.tables import event, instance, private_text

TABS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "open": ("verifying", "filing_proposed", "not_filing_proposed"),
        "filed": ("filed",),
        "concluded": ("concluded",),
        "not_filed": ("not_filed",),
        "passed": ("passed",),
    }
)
"""The lists of the ledger and the states of a lead in each."""

NEWEST_FIRST = ("concluded", "not_filed", "passed")
"""Lists of what has ended."""

ENDS = ("filed", "concluded", "not_filed", "passed")
"""States in which a lead has its end: a case number, a decision with its reason, or a receipt."""

STEPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "verifying": ("propose_filing", "propose_not_filing"),
        "filing_proposed": ("file", "send_back"),
        "not_filing_proposed": ("not_file", "send_back"),
        "filed": ("conclude",),
    }
)
"""What leads on from each state, for the buttons of a row."""

HAND_ON = "offer_handover"
"""What an owner can do who may take none of these steps: a head, or whoever holds no role in that unit."""

WITH_OWNER = ("verifying", "filed")
"""States in which the owner goes on."""

PROPOSED = ("filing_proposed", "not_filing_proposed")
"""States in which a head decides, another person than whoever proposed."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a lead came from."""

    number: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Next:
    """What the reader may do next, by the engine's own roles and guards.

    `stuck` where the lead lies with the reader, who can neither go on with it there nor hand it on.
    """

    steps: tuple[str, ...] = ()
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One line of the ledger. `age` is in calendar days, to today or to the day of the end.

    `number` is the case number or the receipt's; `reason` why it was not filed, empty where the reader may
    not see it. `value`, `fine` and `forfeit` are fen, None before the case was concluded.
    """

    matter: MatterRow
    origin: Origin | None
    age: int
    ended_on: date | None
    number: str
    agency: str
    reason: str
    value: int | None
    fine: int | None
    forfeit: int | None
    decision_number: str
    next: Next
    sent_back: SentBack | None = None


@dataclass(frozen=True, slots=True)
class CaseSums:
    """What the concluded cases come to, in fen."""

    cases: int
    value: int
    fine: int
    forfeit: int


def is_lead() -> ColumnElement[bool]:
    """Return the condition that a matter is a lead."""
    return instance.c.procedure == MatterKind.LEAD.value


def tab_counts(work: Work) -> dict[str, int]:
    """Count the leads of each list; one query."""
    return counts(work, TABS, is_lead())


def ledger(work: Work, tab: str, offset: int = 0) -> list[LeadRow]:
    """Return a page of one list: what is open by the day it falls due, what has ended the newest first."""
    conditions = (is_lead(), instance.c.state.in_(TABS[tab]))
    return _leads(work, tab, worklist(work, *conditions, offset=offset, newest_first=tab in NEWEST_FIRST))


def ledger_keys(work: Work, tab: str) -> list[int]:
    """Return the ids of one whole list, in its order."""
    conditions = (is_lead(), instance.c.state.in_(TABS[tab]))
    return keys(work, *conditions, newest_first=tab in NEWEST_FIRST)


def ledger_portion(work: Work, tab: str, ids: Sequence[int]) -> list[LeadRow]:
    """Return those of the leads that the reader may see, as lines of the list."""
    return _leads(work, tab, portion(work, ids))


def _leads(work: Work, tab: str, rows: Sequence[MatterRow]) -> list[LeadRow]:
    origins = _origins(work.session, rows)
    ended = _ends(work.session, rows)
    reasons = _reasons(work, rows) if tab == "not_filed" else {}
    steps = _steps(work, rows) if tab in ("open", "filed") else {}
    back = sent_back(work, {row.instance_id: row.unit_path for row in rows if row.state == STATE})
    return [
        replace(
            _row(row, work.today, origins, ended, reasons, steps.get(row.instance_id, Next())),
            sent_back=back.get(row.instance_id),
        )
        for row in rows
    ]


def _row(
    row: MatterRow,
    today: date,
    origins: Mapping[int, Origin],
    ended: Mapping[int, date],
    reasons: Mapping[int, str],
    following: Next,
) -> LeadRow:
    known: dict[str, Any] = json.loads(row.vars)
    day = ended.get(row.instance_id)
    return LeadRow(
        matter=row,
        origin=origins.get(row.id),
        age=max(((day or today) - row.received_on).days, 0),  # the machine's clock may have been set back
        ended_on=day,
        number=str(known.get("case_number") or known.get("receipt_number") or ""),
        agency=str(known.get("agency") or ""),
        reason=reasons.get(row.instance_id, ""),
        value=known.get("value"),
        fine=known.get("fine"),
        forfeit=known.get("forfeit"),
        decision_number=str(known.get("decision_number") or ""),
        next=following,
    )


def _steps(work: Work, rows: Sequence[MatterRow]) -> dict[int, Next]:
    """Return, for each lead, which of its next steps the compiled procedure allows this person; one query.

    The steps' guards read the row alone: owner, unit, who did what, a handover that waits. Where the owner
    may take none of them, the lead can still be handed to somebody who may.
    """
    found = work.session.execute(select(instance).where(instance.c.id.in_([row.instance_id for row in rows])))
    steps = {}
    for row in found.mappings():
        verdicts = work.engine.library.get(row["procedure"], row["version"]).explain(_facts(work, row))
        may = {name for name, verdict in verdicts.items() if verdict.allowed}
        wanted = tuple(one for one in STEPS.get(row["state"], ()) if one in may)
        if not wanted and row["owner_id"] == work.actor.id and row["state"] in WITH_OWNER:
            stuck = HAND_ON not in may and row["handover_to"] is None
            steps[int(row["id"])] = Next((HAND_ON,) if HAND_ON in may else (), stuck)
        else:
            steps[int(row["id"])] = Next(wanted)
    return steps


def _facts(work: Work, row: RowMapping) -> Facts:
    """Return what an instance's row tells guards: no clocks and no children."""
    offered = row["handover_to"]
    return Facts(
        procedure=row["procedure"],
        state=row["state"],
        unit_path=row["unit_path"],
        owner_id=row["owner_id"],
        first_responder_id=row["first_responder_id"],
        vars=json.loads(row["vars"]),
        actor=work.actor,
        today=work.today,
        handover=HandoverFact(row["owner_id"], offered, row["handover_unit"]) if offered else None,
        version=row["row_version"],
        work=work.engine.library.get(row["procedure"], row["version"]).procedure.work,
    )


def _origins(session: Session, rows: Sequence[MatterRow]) -> dict[int, Origin]:
    parent = aliased(Matter)
    found = session.execute(
        select(Matter.id, parent.number, parent.title, parent.kind)
        .join(parent, parent.id == Matter.parent_id)
        .where(Matter.id.in_([row.id for row in rows]))
    )
    return {lead: Origin(number, title, kind) for lead, number, title, kind in found}


def _ends(session: Session, rows: Sequence[MatterRow]) -> dict[int, date]:
    """Return the day on which each lead came to its end (Asia/Shanghai)."""
    found = session.execute(
        select(event.c.instance_id, func.min(event.c.at_us))
        .where(event.c.instance_id.in_([row.instance_id for row in rows]), event.c.to_state.in_(ENDS))
        .group_by(event.c.instance_id)
    )
    return {lead: local_moment(at_us).date() for lead, at_us in found}


def _reasons(work: Work, rows: Sequence[MatterRow]) -> dict[int, str]:
    """Return why leads were not filed, of those whose words the reader may see."""
    read = [
        row.instance_id for row in rows if not sees_masked(work.actor, Permission.CASES_READ, row.unit_path)
    ]
    found = work.session.execute(
        select(private_text.c.instance_id, private_text.c.text)
        .join(
            event,
            and_(event.c.instance_id == private_text.c.instance_id, event.c.seq == private_text.c.seq),
        )
        .where(private_text.c.instance_id.in_(read), event.c.action == "not_file")
    )
    return {lead: mask_text(work.engine.settings.unseal(sealed)) for lead, sealed in found}


def case_sums(work: Work) -> CaseSums:
    """Return what the concluded cases that this person sees come to; one query."""
    known = _known(work.session)
    columns = [func.coalesce(func.sum(known[name].as_integer()), 0) for name in ("value", "fine", "forfeit")]
    cases, value, fine, forfeit = work.session.execute(
        select(func.count(), *columns)
        .select_from(Matter)
        .join(instance, JOIN)
        .where(visible_to(work.actor), is_lead(), instance.c.state == "concluded")
    ).one()
    return CaseSums(int(cases), int(value), int(fine), int(forfeit))


def _known(session: Session) -> Any:
    """Return the variables of an instance as JSON; they are kept as the text that was hashed."""
    if session.get_bind().dialect.name == "sqlite":
        return type_coerce(instance.c.vars, JSON)
    return cast(instance.c.vars, JSON)


def waiting_for(session: Session, actor: SignedInActor) -> int:
    """Count the leads that wait for this person: own ones to verify, and for a head what was proposed."""
    heads = actor.paths(Role.HEAD)
    waiting: list[ColumnElement[bool]] = [
        and_(instance.c.owner_id == actor.id, instance.c.state.in_(("verifying", "filed")))
    ]
    if heads:
        waiting.append(and_(instance.c.state.in_(PROPOSED), at_or_below(instance.c.unit_path, heads)))
    statement = select(func.count()).select_from(instance)
    return int(
        session.execute(
            statement.where(
                instance.c.procedure == MatterKind.LEAD.value, instance.c.ended.is_(False), or_(*waiting)
            )
        ).scalar_one()
    )
