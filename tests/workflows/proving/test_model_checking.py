"""The library loan is walked: the engine's own promises hold of it, a planted fault of each kind is found by
a shortest way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.workflows import loan
from tests.workflows.loan import TEXT, procedure, rule_book
from workflows.definition import Label
from workflows.definition_files import DefinitionError
from workflows.guards import Facts, Guard, GuardRegistry, Why, guard
from workflows.proving.engine_invariants import ENGINE_INVARIANTS
from workflows.proving.invariants import InvariantRegistry, invariant
from workflows.proving.model_checking import Walk, check
from workflows.proving.model_report import Proof
from workflows.proving.model_steps import OTHER, Effects
from workflows.proving.proofs import prove
from workflows.proving.situations import Situation
from workflows.rule_sets import Limit, RuleBook, RuleSet, Unit
from workflows.versioning.versions import Library

PROMISES = {one.name: one for one in ENGINE_INVARIANTS}
NO = Why("no", Label("不能", "No"))


def checked(*edits: tuple[str, str], guards: tuple[Guard, ...] = ()) -> Proof:
    text = TEXT
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return check(procedure(text), known(*guards), ENGINE_INVARIANTS)


def known(*more: Guard) -> GuardRegistry:
    found = loan.guards()
    for one in more:
        found.register(one)
    return found


def ways(proof: Proof) -> dict[str, str]:
    """Return how each broken promise is reached: the English labels of the acts."""
    return {one.invariant.name: " → ".join(step.act.en for step in one.way) for one in proof.violations}


def test_every_promise_of_the_engine_holds_of_the_library_loan() -> None:
    proof = checked()
    assert proof.violations == ()
    assert proof.never == ()
    assert proof.invariants == ENGINE_INVARIANTS
    assert proof.situations > 20
    assert proof.moves > proof.situations


def test_the_proof_lists_what_it_left_out() -> None:
    left_out = checked().abstracted
    assert {"is_owner", "reader_known", "not_the_lender"} <= set(left_out.free_guards)
    assert left_out.asked_guards == ("handover_pending", "no_handover_pending")
    assert left_out.variables == left_out.children == ()
    assert set(left_out.idle) == {"remind", "remark"}


# -- a fault of each kind, in the file

MOVE = """actions:
  move:
    label: {zh: 转分馆, en: Move}
    from: asked
    to: same
    roles: [keeper@up]
    assign: receiver
    fields:
      unit: {kind: unit, label: {zh: 分馆, en: Branch}}
      receiver: {kind: person, label: {zh: 接收人, en: Receiver}}
