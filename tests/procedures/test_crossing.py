"""Complaints that cross the day on which the rules changed: each clock by the rules of its own first day, and
the audit of historical records counts the same days as the engine.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.procedures.test_pauses import begun, walked
from tests.procedures.worlds import world
from workflows.earlier_limits import latest_day
from workflows.testing.paper import Paper

CROSSES_2020 = date(2019, 12, 30)


def accepted(version: int, received: date, on: date) -> Paper:
    paper = walked(begun(version, received), version, "dispatch")
    return walked(paper.later((on - received).days), version, "accept")


def names(paper: Paper) -> set[str]:
    return {row.clock for row in paper.now.clocks if row.open}


def test_what_order_20_counts_stands_still_for_an_appraisal_though_it_came_in_before() -> None:
    paper = walked(accepted(1, CROSSES_2020, date(2020, 1, 3)), 1, "begin_mediation")
    row = paper.now.running("mediation")
    assert row is not None
    assert (row.rule_set, row.n, row.unit) == ("order-20", 45, "workday")
    sent = paper.later(3)
    testing = walked(sent, 1, "start_appraisal", commissioned_on=sent.today.isoformat())
    standing = testing.now.running("mediation")
    assert standing is not None
    assert standing.paused
    back = testing.later(45)
    done = walked(back, 1, "finish_appraisal", result_on=back.today.isoformat()).now.running("mediation")
    assert done is not None
    (pause,) = done.pauses
    assert (pause.since, pause.to) == (sent.today, back.today - timedelta(days=1))
    assert done.legal_due > row.legal_due
    article = paper.time.rules.limit_in(done.rule_set, "mediation", done.start).pause_article
    assert article is not None
    assert "第二十条" in article.zh


@pytest.mark.parametrize(
    ("ended", "found"),
    [(date(2019, 12, 31), None), (date(2020, 1, 1), "order-20"), (date(2020, 2, 28), "order-20")],
)
def test_the_result_is_told_in_time_where_the_rules_of_its_end_say_so(ended: date, found: str | None) -> None:
    """Accepted under Order 62, which knows no such limit; Order 20, art. 21, counts from an end in 2020."""
    paper = walked(accepted(1, date(2019, 12, 2), date(2019, 12, 4)), 1, "begin_mediation")
    agreed = walked(paper.later((ended - paper.today).days), 1, "agree")
    row = agreed.now.running("tell_result")
    assert (row.rule_set if row else None) == found
    assert "close_file" in names(agreed)
    assert "tell_result" not in names(walked(agreed, 1, "tell_result"))


@pytest.mark.parametrize(("returned", "there"), [(date(2019, 12, 31), False), (date(2020, 1, 2), True)])
def test_a_dispute_about_competence_has_its_limit_since_order_20(returned: date, there: bool) -> None:
    paper = walked(begun(1, CROSSES_2020), 1, "dispatch")
    back = walked(paper.later((returned - CROSSES_2020).days), 1, "return_to_intake")
    assert ("competence_dispute" in names(back)) is there
    assert "competence_dispute" not in names(walked(back, 1, "rule_on_return"))


@pytest.mark.parametrize(
    ("version", "received"),
    [
        *((1, date(2019, 9, 20) + timedelta(days=day)) for day in range(0, 103, 3)),
        *((2, date(2026, 3, 25) + timedelta(days=day)) for day in range(0, 21, 3)),
        *((2, date(2024, 6, 15) + timedelta(days=day)) for day in range(0, 18, 3)),
    ],
)
def test_the_engine_ends_where_the_audit_counts_to(version: int, received: date) -> None:
    """Each step on its last lawful day, as the audit of historical records has it."""
    paper = walked(begun(version, received), version, "dispatch")
    last = paper.today
    for clock, action in (("accept_decision", "accept"), ("mediation", "agree"), ("tell_result", "")):
        row = paper.now.running(clock)
        last = row.legal_due if row is not None else last
        paper = paper.later((last - paper.today).days)
        if action == "agree":
            paper = walked(paper, version, "terminate", item="x")
        elif action:
            paper = walked(paper, version, action)
    found = latest_day(received, world("complaint", version).time.calendar)
    assert found is not None
    assert found.day == last
