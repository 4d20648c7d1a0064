"""A complaint by SAMR Order 121: what may be done when, by whom, and what the law adds to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.procedures.office import (
    COLLEAGUE,
    HANDLER,
    HEAD,
    INTAKE_OFFICER,
    OPERATOR,
    SECOND_HEAD,
    SUPERVISOR,
    UNIT,
    Matter,
    accepted,
    begin,
    closed,
    compiled,
    mediating,
)
from workflows.guards import ClockFact, HandoverFact


def test_the_trunk_from_the_call_to_the_revisit():
    done = closed().do("revisit", SUPERVISOR, grade="satisfied")
    assert done.state == "revisited"
    assert done.vars["grade"] == "satisfied"
    assert (done.vars["decision"], done.vars["result"], done.vars["amount"]) == ("accepted", "agreed", 800)


def test_the_five_stages_are_the_customers():
    procedure = compiled("complaint").procedure
    assert list(procedure.stages) == ["received", "mediated", "transferred", "closed", "revisited"]
    assert [one.name for one in procedure.states.values() if one.optional_stage] == ["transferred"]


# ---- received


def test_a_complaint_names_both_sides_before_it_is_accepted():
    """Order 121 art. 10."""
    bare = begin("complaint", respondent_named=False, identity_known=False).do("dispatch", INTAKE_OFFICER)
    assert bare.why("accept", HANDLER) == ["respondent_not_named", "identity_not_known"]
    named = replace(bare, vars={**bare.vars, "respondent_named": True})
    proved = named.do("ask_identity", HANDLER).do("record_identity", HANDLER)
    assert proved.do("accept", HANDLER).state == "accepted"


def test_the_day_for_identity_papers_leaves_time_to_decide():
    clock = ClockFact("accept_decision", date(2026, 12, 3), date(2026, 12, 3), True, None, False, False)
    asked = replace(begin("complaint"), clocks={"accept_decision": clock})
    assert asked.why("ask_identity", INTAKE_OFFICER, deadline="2026-11-24") == ["deadline_unfit"]
    assert asked.why("ask_identity", INTAKE_OFFICER, deadline="2026-12-04") == ["deadline_unfit"]
    assert asked.why("ask_identity", INTAKE_OFFICER, deadline="2026-12-03") == []


def test_only_the_intake_desk_dispatches():
    assert begin("complaint").why("dispatch", OPERATOR) == ["role_missing"]
    assert begin("complaint").why("dispatch", HANDLER) == ["role_missing"]


def test_a_unit_without_authority_returns_and_never_passes_sideways():
    """Order 121 art. 41."""
    dispatched = begin("complaint").do("dispatch", INTAKE_OFFICER)
    sideways = {"unit": "/420600/420606/08/", "receiver": COLLEAGUE.id}
    assert dispatched.why("offer_handover", HANDLER, **sideways) == ["handover_sideways"]
    assert dispatched.why("offer_handover", HANDLER, receiver=COLLEAGUE.id) == []
    returned = dispatched.do("return_to_intake", HANDLER, reason_code="no_authority")
    assert (returned.state, returned.owner, returned.vars["returns"]) == ("returned", INTAKE_OFFICER.id, 1)


def test_a_ruling_ends_the_returns():
    returned = begin("complaint").do("dispatch", INTAKE_OFFICER).do("return_to_intake", HANDLER)
    upheld = returned.do("rule_on_return", INTAKE_OFFICER, ruling="upheld")
    assert upheld.why("return_to_intake", HANDLER) == ["ruled_binding"]
    elsewhere = returned.do("rule_on_return", INTAKE_OFFICER, ruling="other_unit")
    assert elsewhere.why("return_to_intake", HANDLER) == []


def test_a_ruling_does_not_bind_the_unit_of_a_later_dispatch():
    returned = begin("complaint").do("dispatch", INTAKE_OFFICER).do("return_to_intake", HANDLER)
    upheld = returned.do("rule_on_return", INTAKE_OFFICER, ruling="upheld")
    again = upheld.do("ask_identity", HANDLER).do("dispatch", INTAKE_OFFICER)
    assert again.why("return_to_intake", HANDLER) == []


def test_a_refusal_needs_an_item_a_reason_and_the_other_ways():
    """Order 121 arts 15 and 16; the seven items are the rule set's."""
    dispatched = begin("complaint").do("dispatch", INTAKE_OFFICER)
    assert dispatched.why("refuse", HANDLER, item="8") == ["field_wrong"]
    assert dispatched.why("refuse", HANDLER, item=None) == ["field_missing"]
    assert dispatched.why("refuse", HANDLER, reason="") == ["field_missing"]
    assert dispatched.why("refuse", HANDLER, remedies_told=False) == ["remedies_not_told"]
    page = compiled("complaint").explain(dispatched.facts(HANDLER, {}))
    assert page["refuse"].allowed
    assert dispatched.do("refuse", HANDLER, item="7").state == "refused"
    assert begin("complaint").do("refuse", INTAKE_OFFICER).vars["decision"] == "refused"


