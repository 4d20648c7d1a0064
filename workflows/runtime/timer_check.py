"""Holds the timers against the clocks they belong to: what is armed must be what the dates ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from workflows.definition import Procedure
from workflows.projection import Projection, work_clock
from workflows.runtime import timers
from workflows.runtime.event_log import Event
from workflows.runtime.tables import timer

_TIMERS = select(timer).where(timer.c.instance_id == bindparam("of")).order_by(timer.c.id)


def misfit(
    connection: Connection,
    instance_id: int,
    procedure: Procedure,
    seen: Projection,
    events: Sequence[Event],
) -> str | None:
    """Say what is wrong with the timers of an instance, or None.

    Only running clocks have armed timers; each last day and each escalation of a running clock is armed or
    has fired; each fired timer has its event and each timer event its one timer. Instants of warnings hang on
    the calendar of their day and are not judged.
    """
    rows = list(connection.execute(_TIMERS, {"of": instance_id}).mappings())
    known = set()
    open_days = {
        work_clock(one.number): timers.day_of_work(one) for one in seen.work if one.ended_seq is None
    }
    for row in rows:
        clock = seen.running(row["clock"])
        runs = row["clock"] in open_days or (clock is not None and not clock.paused)
        if row["status"] == timers.ARMED and not runs:
            return f"a timer of {row['clock']!r} is armed, but that clock does not run"
        if row["status"] in (timers.ARMED, timers.FIRED):
            known.add((row["clock"], row["kind"], row["step"], row["due_at_us"]))
    for name, one in (*_limits(procedure, seen), *open_days.items()):
        if (name, one["kind"], one["step"], one["due_at_us"]) not in known:
            return f"no timer of {name!r} is armed for the {one['kind']} of its present dates"
    fired = sorted(
        (row["fired_seq"] or 0, f"{row['kind']}.{row['clock']}")
        for row in rows
        if row["status"] == timers.FIRED
    )
    told = [(event.seq, event.action) for event in events if event.kind == "timer"]
    if fired != told:
        return "the fired timers are not those of its events"
    return None


def _limits(procedure: Procedure, seen: Projection) -> list[tuple[str, dict[str, Any]]]:
    """Return the timers that the dates of running clocks ask for, each with its clock's name."""
    return [
        (clock.clock, one)
        for clock in seen.clocks
        if clock.open and not clock.paused
        for one in timers.limits_of(procedure.clocks[clock.clock], clock)
    ]
