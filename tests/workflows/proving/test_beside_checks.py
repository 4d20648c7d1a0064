"""A fault of each kind is planted in the toy's work, co-handlers, reports and steps back, and found."""

from __future__ import annotations

import pytest

from tests.workflows.runtime.world import HERE, library
from workflows.definition_files import DefinitionError
from workflows.loading import load_procedure, load_procedures
from workflows.proving.verification import verify
from workflows.versioning.versions import Library

TEXT = (HERE / "loan.1.yaml").read_text(encoding="utf-8")
NUMBER = "      work_number: {kind: integer, label: {zh: 第几项, en: Number}}\n    work: finish"
WITHDRAW = "withdraw_check: {label: {zh: 撤回审核, en: Withdraw the check}, from: checked, to: asked"
CHECK = "    fields:\n      shelf:"


def findings(text: str = TEXT) -> tuple[str, ...]:
    found = verify(
        load_procedure(text, "loan.1.yaml"),
        library().guards,
        library().rule_book,
        {"librarian", "keeper"},
        None,
        {"loan", "repair"},
    )
    assert all(one.place and one.text.endswith(".") for one in found)
    return tuple(one.kind for one in found)


def test_the_toy_is_sound() -> None:
    assert findings() == ()


BACK = "sets: {shelf: null}, cancels: [handing_out]}\n  send"
KINDS_OF_WORK = TEXT[TEXT.index("work:\n") : TEXT.index("tasks:\n")]
RECHECK = (
    "  recheck: {label: {zh: 复核, en: Check again}, from: counted, to: checked, roles: [librarian@self]}\n"
    "  withdraw_recheck: {label: {zh: 撤回复核, en: Withdraw the second check}, from: checked, to: counted,"
    " takes_back: [recheck], roles: [librarian@self], needs: [it_was_my_step], cancels: [handing_out]}\n"
)
TELL = "from: [lent, rebinding, shelved]\n    to: same"
PLANTED = {
    "unknown_work": (KINDS_OF_WORK, ""),
    "no way to finish": (NUMBER, NUMBER.replace("\n    work: finish", "")),
    "missing_field": ("      worker: {kind: person,", "      worker: {kind: text,"),
    "moves_beside": (
        "from: [asked, checked, lent, rebinding, shelved], to: same",
        "from: [asked, checked, lent, rebinding, shelved], to: lent",
    ),
    "work_stays_open": (
        "from: [asked, checked, lent, rebinding, shelved], to: same",
        "from: [asked, lent, rebinding, shelved], to: same",
    ),
    "put aside with open work": ("needs: [is_owner, all_work_done], cancels", "needs: [is_owner], cancels"),
    "nobody leaves": (", co_handler: remove}", "}"),
    "unknown_procedure": ("hears: {repair:", "hears: {mending:"),
    "deaf": ("    automatic: true\n    hears", "    roles: [librarian@self]\n    hears"),
    "deaf in a state": (
        "    label: {zh: 修补有结果, en: The repair reports}\n    from: any",
        "    label: {zh: 修补有结果, en: The repair reports}\n    from: any_open",
    ),
    "a guard against a report": ("hears: {repair", "needs: [is_owner]\n    hears: {repair"),
    "unknown_action": (WITHDRAW + ", takes_back: [check]", WITHDRAW + ", takes_back: [chekc]"),
    "starts elsewhere": (WITHDRAW, WITHDRAW.replace("from: checked", "from: [checked, lent]")),
    "leads elsewhere": (WITHDRAW, WITHDRAW.replace("to: asked", "to: lent")),
    "sends a message": (CHECK, "    emit: [notice.lent]\n" + CHECK),
    "leaves a value behind": (CHECK, "    sets: {checked_on: $today}\n" + CHECK),
    "leaves a clock behind": (BACK, BACK.replace(", cancels: [handing_out]", "")),
    "counts": (CHECK, "    counts: [checks]\n" + CHECK),
    "does more": (BACK, BACK.replace("null}", "null}, assign: actor")),
    "two_ways_back": ("  withdraw_check:", RECHECK + "  withdraw_check:"),
    "acts_between": (TELL, TELL.replace("[lent", "[checked, lent")),
}
KINDS = {
    "no way to finish": "unknown_work",
    "put aside with open work": "work_stays_open",
    "nobody leaves": "unknown_work",
    "deaf in a state": "deaf",
    "a guard against a report": "deaf",
    "starts elsewhere": "not_one_step",
    "leads elsewhere": "not_one_step",
    "sends a message": "cannot_undo",
    "leaves a value behind": "cannot_undo",
    "leaves a clock behind": "cannot_undo",
    "counts": "cannot_undo",
    "does more": "cannot_undo",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found(name: str) -> None:
    old, new = PLANTED[name]
    assert TEXT.count(old) == 1, TEXT.count(old)
    assert KINDS.get(name, name) in findings(TEXT.replace(old, new))


def test_a_state_of_a_child_that_does_not_exist_cannot_be_heard_of() -> None:
    loan, repair = load_procedures(HERE)
    text = TEXT.replace("hears: {repair: [mended,", "hears: {repair: [mendde,")
    with pytest.raises(DefinitionError, match="No version of 'repair' has the state 'mendde'"):
        Library([load_procedure(text, "loan.1.yaml"), repair], library().rule_book, library().guards)
    assert loan.hearing("repair", "mended") is not None


# -- nobody chooses the state an action leads to

COUNT = "count: {label: {zh: 盘点, en: Count}, from: shelved, to: counted"
JUMPS = {
    "any": "nobody chooses the state",
    "any_open": "nobody chooses the state",
    "[counted, lent]": "is not of type 'string'",
    "$state": "does not match",
    "before": "go together",
}


@pytest.mark.parametrize("target", JUMPS)
def test_a_definition_with_a_jump_is_refused(target: str) -> None:
    assert COUNT in TEXT
    with pytest.raises(DefinitionError, match=JUMPS[target].replace("$", r"\$")):
        load_procedure(TEXT.replace(COUNT, COUNT.replace("to: counted", f"to: {target}")), "loan.1.yaml")


def test_a_state_cannot_be_called_like_a_word_for_many() -> None:
    with pytest.raises(DefinitionError):
        load_procedure(TEXT.replace("counted", "any"), "loan.1.yaml")
