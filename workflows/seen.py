"""What guards see of an instance: its projection as facts, for one step or one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from workflows.counting import TimeRules, end_by, may_pause
from workflows.definition import Procedure
from workflows.governing import Governing
from workflows.guards import Actor, ChildFact, ClockFact, Facts, HandoverFact
from workflows.projection import Projection
from workflows.rows import ClockRow


def facts_from(
    procedure: Procedure,
    before: Projection,
    actor: Actor,
    today: date,
    payload: Mapping[str, Any],
    time: TimeRules,
    children: Sequence[ChildFact] = (),
    clock_time: str = "",
) -> Facts:
    """Return the facts on a day (Asia/Shanghai), at a time of it as HH:MM where that is known."""
    governing = Governing(time.rules, procedure, before.clocks, before.vars, today)
    return Facts(
        procedure=procedure.name,
        state=before.state,
        unit_path=before.unit_path,
        owner_id=before.owner_id,
        first_responder_id=before.first_responder_id,
        vars=before.vars,
        actor=actor,
        today=today,
        payload=payload,
        children=children,
        clocks={clock.clock: _clock(clock) for clock in before.clocks},
        handover=_offer(before),
        items=governing.meanings,
        articles=governing.articles,
        may_pause=lambda name: _may_pause(before.running(name), time),
        end_by=lambda name, rule_set: _end_by(before.running(name), rule_set, time),
        clock_time=clock_time,
        version=before.row_version,
        work=procedure.work,
    )


def _clock(row: ClockRow) -> ClockFact:
    """Return a clock's latest run as guards see it; rows come oldest first, so the latest run stays."""
    return ClockFact(
        row.clock,
        row.alert_due,
        row.legal_due,
        row.open,
        row.met_on,
        row.extended,
        row.open and row.paused,
        row.provisional,
        row.rule_set,
    )


def _may_pause(row: ClockRow | None, time: TimeRules) -> bool:
    """Tell whether the law by which the clock runs knows a pause; a clock that does not run is not paused."""
    return row is None or may_pause(row, time.rules)


def _end_by(row: ClockRow | None, rule_set: str, time: TimeRules) -> date | None:
    return None if row is None else end_by(row, rule_set, time)


def _offer(before: Projection) -> HandoverFact | None:
    if before.handover_to is None:
        return None
    return HandoverFact(before.owner_id, before.handover_to, before.handover_unit or before.unit_path)
