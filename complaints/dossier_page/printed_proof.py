"""The proof of a limit on paper, for a review body or a court: what the page shows, and what it rests on.

Everything comes from the log, the pauses on record and the calendar's revision by which the run was counted,
so the same paper can be printed years later.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from complaints.dossier.clock_views import day_text, localised
from complaints.dossier.moved_words import moved_words
from complaints.dossier.progress import Standing, procedure_of
from complaints.dossier.work import Work
from complaints.dossier_page.pauses import when
from complaints.dossier_page.proof import Proof, counted_by, not_counted, proof_of, run_of
from complaints.foundation.clock import local_moment
from complaints.organisation.people import SYSTEM_ID, person_names
from complaints.organisation.units import unit_names
from workflows.rows import ClockRow
from workflows.runtime import calendar_table, event_log, migration, recount
from workflows.runtime.event_log import Event
from workflows.runtime.planned_moves import moves_of


@dataclass(frozen=True, slots=True)
class Step:
    """One event that bears on the run: its number in the log, when, by whom, and what it did to the limit."""

    seq: int
    at: str
    what: str
    who: str
    effect: str


@dataclass(frozen=True, slots=True)
class PauseOnRecord:
    """One stretch that is not counted: by which paper it began and ended, and who approved it."""

    when: str
    paper: str
    end_paper: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything the printed page shows."""

    proof: Proof
    unit: str
    received: str
    state: str
    rule_set: str
    begun: Step
    begun_hash: str
    hash_alg: str
    steps: list[Step]
    pauses: list[PauseOnRecord]
    notices: list[str]
    made_at: str
    changed_since: str
    """What it means that the calendar has a newer revision than the run was counted by; empty if it has not.
    """
    recount: str
    """The command that counts it again."""
    verify: str
    """The command that checks the log from which all of it comes."""
    printed_by: str
    printed_at: str


def printed(work: Work, here: Standing, key: str) -> Paper:
    """Return the paper of the run `name-seq`. Raises NotFound where the matter has no such run."""
    row = run_of(work, here, key)
    events = [
        one for one in event_log.events_of(work.connection, here.instance_id) if one.seq >= row.opened_seq
    ]
    people = person_names(
        work.session, [*{one.actor_id for one in events}, *{one.approved_by for one in row.pauses}]
    )
    proof = proof_of(work, here, row)
    bearing = (_step(one, row, work, people, internal=proof.clock.internal) for one in events)
    steps = [step for step in bearing if step is not None]
    path = here.row["unit_path"]
    revision = calendar_table.revision_row(work.connection, row.calendar)
    return Paper(
        proof=proof,
        unit=unit_names(work.session, [path]).get(path, path),
        received=day_text(here.matter.received_on),
        state=localised(procedure_of(work, here).states[here.state].label),
        rule_set=row.rule_set,
        begun=steps[0],
        begun_hash=events[0].hash,
        hash_alg=events[0].hash_alg,
        steps=steps,
        pauses=[
            PauseOnRecord(when(one), one.paper, one.end_paper, people.get(one.approved_by, ""))
            for one in row.pauses
        ],
        notices=_notices(work, row),
        made_at=f"{local_moment(revision['made_at_us']):%Y-%m-%d %H:%M}" if revision else "",
        changed_since=_changed_since(work, row),
        recount=_command(work, row),
        verify=f"cli log verify --instance {here.instance_id}",
        printed_by=f"{work.actor.name} ({work.actor.unit_name})",
        printed_at=f"{local_moment(work.clock.now_us()):%Y-%m-%d %H:%M:%S}",
    )


def _notices(work: Work, row: ClockRow) -> list[str]:
    """Return the notices of the years that the run touches, and what stands for a year without one."""
    calendar = counted_by(work, row)
    years = {one.year: one.source for one in calendar.years}
    found = []
    for year in range(row.start.year, row.legal_due.year + 1):
        source = years.get(year)
        if source is None:
            decree = calendar.statutory.rule_for(year).decree
            found.append(
                _("%(year)s: no notice yet; statutory holidays by %(decree)s", year=year, decree=decree)
            )
        else:
            number = _(" (%(number)s)", number=source.number) if source.number else ""
            found.append(f"{source.title}{number}")
    return found


