"""What an instance has beside its own row, as values: clocks, pauses, owners, tasks, work, co-handlers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PauseRow:
    """One interval in which a clock stands still, both days included; `to` is None while it lasts.

    `reason` is the action that began it, `limited_by` the clock that limits the waiting itself, `end_paper`
    the paper with which it ended. They are empty in events of before they were kept; the last one also where
    the clock went on without a paper.
    """

    since: date
    to: date | None
    paper: str
    approved_by: int
    reason: str = ""
    limited_by: str = ""
    end_paper: str = ""


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One run of one clock. `n` counts what `unit` says: `workday` or `day` (calendar)."""

    clock: str
    opened_seq: int
    rule_set: str
    start: date
    n: int
    unit: str
    calendar: str
    nominal: date
    alert_due: date
    legal_due: date
    provisional: bool
    met_seq: int | None = None
    met_on: date | None = None
    cancelled_seq: int | None = None
    extended: bool = False
    pauses: tuple[PauseRow, ...] = ()

    @property
    def open(self) -> bool:
        """Tell whether the clock still runs or is paused."""
        return self.met_seq is None and self.cancelled_seq is None

    @property
    def paused(self) -> bool:
        """Tell whether the clock stands still now."""
        return bool(self.pauses) and self.pauses[-1].to is None


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """Who owned the matter from one event to another; `to_seq` is None for the present owner."""

    person_id: int
    unit_path: str
    from_seq: int
    to_seq: int | None
    why: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """Something a person must look at: a warning, a last day, a limit missed."""

    seq: int
    kind: str
    name: str
    clock: str
    person_id: int
    done_seq: int | None = None


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A piece of work beside the states: who does what by which day (Asia/Shanghai), and what became of it.

    `number` counts within the instance. `ended_how` is `finish` or `call_off`, empty while it is open.
    """

    number: int
    kind: str
    person_id: int
    due_on: date
    asked_by: int
    asked_seq: int
    ended_seq: int | None = None
    ended_how: str = ""


@dataclass(frozen=True, slots=True)
class CoHandlerRow:
    """Who handled the matter beside its owner from one event to another; `to_seq` is None until then."""

    person_id: int
    from_seq: int
    to_seq: int | None = None
