"""What the pages of the procedures show, put together for reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from complaints.dossier.clock_views import localised
from complaints.dossier.procedure_versions import RehearsedMatter
from complaints.foundation.errors import NotFound
from workflows.definition import Procedure
from workflows.migration_plans import MigrationPlan, plan_file, read_plan
from workflows.migration_words import move_lines, state_words
from workflows.runtime.engine import Engine
from workflows.runtime.version_facts import VersionFacts, version_facts


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the list. `earlier` is the version before it, with which it can be compared."""

    facts: VersionFacts
    earlier: int | None

    @property
    def name(self) -> str:
        """Code name of the procedure."""
        return self.facts.procedure.name

    @property
    def version(self) -> int:
        """Its number."""
        return self.facts.procedure.version

    @property
    def label(self) -> str:
        """What the procedure is called."""
        return localised(self.facts.procedure.label)

    @property
    def instrument(self) -> str:
        """By which instrument it was made."""
        return localised(self.facts.instrument)


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One matter of a rehearsal in words; `stays` where the plan cannot carry it over."""

    number: str
    state: str
    lines: tuple[str, ...]
    stays: bool
    handover_waits: bool
    open_tasks: int


def version_rows(session: Session, engine: Engine) -> tuple[VersionRow, ...]:
    """Return every version with its running matters, the latest of each procedure first."""
    found = version_facts(engine.library, engine.today(), session.connection())
    earlier: dict[tuple[str, int], int | None] = {}
    last: dict[str, int] = {}
    for one in found:
        name, version = one.procedure.name, one.procedure.version
        earlier[name, version] = last.get(name)
        last[name] = version
    rows = [VersionRow(one, earlier[one.procedure.name, one.procedure.version]) for one in found]
    return tuple(sorted(rows, key=lambda one: (one.name, -one.version)))


def one_version(rows: tuple[VersionRow, ...], name: str, version: int) -> VersionRow:
    """Return one row. Raises NotFound."""
    for one in rows:
        if (one.name, one.version) == (name, version):
            return one
    raise NotFound(_("There is no such page, or it is not yours to see."))


def counts(row: VersionRow) -> Mapping[str, int]:
    """Return how many matters stand in each state."""
    return row.facts.running or {}


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
