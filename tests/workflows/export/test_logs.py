"""A log that leaves: complete and in order by the standards, and without anybody's name."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.export.standards import NAMESPACE, ocel_faults, root_of, value_of, xes_faults
from tests.workflows.runtime.world import EAST, KEEPER, LI, MA, TOWN, WEST, WU, World, library
from workflows.definition import Action, Field, FieldKind, Label
from workflows.export.ocel import write_ocel
from workflows.export.pseudonyms import Pseudonyms
from workflows.export.traces import Occurrence, Reader, Selection, Standpoint, Trace, outgoing
from workflows.export.xes import write_xes
from workflows.runtime.requests import Act

GRANTS = {707: Standpoint("librarian", EAST), 808: Standpoint("keeper", TOWN)}
ALL = Selection()


def reader(**given: Any) -> Reader:
    return Reader(library(), Pseudonyms(b"k" * 32), GRANTS, **given)


def histories(world: World, wanted: Selection = ALL, **given: Any) -> list[Trace]:
    with world.reading() as connection:
        return list(reader(**given).read(connection, wanted))


def written(write: Callable[..., int], some: list[Trace]) -> str:
    file = io.StringIO()
    assert write(some, file) == len(some)
    return file.getvalue()


def begin_repair(world: World, loan: int, subject_id: int) -> int:
    """Begin a repair of a loan and return it."""
    with world.writing() as connection:
        start = world.request(subject_id, procedure="repair", parent_id=loan)
        child = world.engine.start(connection, start, LI).instance_id
        world.engine.act(connection, Act(loan, "repair", {}, child_id=child), LI)
    return child


@pytest.fixture
def loans(world: World) -> World:
    """Three loans: one with a repair, one refused at once, one handed over while a clock is set back."""
    damaged = world.start(1)
    world.lend(damaged, note="借给张三，电话 13800138000")
    world.act(begin_repair(world, damaged, 10), "mend")
    refused = world.start(2)
    world.act(refused, "refuse", ground="1")
    world.wait(9)
    world.fire()
    moved = world.start(3)
    world.act(moved, "offer_handover", unit=WEST, receiver=WU.id)
    world.wait(-1)
    world.act(moved, "accept_handover", WU)
    world.act(damaged, "give_back", damaged=True)
    return world


def test_the_log_is_read_back_whole_and_in_order(loans: World) -> None:
    text = written(write_xes, histories(loans))
    assert xes_faults(text) == []
    traces = root_of(text).findall(f"{NAMESPACE}trace")
    told = [
        [
            (value_of(one, "concept:name"), value_of(one, "to_state"))
            for one in trace.iter(f"{NAMESPACE}event")
        ]
        for trace in traces
    ]
    rows = loans.rows("SELECT instance_id, action, to_state FROM wf_event ORDER BY instance_id, seq")
    assert [each for trace in told for each in trace] == [(row["action"], row["to_state"]) for row in rows]
    assert len(traces) == 4
    damaged, repair = traces[0], traces[1]
    assert value_of(repair, "parent") == value_of(damaged, "identity:id")
    started = [value_of(one, "child") for one in damaged.iter(f"{NAMESPACE}event")]
    assert value_of(repair, "identity:id") in started
    assert value_of(damaged, "state") == "shelved"
    assert value_of(damaged, "ended") == "true"
    seqs = [int(value_of(one, "seq")) for one in damaged.iter(f"{NAMESPACE}event")]
    assert seqs == list(range(1, len(seqs) + 1))


def test_events_of_one_microsecond_and_a_clock_set_back_still_rise(loans: World) -> None:
    loan, _repair, refused, moved = histories(loans)
    first, second = refused.occurrences
    assert second.at_us - first.at_us == 1
    assert [one.action for one in moved.occurrences] == ["start", "offer_handover", "accept_handover"]
    assert moved.occurrences[2].at_us == moved.occurrences[1].at_us + 1
    assert first.time == "2026-03-02T02:00:00.000000+00:00"
    assert all(one.at_us for one in loan.occurrences)


def test_the_objects_know_each_other(loans: World) -> None:
    text = written(write_ocel, histories(loans))
    assert ocel_faults(text) == []
    log = json.loads(text)
    assert {one["name"] for one in log["objectTypes"]} == {"loan", "repair", "person", "unit"}
    objects = {one["id"]: one for one in log["objects"]}
    child = next(one for one in log["objects"] if one["type"] == "repair")
    parent = objects[child["relationships"][0]["objectId"]]
    assert child["relationships"][0]["qualifier"] == "part of"
    assert next(one["value"] for one in parent["attributes"] if one["name"] == "state") == "asked"
    lent = next(one for one in log["events"] if one["type"] == "loan.lend")
    assert {one["name"]: one["value"] for one in lent["attributes"]}["field.deposit"] == "5000"
    taken = next(one for one in log["events"] if one["type"] == "loan.accept_handover")
    qualifiers = [one["qualifier"] for one in taken["relationships"]]
    assert qualifiers == ["concerns", "done by", "given to", "comes to"]
    assert f"unit:{WEST}" in objects
    kinds = {next(a["value"] for a in one["attributes"] if a["name"] == "kind") for one in log["events"]}
    assert kinds == {"start", "act", "timer"}


def test_nobody_is_named(loans: World) -> None:
    """No free text, no digest of one, no day typed, no id of a person or an instance."""
    some = histories(loans)
    typed = [dict(one.typed) for history in some for one in history.occurrences if one.typed]
    assert typed == [{"deposit": 5000}, {"damaged": True}, {"ground": "1"}]
    for text in (written(write_xes, some), written(write_ocel, some)):
        for word in ("张三", "13800138000", "digest", "lent_on", "2026-03-02<", '"7"', '"9"'):
            assert word not in text
    people = {one.by for history in some for one in history.occurrences}
    assert {"system", Pseudonyms(b"k" * 32).person(LI.id)} < people
    assert all(one == "system" or one.startswith("person-") for one in people)


def test_a_report_does_not_carry_the_childs_own_number():
    word = Label("修补", "Repair")
    asked = (Field("child", FieldKind.INTEGER, word), Field("late", FieldKind.FLAG, word))
    hears = Action("hear", word, ("lent",), None, (), fields=asked, hears={"repair": ("mended",)})
    said = {"child": 7, "late": True}
    assert dict(outgoing(hears, said)) == {"late": True}
    assert dict(outgoing(replace(hears, hears={}), said)) == said


def test_two_exports_cannot_be_joined(loans: World) -> None:
    with loans.reading() as connection:
        one, other = (list(Reader(library(), Pseudonyms()).read(connection, ALL)) for _ in range(2))
    names = [{h.id for h in some} | {o.by for h in some for o in h.occurrences} for some in (one, other)]
    assert names[0] & names[1] == {"system"}


def test_a_history_is_whole_or_left_out(loans: World) -> None:
    """What is not exported is named nowhere: no child, no parent that the file lacks."""
    (repair,) = histories(loans, Selection("repair"))
    assert (repair.procedure, repair.parent) == ("repair", "")
    for wanted in (Selection("repair"), Selection("loan")):
        some = histories(loans, wanted)
        assert not any(one.child for history in some for one in history.occurrences)
        assert ocel_faults(written(write_ocel, some)) == []
    later = histories(loans, Selection(since_us=loans.now_us))
    earlier = histories(loans, Selection(until_us=loans.now_us))
    assert [len(one) for one in (later, earlier)] == [1, 3]
    assert [one.action for one in earlier[0].occurrences][-1] == "give_back"


def test_portions_change_nothing_but_the_number_of_questions(loans: World) -> None:
    assert histories(loans, portion=1) == histories(loans, portion=500)


def test_what_begins_or_goes_on_meanwhile_stays_out(loans: World) -> None:
    """PostgreSQL shows a reader what others commit: a history still ends where its row says, and a child
    that began meanwhile is named by nobody.
    """
    parent = loans.start(4)
    loans.lend(parent)
    with loans.reading() as connection:
        reading = reader(portion=1).read(connection, ALL)
        first = next(reading)
        loans.start(50)
        begin_repair(loans, parent, 51)
        read = [first, *reading]
    assert [one.id for one in read] == [one.id for one in histories(loans)[:5]]
    assert [one.child for one in read[-1].occurrences] == [""] * len(read[-1].occurrences)
    assert ocel_faults(written(write_ocel, read)) == []
    assert len([one for one in read[0].occurrences if one.child]) == 1


def test_numbers_only_where_they_were_asked_for(loans: World) -> None:
    asked: list[list[int]] = []

    def numbers(subjects: Any) -> dict[int, str]:
        asked.append(list(subjects))
        return {one: f"N-{one}" for one in subjects}

    some = histories(loans, numbers=numbers)
    assert asked == [[1, 10, 2, 3]]
    assert [one.number for one in some] == ["N-1", "N-10", "N-2", "N-3"]
    assert 'key="concept:name" value="N-1"' in written(write_xes, some)
    ocel = written(write_ocel, some)
    assert ocel_faults(ocel) == []
    assert "N-1" in ocel


@pytest.mark.parametrize("write", [write_xes, write_ocel])
def test_an_empty_log_is_a_log(write: Callable[..., int]) -> None:
    text = written(write, [])
    assert (xes_faults if write is write_xes else ocel_faults)(text) == []


def test_the_checks_of_the_standards_bite(loans: World) -> None:
    some = histories(loans)
    xes, ocel = written(write_xes, some), written(write_ocel, some)
    for old, new in (
        ('xes.version="1849.2016"', 'xes.version="two"'),
        ('prefix="org"', 'prefix="organisation"'),
        ('      <int key="seq" value="2"/>\n', ""),
        ('<boolean key="ended" value="true"', '<boolean key="ended" value="yes"'),
        ('      <int key="seq" value="2"/>', '      <int key="the seq" value="2"/>'),
        (
            'value="complete"/>\n      <string key="org:resource"',
            'value="done"/>\n      <string key="org:resource"',
        ),
        ("02:00:00.000001+00:00", "02:00:00.000000+00:00"),
        ('keys="concept:name to_state"', 'keys="concept:name field.deposit"'),
    ):
        assert old in xes
        assert xes_faults(xes.replace(old, new, 1)), old
    for old, new in (
        ('"qualifier": "part of"', '"qualifier": ""'),
        ('{"objectId": "person-', '{"objectId": "nobody-'),
        ('{"name": "field.deposit", "type": "integer"}', '{"name": "field.deposit", "type": "boolean"}'),
        ('"type": "loan.lend"', '"type": "loan.give"'),
        ("+00:00", ""),
    ):
        assert old in ocel
        assert ocel_faults(ocel.replace(old, new, 1)), old


@pytest.mark.parametrize("write", [write_xes, write_ocel])
def test_memory_does_not_grow_with_the_log(write: Callable[..., int]) -> None:
    step = Occurrence("e", 1, 5, "act", "lend", "asked", "lent", 1, "person-1", GRANTS[707], "person-1", EAST)

    def many(of: int) -> Iterator[Trace]:
        for number in range(of):
            steps = tuple(replace(step, id=f"{number}-{at}", at_us=at) for at in range(8))
            yield Trace(str(number), "loan", 1, "lent", False, steps)

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        tracemalloc.start()
        assert write(many(250), nowhere) == 250
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # the histories alone would be some 800,000 bytes, the text 2,500,000
    assert peak < 400_000


def test_a_person_keeps_a_name_within_an_export_only() -> None:
    one, other = Pseudonyms(), Pseudonyms()
    assert one.person(MA.id) == one.person(MA.id) != one.person(KEEPER.id)
    assert one.person(MA.id) != other.person(MA.id)
    assert one.person(0) == "system"
