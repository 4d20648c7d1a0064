"""The benchmarks run, count what they say they count, and never judge a time."""

from __future__ import annotations

import json

from complaints.commands.bench import engine_figures as engine_bench
from complaints.commands.bench import export_figures as export_bench
from complaints.commands.bench import page_figures as pages_bench
from complaints.commands.bench.ground import crowd, ground
from complaints.commands.bench.measures import counting
from complaints.commands.parts import Parts
from tests.bureau import SetClock


def place(settings, database):
    return ground(Parts(settings, database, SetClock()))


def test_a_step_takes_one_commit_and_few_statements(app, settings, database):
    with place(settings, database) as own:
        durable, bare, limit = engine_bench.on_disk(own, "SQLite", 2)
    assert durable["commits"] == 1.0
    # a step that gives a matter to another unit moves its words in the text index, too: five more
    assert durable["most statements"] <= 14
    assert limit["commits in the time of a step"] > 0
    assert {name for name in bare if name.startswith("process CPU")} <= durable.keys()
    assert json.dumps([durable, bare, limit])


def test_in_memory_figures_stand_beside_the_library_s_own(app, settings, database):
    with place(settings, database) as own:
        figures = {row["what"]: row["us"] for row in engine_bench.in_memory(own)}
    assert len(figures) == 2 + sum(len(people) for _steps, people in engine_bench.EXPLAINED)
    assert all(us > 0 for us in figures.values())


def test_no_page_asks_more_often_when_there_is_more_to_show(app, settings, database):
    with place(settings, database) as own:
        few = crowd(own, 8)
        pages_bench.give_to_handler(own, few[:2])
        small = pages_bench.query_counts(own, few[0])
        many = crowd(own, 12)
        pages_bench.give_to_handler(own, many[:6])
        assert pages_bench.query_counts(own, few[0]) == small


def test_a_list_of_any_length_leaves_in_the_same_portions(app, settings, database, monkeypatch):
    monkeypatch.setattr(export_bench, "PORTION", 4)
    monkeypatch.setattr(export_bench, "FEW", 4)
    with place(settings, database) as own:
        crowd(own, 9)
        rows = list(export_bench.figures(own.parts, 8))
    assert [row["what"].rpartition(", ")[2] for row in rows] == ["4 rows"] * 3 + ["8 rows"] * 3
    # the first line reads the calendar as well
    for few, whole in zip(rows[1:3], rows[4:], strict=True):
        assert whole["queries"] == 2 * few["queries"]
        assert 0 < few["bytes"] < whole["bytes"]
    assert json.dumps(rows)


def test_statements_are_counted_without_begin_and_pragma(database):
    with counting(database.writer) as counter, database.writing() as session:
        session.connection().exec_driver_sql("SELECT 1")
    assert (counter.statements, counter.commits, counter.most) == (1, 1, 1)
