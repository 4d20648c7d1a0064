"""A rehearsed move in numbers: for whoever plans it, also where that person reads no matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from complaints.organisation.units import unit_names
from workflows.definition import Action, Label
from workflows.runtime import migration
from workflows.runtime.engine import Engine
from workflows.versioning.migration_plans import MigrationPlan

MOST = 1_000
"""Matters that a page goes through; the command line goes through all."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a move would make of the matters, counted; none is named."""

    looked_at: int
    more: bool
    """Whether there are more than were looked at."""
    states: Counter[tuple[str, str]]
    """By the state before and after."""
    staying: Counter[Label]
    """By the reason why a matter would stay where it is."""
    clocks: Counter[tuple[str, str, int]]
    """By clock, what becomes of it, and by how many days its last day moves."""
    units: Counter[str]
    """By the name of the unit that holds the matter."""
    lost: tuple[Label, ...]
    gained: tuple[Label, ...]
    handovers: int
    tasks: int


def rehearsal(
    session: Session, engine: Engine, plan: MigrationPlan, among: ColumnElement[bool] | None = None
) -> Rehearsal:
    """Rehearse the plan on the first thousand matters, `among` those a reader may see, and count.

    Raises DefinitionError where the plan leaves something without an answer.
    """
    rows = migration.rehearse(session.connection(), engine, plan, up_to=MOST + 1, among=among)
    more, rows = len(rows) > MOST, rows[:MOST]
    moving = [one for one in rows if not one.move.reasons]
    units = Counter(one.row["unit_path"] for one in rows)
    names = unit_names(session, units)
    return Rehearsal(
        looked_at=len(rows),
        more=more,
        states=Counter((one.move.state, one.move.target) for one in moving),
        staying=Counter(why.text for one in rows for why in one.move.reasons[:1]),
        clocks=Counter((each.clock, each.what, each.days or 0) for one in moving for each in one.move.clocks),
        units=Counter({names.get(path, path): number for path, number in units.items()}),
        lost=tuple(_labels(action for one in moving for action in one.move.lost)),
        gained=tuple(_labels(action for one in moving for action in one.move.gained)),
        handovers=sum(one.handover_waits for one in moving),
        tasks=sum(one.open_tasks for one in moving),
    )


def _labels(actions: Iterable[Action]) -> Iterable[Label]:
    """Return what the actions are called, each once."""
    return {one.name: one.label for one in actions}.values()
