"""The mediation desk: whose matters, in which order, and what comes next."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from complaints.dossier.models import Matter
from complaints.dossier.progress import explain, standing
from complaints.mediation.queries import desk, desk_counts, waiting_for
from complaints.organisation.accounts import grant_role
from complaints.organisation.directory import RoleDirectory
from complaints.organisation.models import Person, Unit
from complaints.organisation.roles import Role
from tests.bureau import OFFICE, OTHER_OFFICE, Bureau, SignIn
from tests.complaints.mediation.pages import queries_of
from tests.factories import ACCEPT, ARRANGE, CONSENT, TELL_DECISION, TELL_RESULT, TODAY, Matters
from workflows.runtime.worker import fire_due

HOLD = ("handler", "hold_session", {"held_on": TODAY, "place": "电话", "outcome": "offer", "notes": "再谈"})
OFFER = {"unit": OFFICE, "receiver": "other_handler", "reason": "本人出差"}


def numbers(html: str) -> list[str]:
    """Return the matters of a list, in its order."""
    return re.findall(r'href="/matters/([0-9-]+)" data-open', html)


def fire(matters: Matters) -> None:
    """Fire what has fallen due, as a worker would."""
    from contextlib import contextmanager

    @contextmanager
    def writing():
        with matters.city.database.writing() as session:
            yield session.connection()

    clock = matters.city.clock
    while fire_due(matters.engine, RoleDirectory(clock.today), writing, clock.now_us):
        pass


def test_my_matters_by_due_date(matters: Matters, client_as: SignIn) -> None:
    mediating = matters.in_state("mediating")
    appraising = matters.in_state("appraising")
    dispatched = matters.in_state("dispatched")
    matters.in_state("closed")
    matters.in_state("registered")
    answer = client_as("handler").get("/mediation")
    assert numbers(answer.text) == [dispatched, mediating, appraising]
    assert "陈**" in answer.text
    assert "陈晓民" not in answer.text


def test_overdue_and_due_today_stand_apart(matters: Matters, city: Bureau) -> None:
    late = matters.in_state("dispatched")
    city.clock.move(days=1)
    today = matters.in_state("dispatched")
    city.clock.move(days=9)
    later = matters.in_state("mediating")
    with matters.reading("handler") as work:
        rows = [(one.matter.number, one.band) for one in desk(work, "mine")]
    assert rows == [(late, "late"), (today, "today"), (later, "later")]


def test_another_units_matters_are_not_there(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    for tab in ("mine", "unit", "offered", "tasks"):
        assert number not in client_as("other_handler").get(f"/mediation?tab={tab}").text
    assert number in client_as("head").get("/mediation?tab=unit").text
    assert client_as("other_handler").get(f"/mediation/{number}/session").status_code == 404
    assert client_as("operator").get("/mediation").status_code == 403


def test_counts_are_those_of_the_lists(matters: Matters) -> None:
    mine = matters.in_state("mediating")
    matters.in_state("dispatched")
    matters.do("handler", mine, "offer_handover", **OFFER)
    with matters.reading("handler") as work:
        assert desk_counts(work) == {"mine": 2, "helping": 0, "offered": 0, "unit": 2, "tasks": 0}
        assert waiting_for(work.session, work.actor) == 2
    with matters.reading("other_handler") as work:
        assert desk_counts(work) == {"mine": 0, "helping": 0, "offered": 1, "unit": 0, "tasks": 0}
        assert waiting_for(work.session, work.actor) == 1


def helper_of_the_office(matters: Matters) -> int:
    """Let the handler of the other office act in this one as well; return who it is."""
    clock = matters.city.clock
    with matters.city.database.writing() as session:
        person = session.get_one(Person, matters.city.person_ids["other_handler"])
        office = session.scalars(select(Unit).where(Unit.path == OFFICE)).one()
        grant_role(session, person, Role.HANDLER, office, day=clock.today(), now=clock.now())
        return person.id


def test_work_asked_for_is_what_a_colleague_sees_first(matters: Matters, client_as: SignIn) -> None:
    """By the day of the work, not by the matter's limit, with the step that ends it."""
    number = matters.in_state("mediating")
    colleague = helper_of_the_office(matters)
    matters.do("handler", number, "ask_work", work="inspection", worker=colleague, due_on=TODAY)
    with matters.reading("other_handler") as work:
        assert waiting_for(work.session, work.actor) == 1
        (row,) = desk(work, "helping")
        assert (row.band, row.next_action, row.theirs) == ("today", "finish_work", True)
    page = client_as("other_handler").get("/mediation").text
    assert numbers(page) == [number]
    assert f"/matters/{number}/do/finish_work?work_number=1" in page
    matters.city.clock.move(days=1)
    with matters.reading("other_handler") as work:
        assert desk(work, "helping")[0].band == "late"
    matters.do("other_handler", number, "finish_work", work_number=1, note="看过了")
    with matters.reading("other_handler") as work:
        assert (waiting_for(work.session, work.actor), desk(work, "helping")) == (0, [])


