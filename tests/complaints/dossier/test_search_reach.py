"""The text index knows whose a text is, from registration on and after every step. On both databases."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread

import pytest
from flask import Flask

from complaints.dossier import progress, search_index
from complaints.dossier.progress import Submitted
from complaints.dossier.search_filling import differences, fill, text_of_matter
from complaints.dossier.search_index import MATTER
from complaints.dossier_page.actions import do
from complaints.foundation.errors import NotFound
from complaints.organisation.roles import Role
from complaints.search.asking import understand
from complaints.search.queries import search
from tests.bureau import OFFICE, OTHER_OFFICE, Bureau, at_bureau
from tests.factories import DISPATCH, Matters, Step, matters_of

ELSEWHERE: Step = ("intake", "dispatch", {"unit": OTHER_OFFICE, "receiver": "other_handler"})
BACK: Step = (
    "other_handler",
    "return_to_intake",
    {"reason_code": "no_authority", "reason": "经营地在别处"},
)
RULED: Step = (
    "intake",
    "rule_on_return",
    {"ruling": "other_unit", "unit": OFFICE, "receiver": "handler", "reason": "实际经营地在辖区"},
)


@pytest.fixture
def matters(app: Flask, city: Bureau) -> Matters:
    return matters_of(app, city)


def _found_by(matters: Matters, words: str) -> set[str]:
    """Return who finds something."""
    found = set()
    for who in matters.city.person_ids:
        with matters.reading(who) as work:
            if search(work, understand(words)).hits:
                found.add(who)
    return found


def _seen_by(matters: Matters, number: str) -> set[str]:
    seen = set()
    for who in matters.city.person_ids:
        with suppress(NotFound):
            matters.standing(number, who)
            seen.add(who)
    return seen


def _agree(matters: Matters, number: str, words: str) -> None:
    assert _found_by(matters, words) == _seen_by(matters, number)
    with matters.reading("supervisor") as work:
        assert differences(work.session)["different"] == 0


def test_a_text_is_found_wherever_the_matter_goes(matters: Matters) -> None:
    number = matters.a_complaint(facts="买的鱼竿第二天就断了。")
    _agree(matters, number, "鱼竿")
    for step in (ELSEWHERE, BACK, RULED):
        matters.walk(number, step)
        _agree(matters, number, "鱼竿")


def test_what_is_handed_to_somebody_is_found_before_it_is_taken(matters: Matters) -> None:
    at_bureau(matters.city, "head", Role.HEAD)
    complaint = matters.a_complaint()
    matters.walk(complaint, ("head", "open_lead", {"clue": "仓库里有一批假鱼竿"}))
    lead = matters.lead_of(complaint)
    _agree(matters, lead, "假鱼竿")
    assert "handler" not in _found_by(matters, "假鱼竿")
    matters.walk(lead, ("head", "offer_handover", {"unit": OFFICE, "receiver": "handler", "reason": "核查"}))
    _agree(matters, lead, "假鱼竿")
    assert "handler" in _found_by(matters, "假鱼竿")
    matters.walk(lead, ("handler", "decline_handover", {}))
    _agree(matters, lead, "假鱼竿")
    assert "handler" not in _found_by(matters, "假鱼竿")


def test_texts_from_before_whose_they_are_was_kept_are_filled(matters: Matters) -> None:
    number = matters.a_complaint(facts="买的鱼竿第二天就断了。")
    matters.walk(number, DISPATCH)
    with matters.work("supervisor") as work:
        matter = progress.standing(work, number).matter
        search_index.forget(work.session, MATTER, [matter.id])
        search_index.write(work.session, [text_of_matter(matter, "")])
    assert _found_by(matters, "鱼竿") < _seen_by(matters, number)
    assert fill(matters.city.database) == 1
    assert _found_by(matters, "鱼竿") == _seen_by(matters, number)
    assert fill(matters.city.database) == 0


def test_a_step_and_the_filling_of_the_index_wait_for_each_other(matters: Matters) -> None:
    number = matters.a_complaint(facts="买的鱼竿第二天就断了。")
    with matters.work("supervisor") as work:
        search_index.clear(work.connection)
    filling = Thread(target=fill, args=(matters.city.database,))
    with matters.work("intake") as work:
        to = {"unit": OTHER_OFFICE, "receiver": matters.city.person_ids["other_handler"]}
        do(work, progress.standing(work, number), "dispatch", to, Submitted())
        filling.start()
        filling.join(0.3)
        assert filling.is_alive(), "it waits for the step"
    filling.join()
    _agree(matters, number, "鱼竿")
