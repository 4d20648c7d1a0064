"""Procedures are read strictly, and a fault names the file, the place and what to do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.workflows.loan import TEXT, procedure
from workflows.definition import FieldKind, Handover, Reach, RoleScope, StateKind
from workflows.loading import DefinitionError, load_procedure, load_procedures


def test_a_file_becomes_a_procedure():
    loan = procedure()
    assert (loan.name, loan.version, loan.effective_from) == ("library_loan", 1, date(2026, 1, 1))
    assert loan.initial.name == "asked"
    assert loan.states["rebinding"].pauses == ("due",)
    assert loan.states["shelved"].kind is StateKind.MAY_END
    lend = loan.actions["lend"]
    assert lend.roles == (RoleScope("librarian", Reach.SELF), RoleScope("keeper", Reach.UP))
    assert lend.sets == {"lent_by": "$actor"}
    assert [(one.name, one.kind, one.private, one.required) for one in lend.fields] == [
        ("lent_on", FieldKind.DATE, False, True),
        ("deposit", FieldKind.FEN, False, True),
        ("note", FieldKind.TEXT, True, False),
    ]
    assert loan.actions["offer_handover"].handover is Handover.ASK
    assert loan.clocks["due"].escalate == {0: "librarian", 7: "keeper"}
    assert loan.label.in_language("zh_CN") == "借书"


def test_short_forms_are_written_out():
    loan = procedure()
    assert loan.actions["remark"].sources == tuple(loan.states)
    assert loan.actions["offer_handover"].sources == ("asked", "lent", "rebinding")
    assert loan.actions["remark"].target is None
    assert loan.actions["give_back"].sources == ("lent", "rebinding")


def test_what_was_read_cannot_be_changed():
    loan = procedure()
    with pytest.raises(TypeError):
        loan.states["asked"] = loan.states["lent"]  # type: ignore[index]
    with pytest.raises(TypeError):
        loan.actions["lend"].sets["lent_by"] = 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1", "version: 1\nversion: 2", r"line 4: the key 'version' stands here twice: remove one"),
        (
            "roles: [keeper@any]",
            "roles: [keeper]",
            r"line 7\d, actions › count › roles › 0: .*Expected here: a role",
        ),
        ("    to: counted", "", r"actions › count: 'to' is a required property"),
        (
            "kind: fen",
            "kind: money",
            r"actions › lend › fields › deposit › kind: .*Expected here: text, code",
        ),
        ("    to: counted", "    to: counted\n    hook: rm", r"actions › count: .*'hook' was unexpected"),
        (
            "2026-01-01",
            "2026-02-30",
            r"effective_from: 2026-02-30 is no day of the calendar: write a real one",
        ),
        (
            "from: [lent, rebinding]",
            "from: [lent, any]",
            r"give_back › from: `any` and `any_open` stand alone",
        ),
        ("{kind: item, items: refusal_grounds", "{kind: item", r"'items' is a required property"),
        ("private: true, required: false", "private: true, keep: true", r"a private field is never kept"),
        ("version: 1", "version: yes", r"version: 'yes' is not of type 'integer'"),
        ("stages:", "stages: [", r"library_loan.1.yaml, line \d+: "),
    ],
)
def test_a_fault_names_file_place_and_remedy(old, new, said):
    assert old in TEXT
    with pytest.raises(DefinitionError, match=said) as caught:
        procedure(TEXT.replace(old, new, 1))
    assert str(caught.value).startswith("library_loan.1.yaml")


@pytest.mark.parametrize("text", ["", "just a word", "- a list", "a: !!python/object/apply:os.getcwd []"])
def test_what_is_no_procedure_is_refused(text):
    with pytest.raises(DefinitionError, match="broken"):
        load_procedure(text, "broken.yaml")


def test_a_directory_is_read_in_order(tmp_path: Path):
    (tmp_path / "library_loan.2.yaml").write_text(
        TEXT.replace("version: 1", "version: 2", 1), encoding="utf-8"
    )
    (tmp_path / "library_loan.1.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "released.yaml").write_text("released: []\n", encoding="utf-8")
    assert [one.version for one in load_procedures(tmp_path)] == [1, 2]


def test_the_files_name_says_what_it_holds(tmp_path: Path):
    (tmp_path / "loan.1.yaml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"name the file library_loan\.1\.yaml"):
        load_procedures(tmp_path)


def test_an_action_that_undoes_has_no_target_of_its_own():
    part = procedure().actions["part"]
    assert (part.undoes, part.target, procedure().targets(part)) == ("join", None, ("asked",))
    for old, new in (("to: before, undoes: join", "to: before"), ("to: before, undoes", "to: asked, undoes")):
        with pytest.raises(DefinitionError, match="go together"):
            procedure(TEXT.replace(old, new))
