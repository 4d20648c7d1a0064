"""What was typed is checked strictly, on every door, with a sentence for each field."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.definition import Action, Field, FieldKind, Label
from workflows.payload import MAX_FEN, MAX_TEXT, check_payload

L = Label("甲", "A")
ITEMS = {"grounds": {"1": "", "2": ""}}


def action(kind: FieldKind, **more) -> Action:
    field = Field("it", kind, Label("某项", "Something"), **more)
    return Action("do", L, ("a",), None, (), fields=(field,))


GOOD = [
    (FieldKind.TEXT, "第一行\n\t第二行\r\n"),
    (FieldKind.TEXT, "x" * MAX_TEXT),
    (FieldKind.CODE, "in_person"),
    (FieldKind.DATE, "2028-02-29"),
    (FieldKind.DATE, date(2026, 3, 2)),
    (FieldKind.INTEGER, -3),
    (FieldKind.FEN, 0),
    (FieldKind.FEN, MAX_FEN),
    (FieldKind.FLAG, False),
    (FieldKind.PERSON, 12),
    (FieldKind.UNIT, "/420600/420606/07/"),
    (FieldKind.ITEM, "2"),
]
BAD = [
    (FieldKind.TEXT, 5),
    (FieldKind.TEXT, "a\x00b"),
    (FieldKind.TEXT, "a\x1bb"),
    (FieldKind.TEXT, "a\rb"),
    (FieldKind.TEXT, "a\ud800"),
    (FieldKind.TEXT, "x" * (MAX_TEXT + 1)),
    (FieldKind.CODE, "In Person"),
    (FieldKind.CODE, "a\n"),
    (FieldKind.DATE, "2026-02-29"),
    (FieldKind.DATE, "2026-W01-1"),
    (FieldKind.DATE, "20260302"),
    (FieldKind.DATE, "２０２６-03-02"),
    (FieldKind.DATE, datetime(2026, 3, 2, tzinfo=UTC)),
    (FieldKind.DATE, 20260302),
    (FieldKind.INTEGER, True),
    (FieldKind.INTEGER, 1.0),
    (FieldKind.INTEGER, "1"),
    (FieldKind.INTEGER, 2**60),
    (FieldKind.FEN, -1),
    (FieldKind.FEN, MAX_FEN + 1),
    (FieldKind.FEN, True),
    (FieldKind.FEN, 10.5),
    (FieldKind.FLAG, 1),
    (FieldKind.FLAG, "true"),
    (FieldKind.PERSON, 0),
    (FieldKind.PERSON, True),
    (FieldKind.UNIT, "420600"),
    (FieldKind.UNIT, "/420600/../"),
    (FieldKind.ITEM, "9"),
    (FieldKind.ITEM, 1),
    (FieldKind.ITEM, ["1"]),
]


def of(kind: FieldKind) -> Action:
    return action(kind, items="grounds") if kind is FieldKind.ITEM else action(kind)


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_what_fits_passes(kind, value):
    assert check_payload(of(kind), {"it": value}, ITEMS) == ()


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_what_does_not_fit_is_refused_with_a_sentence(kind, value):
    (why,) = check_payload(of(kind), {"it": value}, ITEMS)
    assert why.fields == ("it",)
    assert "某项" in why.text.zh
    assert "Something" in why.text.en


@pytest.mark.parametrize("value", [None, "", "  \n "])
def test_what_is_asked_for_must_be_given(value):
    (why,) = check_payload(action(FieldKind.TEXT), {"it": value}, {})
    assert why.code == "field_missing"
    assert check_payload(action(FieldKind.TEXT, required=False), {"it": value}, {}) == ()
    assert check_payload(action(FieldKind.TEXT), {}, {})[0].code == "field_missing"


def test_a_field_that_nobody_offered_is_refused():
    (why,) = check_payload(action(FieldKind.FLAG), {"it": True, "owner_id": 4}, {})
    assert (why.code, why.fields) == ("field_unknown", ("owner_id",))


def test_choices_are_the_only_codes():
    channel = action(FieldKind.CODE, choices=("phone", "letter"))
    assert check_payload(channel, {"it": "phone"}, {}) == ()
    assert check_payload(channel, {"it": "pigeon"}, {})[0].code == "field_wrong"


def test_every_fault_is_reported_at_once():
    two = Action(
        "do", L, ("a",), None, (), fields=(Field("x", FieldKind.FEN, L), Field("y", FieldKind.FLAG, L))
    )
    assert {why.fields[0] for why in check_payload(two, {"x": -1, "z": 1}, {})} == {"x", "y", "z"}


@given(
    st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text() | st.binary())
)
def test_no_payload_breaks_the_check(payload):
    for kind in FieldKind:
        check_payload(of(kind), payload, ITEMS)
