"""Missed limits by name: who was reached first beside who has it now; paused clocks are not late."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, text

from complaints.dossier.refusals import Denied
from complaints.dossier.work import Work
from complaints.organisation.models import Person
from complaints.supervision.exceptions import by_unit, exceptions
from tests.bureau import COUNTY, DESK, OFFICE, OTHER_OFFICE
from tests.complaints.counted_queries import statements
from tests.factories import ACCEPT, APPRAISE, DISPATCH, TELL_DECISION, Matters


def clocks(work: Work, unit: str = "", *, overdue: bool = True) -> set[tuple[str, str]]:
    """Return number and clock of each exception."""
    return {(row.number, row.clock.key.rpartition("-")[0]) for row in exceptions(work, unit, overdue=overdue)}


def test_a_limit_is_about_to_be_missed_then_missed_then_kept(matters: Matters) -> None:
    number = matters.in_state("dispatched")
    seen = []
    for _ in range(10):
        with matters.reading("supervisor") as work:
            soon, late = clocks(work, overdue=False), clocks(work)
        seen.append((matters.city.clock.today().isoformat(), bool(soon), bool(late)))
        matters.city.clock.move(days=1)
    assert seen == [
        ("2026-11-24", False, False),
        ("2026-11-25", False, False),
        ("2026-11-26", False, False),
        ("2026-11-27", False, False),
        ("2026-11-28", False, False),
        ("2026-11-29", False, False),
        ("2026-11-30", True, False),
        ("2026-12-01", True, False),
        ("2026-12-02", True, False),
        ("2026-12-03", True, False),
    ]
    with matters.reading("supervisor") as work:
        assert clocks(work) == {(number, "accept_decision")}
    matters.walk(number, ACCEPT, TELL_DECISION)
    with matters.reading("supervisor") as work:
        assert clocks(work) == set()
        assert by_unit(work) == []


def test_the_first_responder_stands_beside_the_present_handler(matters: Matters) -> None:
    number = matters.in_state("returned")
    matters.walk(
        number,
        (
            "intake",
            "rule_on_return",
            {"ruling": "other_unit", "unit": OTHER_OFFICE, "receiver": "other_handler", "reason": "改分送"},
        ),
    )
    matters.city.clock.move(days=10)
    with matters.reading("supervisor") as work:
        [row] = exceptions(work)
        people = {
            name: work.session.get_one(Person, id_).name for name, id_ in matters.city.person_ids.items()
        }
    assert (row.first_responder, row.owner) == (people["operator"], people["other_handler"])
    assert (row.number, row.unit, row.unit_path, row.returns) == (number, "柿铺市场监管所", OTHER_OFFICE, 1)


def test_a_paused_clock_is_not_late_and_one_past_its_limit_is_paused_no_more(matters: Matters) -> None:
    paused = matters.in_state("appraising")
    late = matters.in_state("mediating")
    matters.city.clock.move(days=62)
    with pytest.raises(Denied, match="stops nothing"):
        matters.walk(late, APPRAISE)
    with matters.reading("supervisor") as work:
        assert (late, "mediation") in clocks(work)
        assert (paused, "mediation") not in clocks(work)
        assert (paused, "appraisal_limit") in clocks(work)  # the office's own limit for the laboratory
        [line] = by_unit(work)
    assert (line.unit_path, line.overdue) == (OFFICE, 2)
    assert line.oldest is not None


def test_units_are_counted_worst_first_and_filtered_with_all_below(matters: Matters) -> None:
    numbers = [matters.in_state("dispatched") for _ in range(2)]
    at_the_desk = matters.a_complaint()
    matters.city.clock.move(days=10)
    fresh = matters.a_complaint()
    matters.walk(fresh, DISPATCH)
    with matters.reading("supervisor") as work:
        lines = by_unit(work)
        assert [(line.unit_path, line.overdue, line.soon) for line in lines] == [(OFFICE, 2, 0), (DESK, 1, 0)]
        assert clocks(work, COUNTY) == {(number, "accept_decision") for number in numbers}
        assert clocks(work, DESK) == {(at_the_desk, "accept_decision")}
        assert clocks(work, OTHER_OFFICE) == set()
        assert [line.unit_path for line in by_unit(work, COUNTY)] == [OFFICE]
        assert len(exceptions(work, limit=2)) == 2
        assert len(exceptions(work, limit=2, offset=2)) == 1
    with matters.reading("head") as work:
        assert clocks(work) == {(number, "accept_decision") for number in numbers}
    with matters.reading("system_admin") as work:
        assert (clocks(work), by_unit(work)) == (set(), [])


def test_a_longer_list_takes_no_more_statements(matters: Matters) -> None:
    def ask() -> None:
        with matters.reading("supervisor") as work:
            by_unit(work)
            exceptions(work)

    matters.in_state("dispatched")
    matters.city.clock.move(days=10)
    one = len(statements(matters.city.database, ask))
    matters.city.clock.move(days=-10)
    for _ in range(3):
        matters.in_state("dispatched")
    matters.city.clock.move(days=10)
    assert len(statements(matters.city.database, ask)) == one


LARGE = [
    {"tbl": tbl, "idx": idx, "stat": stat}
    for tbl, idx, stat in (
        ("wf_instance", "ix_wf_instance_state", "200000 66667 9524 500"),
        ("wf_instance", "ix_wf_instance_unit_due", "200000 12500 5000 700 40 1"),
        ("wf_instance", "sqlite_autoindex_wf_instance_1", "200000 1 1"),
        ("wf_deadline", "ix_wf_deadline_running", "11400 250 250 1"),
        ("wf_deadline", "sqlite_autoindex_wf_deadline_1", "500000 3 1 1"),
    )
]
"""What SQLite notes of its indexes where 200,000 matters are: rows, and rows of one key of each length."""


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_what_still_runs_is_asked_of_its_own_index(matters: Matters) -> None:
    """Two hundred thousand met limits took a third of a second each time."""
    database, plans = matters.city.database, []
    with database.writing() as session:
        session.execute(text("ANALYZE"))
        session.execute(text("DELETE FROM sqlite_stat1 WHERE tbl IN ('wf_instance', 'wf_deadline')"))
        session.execute(text("INSERT INTO sqlite_stat1 VALUES (:tbl, :idx, :stat)"), LARGE)
    database.dispose()
    reader = database.reader

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "JOIN wf_deadline" in statement:
            plans.append((f"EXPLAIN QUERY PLAN {statement}", parameters))

    with matters.reading("supervisor") as work:
        event.listen(reader, "before_cursor_execute", note)
        by_unit(work)
        exceptions(work)
        exceptions(work, overdue=False)
        event.remove(reader, "before_cursor_execute", note)
        for explain, parameters in plans:
            plan = " ".join(row[3] for row in work.connection.exec_driver_sql(explain, parameters))
            assert "wf_deadline USING INDEX ix_wf_deadline_running" in plan, plan
    assert len(plans) == 4
