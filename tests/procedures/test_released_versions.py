"""What is shipped is held once it is released; every condition it names has a name people read."""

from __future__ import annotations

import pytest

from complaints.reference.guard_labels import guard_labels
from tests.procedures import office
from workflows.definition_files import DefinitionError
from workflows.loading import PROCEDURES, load_procedure
from workflows.versioning.migration_plans import PLANS, load_plan
from workflows.versioning.plan_checks import check_plan
from workflows.versioning.versions import Release, check_released

SHIPPED = sorted(path for path in PROCEDURES.glob("*.[0-9]*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_released_file_keeps_all_that_decides_and_may_be_reworded(path) -> None:
    text = path.read_text(encoding="utf-8")
    shipped = load_procedure(text, path.name)
    released = [Release(shipped.name, shipped.version, shipped.fingerprint)]
    better = load_procedure(text.replace("label: {zh: ", "label: {zh: 新", 3), path.name)
    assert better.label != shipped.label
    check_released([better], released)
    edited = load_procedure(text.replace("@self]", "@up]", 1), path.name)
    with pytest.raises(DefinitionError, match=f"this released version was changed.*{shipped.version + 1}"):
        check_released([edited], released)


def test_every_shipped_plan_answers_for_everything() -> None:
    library = office.library()
    for path in sorted(PLANS.glob("*.yaml")):
        plan = load_plan(path.read_text(encoding="utf-8"), path.name)
        assert path.name == f"{plan.procedure}.{plan.from_version}-{plan.to_version}.yaml"
        old, new = (
            library.get(plan.procedure, one).procedure for one in (plan.from_version, plan.to_version)
        )
        check_plan(plan, old, new)


def test_every_condition_has_a_name_that_people_read() -> None:
    needed = {
        name
        for one in office.library().procedures
        for action in one.actions.values()
        for name in action.needs
    }
    unnamed = sorted(needed - set(guard_labels()))
    assert not unnamed, f"give these a label in complaints/reference/data/guard-labels.yaml: {unnamed}"
