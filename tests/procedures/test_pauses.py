"""Time stands still only for an appraisal (SAMR Order 121, art. 22); a challenge stops no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.procedures import office
from tests.procedures.office import COLLEAGUE, HANDLER, HEAD
from tests.procedures.worlds import world
from workflows.projection import apply
from workflows.testing.paper import Paper

COMPLAINTS = [one.version for one in office.library().procedures if one.name == "complaint"]


@pytest.mark.parametrize("version", COMPLAINTS)
def test_only_an_appraisal_pauses_and_only_the_mediation(version: int) -> None:
    """Of version 1 too: a mediation that Order 20 counts stands still, whatever day the paper came in."""
    states = office.library().get("complaint", version).procedure.states
    pausing = {name: one.pauses for name, one in states.items() if one.pauses}
    assert pausing == {"appraising": ("mediation",)}
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
    return walked(paper, max(COMPLAINTS), action)


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


@pytest.mark.parametrize(("received", "rule_set"), [("2011-03-07", "order-51"), ("2019-05-06", "order-62")])
def test_a_state_stops_no_clock_whose_own_rules_know_no_pause(received: str, rule_set: str) -> None:
    """The state names the mediation, but the rules that count it do not let it stand still: it runs on."""
    paper = begun(1, date.fromisoformat(received))
    for action in ("dispatch", "accept", "begin_mediation"):
        paper = walked(paper, 1, action)
    before = paper.now.running("mediation")
    assert before is not None
    assert before.rule_set == rule_set
    testing = walked(paper.later(2), 1, "start_appraisal")
    assert (testing.state, testing.now.running("mediation")) == ("appraising", before)
    assert walked(testing.later(30), 1, "finish_appraisal").now.running("mediation") == before


def begun(version: int, received: date) -> Paper:
    """Return a complaint of that version, received that day."""
    of = world("complaint", version)
    known = {**of.starts[0], "received_on": received.isoformat()}
    return Paper.begin(of.judged, of.time, of.owners[0], of.first_responder, received, known)


# -- by which days, and who approved it ----------------------------------------------------------------------

AFTER_TEN_DAYS = office.TODAY + timedelta(days=10)
"""Ten days after the acceptance, 4 December 2026."""


@pytest.mark.parametrize(
    ("commissioned_on", "reasons"),
    [
        ("2026-11-23", ["commissioned_before_acceptance"]),
        ("2026-11-24", []),
        ("2026-12-04", []),
        ("2026-12-05", ["commissioned_ahead"]),
    ],
)
def test_it_is_commissioned_between_acceptance_and_today(commissioned_on: str, reasons: list[str]) -> None:
    matter = replace(office.mediating(), today=AFTER_TEN_DAYS)
    assert matter.why("start_appraisal", HANDLER, commissioned_on=commissioned_on) == reasons


@pytest.mark.parametrize(("days_after", "reasons"), [(-1, []), (0, []), (1, ["commissioned_after_period"])])
def test_what_is_commissioned_after_the_period_stops_nothing(days_after: int, reasons: list[str]) -> None:
    """Art. 23, item 5: then the mediation ends, and no appraisal makes a missed limit look as if it stood."""
    last = office.TODAY + timedelta(days=61)
    late = replace(office.mediating(), today=last + timedelta(days=3)).with_mediation_clock(last)
    day = last + timedelta(days=days_after)
    assert late.why("start_appraisal", HANDLER, commissioned_on=day.isoformat()) == reasons


@pytest.mark.parametrize(
    ("result_on", "reasons"),
    [
        ("2026-11-26", ["result_before_commission"]),
        ("2026-11-27", []),
        ("2026-12-04", []),
        ("2026-12-05", ["result_ahead"]),
    ],
)
def test_its_result_comes_between_the_commission_and_today(result_on: str, reasons: list[str]) -> None:
    testing = office.mediating().do("start_appraisal", HANDLER, days=10, commissioned_on="2026-11-27")
    assert testing.why("finish_appraisal", HANDLER, result_on=result_on) == reasons


@pytest.mark.parametrize(
    ("commissioned_on", "reasons"),
    [("2026-12-01", ["commissioned_before_last_result"]), ("2026-12-02", []), ("2026-12-04", [])],
)
def test_the_next_begins_when_the_result_of_the_first_has_come(
    commissioned_on: str, reasons: list[str]
) -> None:
    first = office.mediating().do("start_appraisal", HANDLER, days=10, commissioned_on="2026-11-27")
    back = first.do("finish_appraisal", HANDLER, result_on="2026-12-02")
    assert back.why("start_appraisal", HANDLER, commissioned_on=commissioned_on) == reasons


def test_a_head_approves_it_and_never_the_owner() -> None:
    matter = office.mediating()
    assert matter.why("start_appraisal", HANDLER, approved_by=HEAD.id) == []
    assert matter.why("start_appraisal", HANDLER, approved_by=HANDLER.id) == ["approves_own"]
    assert matter.why("start_appraisal", HANDLER, approved_by=None) == ["field_missing"]


def test_who_had_to_step_back_approves_nothing() -> None:
    challenged = office.mediating().do("challenge", HANDLER).do("decide_challenge", HEAD, upheld=True)
    handed = challenged.do("offer_handover", HEAD, receiver=COLLEAGUE.id).do("accept_handover", COLLEAGUE)
    assert handed.why("start_appraisal", COLLEAGUE, approved_by=HANDLER.id) == ["approver_must_step_back"]
    assert handed.why("start_appraisal", COLLEAGUE, approved_by=HEAD.id) == []


@pytest.mark.parametrize("version", [one for one in COMPLAINTS if one > 1])
def test_entered_late_it_counts_by_its_own_days(version: int) -> None:
    """The mediation is longer by the days from the commission to the day before the result, the waiting
    begins with the commission and is over with the result, and the ledger names both papers and the head.
    """
    of = world("complaint", version)
    begun = Paper.begin(of.judged, of.time, of.owners[0], of.first_responder, of.begins, of.starts[0])
    for action in ("dispatch", "accept", "begin_mediation"):
        begun = walked(begun, version, action)
    before, sent, back = begun.now.running("mediation"), begun.today + timedelta(days=1), timedelta(days=8)
    said = {"commissioned_on": sent.isoformat(), "approved_by": HEAD.id, "paper": "委 7"}
    testing = walked(begun.later(9), version, "start_appraisal", **said)
    ended = {"result_on": (sent + back).isoformat(), "paper": "报 7"}
    done = walked(testing.later(11), version, "finish_appraisal", **ended)
    row, waiting = done.now.running("mediation"), done.now.latest("appraisal_limit")
    assert before is not None
    assert row is not None
    assert waiting is not None
    (pause,) = row.pauses
    assert (pause.since, pause.to) == (sent, sent + back - timedelta(days=1))
    assert (pause.paper, pause.end_paper, pause.approved_by) == ("委 7", "报 7", HEAD.id)
    assert row.nominal - before.nominal == back
    assert (waiting.start, waiting.met_on) == (sent, sent + back)


def walked(at: Paper, version: int, action: str, **said: object) -> Paper:
    """Apply what the action of that version changes, with these words in its form."""
    of = world("complaint", version)
    one = of.defined.actions[action]
    payload = {**of.payload(one, of.tries(one)[0], at), **said}
    changes = at.plan(action, at.facts(of.people[0], payload), of.assignees.get(action))
    return replace(at, now=apply(at.now, changes))
