"""A merged complaint is lost by no figure: it stands by name among those left out, and only while it is
merged.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from complaints.supervision.figures import Basis, Ending, Scope, endings, figures
from tests.bureau import Bureau
from tests.factories import Matters, matters_of


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


def _stands(matters: Matters, number: str, as_of: date) -> Ending | None:
    scope = Scope(date(2026, 11, 1), date(2026, 12, 31), Basis.RECEIVED, as_of)
    with matters.city.database.reading() as session:
        found = endings(session, scope, "accepted")
        assert sum(
            sum((f.in_time, f.late, f.missing, f.not_due, f.left_out)) for f in figures(session, scope)
        ) == len(found)
        return found.get(number)


def test_merged_it_is_left_out_and_back_it_counts(matters: Matters) -> None:
    clock = matters.city.clock
    earlier = matters.a_complaint()
    clock.move(days=1)
    later = matters.a_complaint()
    received = clock.today()
    clock.move(days=1)
    matters.merge(earlier, later)
    merged = clock.today()
    clock.move(days=3)
    matters.walk(later, ("intake", "unmerge", {"reason": "核实后是两件事"}))
    undone = clock.today()
    clock.move(days=30)
    today = clock.today()
    seen = [_stands(matters, later, day) for day in (received, merged, undone, today)]
    # each day tells the same whenever it is asked
    assert seen == [Ending.NOT_DUE, Ending.LEFT_OUT, Ending.NOT_DUE, Ending.MISSING]
    assert _stands(matters, later, merged + timedelta(days=1)) is Ending.LEFT_OUT
    assert _stands(matters, earlier, today) is Ending.MISSING


def test_merging_after_the_limit_hides_nothing(matters: Matters) -> None:
    clock = matters.city.clock
    earlier, later = matters.a_complaint(), matters.a_complaint()
    clock.move(days=20)
    matters.merge(earlier, later)
    assert _stands(matters, later, clock.today()) is Ending.MISSING
