"""What a version said is kept, and a version on which matters run does not change."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.workflows.runtime.world import World, library
from workflows.definition import Label, Procedure
from workflows.definition_files import DefinitionError
from workflows.runtime.definitions import falsified, record_definitions
from workflows.versioning.fingerprints import fingerprint
from workflows.versioning.versions import Library


def changed(name: str, change: Callable[[Procedure], Procedure]) -> Library:
    known = library()
    listed = [change(one) if one.name == name else one for one in known.procedures]
    return Library(
        [replace(one, fingerprint=fingerprint(one)) for one in listed], known.rule_book, known.guards
    )


def fewer_warnings(procedure: Procedure) -> Procedure:
    clocks = {name: replace(clock, warn=()) for name, clock in procedure.clocks.items()}
    return replace(procedure, clocks=clocks)


def better_words(procedure: Procedure) -> Procedure:
    return replace(procedure, label=Label("图书外借", "Loan of a book"))


def record(world: World, known: Library) -> list[tuple[str, int]]:
    with world.writing() as connection:
        return record_definitions(connection, known, world.now_us)


def test_every_version_is_recorded_once(world: World) -> None:
    assert record(world, library()) == [("loan", 1), ("repair", 1)]
    assert record(world, library()) == []
    rows = world.rows("SELECT * FROM wf_definition ORDER BY name")
    assert [row["fingerprint"] for row in rows] == [one.fingerprint for one in library().procedures]
    assert json.loads(rows[0]["source"])["states"]["asked"]["label"] == {"en": "Asked", "zh": "已申请"}


def test_a_draft_nobody_runs_on_may_change(world: World) -> None:
    record(world, library())
    known = changed("repair", fewer_warnings)
    world.start()
    assert record(world, known) == [("repair", 1)]
    (row,) = world.rows("SELECT * FROM wf_definition WHERE name = 'repair'")
    assert row["fingerprint"] == known.get("repair", 1).procedure.fingerprint


def test_a_version_with_running_matters_does_not_change(world: World) -> None:
    record(world, library())
    world.start(1)
    world.start(2)
    with pytest.raises(DefinitionError, match=r"loan\.1\.yaml was changed, but .*\(2 of them\).* version 2"):
        record(world, changed("loan", fewer_warnings))
    (row,) = world.rows("SELECT * FROM wf_definition WHERE name = 'loan'")
    assert row["fingerprint"] == library().get("loan", 1).procedure.fingerprint


def test_better_words_are_recorded_even_while_matters_run(world: World) -> None:
    record(world, library())
    world.start()
    assert record(world, changed("loan", better_words)) == [("loan", 1)]
    (row,) = world.rows("SELECT * FROM wf_definition WHERE name = 'loan'")
    assert "图书外借" in row["source"]


FALSIFIED = {
    "UPDATE wf_definition SET source = 'x' WHERE name = 'loan'": "says otherwise",
    "UPDATE wf_definition SET source = replace(source, '\"keeper\"', '\"reader\"')": "says otherwise",
    "UPDATE wf_definition SET fingerprint = '0' WHERE name = 'loan'": "has another fingerprint",
    "DELETE FROM wf_definition WHERE name = 'loan'": "there is no record of loan version 1",
}


@pytest.mark.parametrize("sql", FALSIFIED)
def test_a_record_that_was_changed_past_the_program_is_named(world: World, sql: str) -> None:
    world.start()
    with world.reading() as connection:
        assert list(falsified(connection, library())) == []
    record(world, library())
    with world.reading() as connection:
        assert list(falsified(connection, library())) == []
        assert list(falsified(connection, changed("loan", better_words))) == []
        assert list(falsified(connection, changed("loan", fewer_warnings)))
        assert list(falsified(connection, changed("repair", fewer_warnings))) == []
    world.run(sql)
    with world.reading() as connection:
        found = list(falsified(connection, library()))
    assert [FALSIFIED[sql] in one for one in found] == [True]
