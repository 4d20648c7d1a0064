"""A portion of a list is read by its ids, whoever asks, and holds what that person sees of them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from complaints.dossier.models import Matter
from complaints.dossier.visibility import JOIN, visible_to
from complaints.dossier.worklists import portion
from tests.bureau import OTHER_OFFICE, Bureau
from tests.factories import LEAD, Matters, matters_of
from workflows.runtime.tables import instance

EVERYBODY = ("operator", "intake", "handler", "head", "station", "cashier", "supervisor", "system_admin")


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    """Matters of several kinds, units and owners."""
    made = matters_of(app, city)
    made.walk(made.in_state("accepted"), LEAD)
    made.a_dispute()
    made.a_complaint()
    made.walk(made.a_complaint(), ("intake", "dispatch", {"unit": OTHER_OFFICE, "receiver": "other_handler"}))
    return made


def test_a_portion_holds_what_each_person_sees_in_the_order_asked_for(matters: Matters) -> None:
    counts = set()
    for who in EVERYBODY:
        with matters.reading(who) as work:
            every = list(work.session.scalars(select(Matter.id).order_by(Matter.id.desc())))
            seen = set(
                work.session.scalars(select(Matter.id).join(instance, JOIN).where(visible_to(work.actor)))
            )
            assert [row.id for row in portion(work, every)] == [one for one in every if one in seen], who
            counts.add(len(seen))
    assert {0, 1, len(every)} <= counts


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
def test_a_portion_of_a_long_list_does_not_walk_through_all_that_is_seen(matters: Matters) -> None:
    """Five hundred ids look to SQLite like more work than everything of a unit."""
    reader, asked = matters.city.database.reader, []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM matter JOIN wf_instance" in statement:
            asked.append((f"EXPLAIN QUERY PLAN {statement}", parameters))

    for who in ("supervisor", "handler", "operator"):
        asked.clear()
        with matters.reading(who) as work:
            event.listen(reader, "before_cursor_execute", note)
            portion(work, range(1, 501))
            event.remove(reader, "before_cursor_execute", note)
            [(explain, parameters)] = asked
            plan = [row[3] for row in work.connection.exec_driver_sql(explain, parameters)]
        steps = [one for one in plan if "wf_instance" in one]
        assert steps, plan
        assert all("(subject_id=? AND subject_type=?)" in one for one in steps), (who, plan)