def test_only_telling_meets_the_acceptance_clock():
    """Order 121 art. 15: decide AND tell."""
    procedure = compiled("complaint").procedure
    assert [one.name for one in procedure.actions.values() if "accept_decision" in one.meets] == [
        "tell_decision"
    ]
    assert [one.name for one in procedure.actions.values() if "accept_decision" in one.cancels] == [
        "withdraw",
        "merge",
    ]
    assert procedure.clocks["accept_decision"].start == "received_on"


def test_nobody_is_told_before_the_decision_or_tomorrow():
    decided = accepted()
    assert decided.why("tell_decision", HANDLER, told_on="2026-11-23") == ["told_on_unfit"]
    assert decided.why("tell_decision", HANDLER, told_on="2026-11-25") == ["told_on_unfit"]
    assert decided.do("tell_decision", HANDLER).why("tell_decision", HANDLER) == ["decision_told"]


# ---- mediated


@pytest.mark.parametrize(
    "answers", [{}, {"consent_complainant": True}, {"consent_complainant": True, "consent_respondent": False}]
)
def test_mediation_needs_the_consent_of_both(answers):
    """Order 121 art. 18; silence is no consent."""
    asked = accepted()
    if answers:
        given = {"consent_complainant": None, "consent_respondent": None} | answers
        asked = asked.do("record_consent", HANDLER, **given)
    assert asked.why("begin_mediation", HANDLER) == ["consent_missing"]


def test_a_record_of_consent_says_something():
    nothing = {"consent_complainant": None, "consent_respondent": None}
    assert accepted().why("record_consent", HANDLER, **nothing) == ["consent_of_nobody"]


def test_only_an_appraisal_pauses_the_mediation():
    """Order 121 art. 22; a challenge does not (art. 21)."""
    states = compiled("complaint").procedure.states
    assert {name: one.pauses for name, one in states.items() if one.pauses} == {"appraising": ("mediation",)}


def test_a_challenged_mediator_steps_back():
    """Order 121 art. 21."""
    suspended = mediating().do("challenge", HANDLER)
    assert suspended.why("decide_challenge", replace(HEAD, id=HANDLER.id)) == ["is_owner"]
    assert suspended.do("decide_challenge", HEAD, upheld=False).why("agree", HANDLER) == []
    replaced = suspended.do("decide_challenge", HEAD, upheld=True)
    for action in ("hold_session", "start_appraisal", "agree"):
        assert replaced.why(action, HANDLER) == ["must_step_back"]
    handed = replaced.do("offer_handover", HEAD, receiver=COLLEAGUE.id).do("accept_handover", COLLEAGUE)
    assert handed.do("agree", COLLEAGUE).state == "mediated"


MEDIATES = ("hold_session", "start_appraisal", "challenge", "agree", "terminate")
"""What a mediator does, and whoever had to step back does not."""


def two_removed(second: bool) -> Matter:
    """Return a matter whose first mediator stepped back and whose second one was challenged too."""
    first = mediating().do("challenge", HANDLER).do("decide_challenge", HEAD, upheld=True)
    handed = first.do("offer_handover", HEAD, receiver=COLLEAGUE.id).do("accept_handover", COLLEAGUE)
    return handed.do("challenge", COLLEAGUE).do("decide_challenge", HEAD, upheld=second)


@pytest.mark.parametrize(("second", "out"), [(False, [HANDLER]), (True, [HANDLER, COLLEAGUE])])
def test_who_stepped_back_never_comes_back(second, out):
    """SAMR Order 121, art. 21: what is decided about the next mediator changes nothing about the first."""
    matter = two_removed(second)
    for who in (HANDLER, COLLEAGUE):
        owned = replace(matter, owner=who.id)
        for action in MEDIATES:
            assert ("must_step_back" in owned.why(action, who)) is (who in out), (action, who)


