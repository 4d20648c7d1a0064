"""Versions of the procedures as this application's people read them: compared in words, a move rehearsed.

The command line and the page show the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from complaints.dossier.models import Matter
from complaints.organisation.roles import LABELS
from complaints.reference.guard_labels import guard_labels
from workflows.runtime import migration
from workflows.runtime.engine import Engine
from workflows.runtime.migration import Rehearsed
from workflows.runtime.version_counts import Running, running
from workflows.versioning.difference_document import Section, sections
from workflows.versioning.difference_words import Vocabulary
from workflows.versioning.migration_plans import MigrationPlan


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions in words, and the matters that run on the first of them."""

    sections: tuple[Section, ...]
    running: Running


@dataclass(frozen=True, slots=True)
class RehearsedMatter:
    """One matter of a rehearsal, or of the move itself, by its number."""

    number: str
    rehearsed: Rehearsed


def vocabulary(*, codes: bool = True) -> Vocabulary:
    """Return what roles and conditions are called here."""
    return Vocabulary({role.value: label for role, label in LABELS.items()}, guard_labels(), codes)


def compared(
    session: Session, engine: Engine, procedure: str, old: int, new: int, language: str, *, codes: bool = True
) -> Comparison:
    """Compare two versions, `codes` beside the labels or not. Raises DefinitionError where one is unknown."""
    library = engine.library
    before, after = library.get(procedure, old).procedure, library.get(procedure, new).procedure
    counted = running(session.connection(), procedure, old)
    return Comparison(
        sections(before, after, library, language, vocabulary(codes=codes), counted.touched),
        counted,
    )


def rehearsed(
    session: Session,
    engine: Engine,
    plan: MigrationPlan,
    after: int = 0,
    up_to: int = migration.BATCH,
    among: ColumnElement[bool] | None = None,
) -> list[RehearsedMatter]:
    """Return what would become of the next matters, by the engine's id after `after`, `among` those seen.

    Four queries, however many. Raises DefinitionError where the plan leaves something without an answer.
    """
    return _numbered(session, migration.rehearse(session.connection(), engine, plan, after, up_to, among))


def all_rehearsed(session: Session, engine: Engine, plan: MigrationPlan) -> Iterator[RehearsedMatter]:
    """Yield what would become of every matter that the plan concerns."""
    after = 0
    while portion := rehearsed(session, engine, plan, after):
        yield from portion
        after = portion[-1].rehearsed.instance_id


def numbered(session: Session, one: Rehearsed) -> RehearsedMatter:
    """Return one matter of the move with its number."""
    return _numbered(session, [one])[0]


def _numbered(session: Session, rows: Sequence[Rehearsed]) -> list[RehearsedMatter]:
    ids = [one.row["subject_id"] for one in rows]
    numbers = {
        row.id: row.number
        for row in session.execute(select(Matter.id, Matter.number).where(Matter.id.in_(ids)))
    }
    return [RehearsedMatter(numbers.get(one.row["subject_id"], ""), one) for one in rows]
