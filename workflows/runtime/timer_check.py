"""Holds the timers against the clocks they belong to: what is armed must be what the dates ask for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from workflows.definition import Procedure
from workflows.projection import Projection
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
    for row in rows:
        clock = seen.running(row["clock"])
        if row["status"] == timers.ARMED and (clock is None or clock.paused):
            return f"a timer of {row['clock']!r} is armed, but that clock does not run"
        if row["status"] in (timers.ARMED, timers.FIRED):
            known.add((row["clock"], row["kind"], row["step"], row["due_at_us"]))
    for clock in seen.clocks:
        if clock.open and not clock.paused:
            for one in timers.limits_of(procedure.clocks[clock.clock], clock):
                if (clock.clock, one["kind"], one["step"], one["due_at_us"]) not in known:
                    return f"no timer of {clock.clock!r} is armed for the {one['kind']} of its present dates"
    fired = sorted(
        (row["fired_seq"] or 0, f"{row['kind']}.{row['clock']}")
        for row in rows
        if row["status"] == timers.FIRED
    )
    told = [(event.seq, event.action) for event in events if event.kind == "timer"]
    if fired != told:
        return "the fired timers are not those of its events"
    return None
