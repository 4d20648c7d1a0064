"""Every code that a form offers has words in both languages."""

from __future__ import annotations

from complaints.dossier.choice_labels import CHOICES, choice_label, choices_of
from workflows.definition import Field, FieldKind, Label
from workflows.loading import PROCEDURES, load_procedures


def _code_fields() -> list[Field]:
    return [
        one
        for procedure in load_procedures(PROCEDURES)
        for action in procedure.actions.values()
        for one in action.fields
        if one.kind is FieldKind.CODE
    ]


def test_every_choice_of_every_procedure_has_words() -> None:
    fields = _code_fields()
    assert len(fields) > 10
    for one in fields:
        offered = choices_of(one)
        assert offered, f"{one.name} offers nothing"
        assert all(label.zh and label.en for label in offered.values())
        assert list(offered) == list(one.choices or offered)


def test_no_word_is_left_without_a_use() -> None:
    used = {code for one in _code_fields() for code in one.choices} | {"unsatisfied"}
    assert set(CHOICES) - used == set()


def test_a_code_that_nobody_knows_any_more_stands_for_itself() -> None:
    field = Field("channel", FieldKind.CODE, Label("方式", "Channel"), choices=("phone",))
    assert choice_label(field, "pigeon") == Label("pigeon", "pigeon")