def test_no_handover_brings_back_who_stepped_back():
    """Neither by a new offer nor by one that was made before the decision."""
    matter = two_removed(second=False)
    offered = matter.why("offer_handover", HEAD, receiver=HANDLER.id)
    assert offered == ["receiver_must_step_back"]
    waiting = replace(matter, handover=HandoverFact(COLLEAGUE.id, HANDLER.id, UNIT))
    assert waiting.why("accept_handover", HANDLER) == ["must_step_back"]
    assert waiting.why("decline_handover", HANDLER) == []


def test_a_challenge_is_not_decided_by_who_stepped_back():
    """A head who mediated and had to step back decides nothing more in the matter."""
    removed = replace(two_removed(second=False), state="suspended")
    assert replace(removed, owner=0).why("decide_challenge", replace(HEAD, id=HANDLER.id)) == [
        "must_step_back"
    ]
    assert removed.why("decide_challenge", HEAD) == []


@pytest.mark.parametrize("item", ["0", "9", "", None])
def test_a_termination_names_one_of_the_eight_items(item):
    assert mediating().why("terminate", HANDLER, item=item) != []


def test_no_button_extends_the_mediation():
    """Order 121 knows no extension of mediation."""
    assert all("mediation" not in one.extends for one in compiled("complaint").procedure.actions.values())


def test_only_the_owner_mediates():
    for action in ("agree", "terminate", "start_appraisal", "challenge"):
        assert "not_owner" in mediating().why(action, COLLEAGUE)
        assert "role_missing" in mediating().why(action, SECOND_HEAD)
    assert "not_owner_nor_co_handler" in mediating().why("hold_session", COLLEAGUE)


# ---- the end


def test_nothing_is_closed_before_both_tellings():
    """Order 121 arts 15 and 23."""
    agreed = mediating().do("agree", HANDLER)
    assert agreed.why("close", HANDLER) == ["decision_not_told", "result_not_told"]
    told = agreed.do("tell_decision", HANDLER).do("tell_result", HANDLER)
    assert told.why("tell_result", HANDLER) == ["result_told"]
    assert told.do("close", HANDLER).state == "closed"


def test_a_refusal_is_closed_once_told_and_a_withdrawal_at_once():
    refused = begin("complaint").do("refuse", INTAKE_OFFICER)
    assert refused.why("close", INTAKE_OFFICER) == ["decision_not_told"]
    assert refused.do("tell_decision", INTAKE_OFFICER).do("close", INTAKE_OFFICER).state == "closed"
    withdrawn = begin("complaint").do("withdraw", OPERATOR)
    assert withdrawn.do("close", INTAKE_OFFICER).state == "closed"


def test_the_intake_desk_does_not_close_for_a_unit():
    ready = mediating().do("tell_decision", HANDLER).do("agree", HANDLER).do("tell_result", HANDLER)
    assert ready.why("close", INTAKE_OFFICER) == ["not_owner"]


def test_an_open_payout_keeps_the_complaint_open():
    ready = mediating().do("tell_decision", HANDLER).do("agree", HANDLER).do("tell_result", HANDLER)
    assert ready.with_child("payout", "paying", ended=False).why("close", HANDLER) == ["payout_open"]
    assert ready.with_child("payout", "recovered", ended=True).why("close", HANDLER) == []


def test_a_lead_changes_no_state_and_can_be_opened_anywhere():
    """Order 121 art. 27: complaint and breach are two things."""
    action = compiled("complaint").procedure.actions["open_lead"]
    assert action.target is None
    assert set(action.sources) == set(compiled("complaint").procedure.states)
    assert action.child == "lead"


@pytest.mark.parametrize(
    ("state", "ended", "fits"),
    [
        ("verifying", False, False),
        ("not_filed", True, False),
        ("filed", False, True),
        ("concluded", True, True),
    ],
)
def test_transferred_means_that_a_case_was_filed(state, ended, fits):
    ready = mediating().do("tell_decision", HANDLER).do("agree", HANDLER).do("tell_result", HANDLER)
    assert (ready.with_child("lead", state, ended).why("mark_transferred", HANDLER) == []) is fits
    assert mediating().why("mark_transferred", HANDLER)[0] == "wrong_state"


