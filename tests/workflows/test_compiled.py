"""Every reason at once, and never one answer on the page and another at the door."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.loan import (
    LENDING,
    SYSTEM,
    TODAY,
    compiled,
    facts,
    keeper,
    lent_not_ahead,
    librarian,
    not_the_lender,
    procedure,
    reader_known,
)
from workflows import generic_guards
from workflows.compiled import Compiled, Fired, Refused
from workflows.definition import Label
from workflows.guards import Facts, GuardRegistry, HandoverFact, Why, guard
from workflows.people import Person

LOAN = compiled()
STATES = tuple(procedure().states)
DEFINED = procedure().actions


def codes(reasons):
    return [why.code for why in reasons]


def test_an_allowed_action_moves_the_state_and_names_the_grant():
    assert LOAN.fire("lend", facts(payload=LENDING)) == Fired("lent", 77)
    assert LOAN.fire("lend", facts(payload=LENDING, actor=keeper(7))) == Fired("lent", 87)


def test_an_action_may_keep_the_state():
    fired = LOAN.fire("renew", facts(state="lent", actor=keeper(), vars={"by": {"lend": 7}}))
    assert fired == Fired("lent", 88)


def test_a_refusal_gives_every_reason():
    asked = facts(payload={"lent_on": "2026-03-03", "deposit": -1}, vars={}, actor=Person(9))
    with pytest.raises(Refused) as caught:
        LOAN.fire("lend", asked)
    assert codes(caught.value.reasons) == [
        "role_missing",
        "field_wrong",
        "not_owner",
        "reader_unknown",
        "lent_ahead",
    ]
    assert caught.value.reasons[0].lifted_by == ("librarian", "keeper")
    assert "Lend" in str(caught.value.reasons[0].text.en)


def test_the_wrong_state_says_which_would_be_right():
    with pytest.raises(Refused) as caught:
        LOAN.fire("lend", facts(state="lent", payload=LENDING))
    assert codes(caught.value.reasons) == ["wrong_state"]
    assert "“已申请”" in caught.value.reasons[0].text.zh


def test_a_page_is_asked_before_anything_was_typed():
    empty = facts(payload={})
    assert LOAN.why("lend", empty, typed=False) == ()
    assert codes(LOAN.why("lend", empty, typed=True)) == ["field_missing", "field_missing"]


def test_what_was_typed_is_no_matter_of_the_page():
    typed = facts(payload={"lent_on": "2026-03-09", "deposit": -1})
    assert LOAN.why("lend", typed, typed=False) == ()
    assert codes(LOAN.why("lend", typed, typed=True)) == ["field_wrong", "lent_ahead"]


def test_an_unknown_action_is_a_fault_of_the_program():
    with pytest.raises(KeyError):
        LOAN.fire("burn", facts())


def test_explain_lists_each_button_of_the_state_with_all_reasons():
    verdicts = LOAN.explain(facts(vars={}, actor=Person(9)))
    assert list(verdicts) == [
        "lend",
        "join",
        "refuse",
        "offer_handover",
        "accept_handover",
        "drop_handover",
        "remark",
    ]
    assert codes(verdicts["lend"].reasons) == ["role_missing", "not_owner", "reader_unknown"]
    assert [field.name for field in verdicts["lend"].fields] == ["lent_on", "deposit", "note"]
    assert "remind" not in LOAN.explain(facts(state="lent"))


@guard()
def is_owner(facts: Facts) -> Why | None:
    """Refuses in words that change from matter to matter, unlike the generic guard of this name."""
    if facts.actor.id == facts.owner_id:
        return None
    return Why("not_owner", Label("不是承办人。", "Not the owner."), people=(facts.owner_id,))


def test_one_reader_never_gets_the_reasons_of_another():
    """What is remembered of a panel is what follows from its answers: another reason is another answer."""
    others = [one for one in generic_guards.GUARDS if one.name != "is_owner"]
    own = Compiled(
        procedure(), GuardRegistry([*others, is_owner, reader_known, lent_not_ahead, not_the_lender])
    )
    seen: dict[int, object] = {}
    for owner in (7, 8, 9, 7, 8):
        verdicts = own.explain(facts(owner_id=owner, actor=librarian(6)))
        assert [why.people for why in verdicts["lend"].reasons] == [(owner,)]
        assert verdicts == seen.setdefault(owner, verdicts)


def test_whoever_empties_an_answer_empties_no_other():
    LOAN.explain(facts()).clear()
    assert LOAN.explain(facts())["lend"].allowed


def test_the_system_does_only_what_is_automatic():
    assert LOAN.fire("remind", facts(state="lent", actor=SYSTEM)) == Fired("lent", None)
    with pytest.raises(Refused) as caught:
        LOAN.fire("give_back", facts(state="lent", actor=SYSTEM))
    assert codes(caught.value.reasons) == ["person_only"]


def test_nobody_does_by_hand_what_is_automatic():
    with pytest.raises(Refused) as caught:
        LOAN.fire("remind", facts(state="lent"))
    assert codes(caught.value.reasons) == ["system_only"]


def test_a_handover_is_answered_where_it_goes_to():
    offer = HandoverFact(giver_id=7, receiver_id=12, unit_path="/town/west/")
    there, here = librarian(12, "/town/west/"), librarian(12)
    assert LOAN.fire("accept_handover", facts(actor=there, handover=offer)).grant_id == 82
    assert codes(LOAN.why("accept_handover", facts(actor=here, handover=offer), typed=True)) == [
        "role_missing"
    ]
    assert codes(LOAN.why("accept_handover", facts(handover=offer), typed=True)) == [
        "role_missing",
        "not_receiver",
    ]
    for party in (there, librarian(7)):
        assert LOAN.fire("drop_handover", facts(actor=party, handover=offer)).state == "asked"
    stranger = facts(actor=librarian(9), handover=offer)
    assert codes(LOAN.why("drop_handover", stranger, typed=True)) == ["not_handover_party"]
    assert codes(LOAN.why("offer_handover", facts(handover=offer), typed=False)) == ["handover_pending"]
    assert codes(LOAN.why("accept_handover", facts(), typed=False)) == ["no_handover"]


def test_a_matter_is_not_offered_to_its_owner():
    offered = facts(payload={"unit": "/town/east/", "receiver": 7})
    assert codes(LOAN.why("offer_handover", offered, typed=True)) == ["receiver_is_owner"]


def test_duties_are_kept_apart_by_what_was_done():
    lent = facts(state="lent", actor=keeper(8), vars={"by": {"lend": 8}})
    assert codes(LOAN.why("renew", lent, typed=True)) == ["not_the_lender"]


def test_a_step_leaves_the_shared_machine_as_it_was():
    before = facts(payload=LENDING)
    for _ in range(3):
        assert LOAN.fire("lend", before).state == "lent"
    assert before.state == "asked"


def test_two_tables_of_facts_do_not_mix():
    good, bad = facts(payload=LENDING), facts(payload=LENDING, vars={})
    with pytest.raises(Refused):
        LOAN.fire("lend", bad)
    assert LOAN.fire("lend", good).state == "lent"


people = st.sampled_from([librarian(7), librarian(8), keeper(8), keeper(7), Person(9), SYSTEM])
offers = st.none() | st.sampled_from([HandoverFact(7, 8, "/town/east/"), HandoverFact(7, 8, "/town/west/")])
payloads = st.sampled_from(
    [
        {},
        LENDING,
        LENDING | {"deposit": True},
        LENDING | {"lent_on": "2026-03-09"},
        {"ground": "1"},
        {"ground": "7"},
        {"text": "a"},
        {"damaged": True},
        {"unit": "/town/east/", "receiver": 8},
        {"unit": "/town/east/", "receiver": 7},
    ]
)
JOINED = {"undo": {"join": {"state": "asked", "seq": 2}}}
variables = st.sampled_from([{}, {"reader": 3}, {"reader": 3, "by": {"lend": 8}}, JOINED])
worlds = st.builds(
    lambda **given: facts(**given),
    state=st.sampled_from(STATES),
    owner_id=st.sampled_from([7, 8]),
    actor=people,
    handover=offers,
    payload=payloads,
    vars=variables,
)


@settings(max_examples=600, deadline=None)
@given(worlds, st.sampled_from(sorted(DEFINED)))
def test_asking_and_firing_never_disagree(world, action):
    """`why`, `explain` and `fire` say the same of every state, person and payload."""
    typed = LOAN.why(action, world, typed=True)
    page = LOAN.why(action, world, typed=False)
    if typed:
        with pytest.raises(Refused) as refused:
            LOAN.fire(action, world)
        assert refused.value.reasons == typed
    else:
        known, target = world.vars, LOAN.procedure.target_of
        assert LOAN.fire(action, world).state == target(DEFINED[action], world.state, known)
    assert set(page) <= set(typed), "the page knows a reason that the door does not"
    judged = set(typed) - set(page)
    payload_guards = {"lent_ahead", "receiver_is_owner"}
    assert all(why.code.startswith("field_") or why.code in payload_guards for why in judged)
    verdicts = LOAN.explain(world)
    if action in verdicts:
        assert verdicts[action].reasons == page
        assert verdicts[action].allowed == (page == ())
    else:
        assert DEFINED[action].automatic or world.state not in DEFINED[action].sources


def test_a_day_is_a_day_however_it_is_written():
    ahead = {"lent_on": TODAY.replace(day=3), "deposit": 1}
    assert codes(LOAN.why("lend", facts(payload=ahead), typed=True)) == ["lent_ahead"]
    assert LOAN.why("lend", replace(facts(), payload=LENDING | {"lent_on": TODAY}), typed=True) == ()


def test_an_action_that_undoes_leads_back_to_where_it_came_from():
    joined = facts(state="joined", vars=JOINED, actor=librarian(7))
    assert LOAN.fire("part", joined).state == "asked"
    assert [why.code for why in LOAN.why("part", replace(joined, vars={}), typed=True)] == ["nothing_to_undo"]
    with pytest.raises(Refused):
        LOAN.fire("part", replace(joined, vars={"undo": {"join": None}}))
