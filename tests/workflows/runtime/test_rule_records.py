"""What a rule set said is kept, and a set by which clocks were counted does not change."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.workflows.runtime.world import HERE, World, library
from workflows.definition_files import DefinitionError
from workflows.rule_files import load_rule_set
from workflows.rule_sets import RuleBook
from workflows.runtime.rule_records import check_rule_sets, falsified, record_rule_sets

TEXT = (HERE / "rules" / "reading-room.yaml").read_text(encoding="utf-8")


def book(old: str = "", new: str = "") -> RuleBook:
    assert old in TEXT
    return RuleBook([load_rule_set(TEXT.replace(old, new, 1) if old else TEXT, "reading-room.yaml")])


def record(world: World, known: RuleBook) -> list[str]:
    with world.writing() as connection:
        return record_rule_sets(connection, known, world.now_us)


def test_every_set_is_recorded_once(world: World) -> None:
    assert record(world, library().rule_book) == ["reading-room-2026"]
    assert record(world, library().rule_book) == []
    (row,) = world.rows("SELECT * FROM wf_rule_set")
    assert json.loads(row["source"])["limits"]["due"]["n"] == 30


def test_a_draft_by_which_nothing_was_counted_may_change(world: World) -> None:
    record(world, book())
    assert record(world, book("n: 30", "n: 31")) == ["reading-room-2026"]
    (row,) = world.rows("SELECT * FROM wf_rule_set")
    assert json.loads(row["source"])["limits"]["due"]["n"] == 31


def test_a_set_by_which_a_clock_was_counted_does_not_change(world: World) -> None:
    record(world, book())
    world.start()
    with pytest.raises(DefinitionError, match=r"The rule set reading-room-2026 was changed.*set of its own"):
        record(world, book("n: 30", "n: 31"))
    with world.writing() as connection, pytest.raises(DefinitionError, match="is gone"):
        check_rule_sets(connection, RuleBook([]))
    (row,) = world.rows("SELECT * FROM wf_rule_set")
    assert json.loads(row["source"])["limits"]["due"]["n"] == 30


def test_better_words_and_a_first_end_are_recorded_while_clocks_run(world: World) -> None:
    record(world, book())
    world.start()
    assert record(world, book("zh: 阅览室规则", "zh: 阅览室的规则")) == ["reading-room-2026"]
    ended = book("valid_from: 2026-01-01\n", "valid_from: 2026-01-01\nvalid_to: 2026-12-31\n")
    assert [one.valid_to for one in ended.all] == [date(2026, 12, 31)]
    assert record(world, ended) == ["reading-room-2026"]
    with pytest.raises(DefinitionError, match="ended on 2026-12-31 and now ends on no day"):
        record(world, book())


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE wf_rule_set SET source = 'x'", "says otherwise"),
        ("UPDATE wf_rule_set SET source = replace(source, '\"n\": 30', '\"n\": 31')", "says otherwise"),
        ("UPDATE wf_rule_set SET fingerprint = '0'", "says otherwise"),
        ("UPDATE wf_rule_set SET valid_to = '2026-12-31'", "says otherwise"),
        ("UPDATE wf_rule_set SET name = 'another'", "there is no record of the rule set reading-room-2026"),
    ],
)
def test_a_record_that_was_changed_past_the_program_is_named(world: World, sql: str, said: str) -> None:
    world.start()
    record(world, library().rule_book)
    with world.reading() as connection:
        assert list(falsified(connection, library().rule_book)) == []
        assert list(falsified(connection, book("n: 30", "n: 31"))) == [
            "the record of the rule set reading-room-2026 has another fingerprint than its file"
        ]
    world.run(sql)
    with world.reading() as connection:
        assert said in list(falsified(connection, library().rule_book))[-1]