def _changed_since(work: Work, row: ClockRow) -> str:
    if row.calendar == work.time_rules.calendar.revision:
        return ""
    if not row.open:
        return _(
            "The calendar has changed since. This limit had ended before, so it stays counted as it was."
        )
    if row.paused:
        return _("The calendar has changed since. The limit is counted by the present one when it goes on.")
    if moves_of(row, work.time_rules) is None:
        return _("The calendar has changed since. By the present one the same dates come out.")
    return _("The calendar has changed since. The limit is being counted again by the present one.")


def _command(work: Work, row: ClockRow) -> str:
    words = [
        "cli",
        "calendar",
        "due",
        "--start",
        row.start.isoformat(),
        "--n",
        str(row.n),
        "--unit",
        row.unit,
    ]
    for one in not_counted(row, work.today):
        words += ["--pause", f"{one.first}..{one.last}"]
    words += ["--calendar", row.calendar, "--explain"]
    return shlex.join(words)


# -- the events ---------------------------------------------------------------------------------------------


def _step(
    event: Event, row: ClockRow, work: Work, people: Mapping[int, str], *, internal: bool
) -> Step | None:
    """Return the event as a line where it bears on this run, named as in the version it was done by."""
    if _later_run_began(event, row):
        return None
    effect = _effect(event, row, internal=internal)
    if not effect:
        return None
    action = work.engine.library.get(event.procedure, event.version).procedure.actions.get(event.action)
    names = {
        "start": _("Registered"),
        recount.KIND: _("Holiday notice"),
        migration.KIND: _("Version of the procedure"),
    }
    return Step(
        event.seq,
        f"{local_moment(event.at_us):%Y-%m-%d %H:%M:%S}",
        names.get(event.kind, localised(action.label) if action else event.action),
        _("System") if event.actor_id == SYSTEM_ID else people.get(event.actor_id, ""),
        effect,
    )


def _later_run_began(event: Event, row: ClockRow) -> bool:
    """Tell whether the run was over before the event: what it says of the clock is about another run."""
    over = min((one for one in (row.met_seq, row.cancelled_seq) if one is not None), default=None)
    return over is not None and event.seq > over


def _effect(event: Event, row: ClockRow, *, internal: bool) -> str:
    effects, said = event.effects, []
    if event.seq == row.opened_seq:
        opened = _of(effects.get("opened", ()), row.clock)
        return _("the limit begins: %(dates)s", dates=_dates(opened, internal=internal)) if opened else ""
    if resumed := _of(effects.get("resumed", ()), row.clock):
        said.append(_("goes on, not counted up to %(day)s", day=_day(resumed["to"])))
    if moved := _of(effects.get("moved", ()), row.clock):
        said.append(_("counted again: %(dates)s", dates=_dates(moved, internal=internal)))
    if paused := _of(effects.get("paused", ()), row.clock):
        said.append(_("stands still from %(day)s", day=_day(paused["since"])))
    if met := _of(effects.get("met", ()), row.clock):
        said.append(_("met on %(day)s", day=_day(met["on"])))
    if row.clock in effects.get("cancelled", ()):
        said.append(_("ends without having been met"))
    return _("; ").join(said)


def _of(entries: Sequence[Mapping[str, Any]], clock: str) -> Mapping[str, Any] | None:
    return next((one for one in entries if one["clock"] == clock), None)


def _dates(found: Mapping[str, Any], *, internal: bool) -> str:
    """Write the length and the end that an event gave the run, or which of its days it moved."""
    if found.get("was"):
        return moved_words(found["was"], found, internal=internal)
    day = _day(found["legal_due"])
    text = (
        _("%(n)s days, limit %(day)s", n=found["n"], day=day)
        if internal
        else _("%(n)s days, legal limit %(day)s", n=found["n"], day=day)
    )
    return _("%(day)s (provisional)", day=text) if found["provisional"] else text


def _day(text: str) -> str:
    return day_text(date.fromisoformat(text))