"""
LOSE = "  lose: {label: {zh: 丢, en: Lose}, from: lent, to: lost, roles: [librarian@self]}\n"
PLANTED: dict[str, tuple[list[tuple[str, str]], str]] = {
    "owner_always_set": (
        [
            (
                "actions:\n",
                MOVE.replace("receiver: {kind: person,", "receiver: {kind: person, required: false,"),
            )
        ],
        "Move",
    ),
    "unit_is_set_with_owner": (
        [("actions:\n", MOVE.replace("unit: {kind: unit,", "unit: {kind: unit, required: false,"))],
        "Move",
    ),
    "offer_ends_with_the_matter": (
        [
            (
                "actions:\n",
                MOVE.replace("from: asked", "from: lent")
                .replace("to: same", "to: shelved")
                .replace("assign: receiver", "handover: ask"),
            )
        ],
        "Lend → Move",
    ),
    "clock_never_paused_when_closed": (
        [("kind: may_end, clocks", "kind: may_end, pauses: [due], clocks"), ("    meets: [due]\n", "")],
        "Lend → Give back",
    ),
    "a_pause_has_an_outer_limit": (
        [("pauses: [due], clocks: [binder]", "pauses: [due]")],
        "Lend → Send to the binder",
    ),
    "no_clock_runs_when_over": (
        [("needs: [is_owner], cancels: [answer]", "needs: [is_owner]")],
        "Join to an earlier one",
    ),
    "somebody_waits_only_with_a_clock": ([("{stage: out, clocks: [due],", "{stage: out,")], "Lend"),
    "an_end_from_every_state": (
        [
            (
                "  rebinding: {",
                "  lost: {stage: out, clocks: [due], label: {zh: 丢失, en: Lost}}\n  rebinding: {",
            ),
            (
                "actions:\n",
                f"actions:\n{LOSE}",
            ),
        ],
        "Lend → Lose",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_fault_planted_in_the_file_is_found_by_a_shortest_way(name: str) -> None:
    edits, way = PLANTED[name]
    found = checked(*edits)
    assert ways(found)[name] == way
    (one,) = (one for one in found.violations if one.invariant.name == name)
    assert PROMISES[name].label.zh in one.sentence()
    assert PROMISES[name].label.en in one.sentence()


# -- a fault of each kind that no file could hold, in the engine's own steps

Change = Callable[[Situation], Situation]
IN_THE_ENGINE: dict[str, Change] = {
    "first_responder_never_changes": lambda then: then._replace(first_responder=OTHER),
    "owner_changes_only_by_assignment": lambda then: then._replace(owner=OTHER),
    "a_pause_has_paper_and_approver": lambda then: then._replace(groundless=frozenset({"due"})),
    "pauses_only_by_law": lambda then: then._replace(lawless=frozenset({"due"})),
    "pauses_only_where_allowed": lambda then: then._replace(paused=frozenset({"due"})),
}


@pytest.mark.parametrize("name", IN_THE_ENGINE)
def test_a_fault_planted_in_the_steps_is_found_by_a_shortest_way(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rightly = Effects._after

    def after(self: Effects, effect: Any, now: Situation, typed: Any) -> Iterator[Situation]:
        for then in rightly(self, effect, now, typed):
            yield IN_THE_ENGINE[name](then) if effect.action.name == "lend" else then

    monkeypatch.setattr(Effects, "_after", after)
    assert ways(checked())[name] == "Lend"


def test_each_promise_of_the_engine_has_its_planted_fault() -> None:
    assert PLANTED.keys() | IN_THE_ENGINE.keys() == PROMISES.keys()


# -- guards: free choices, asked, exclusive


@guard(in_model=True, reads=("lent_by",))
def was_never_lent(facts: Facts) -> Why | None:
    return NO if facts.vars.get("lent_by") else None


@guard(in_model=True)
def asks_the_day(facts: Facts) -> Why | None:
    return NO if facts.today.year > 2000 else None


def test_a_guard_that_is_asked_can_close_the_way_to_every_end() -> None:
    """As a free choice it would be taken to hold some day."""
    closed = [("    from: [lent, rebinding]\n", "    from: [lent, rebinding]\n    needs: [was_never_lent]\n")]
    assert ways(checked(*closed, guards=(was_never_lent,))) == {"an_end_from_every_state": "Lend"}
    free = Guard("was_never_lent", was_never_lent.judge)
    assert checked(*closed, guards=(free,)).violations == ()


def test_two_guards_that_exclude_each_other_make_an_action_impossible() -> None:
    proof = checked(
        ("needs: [handover_pending, is_handover_party]", "needs: [no_handover_pending, handover_pending]")
    )
    assert proof.never == ("drop_handover",)
    (sentence,) = proof.faults()
    assert sentence.startswith("library_loan.1, actions › drop_handover: no situation ever allows it")


def test_a_guard_that_asks_for_more_than_its_mark_says_refuses_to_boot() -> None:
    text = TEXT.replace("reader_known, lent_not_ahead]", "reader_known, lent_not_ahead, asks_the_day]")
    with pytest.raises(DefinitionError, match=r"library_loan\.1, model: today"):
        Library([procedure(text)], rule_book(), known(asks_the_day))


# -- the library


@invariant("借出的书知道由谁借出。", "A lent book knows who lent it.", reads=("lent_by",))
def lender_is_known(_procedure: object, now: Situation) -> bool:
    return now.state != "lent" or bool(now.vars.get("lent_by"))


def test_a_promise_by_name_is_proved_and_a_broken_one_refuses_to_boot() -> None:
    text = TEXT + "invariants: [lender_is_known]\n"
    library = Library([procedure(text)], rule_book(), known(), invariants=[lender_is_known])
    assert lender_is_known in library.proof("library_loan", 1).invariants
    assert library.proof("library_loan", 1).abstracted.variables == ("lent_by",)
    broken = procedure(text.replace("    sets: {lent_by: $actor}\n", ""))
    with pytest.raises(DefinitionError, match=r"lender_is_known: .*：已申请 —借出→ 已借出"):
        Library([broken], rule_book(), known(), invariants=[lender_is_known])
    with pytest.raises(DefinitionError, match=r"'lender_is_known' is not registered"):
        Library([procedure(text)], rule_book(), known())


def test_a_promise_that_nobody_names_is_known() -> None:
    library = Library([procedure()], rule_book(), known(), invariants=[lender_is_known])
    assert library.unused_invariants == {"lender_is_known"}


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="registered twice"):
        InvariantRegistry([lender_is_known, lender_is_known])


def test_what_was_proved_is_not_walked_again_and_what_changed_is() -> None:
    first = prove(procedure(), known(), ENGINE_INVARIANTS)
    assert prove(procedure(), known(), ENGINE_INVARIANTS) is first
    assert (
        prove(procedure(TEXT.replace("counts: [reminders]", "counts: [calls]")), known(), ENGINE_INVARIANTS)
        is not first
    )
    assert prove(procedure(), known(), ENGINE_INVARIANTS[:-1]) is not first


# -- what the rule sets leave open


def allowing(*pauses: bool) -> RuleBook:
    """Return rule sets of following years, each of which lets a loan stand still or not."""
    limit = Limit(30, Unit.DAY, Label("第一条", "art. 1"), "", pause_article=Label("第二条", "art. 2"))
    sets = []
    for year, pausing in enumerate(pauses, 2020):
        due = limit if pausing else replace(limit, pause_article=None)
        first, last = date(year, 1, 1), date(year, 12, 31)
        name = Label(f"{year}", f"{year}")
        sets.append(RuleSet(f"of-{year}", "loans", name, first, last, {"due": due}, {}, {}, {}, local=False))
    return RuleBook(sets)


@pytest.mark.parametrize(
    ("pauses", "found"),
    [((True, True), {"paused"}), ((False, True), {"paused", "running"}), ((False,), {"running"})],
)
def test_a_clock_is_walked_as_each_rule_set_may_have_it(pauses: tuple[bool, ...], found: set[str]) -> None:
    walk = Walk(procedure(TEXT), known(), ENGINE_INVARIANTS, (), allowing(*pauses))
    walk.run()
    at_the_binder = [one for one in walk.situations if one.state == "rebinding"]
    assert {"paused" if "due" in one.paused else "running" for one in at_the_binder} == found
    assert list(walk.violations()) == []
