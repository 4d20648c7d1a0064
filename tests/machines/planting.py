"""Faults planted in what the application is made of: its guards, its procedures, what a step changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from complaints import app as application
from complaints.dossier import engine as engines
from complaints.organisation.roles import ROLES
from tests.machines.town import Town
from workflows import steps
from workflows.definition import Procedure
from workflows.guards import Guard
from workflows.loading import load_procedures
from workflows.proving.model_report import Abstracted, Proof
from workflows.runtime import engine, step_record
from workflows.versioning import versions

Patch = pytest.MonkeyPatch
Plant = Callable[[Town, Patch], None]
Changes = dict[str, Any]


def engine_of_its_own(town: Town, patch: Patch) -> None:
    """Give the bureau procedures that nobody else asks.

    Those of the process remember verdicts, also the wrong ones of a planted fault, which then would be
    found by what an earlier one left, and by healthy tests too.
    """
    with pytest.MonkeyPatch.context() as building:
        _unproved(building)
        building.setattr(engines, "_verified", engines._verified.__wrapped__)
        made = engines.build_engine(application.GUARDS, application.INVARIANTS, ROLES, town.clock)
    patch.setattr(town, "engine", made)


def _unproved(patch: Patch) -> None:
    nothing = Abstracted((), (), (), (), ())
    patch.setattr(
        versions, "prove", lambda one, *_: Proof(one.name, one.version, (), (), 0, 0, 0.0, nothing, ())
    )


def _promises_off(patch: Patch) -> None:
    """Have neither the model checker nor the engine find the fault first: the machine shall."""
    _unproved(patch)
    patch.setattr(step_record, "first_broken", lambda *_: None)


def without_guard(name: str) -> Plant:
    """A guard that lets everything pass."""

    def plant(town: Town, patch: Patch) -> None:
        _promises_off(patch)
        planted = [
            Guard(name, lambda _facts: None) if one.name == name else one for one in application.GUARDS
        ]
        patch.setattr(
            town, "engine", engines.build_engine(planted, application.INVARIANTS, ROLES, town.clock)
        )

    return plant


def saying(kind: str, action: str, **said: Any) -> Plant:
    """A procedure whose file says something else of one action."""

    def otherwise(one: Procedure) -> Procedure:
        if one.name != kind:
            return one
        changed = {**one.actions, action: replace(one.actions[action], **said)}
        return replace(one, actions=MappingProxyType(changed))

    def load(directory: Path) -> tuple[Procedure, ...]:
        return tuple(otherwise(one) for one in load_procedures(directory))

    def plant(town: Town, patch: Patch) -> None:
        _promises_off(patch)
        patch.setattr(engines, "load_procedures", load)
        patch.setattr(engines, "_verified", engines._verified.__wrapped__)
        patch.setattr(
            town,
            "engine",
            engines.build_engine(application.GUARDS, application.INVARIANTS, ROLES, town.clock),
        )

    return plant


def changing(change: Callable[[str, Changes], None]) -> Plant:
    """A step that plans something else than the procedure says."""

    def plant(_town: Town, patch: Patch) -> None:
        _promises_off(patch)
        whole = steps.plan_step

        def planned(procedure: Any, action: Any, *more: Any) -> Changes:
            changes = whole(procedure, action, *more)
            change(action.name, changes)
            return changes

        patch.setattr(engine, "plan_step", planned)

    return plant
