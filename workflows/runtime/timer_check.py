"""Holds the timers against the clocks they belong to: what is armed must be what the dates and the log ask
for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.engine import RowMapping

from workflows.definition import Procedure
from workflows.projection import Projection, clocks_touched
from workflows.runtime import timers
from workflows.runtime.histories import History


def misfit(history: History, procedure: Procedure, seen: Projection) -> str | None:
    """Say what is wrong with the timers of an instance, or None.

    Exactly the warnings, last days and escalations of the running clocks and the days of open work are armed,
    but for those that have fired; each fired timer is the one that its event names. What was cancelled does
    nothing any more and is not judged.
    """
    armed = {_key(row) for row in history.timers if row["status"] == timers.ARMED}
    fired = {row["fired_seq"]: row for row in history.timers if row["status"] == timers.FIRED}
    gone = {_moment(row) for row in fired.values()}
    wanted = {_key(one) for one in _wanted(history, procedure, seen)}
    for one in sorted(armed - wanted):
        return f"a timer of {one[0]!r} is armed that its clock does not ask for"
    for one in sorted(wanted - armed):
        if (one[0], *one[2:]) not in gone:
            return f"no timer of {one[0]!r} is armed for the {one[2]} of its present dates"
    told = {one.seq: one.effects.get("timer") for one in history.events if one.kind == "timer"}
    if len(fired) != sum(row["status"] == timers.FIRED for row in history.timers) or told != {
        seq: timers.told(row) for seq, row in fired.items()
    }:
        return "the fired timers are not those of its events"
    return None


def _wanted(history: History, procedure: Procedure, seen: Projection) -> Iterator[Mapping[str, Any]]:
    """Yield the timers of all running clocks, as the event that touched each clock last has armed them."""
    for piece in seen.work:
        if piece.ended_seq is None:
            yield {**timers.day_of_work(piece), "gen": piece.asked_seq}
    running = {one.clock: one for one in seen.clocks if one.open and not one.paused}
    for event in reversed(history.events):
        if not running:
            return
        effects = event.effects
        for name in clocks_touched(effects) & running.keys():
            for one in timers.limits_of(procedure.clocks[name], running.pop(name)):
                yield {**one, "clock": name, "gen": event.seq}
            for one in effects.get("warnings", ()):
                if one["clock"] == name:
                    yield {**one, "kind": timers.WARN, "gen": event.seq}


def _key(one: Mapping[str, Any] | RowMapping) -> tuple[str, int, str, int, int]:
    return one["clock"], one["gen"], one["kind"], one["step"], one["due_at_us"]


def _moment(one: RowMapping) -> tuple[str, str, int, int]:
    return one["clock"], one["kind"], one["step"], one["due_at_us"]
