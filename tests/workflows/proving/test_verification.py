"""A fault of each kind is planted in the toy process once, and found."""

from __future__ import annotations

import pytest

from tests.workflows.loan import ROLES, TEXT, guards, procedure, rule_book
from workflows.proving.reachability import reachable, waits_without_a_clock
from workflows.proving.verification import verify

MESSAGES = frozenset({"notice.lent"})


def findings(text: str = TEXT, messages=MESSAGES, procedures=frozenset({"library_loan"})):
    return verify(procedure(text), guards(), rule_book(), ROLES, messages, procedures)


def test_the_toy_process_is_sound():
    assert findings() == ()


ORPHAN = "  lost: {stage: done, kind: final, label: {zh: 丢失, en: Lost}}\n  counted:"
TRAP = "  lost: {stage: done, clocks: [due], label: {zh: 丢失, en: Lost}}\n  counted:"
LOSE = "actions:\n  lose: {label: {zh: 丢, en: Lose}, from: lent, to: lost, roles: [librarian@self]}"
LISTED = "    lists: {late: {did: lent, when: damaged}}"
COUNT = "    from: shelved\n    to: counted"
PAUSE = "fields: {paper: {kind: text, label: {zh: 送修单, en: Slip}}}"
APPROVER = "fields: {approved_by: {kind: text, label: {zh: 批准人, en: Approver}}, paper: {kind: text,"
PLANTED = {
    "no_outer_limit": [("pauses: [due], clocks: [binder],", "pauses: [due],")],
    "no_pause_article": [("pauses: [due], clocks", "pauses: [answer], clocks")],
    "pause_without_paper": [(f", {PAUSE}", "")],
    "pause_without_approver": [("fields: {paper: {kind: text,", APPROVER)],
    "pause_day": [("fields: {paper: {kind: text,", "pauses_from: sent_on, fields: {paper: {kind: text,")],
    "unreachable": [("  counted:", ORPHAN)],
    "dead_end": [("  counted:", TRAP), ("actions:", LOSE)],
    "no_clock": [
        ("clocks: [answer], ", ""),
        ("    meets: [answer]\n    emit", "    emit"),
        ("refuse:", "refuse:\n    opens: [answer]"),
    ],
    "initial": [("kind: initial, ", "")],
    "unknown_stage": [("{stage: out,", "{stage: outside,")],
    "unknown_source": [("    from: shelved", "    from: shelf")],
    "unknown_target": [("to: counted", "to: recounted")],
    "two_edges": [("from: [lent, rebinding]", "from: [lent, rebinding, lent]")],
    "leaves_final": [("    from: shelved", "    from: [shelved, refused]")],
    "nobody": [(", automatic: true", "")],
    "unknown_guard": [("reader_known", "reader_knwon")],
    "unknown_role": [("keeper@any", "keper@any")],
    "unknown_message": [("emit: [notice.lent]", "emit: [notice.lnet]")],
    "unknown_clock": [("    meets: [due]", "    meets: [dew]")],
    "never_opened": [
        ("clocks: [stocktake]", "clocks: [due]"),
        ("    meets: [stocktake]", "    meets: [due]"),
    ],
    "unknown_task": [("task: call_reader", "task: call_him")],
    "task_to_nobody": [(", task_to: [owner, keeper]", "")],
    "unknown_procedure": [(COUNT, COUNT + "\n    child: stocktaking")],
    "unknown_list": [("items: refusal_grounds", "items: grounds")],
    "no_limit": [("extends: {due: renewal}", "extends: {due: renewals}")],
    "other_unit": [("extends: {due: renewal}", "extends: {answer: renewal}")],
    "unknown_action": [("    meets: [due]", LISTED + "\n    meets: [due]")],
    "missing_field": [("      unit: {kind: unit, label: {zh: 分馆, en: Branch}}\n", "")],
    "optional_stage": [("rebinding: {stage: mended,", "rebinding: {stage: out,")],
    "not_aside": [("kind: aside", "kind: may_end, clocks: [stocktake]")],
    "cannot_undo": [("needs: [is_owner], cancels: [answer]", "meets: [answer]")],
    "runs_aside": [("needs: [is_owner], cancels: [answer]", "needs: [is_owner]")],
    "empty_stage": [("  done: {zh: 结束", "  lost: {zh: 丢失, en: Lost}\n  done: {zh: 结束")],
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_fault_is_found(kind):
    text = TEXT
    for old, new in PLANTED[kind]:
        assert old in text, old
        text = text.replace(old, new)
    found = findings(text)
    assert kind in {one.kind for one in found}, [str(one) for one in found]
    assert all(one.place and one.text.endswith(".") for one in found)


def test_a_list_of_people_asks_a_flag_of_its_own_action():
    lists = LISTED.replace("did: lent", "did: lend").replace("when: damaged", "when: lost")
    (one,) = findings(TEXT.replace("    meets: [due]", f"{lists}\n    meets: [due]"))
    assert (one.kind, one.place) == ("missing_field", "actions › give_back")
    always = "    lists: {late: {did: lend}}"
    assert findings(TEXT.replace("    meets: [due]", f"{always}\n    meets: [due]")) == ()


def test_a_clock_without_a_limit_is_found():
    text = TEXT.replace("  stocktake: {label", "  stock: {label").replace("[stocktake]", "[stock]")
    assert [(one.kind, one.place) for one in findings(text)] == [("no_limit", "clocks › stock")]


def test_a_clock_that_may_lack_its_limit_needs_it_on_some_day():
    text = TEXT.replace("  stocktake: {label", "  stock: {if_ruled: true, label").replace(
        "[stocktake]", "[stock]"
    )
    (one,) = findings(text)
    assert (one.kind, one.place) == ("no_limit", "clocks › stock")
    assert "no rule set ever" in one.text
    assert findings(TEXT.replace("  stocktake: {label", "  stocktake: {if_ruled: true, label")) == ()


def test_a_stage_that_cannot_be_passed_by_is_not_optional():
    text = TEXT.replace(
        "kind: initial, clocks: [answer],", "kind: initial, clocks: [answer], optional_stage: true,"
    )
    (one,) = findings(text)
    assert (one.kind, one.place) == ("optional_stage", "stages › asked")
    assert "every way" in one.text


def test_two_starts_are_one_too_many():
    text = TEXT.replace("lent: {stage: out,", "lent: {stage: out, kind: initial,")
    assert "2 states are initial" in findings(text)[0].text


def test_names_of_the_application_are_checked_only_where_they_are_given():
    assert findings(TEXT, messages=None, procedures=None) == ()
    assert [one.kind for one in findings(TEXT, messages=frozenset())] == ["unknown_message"]


def test_an_invariant_is_a_registered_name():
    assert "unknown_invariant" in {one.kind for one in findings(TEXT + "invariants: [nobody_waits]\n")}


def test_the_shortest_way_to_a_wait_without_a_clock_is_told():
    text = TEXT.replace("    meets: [due]", "    meets: [due, stocktake]").replace(
        "clocks: [stocktake], ", ""
    )
    text = text.replace(
        "    meets: [answer]\n    emit", "    opens: [stocktake]\n    meets: [answer]\n    emit"
    )
    (one,) = findings(text)
    assert one.place == "states › shelved"
    assert "lend → give_back" in one.text


def test_a_clock_may_be_kept_by_an_action():
    """What an action opens counts as much as what a state opens."""
    text = TEXT.replace("clocks: [stocktake], ", "").replace(
        "    meets: [due]", "    meets: [due]\n    opens: [stocktake]"
    )
    assert findings(text) == ()


def test_walking_around_a_state():
    loan = procedure()
    assert reachable(loan, without=["lent"]) == {"asked", "refused", "joined"}
    assert waits_without_a_clock(loan) == {}


def test_what_could_not_be_put_back_may_not_be_undone():
    refused = {
        "unknown_action": [("undoes: join", "undoes: joins")],
        "not_aside": [("from: joined, to: before", "from: [joined, lent], to: before")],
        "cannot_undo": [("from: asked, to: joined", "sets: {reader: null}, from: asked, to: joined")],
    }
    for kind, changes in refused.items():
        text = TEXT
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        found = findings(text)
        assert kind in {one.kind for one in found}, kind


SENT_ON = "sent_on: {kind: date, label: {zh: 送修日期, en: Sent on}}"
BACK_ON = "back_on: {kind: date, label: {zh: 修好日期, en: Back on}}"
SLIP, BACK = "fields: {paper", "roles: [librarian@self], meets: [binder]"
WITH_DAYS = (
    (SLIP, f"pauses_from: sent_on, fields: {{{SENT_ON}, paper"),
    (BACK, f"{BACK}, resumes_on: back_on, fields: {{{BACK_ON}}}"),
)


def with_days(*planted):
    """Return the toy whose pauses run by days that are typed, with faults planted in it."""
    text = TEXT
    for old, new in (*WITH_DAYS, *planted):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_a_pause_may_run_by_days_that_are_typed():
    assert findings(with_days()) == ()


@pytest.mark.parametrize(
    "planted",
    [
        (SENT_ON, SENT_ON.replace("kind: date", "kind: text")),
        (BACK_ON, BACK_ON.replace("kind: date", "kind: date, required: false")),
        (BACK_ON, BACK_ON.replace("kind: date", "kind: text, private: true")),
        ("resumes_on: back_on", "resumes_on: back"),
        ("    from: shelved\n", "    from: shelved\n    pauses_from: sent_on\n"),
        ("    from: shelved\n", "    from: shelved\n    resumes_on: back_on\n"),
    ],
)
def test_the_day_of_a_pause_is_a_required_open_date_of_a_step_that_pauses(planted):
    assert {one.kind for one in findings(with_days(planted))} == {"pause_day"}
