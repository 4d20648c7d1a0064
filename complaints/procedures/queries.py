"""What the pages of the procedures show: versions with counts, limits over time, a rehearsed matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from complaints.dossier.clock_views import localised
from complaints.dossier.procedure_versions import RehearsedMatter
from complaints.dossier.visibility import visible_to
from complaints.dossier.work import Work
from complaints.foundation.errors import NotFound
from workflows.definition import ClockRule, Procedure
from workflows.export.counts import Counts, counts_by_state
from workflows.rule_sets import Limit, RuleBook, RuleSet
from workflows.runtime.tables import instance
from workflows.runtime.version_counts import running_by_state
from workflows.runtime.version_facts import VersionFacts, version_facts
from workflows.versioning.migration_plans import MigrationPlan, plan_file, read_plan
from workflows.versioning.migration_words import move_lines, state_words


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version. `earlier` is the version before it, with which it can be compared; `states` counts the
    matters on it that the reader may see, by state, and is None where the reader sees no matters at all;
    `running` counts those of them that are under way.
    """

    facts: VersionFacts
    earlier: int | None
    states: Mapping[str, int] | None
    running: Mapping[str, int] | None

    @property
    def procedure(self) -> Procedure:
        """The definition."""
        return self.facts.procedure

    @property
    def name(self) -> str:
        """Code name of the procedure."""
        return self.procedure.name

    @property
    def version(self) -> int:
        """Its number."""
        return self.procedure.version

    @property
    def label(self) -> str:
        """What the procedure is called."""
        return localised(self.procedure.label)

    @property
    def instrument(self) -> str:
        """By which instrument it was made."""
        return localised(self.facts.instrument)

    @property
    def open_matters(self) -> int | None:
        """How many matters that the reader may see are under way on it."""
        return None if self.running is None else sum(self.running.values())


@dataclass(frozen=True, slots=True)
class DatedLimit:
    """How long a clock runs by one rule set."""

    rule_set: RuleSet
    limit: Limit

    @property
    def all(self) -> tuple[Limit, ...]:
        """The limit with those that bind beside it: the earliest day counts."""
        return (self.limit, *self.limit.alternatives)


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One matter of a rehearsal in words; `stays` where the plan cannot carry it over."""

    number: str
    state: str
    lines: tuple[str, ...]
    stays: bool
    handover_waits: bool
    open_tasks: int


def version_rows(work: Work, *, counted: bool, name: str = "") -> tuple[VersionRow, ...]:
    """Return every version of one procedure or of all, the latest first; three questions count all."""
    states: Counts | None = None
    running: Counts | None = None
    if counted:
        only = (instance.c.procedure == name,) if name else ()
        connection, seen = work.session.connection(), (visible_to(work.actor), *only)
        states, running = counts_by_state(connection, *seen), running_by_state(connection, *seen)
    rows: list[VersionRow] = []
    for one in version_facts(work.engine.library, work.today):
        key = one.procedure.name, one.procedure.version
        earlier = rows[-1].version if rows and rows[-1].name == key[0] else None
        counts = (None if found is None else found.get(key, {}) for found in (states, running))
        rows.append(VersionRow(one, earlier, *counts))
    listed = (one for one in rows if name in ("", one.name))
    return tuple(sorted(listed, key=lambda one: (one.name, -one.version)))


def one_version(rows: Sequence[VersionRow], name: str, version: int | None = None) -> VersionRow:
    """Return one row, without a number that of the version in force, else the latest. Raises NotFound."""
    found = [one for one in rows if one.name == name and version in (None, one.version)]
    if not found:
        raise NotFound(_("There is no such procedure or version: choose one of the list."))
    return next((one for one in found if one.facts.in_force), found[0])


def limits(procedure: Procedure, rules: RuleBook) -> list[tuple[ClockRule, list[DatedLimit]]]:
    """Return how long each clock of the procedure runs by the rules of which time, the latest first."""
    ordered = sorted(rules.all, key=lambda one: one.valid_from, reverse=True)
    found = []
    for clock in procedure.clocks.values():
        lines = [DatedLimit(one, one.limits[clock.name]) for one in ordered if clock.name in one.limits]
        if lines:
            found.append((clock, lines))
    return found


def shipped_plan(name: str, old: int, new: int) -> MigrationPlan | None:
    """Return the plan that came with this program, or None where it has none for these versions."""
    if not plan_file(name, old, new).is_file():
        return None
    return read_plan(name, old, new)


def move_row(one: RehearsedMatter, old: Procedure, new: Procedure, language: str) -> MoveRow:
    """Return one matter of a rehearsal in words."""
    move = one.rehearsed.move
    return MoveRow(
        one.number,
        state_words(move, old, new, language),
        move_lines(move, old, new, language),
        bool(move.reasons),
        one.rehearsed.handover_waits,
        one.rehearsed.open_tasks,
    )
