"""The stages everyone knows: where a matter has been, is, will be, and what it left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from complaints.dossier.choice_labels import CHOICES
from complaints.dossier.clock_views import day_text, localised
from complaints.dossier.progress import Standing, procedure_of, remembered_by
from complaints.dossier.work import Work
from complaints.dossier.worklists import MatterRow
from complaints.foundation.clock import SHANGHAI
from workflows.definition import Procedure, StateKind
from workflows.guards import day_of


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage: `state` is done, here, skip (not taken by this matter) or todo."""

    key: str
    label: str
    state: str
    lines: tuple[str, ...] = ()
    tag: str = ""
    url: str = ""
    link: str = ""


def stages(
    work: Work, here: Standing, states: Sequence[str], known: Mapping[str, Any], leads: Sequence[MatterRow]
) -> list[StageView]:
    """Return the stages of the matter's procedure.

    `states` are those it has been in, oldest first; `known` its variables; a lead beside it is a link under
    the stage that the complaint itself may never take.
    """
    procedure = procedure_of(work, here)
    order = list(procedure.stages)
    had = remembered_by(work, here).states
    been = {had[one].stage for one in states}
    present = procedure.states[here.state]
    at = order.index(present.stage)
    # an aside goes no further itself: whoever called is called back about the matter that carries it on
    ended = present.kind in (StateKind.FINAL, StateKind.ASIDE)
    told = _lines(work, here, known)
    found = []
    for place, key in enumerate(order):
        if key == present.stage:
            state = "done" if ended else "here"
        elif place < at:
            state = "done" if key in been else "skip"
        else:
            state = "skip" if _optional(procedure, key) or ended else "todo"
        here_now = key == present.stage
        reached = state in ("done", "here")
        lines = told.get(key, ()) if reached else _ahead(key, state, over=place < at or ended)
        lead = leads[0] if key == "transferred" and leads else None
        found.append(
            StageView(
                key,
                localised(procedure.stages[key]),
                state,
                lines,
                localised(present.label) if here_now else "",
                f"#lead-{lead.number}" if lead else "",
                _lead_words(leads) if lead else "",
            )
        )
    return found


def _optional(procedure: Procedure, stage: str) -> bool:
    """Tell whether a matter may rightly never come to the stage."""
    return all(one.optional_stage for one in procedure.states.values() if one.stage == stage)


def _lead_words(leads: Sequence[MatterRow]) -> str:
    count = ngettext("%(num)d lead beside it", "%(num)d leads beside it", len(leads))
    return f"{count} · {leads[-1].state_label}"


def _ahead(key: str, state: str, *, over: bool) -> tuple[str, ...]:
    """Say what a stage waits for, or that the matter itself did not take it."""
    if state == "skip":
        return (_("not taken by this matter") if over else _("not taken so far"),)
    waiting = {"closed": _("after the result was told"), "revisited": _("after closing")}
    return (waiting[key],) if key in waiting else ()


def _lines(work: Work, here: Standing, known: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what is to be said under the stages that were reached."""
    matter = here.matter
    found: dict[str, list[str]] = {"received": [moment_text(matter.received_at)]}
    decided = day_of(known.get("decided_on"))
    if decided is not None and decided >= matter.received_on:
        days = work.time_rules.calendar.working_days_between(matter.received_on, decided)
        words = _("decided on working day %(n)d", n=days) if days else _("decided on the day of receipt")
        found["received"].append(words)
    sessions = known.get("sessions", 0)
    if sessions:
        words = ngettext("%(num)d session held", "%(num)d sessions held", sessions)
        found.setdefault("mediated", []).append(words)
    for key, name in (("mediated", "ended_on"), ("closed", "closed_on"), ("revisited", "revisited_on")):
        day = day_of(known.get(name))
        if day is not None:
            found.setdefault(key, []).append(day_text(day))
    grade = known.get("grade")
    if grade in CHOICES:
        found.setdefault("revisited", []).append(localised(CHOICES[str(grade)]))
    return {key: tuple(lines) for key, lines in found.items()}


def moment_text(at: datetime) -> str:
    """Write an instant as 2026-11-24 (周二) 16:40, in Asia/Shanghai."""
    local = at.astimezone(SHANGHAI)
    return f"{day_text(local.date())} {local:%H:%M}"
