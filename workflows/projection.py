"""What an instance looks like after its events: the fold from which every row can be rebuilt.

The engine writes rows only through `apply`, and replay uses the same function. So a row that differs from the
fold of its events was written by somebody else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from workflows.rows import AssignmentRow, ClockRow, CoHandlerRow, PauseRow, TaskRow, WorkRow

Changes = Mapping[str, Any]
"""The effects of one event, as canonical values; see `workflows.steps.plan_step` for the keys."""


@dataclass(frozen=True, slots=True)
class Projection:
    """An instance as its events tell it."""

    state: str = ""
    seq: int = 0
    row_version: int = 0
    owner_id: int = 0
    first_responder_id: int = 0
    unit_path: str = ""
    vars: Mapping[str, Any] = field(default_factory=dict)
    handover_to: int | None = None
    handover_unit: str | None = None
    clocks: tuple[ClockRow, ...] = ()
    assignments: tuple[AssignmentRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    work: tuple[WorkRow, ...] = ()
    co_handlers: tuple[CoHandlerRow, ...] = ()

    def running(self, clock: str) -> ClockRow | None:
        """Return the clock's present run, or None."""
        return next((row for row in self.clocks if row.clock == clock and row.open), None)

    def latest(self, clock: str) -> ClockRow | None:
        """Return the clock's latest run, open or ended, or None."""
        return next((row for row in reversed(self.clocks) if row.clock == clock), None)

    @property
    def next_due(self) -> ClockRow | None:
        """Return the running clock that falls due first; people work to its `alert_due`."""
        running = [row for row in self.clocks if row.open and not row.paused]
        return min(running, key=lambda row: (row.alert_due, row.legal_due, row.clock), default=None)


_CLOCK_KEYS = ("opened", "met", "moved", "paused", "resumed", "cancelled")
_TASK_KEYS = ("tasks", "met", "moved", "paused", "cancelled", "work_ended")
_WORK_KEYS = ("work_asked", "work_ended")
_CO_HANDLER_KEYS = ("co_handlers_named", "co_handlers_removed")


def apply(before: Projection, changes: Changes) -> Projection:
    """Return the projection after one more event with these changes.

    What an event does not concern is handed on as it is: replay goes through millions of them.
    """
    seq, has = before.seq + 1, changes.keys()
    owner_id, unit_path, assignments = before.owner_id, before.unit_path, before.assignments
    if "owner" in changes:
        owner = changes["owner"]
        owner_id, unit_path = owner["person"], owner["unit"]
        assignments = (
            *(replace(row, to_seq=seq) if row.to_seq is None else row for row in assignments),
            AssignmentRow(owner_id, unit_path, seq, None, owner["why"]),
        )
    handover_to, handover_unit = before.handover_to, before.handover_unit
    if "handover" in changes:
        offer = changes["handover"]
        handover_to, handover_unit = (None, None) if offer is None else (offer["to"], offer["unit"])
    return Projection(
        state=changes.get("state", before.state),
        seq=seq,
        row_version=before.row_version + int(changes.get("bump", 0)),
        owner_id=owner_id,
        first_responder_id=changes.get("first_responder", before.first_responder_id),
        unit_path=unit_path,
        vars={**before.vars, **changes["vars"]} if "vars" in changes else before.vars,
        handover_to=handover_to,
        handover_unit=handover_unit,
        clocks=before.clocks if has.isdisjoint(_CLOCK_KEYS) else _clocks(before.clocks, changes, seq),
        assignments=assignments,
        tasks=before.tasks if has.isdisjoint(_TASK_KEYS) else _tasks(before.tasks, changes, seq),
        work=before.work if has.isdisjoint(_WORK_KEYS) else _work(before.work, changes, seq),
        co_handlers=(
            before.co_handlers
            if has.isdisjoint(_CO_HANDLER_KEYS)
            else _co_handlers(before.co_handlers, changes, seq)
        ),
    )


def _clocks(rows: tuple[ClockRow, ...], changes: Changes, seq: int) -> tuple[ClockRow, ...]:
    steps = {key: {one["clock"]: one for one in changes.get(key, ())} for key in _ON_RUNNING}
    cancelled = set(changes.get("cancelled", ()))
    concerned = cancelled.union(*steps.values())
    kept = (
        _changed(row, steps, cancelled, seq) if row.clock in concerned and row.open else row for row in rows
    )
    return (*kept, *(_opened(one, seq) for one in changes.get("opened", ())))


_ON_RUNNING = ("resumed", "moved", "paused", "met")


def _changed(
    before: ClockRow, steps: Mapping[str, Mapping[str, Any]], cancelled: Collection[str], seq: int
) -> ClockRow:
    """Return a running clock after what one event did to it; a pause ends before its dates move."""
    row, clock = before, before.clock
    if clock in steps["resumed"]:
        row = _resume(row, steps["resumed"][clock])
    if clock in steps["moved"]:
        row = _move(row, steps["moved"][clock])
    if clock in steps["paused"]:
        row = replace(row, pauses=(*row.pauses, _pause(steps["paused"][clock])))
    if clock in steps["met"]:
        return replace(row, met_seq=seq, met_on=date.fromisoformat(steps["met"][clock]["on"]))
    return replace(row, cancelled_seq=seq) if clock in cancelled else row


