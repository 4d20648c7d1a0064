"""What a reader is shown of complaints like one: a merchant by its name, the own behind any of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from complaints.dossier import similar_candidates
from complaints.dossier.brief_matters import similar_complaints
from complaints.dossier.models import Matter
from complaints.dossier.similarity import Described, described_matter, similar
from complaints.dossier.visibility import visible_among
from tests.bureau import Bureau
from tests.complaints.counted_queries import statements
from tests.complaints.dossier.test_similarity import AGAIN, OTHER, TODAY, TOLD
from tests.factories import Matters, matters_of

THIRD = "美容院办了年卡以后关门停业，老板失去联系，余款两千元没有退还，要求退还余款和赔偿损失。"


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Iterable[Matters]:
    """Matters, and a page that asks in its language."""
    with app.test_request_context():
        yield matters_of(app, city)


def described(matters: Matters, number: str) -> Described:
    """Return what is compared of a complaint."""
    with matters.reading("supervisor") as work:
        return described_matter(work.session.scalars(select(Matter).where(Matter.number == number)).one())


def shown(matters: Matters, who: str, one: Described) -> list[str]:
    """Return the numbers that a page of a matter shows somebody."""
    with matters.reading(who) as work:
        return [row.number for row in similar_complaints(work, one, only_visible=True).rows]


def renamed(matters: Matters, numbers: Iterable[str], name: str) -> None:
    """Give the merchants of complaints another name."""
    with matters.city.database.writing() as session:
        for matter in session.scalars(select(Matter).where(Matter.number.in_(list(numbers)))):
            assert matter.merchant is not None
            matter.merchant.name = name


def test_a_merchant_whose_name_was_typed_twice_is_the_same_one(matters: Matters) -> None:
    """Each registration keeps what was typed as a merchant of its own; a person sees one name."""
    first = matters.a_complaint(facts=TOLD, phone="13900139000", name="王五")
    second = matters.a_complaint(facts=OTHER, phone="13700137000", name="赵六")
    one = described(matters, second)
    with matters.reading("intake") as work:
        [found] = similar_complaints(work, one, only_visible=True).rows
        assert (found.number, "经营者相同" in found.reasons) == (first, True)
        [form] = similar_complaints(work, replace(one, merchant_id=None)).rows
        assert form.number == first, "the form of a registration finds what the page of the matter finds"
    renamed(matters, [first], "别的商行")
    assert shown(matters, "intake", one) == []


def test_a_picked_merchant_is_found_behind_any_number_of_its_name(
    matters: Matters, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_more, last = (matters.a_complaint(facts=each, phone="") for each in (TOLD, TOLD, TOLD, OTHER))
    with matters.city.database.writing() as session:
        picked = session.scalars(select(Matter.merchant_id).where(Matter.number == first)).one()
        session.scalars(select(Matter).where(Matter.number == last)).one().merchant_id = picked
    monkeypatch.setattr(similar_candidates, "NEWEST_OF_A_NAME", 1)
    assert first in shown(matters, "supervisor", described(matters, last))


def test_five_of_another_unit_do_not_hide_the_readers_own(matters: Matters) -> None:
    own = matters.in_state("dispatched", facts=AGAIN)
    for _nearer in range(6):
        matters.a_complaint(facts=TOLD)
    assert shown(matters, "handler", Described(text=TOLD)) == [own]


@pytest.mark.parametrize("by", ["merchant", "caller", "text"])
def test_however_many_of_another_unit_do_not_hide_the_readers_own(
    matters: Matters, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(similar_candidates, "OF_A_MERCHANT", 2)
    monkeypatch.setattr(similar_candidates, "OF_A_CALLER", 2)
    monkeypatch.setattr(similar_candidates, "NEWEST_OF_A_BAND", 2)
    own = matters.in_state("dispatched", facts=TOLD)
    for _newer in range(4):
        matters.a_complaint(facts=TOLD)
    one = replace(described(matters, own), without=frozenset(), category_code="G05")
    only = {
        "merchant": replace(one, text=THIRD, phone_hash=""),
        "caller": replace(one, text=THIRD, merchant_id=None, merchant_name=""),
        "text": Described(text=AGAIN),
    }[by]
    assert shown(matters, "handler", only) == [own]
    with matters.reading("operator") as work:
        newest = [row.number for row in similar_complaints(work, only).rows]
        assert own not in newest, "who registers is shown the newest, whosever they are"


def test_only_what_is_seen_takes_three_statements(matters: Matters) -> None:
    own = matters.in_state("dispatched", facts=TOLD)
    matters.a_complaint(facts=TOLD)
    one = replace(described(matters, own), without=frozenset())

    with matters.reading("handler") as work:
        seen = visible_among(work.actor)
        said = statements(matters.city.database, lambda: similar(work.session, one, TODAY, seen=seen))
    assert sum("SELECT" in each for each in said) == 3


@pytest.mark.parametrize("migrated_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", ["handler", "operator", "supervisor"])
def test_the_own_are_looked_for_by_what_they_have_in_common(matters: Matters, who: str) -> None:
    """SQLite would begin with all that somebody sees, or with all that is open."""
    own = matters.in_state("dispatched", facts=TOLD)
    one, asked = described(matters, own), []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "text_signature" in statement or "wf_instance" in statement:
            asked.append((f"EXPLAIN QUERY PLAN {statement}", parameters))

    with matters.reading(who) as work:
        event.listen(matters.city.database.reader, "before_cursor_execute", note)
        similar(work.session, one, TODAY, seen=visible_among(work.actor))
        event.remove(matters.city.database.reader, "before_cursor_execute", note)
        assert len(asked) == 2
        for explain, parameters in asked:
            plan = " | ".join(row[3] for row in work.connection.exec_driver_sql(explain, parameters))
            assert "SCAN wf_instance" not in plan, plan
            assert "ix_wf_instance" not in plan, plan
            assert "SCAN matter" not in plan, plan
            assert "SCAN text_signature" not in plan, plan
        assert "merchant USING COVERING INDEX ix_merchant_name (name=?)" in plan, plan
