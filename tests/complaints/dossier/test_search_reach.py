"""The text index knows whose a text is, from registration on and after every step. On both databases."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select

from complaints.dossier import progress, search_index
from complaints.dossier.models import Matter
from complaints.dossier.progress import Submitted
from complaints.dossier.record_models import HistoricalRecord
from complaints.dossier.search_filling import differences, fill, text_of_matter
from complaints.dossier.search_index import MATTER, RECORD
from complaints.dossier.search_models import SearchedText
from complaints.dossier.search_reach import reach_asked
from complaints.dossier.visibility import JOIN, visible_records, visible_to
from complaints.dossier_page.actions import do
from complaints.foundation.errors import NotFound
from complaints.organisation.accounts import end_grant, grant_role, open_account
from complaints.organisation.models import Unit
from complaints.organisation.roles import Role
from complaints.search.asking import understand
from complaints.search.queries import search
from tests.bureau import CITY, COUNTY, DESK, OFFICE, OTHER_OFFICE, Bureau, at_bureau
from tests.complaints.search.searching import Ground
from tests.factories import DISPATCH, Matters, Step, matters_of
from workflows.runtime.tables import instance

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


TWO_ROLES, LEFT = "two_roles", "left"
"""Handles at one office and approves payouts of the county; was head of the bureau until yesterday."""


def _joins(city: Bureau, username: str, *held: tuple[Role, str], until_yesterday: bool = False) -> None:
    """Open an account with these roles, each on its unit; ended where the last day was yesterday."""
    now, today = city.clock.now(), city.clock.today()
    with city.database.writing() as session:
        units = [session.get_one(Unit, city.unit_ids[path]) for _role, path in held]
        person = open_account(
            session,
            username=username,
            name="兼任",
            unit=units[0],
            password_hash="nobody signs in",
            now=now,
            must_change_password=False,
        )
        for (role, _path), unit in zip(held, units, strict=True):
            grant = grant_role(session, person, role, unit, day=today - timedelta(days=30), now=now)
            if until_yesterday:
                end_grant(session, grant, day=today, now=now)
        city.person_ids[username] = person.id


def _seen_texts(matters: Matters, who: str) -> set[tuple[str, str]]:
    """Return the sort and number of each text that the person may see, which the index must let through."""
    actor = matters.city.actor(who)
    mine = select(Matter.id).join(instance, JOIN).where(visible_to(actor))
    records = select(HistoricalRecord.id).where(visible_records(actor))
    with matters.city.database.reading() as session:
        seen = {(MATTER, id_) for id_ in session.scalars(mine)}
        seen |= {(RECORD, id_) for id_ in session.scalars(records)}
        texts = session.scalars(select(SearchedText)).all()
    asked = reach_asked(actor)
    let_through = {
        (one.subject_type, one.subject_id)
        for one in texts
        if asked is None or not set(asked).isdisjoint(one.reach.split())
    }
    assert seen <= let_through, who
    return {(one.subject_type, one.number) for one in texts if (one.subject_type, one.subject_id) in seen}


def test_the_index_leaves_nothing_out_that_somebody_may_see(app: Flask, matters: Matters) -> None:
    """Nor for who holds two roles on two units; of a role that has ended nothing is left."""
    city = matters.city
    at_bureau(city, "head", Role.HEAD)
    _joins(city, TWO_ROLES, (Role.HANDLER, OTHER_OFFICE), (Role.PAYOUT_APPROVER, COUNTY))
    _joins(city, LEFT, (Role.HEAD, CITY), (Role.OPERATOR, DESK), until_yesterday=True)
    here, there, above = matters.in_state("mediating"), matters.a_complaint(), matters.a_complaint()
    payout = matters.a_payout(here)
    matters.a_dispute()
    matters.walk(there, ELSEWHERE)
    matters.walk(above, ("head", "open_lead", {"clue": "仓库里有一批假鱼竿"}))
    lead = matters.lead_of(above)
    to = {"unit": OTHER_OFFICE, "receiver": TWO_ROLES, "reason": "核查"}
    matters.walk(lead, ("head", "offer_handover", to))
    ground = Ground(app, city)
    for unit, number in ((OFFICE, "旧-1"), (OTHER_OFFICE, "旧-2"), (COUNTY, "旧-3")):
        ground.record(number, "旧台账", "台账里的旧事", unit=unit)
    seen = {who: _seen_texts(matters, who) for who in city.person_ids}
    assert seen[TWO_ROLES] == {(MATTER, there), (MATTER, payout), (MATTER, lead), (RECORD, "旧-2")}
    assert seen[LEFT] == set()
    assert reach_asked(city.actor(LEFT)) == ()