def test_neither_marking_nor_closing_comes_before_the_work_that_was_asked_for():
    asked = {
        "1": {"kind": "letter", "person": COLLEAGUE.id, "due_on": "2026-12-01", "asked_on": "2026-11-24"}
    }
    ready = mediating().do("tell_decision", HANDLER).do("agree", HANDLER).do("tell_result", HANDLER)
    ready = ready.with_child("lead", "filed", False)
    waiting = replace(ready, vars={**ready.vars, "work": asked})
    for action in ("mark_transferred", "close"):
        assert ready.why(action, HANDLER) == []
        assert waiting.why(action, HANDLER) == ["work_open"]


def test_a_mediation_can_always_be_ended_in_time():
    """Order 121 art. 23: no work beside it holds up the end of the mediation."""
    asked = {
        "1": {"kind": "letter", "person": COLLEAGUE.id, "due_on": "2026-12-01", "asked_on": "2026-11-24"}
    }
    waiting = replace(mediating(), vars={**mediating().vars, "work": asked})
    assert "work_open" not in waiting.why("terminate", HANDLER)
    assert "work_open" not in waiting.why("agree", HANDLER)


# ---- the call-back


def test_nobody_calls_back_on_own_work():
    own = replace(HANDLER, role="operator", unit="/420600/420606/")
    assert closed().why("revisit", own) == ["own_work"]
    assert closed().why("revisit", HANDLER) == ["role_missing", "own_work"]
    assert replace(closed(), owner=OPERATOR.id).why("revisit", OPERATOR) == ["own_work"]


def test_three_attempts_on_different_days():
    once = closed().do("record_attempt", OPERATOR, outcome="no_answer")
    assert once.why("record_attempt", OPERATOR) == ["attempted_today"]
    assert once.why("end_unreached", OPERATOR) == ["too_few_attempts"]
    thrice = once.do("record_attempt", OPERATOR, days=1).do(
        "record_attempt", SUPERVISOR, days=1, outcome="no_answer"
    )
    tomorrow = replace(thrice, today=date(2026, 11, 27))
    assert tomorrow.why("record_attempt", OPERATOR) == ["no_attempts_left"]
    ended = thrice.do("end_unreached", OPERATOR)
    assert (ended.state, ended.vars["outcome"], ended.vars["grade"]) == ("revisited", "no_answer", None)


def test_silence_is_no_grade():
    grades = compiled("complaint").procedure.actions["revisit"].field("grade")
    assert grades is not None
    assert grades.choices == ("very_satisfied", "satisfied", "fair")


def test_an_unsatisfied_call_back_opens_a_redo_and_new_attempts():
    tried = closed().do("record_attempt", OPERATOR)
    redo = tried.do("revisit_unsatisfied", OPERATOR)
    assert (redo.state, redo.vars["grade"], redo.vars["attempts"]) == ("redo", "unsatisfied", 0)
    again = redo.do("finish_redo", HANDLER).do("revisit", OPERATOR, grade="very_satisfied")
    assert again.state == "revisited"
    assert compiled("complaint").procedure.clocks["redo"].internal


def test_what_never_came_to_a_unit_is_redone_at_the_desk():
    refused = begin("complaint").do("refuse", INTAKE_OFFICER).do("tell_decision", INTAKE_OFFICER)
    redo = refused.do("close", INTAKE_OFFICER).do("revisit_unsatisfied", OPERATOR)
    assert redo.why("finish_redo", INTAKE_OFFICER) == []
    assert redo.why("finish_redo", OPERATOR) == ["not_owner"]


def test_who_refused_calls_nobody_back_about_it():
    refused = begin("complaint").do("dispatch", INTAKE_OFFICER).do("refuse", INTAKE_OFFICER)
    told = refused.do("tell_decision", HANDLER).do("close", HANDLER)
    assert told.why("revisit", INTAKE_OFFICER) == ["own_work"]
    assert told.why("revisit", OPERATOR) == []


def test_an_open_payout_keeps_a_redo_open():
    redo = closed().do("revisit_unsatisfied", OPERATOR)
    assert redo.with_child("payout", "paying", ended=False).why("finish_redo", HANDLER) == ["payout_open"]


def test_a_head_may_hand_over_for_an_absent_owner():
    assert accepted().why("offer_handover", HEAD, receiver=COLLEAGUE.id) == []
    assert accepted().why("offer_handover", COLLEAGUE, receiver=COLLEAGUE.id) == ["not_owner_nor_head"]
