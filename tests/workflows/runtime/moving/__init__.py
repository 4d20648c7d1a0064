"""The toy in two versions, the rules of both halves of 2026, and the plan from the one to the other."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.workflows.loan import lent_not_ahead, reader_known
from tests.workflows.runtime import world
from workflows import generic_guards
from workflows.definition import Procedure
from workflows.guards import GuardRegistry
from workflows.loading import load_procedures
from workflows.proving.invariants import invariant
from workflows.proving.situations import Situation
from workflows.rule_files import load_rule_book
from workflows.versioning.migration_plans import MigrationPlan, load_plan
from workflows.versioning.versions import Library

HERE = Path(__file__).parent
PLAN = (HERE / "plans" / "loan.1-2.yaml").read_text(encoding="utf-8")


@invariant("借出的书总知道由谁借出。", "Of a book that is out it is known who lent it.", reads=("lent_by",))
def lender_known(_procedure: Procedure, now: Situation) -> bool:
    return now.state not in ("lent", "rebinding") or bool(now.vars.get("lent_by"))


@cache
def two_versions() -> Library:
    guards = GuardRegistry([*generic_guards.GUARDS, reader_known, lent_not_ahead, world.no_open_repair])
    procedures = (*load_procedures(world.HERE), *load_procedures(HERE))
    return Library(
        procedures,
        load_rule_book(HERE / "rules"),
        guards,
        roles={"librarian", "keeper"},
        invariants=[lender_known],
    )


def plan(text: str = PLAN) -> MigrationPlan:
    return load_plan(text, "loan.1-2.yaml")


def old_and_new():
    known = two_versions()
    return known.get("loan", 1).procedure, known.get("loan", 2).procedure
