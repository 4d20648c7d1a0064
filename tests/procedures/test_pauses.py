"""Time stands still only for an appraisal (SAMR Order 121, art. 22); a challenge stops no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.procedures import office
from tests.procedures.worlds import world
from workflows.projection import apply
from workflows.testing.paper import Paper

COMPLAINTS = [one.version for one in office.library().procedures if one.name == "complaint"]


@pytest.mark.parametrize("version", COMPLAINTS)
def test_only_an_appraisal_pauses_and_only_the_mediation(version: int) -> None:
    """Before 2020 nothing does: no rule of that time is known that takes the time of an appraisal out."""
    states = office.library().get("complaint", version).procedure.states
    pausing = {name: one.pauses for name, one in states.items() if one.pauses}
    assert pausing == ({} if version == 1 else {"appraising": ("mediation",)})
    others = [one for one in office.library().procedures if one.name != "complaint"]
    assert not any(state.pauses for one in others for state in one.states.values())


def mediating() -> tuple[Paper, date]:
    """Walk a complaint of the version in force into mediation; return it with its legal limit."""
    of = world("complaint", max(COMPLAINTS))
    paper = Paper.begin(of.judged, of.time, of.owners[0], of.first_responder, of.begins, of.starts[0])
    for action in ("dispatch", "accept", "begin_mediation"):
        paper = do(paper, action)
    row = paper.now.running("mediation")
    assert row is not None
    return paper, row.legal_due


def do(paper: Paper, action: str) -> Paper:
    """Apply what the action changes; who may do it, and what is asked first, is not the question here."""
    of = world("complaint", max(COMPLAINTS))
    one = of.defined.actions[action]
    payload = of.payload(one, of.tries(one)[0], paper)
    changes = paper.plan(action, paper.facts(of.people[0], payload), of.assignees.get(action))
    return replace(paper, now=apply(paper.now, changes))


def test_a_challenge_does_not_stop_the_mediation() -> None:
    paper, due = mediating()
    challenged = do(paper.later(2), "challenge")
    row = challenged.now.running("mediation")
    assert row is not None
    assert (challenged.state, row.paused, row.pauses, row.legal_due) == ("suspended", False, (), due)
    back = do(challenged.later(9), "decide_challenge").now.running("mediation")
    assert back is not None
    assert (back.pauses, back.legal_due) == ((), due)


def test_an_appraisal_stops_it_and_its_own_limit_runs() -> None:
    paper, due = mediating()
    testing = do(paper.later(2), "start_appraisal")
    row, limit = testing.now.running("mediation"), testing.now.running("appraisal_limit")
    assert row is not None
    assert limit is not None
    assert (row.paused, row.pauses[-1].reason, row.pauses[-1].limited_by) == (
        True,
        "start_appraisal",
        "appraisal_limit",
    )
    assert row.pauses[-1].paper
    back = do(testing.later(9), "finish_appraisal").now.running("mediation")
    assert back is not None
    assert ((back.nominal - row.nominal).days, back.paused) == (9, False)
    assert back.legal_due > due
