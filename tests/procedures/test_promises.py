"""What model checking proves of the shipped procedures: each promise holds, and a planted fault of it is
found by a shortest way, told in the words of the users.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from tests.procedures import office
from tests.procedures.worlds import world
from workflows.definition import Procedure
from workflows.definition_files import DefinitionError
from workflows.guards import Facts
from workflows.loading import PROCEDURES, load_procedure
from workflows.projection import Projection
from workflows.proving.engine_invariants import ENGINE_INVARIANTS
from workflows.proving.model_checking import check
from workflows.proving.model_report import Proof
from workflows.proving.situations import Situation
from workflows.testing import walk
from workflows.testing.paper import Paper
from workflows.testing.shadow import Shadow
from workflows.versioning.versions import Library

VERSIONS = [(one.name, one.version) for one in office.library().procedures]
NAMED = {one.name: one for one in office.INVARIANTS}


def checked(name: str, *edits: tuple[str, str]) -> Proof:
    """Prove the latest version of a procedure with a changed text."""
    path = max(PROCEDURES.glob(f"{name}.*.yaml"), key=lambda one: int(one.name.split(".")[1]))
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, (text.count(old), old)
        text = text.replace(old, new)
    procedure = load_procedure(text, path.name)
    promises = (*ENGINE_INVARIANTS, *(NAMED[one] for one in procedure.invariants))
    started = {action.child for action in procedure.actions.values()}
    family = [one for one in office.library().procedures if one.name in started]
    return check(procedure, office.registry(), promises, family, office.rules())


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_every_promise_holds_in_every_situation(name: str, version: int) -> None:
    proof = office.library().proof(name, version)
    assert proof.violations == ()
    assert proof.never == ()
    assert len(proof.invariants) >= len(ENGINE_INVARIANTS)
    if name == "complaint":
        assert proof.situations > 1_000
        assert set(proof.abstracted.children) == {"lead", "payout"}


def test_what_is_promised_is_named_by_some_procedure() -> None:
    assert office.library().unused_invariants == set()


ACCEPT = "sets: {decision: accepted, decided_on: $today}\n    cancels: [identity]"
CHALLENGE = "to: suspended\n    roles: [handler@self]"
CLOSE = "needs: [closes_own_matter, decision_told, result_told, no_open_payout, all_work_done]"
PLANTED = {
    # the fault: procedure, text and its change, how many steps a shortest way has, one of them in Chinese
    "decision_owed_until_told": (
        "complaint",
        (ACCEPT, ACCEPT.replace("[identity]", "[identity, accept_decision]")),
        2,
        "受理",
    ),
    "decision_told_before_closed": ("complaint", (CLOSE, CLOSE.replace("decision_told, ", "")), 2, "办结"),
    "result_told_before_closed": ("complaint", (CLOSE, CLOSE.replace("result_told, ", "")), 5, "终止调解"),
    "closed_has_no_open_payout": (
        "complaint",
        (CLOSE, CLOSE.replace(", no_open_payout", "")),
        4,
        "申请购假先赔",
    ),
    "mediation_is_timed": (
        "complaint",
        (CHALLENGE, f"{CHALLENGE}\n    cancels: [mediation]"),
        4,
        "申请回避",
    ),
    "challenge_stops_no_clock": (
        "complaint",
        ("suspended: {stage: mediated,", "suspended: {stage: mediated, pauses: [mediation],"),
        4,
        "中止（回避）",
    ),
    "transferred_only_with_a_filed_lead": (
        "complaint",
        (
            "needs: [is_owner, decision_told, result_told, lead_filed, all_work_done]",
            "needs: [decision_told, result_told]",
        ),
        3,
        "转案件",
    ),
    "verification_is_timed": (
        "lead",
        ("to: filing_proposed\n", "to: filing_proposed\n    cancels: [verify]\n"),
        1,
        "提出立案",
    ),
    "verification_extended_once": ("lead", ("not_extended_yet, ", ""), 2, "批准延长核查时限"),
    "paid_within_approved_within_claimed": (
        "payout",
        ("needs: [not_the_asker, amount_within_rule, two_people_over_limit]", "needs: [not_the_asker]"),
        3,
        "批准",
    ),
    "recovered_within_paid_out": (
        "payout",
        ("needs: [something_owed, recovered_within_paid]", "needs: [something_owed]"),
        6,
        "记录追回",
    ),
}


def test_every_promise_has_its_planted_fault() -> None:
    assert set(PLANTED) == set(NAMED)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_by_a_shortest_way(name: str) -> None:
    procedure, edit, steps, word = PLANTED[name]
    found = {one.invariant.name: one for one in checked(procedure, edit).violations}
    assert len(found[name].way) == steps, found[name].told("zh")
    assert word in found[name].told("zh")
    assert NAMED[name].label.zh in found[name].told("zh")
    assert NAMED[name].label.en in found[name].told("en")


def test_a_shortest_way_is_told_step_by_step() -> None:
    name = "closed_has_no_open_payout"
    procedure, edit, _steps, _word = PLANTED[name]
    (found,) = checked(procedure, edit).violations
    assert found.told("zh") == (
        "可能违反“还有先赔没有办完的投诉不能办结。”：已登记"
        " —限期补正身份材料→ 待补正身份材料 —申请购假先赔→ 待补正身份材料 —撤回投诉→ 已撤回 —办结→ 已办结"
    )


def test_a_sum_that_was_typed_stands_in_the_way() -> None:
    procedure, edit, _steps, _word = PLANTED["paid_within_approved_within_claimed"]
    found = checked(procedure, edit).violations[0]
    assert "批准（批准金额 0）" in found.told("zh")


def test_a_promise_that_can_be_broken_refuses_to_boot() -> None:
    _procedure, (old, new), _steps, _word = PLANTED["closed_has_no_open_payout"]
    texts = [(path.read_text(encoding="utf-8"), path.name) for path in PROCEDURES.glob("*.[0-9]*.yaml")]
    procedures = [load_procedure(text.replace(old, new), name) for text, name in texts]
    with pytest.raises(DefinitionError, match=r"closed_has_no_open_payout: 可能违反.*can be broken"):
        Library(procedures, office.rules(), office.registry(), invariants=office.INVARIANTS)


def strays_of(
    name: str, version: int, monkeypatch: pytest.MonkeyPatch, model: Procedure | None = None
) -> list[tuple[str, ...]]:
    """Walk matters by the real steps, and return the ways that the model does not foresee."""
    judged = office.library().get(name, version)
    started = {action.child for action in judged.procedure.actions.values()}
    family = [one for one in office.library().procedures if one.name in started]
    model = model or judged.procedure
    shadow = Shadow(model, office.registry(), judged.invariants, family, office.rules())
    maybe: dict[int, tuple[frozenset[Situation], Projection]] = {}
    followed: list[str] = []
    strays: list[tuple[str, ...]] = []
    really = Paper.do

    def do(self: Paper, action: str, facts: Facts, assignee: object) -> Paper:
        after = really(self, action, facts, assignee)  # type: ignore[arg-type]
        before = maybe.get(id(self.now), (shadow.begin(self.now), self.now))[0]
        then = before if shadow.is_idle(action) else shadow.follow(before, self.now, action, after.now)
        maybe[id(after.now)] = (then, after.now)
        followed.append(action)
        if before and not then:
            strays.append((*self.way, action))
        return after

    monkeypatch.setattr(Paper, "do", do)
    walk(world(name, version), most=50)
    assert len(followed) > 10
    return strays


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_the_model_foresees_every_real_step(name: str, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that no situation of the model allows would make every proof void."""
    assert strays_of(name, version, monkeypatch) == []


def test_a_model_that_foresees_too_little_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It believes that proposing to file a case ends the limit of verification."""
    lead = office.library().get("lead", 1).procedure
    propose = replace(lead.actions["propose_filing"], cancels=("verify",))
    wrong = replace(lead, actions=MappingProxyType({**lead.actions, "propose_filing": propose}))
    assert ("propose_filing",) in strays_of("lead", 1, monkeypatch, wrong)