def _pause(one: Changes) -> PauseRow:
    since = date.fromisoformat(one["since"])
    return PauseRow(since, None, one["paper"], one["by"], one.get("reason", ""), one.get("limited_by", ""))


def _resume(row: ClockRow, one: Changes) -> ClockRow:
    """Close the open pause; `to` before `since` means it lasted no whole day and counts nothing."""
    last = replace(row.pauses[-1], to=date.fromisoformat(one["to"]), end_paper=one.get("paper", ""))
    return replace(row, pauses=(*row.pauses[:-1], last))


def _move(row: ClockRow, one: Changes) -> ClockRow:
    """Give the run its new dates; by a move to another version also the day and the rules it counts by."""
    return replace(
        row,
        rule_set=one.get("rule_set", row.rule_set),
        start=date.fromisoformat(one["start"]) if "start" in one else row.start,
        n=one["n"],
        unit=one.get("unit", row.unit),
        calendar=one["calendar"],
        nominal=date.fromisoformat(one["nominal"]),
        alert_due=date.fromisoformat(one["alert_due"]),
        legal_due=date.fromisoformat(one["legal_due"]),
        provisional=one["provisional"],
        extended=row.extended or one["extended"],
    )


def _opened(one: Changes, seq: int) -> ClockRow:
    return ClockRow(
        clock=one["clock"],
        opened_seq=seq,
        rule_set=one["rule_set"],
        start=date.fromisoformat(one["start"]),
        n=one["n"],
        unit=one["unit"],
        calendar=one["calendar"],
        nominal=date.fromisoformat(one["nominal"]),
        alert_due=date.fromisoformat(one["alert_due"]),
        legal_due=date.fromisoformat(one["legal_due"]),
        provisional=one["provisional"],
        extended=one.get("extended", False),
    )


def _work(rows: tuple[WorkRow, ...], changes: Changes, seq: int) -> tuple[WorkRow, ...]:
    ended = {one["number"]: one["how"] for one in changes.get("work_ended", ())}
    kept = tuple(
        replace(row, ended_seq=seq, ended_how=ended[row.number]) if row.number in ended else row
        for row in rows
    )
    return (*kept, *(asked_work(one, seq) for one in changes.get("work_asked", ())))


def asked_work(one: Changes, seq: int) -> WorkRow:
    """Return the piece of work that an entry of `work_asked` tells of."""
    due = date.fromisoformat(one["due_on"])
    return WorkRow(one["number"], one["kind"], one["person"], due, one["by"], seq)


def _co_handlers(rows: tuple[CoHandlerRow, ...], changes: Changes, seq: int) -> tuple[CoHandlerRow, ...]:
    left = set(changes.get("co_handlers_removed", ()))
    kept = tuple(
        replace(row, to_seq=seq) if row.to_seq is None and row.person_id in left else row for row in rows
    )
    return (*kept, *(CoHandlerRow(one, seq) for one in changes.get("co_handlers_named", ())))


def work_clock(number: int) -> str:
    """Return the name under which the day of a piece of work stands among timers and tasks.

    No clock of a procedure has a full stop in its name.
    """
    return f"work.{number}"


def clocks_settled(changes: Changes) -> set[str]:
    """Return the clocks about which nobody need be reminded any more: met, cancelled, moved or paused, and
    the days of work that has ended.
    """
    settled = {one["clock"] for key in ("met", "moved", "paused") for one in changes.get(key, ())}
    return settled | set(changes.get("cancelled", ())) | work_settled(changes)


def work_settled(changes: Changes) -> set[str]:
    """Return the names of the days of work that has ended."""
    return {work_clock(one["number"]) for one in changes.get("work_ended", ())}


def clocks_touched(changes: Changes) -> set[str]:
    """Return the clocks whose timers must be armed anew."""
    opened = {one["clock"] for one in changes.get("opened", ())}
    return clocks_settled(changes) | opened | set(changes.get("kept", ()))


def ownership_gap(found: Projection) -> str | None:
    """Say where the owners do not follow on each other from the first event to now, or None.

    Their intervals must tile the matter's whole life: at every instant there is exactly one owner.
    """
    if not found.assignments:
        return "nobody ever owned it"
    expected: int | None = 1
    for row in found.assignments:
        if expected is None or row.from_seq != expected:
            return f"the ownership from event {row.from_seq} does not follow on the one before it"
        expected = row.to_seq
    last = found.assignments[-1]
    if last.to_seq is not None:
        return f"nobody owns it since event {last.to_seq}"
    if (last.person_id, last.unit_path) != (found.owner_id, found.unit_path):
        return "the last ownership is not the present owner's"
    return None


def _tasks(rows: tuple[TaskRow, ...], changes: Changes, seq: int) -> tuple[TaskRow, ...]:
    over = clocks_settled(changes)
    kept = tuple(
        replace(row, done_seq=seq) if row.done_seq is None and row.clock in over else row for row in rows
    )
    new = (
        TaskRow(seq, one["kind"], one["name"], one["clock"], one["person"])
        for one in changes.get("tasks", ())
    )
    return (*kept, *new)
