"""A lead: verified within the period, extended once by a head, filed by a second person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from tests.procedures.office import HANDLER, HEAD, SECOND_HEAD, begin, compiled
from workflows.guards import ClockFact


def test_a_head_extends_once():
    """Order 121 art. 27: fifteen working days more, approved by a head."""
    lead = begin("lead")
    assert lead.why("extend_verification", HANDLER) == ["role_missing", "is_owner"]
    assert lead.why("extend_verification", replace(HEAD, id=HANDLER.id)) == ["is_owner"]
    assert lead.why("extend_verification", HEAD) == []
    extended = ClockFact("verify", date(2027, 1, 6), date(2027, 1, 6), True, None, True, False)
    assert replace(lead, clocks={"verify": extended}).why("extend_verification", HEAD) == ["extended_already"]
    assert compiled("lead").procedure.actions["extend_verification"].extends == {"verify": "verify_extension"}


def test_what_has_run_out_is_not_extended():
    lead = begin("lead")
    for last, why in ((lead.today, []), (lead.today - timedelta(days=1), ["verification_over"])):
        clock = ClockFact("verify", last, last, True, None, False, False)
        assert replace(lead, clocks={"verify": clock}).why("extend_verification", HEAD) == why


def test_whoever_proposes_does_not_decide():
    proposer = replace(HEAD, id=HANDLER.id)
    for proposal, decision in (("propose_filing", "file"), ("propose_not_filing", "not_file")):
        proposed = begin("lead").do(proposal, HANDLER)
        assert proposed.why(decision, proposer) == ["not_the_proposer"]
        assert proposed.why("send_back", proposer) == ["not_the_proposer"]
        assert proposed.why(decision, SECOND_HEAD) == []


def test_the_clock_runs_until_a_head_decides():
    actions = compiled("lead").procedure.actions.values()
    assert {one.name for one in actions if "verify" in one.meets} == {"file", "not_file", "pass_on"}


def test_a_case_carries_number_value_and_fine():
    filed = begin("lead").do("propose_filing", HANDLER).do("file", HEAD, case_number="1号")
    done = filed.do("conclude", HANDLER, value=24800, fine=500000, forfeit=800)
    assert done.state == "concluded"
    assert [done.vars[name] for name in ("case_number", "value", "fine", "forfeit")] == [
        "1号",
        24800,
        500000,
        800,
    ]


def test_every_lead_ends_as_filed_not_filed_or_passed():
    states = compiled("lead").procedure.states.values()
    assert {one.name for one in states if one.kind == "final"} == {"concluded", "not_filed", "passed"}
    assert begin("lead").why("pass_on", HANDLER, receipt_number="") == ["field_missing"]