def test_a_head_without_own_matters_sees_the_unit_first(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("mediating")
    assert numbers(client_as("head").get("/mediation").text) == [number]
    assert numbers(client_as("head").get("/mediation?tab=mine").text) == []


@pytest.mark.parametrize(
    ("state", "steps", "action"),
    [
        ("dispatched", (), "accept"),
        ("accepted", (), "tell_decision"),
        ("accepted", (TELL_DECISION,), "record_consent"),
        ("accepted", (TELL_DECISION, CONSENT), "begin_mediation"),
        (
            "accepted",
            (TELL_DECISION, ("handler", "record_consent", {"consent_respondent": False, "channel": "phone"})),
            "terminate",
        ),
        ("mediating", (), "arrange_session"),
        ("mediating", (ARRANGE,), "hold_session"),
        ("mediating", (HOLD,), "hold_session"),
        ("appraising", (), "finish_appraisal"),
        ("mediated", (), "tell_result"),
        ("terminated", (TELL_RESULT,), "close"),
        ("refused", (), "tell_decision"),
        ("refused", (TELL_DECISION,), "close"),
        ("redo", (), "finish_redo"),
    ],
)
def test_the_next_step_is_one_that_can_be_done(matters: Matters, state: str, steps, action: str) -> None:
    number = matters.in_state(state)
    matters.walk(number, *steps)
    with matters.reading("handler") as work:
        (row,) = desk(work, "mine")
        assert (row.next_action, row.theirs) == (action, True)
        assert explain(work, standing(work, number))[action].allowed
        assert row.next_label


def test_a_challenge_is_the_heads_next_step(matters: Matters) -> None:
    number = matters.in_state("suspended")
    with matters.reading("handler") as work:
        assert not desk(work, "mine")[0].theirs
    with matters.reading("head") as work:
        (row,) = desk(work, "unit")
        assert (row.next_action, row.theirs) == ("decide_challenge", True)
        assert explain(work, standing(work, number))["decide_challenge"].allowed


def test_after_sixty_days_the_next_step_is_to_end_it(matters: Matters, city: Bureau) -> None:
    matters.in_state("mediating")
    city.clock.move(days=90)
    with matters.reading("handler") as work:
        (row,) = desk(work, "mine")
    assert (row.next_action, row.band) == ("terminate", "late")


def test_tasks_say_what_to_do(matters: Matters, city: Bureau, client_as: SignIn) -> None:
    number = matters.in_state("dispatched")
    assert numbers(client_as("handler").get("/mediation?tab=tasks").text) == []
    city.clock.move(days=9)
    fire(matters)
    page = client_as("handler").get("/mediation?tab=tasks").text
    assert numbers(page) == [number]
    assert f"/matters/{number}/do/accept" in page
    city.clock.move(days=3)
    fire(matters)
    with matters.reading("handler") as work:
        (mine,) = desk(work, "tasks")
    with matters.reading("head") as work:
        (heads,) = desk(work, "tasks")
    assert len(mine.tasks) == 1
    assert "承办2" in heads.tasks[0]
    assert mine.tasks != heads.tasks
    matters.walk(number, ACCEPT, TELL_DECISION)
    with matters.reading("handler") as work:
        assert desk(work, "tasks") == []


@pytest.mark.parametrize("tab", ["mine", "unit", "tasks"])
def test_a_longer_list_costs_no_more_queries(
    matters: Matters, city: Bureau, client_as: SignIn, tab: str
) -> None:
    for _ in range(5):
        matters.in_state("dispatched")
    city.clock.move(days=10)
    fire(matters)
    client = client_as("handler")
    client.get(f"/mediation?tab={tab}")
    few, page = queries_of(city, lambda: client.get(f"/mediation?tab={tab}"))
    assert len(numbers(page.text)) == 5
    for _ in range(15):
        matters.in_state("dispatched")
    city.clock.move(days=10)
    fire(matters)
    client = client_as("handler")
    client.get(f"/mediation?tab={tab}")
    many, page = queries_of(city, lambda: client.get(f"/mediation?tab={tab}"))
    assert len(numbers(page.text)) == 20
    assert many <= few


def test_the_lists_hold_only_visible_matters(matters: Matters) -> None:
    matters.in_state("dispatched")
    other = matters.a_complaint()
    matters.do("intake", other, "dispatch", unit=OTHER_OFFICE, receiver="other_handler")
    with matters.reading("head") as work:
        found = {one.matter.number for one in desk(work, "unit")}
        everything = set(work.session.scalars(select(Matter.number)))
    assert other in everything - found
