"""Call-backs: three attempts on different days, never about one's own work; silence is no satisfaction."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints.dossier.refusals import Denied
from complaints.dossier.work import Work
from complaints.organisation.accounts import grant_role
from complaints.organisation.models import Person, Unit
from complaints.organisation.roles import Role
from complaints.revisits.queries import CallRow, Outcomes, calls, how_many, outcomes
from tests.bureau import CITY, OFFICE, OTHER_OFFICE, SignIn
from tests.complaints.counted_queries import statements
from tests.factories import TELL_RESULT, Matters, Step

ATTEMPT: Step = ("operator", "record_attempt", {"channel": "phone", "outcome": "not_reached"})
NO_ANSWER: Step = ("operator", "record_attempt", {"channel": "phone", "outcome": "no_answer"})
END: Step = ("operator", "end_unreached", {})


def graded(grade: str) -> Step:
    """Return a call-back with that grade."""
    return ("operator", "revisit", {"grade": grade})


UNSATISFIED: Step = ("operator", "revisit_unsatisfied", {"reason": "退款没有到账"})


def waiting(matters: Matters, username: str = "supervisor") -> list[CallRow]:
    with matters.reading(username) as work:
        assert how_many(work) == len(calls(work))
        return calls(work)


def came_out(work: Work) -> Outcomes:
    return outcomes(work, work.today.replace(day=1), work.today)


def test_who_was_closed_waits_and_who_was_called_waits_no_longer(matters: Matters) -> None:
    first = matters.in_state("closed")
    matters.in_state("mediated")
    matters.city.clock.move(days=1)
    second = matters.in_state("closed")
    assert [row.matter.number for row in waiting(matters)] == [first, second]
    matters.walk(first, graded("fair"))
    assert [row.matter.number for row in waiting(matters)] == [second]
    matters.walk(second, UNSATISFIED)
    assert waiting(matters) == []
    matters.walk(second, ("handler", "finish_redo", {"done": "已到账"}))
    [row] = waiting(matters)
    assert (row.matter.number, row.attempts, row.last_attempt_on) == (second, 0, "")


def test_three_attempts_on_different_days_end_a_call_back(matters: Matters) -> None:
    number = matters.in_state("closed")
    for made in (1, 2, 3):
        with pytest.raises(Denied):
            matters.walk(number, END)
        matters.walk(number, ATTEMPT if made < 3 else NO_ANSWER)
        [row] = waiting(matters)
        assert (row.attempts, row.called_today, row.exhausted) == (made, True, made == 3)
        with pytest.raises(Denied):
            matters.walk(number, ATTEMPT)
        matters.city.clock.move(days=1)
        [row] = waiting(matters)
        assert not row.called_today
    with pytest.raises(Denied):
        matters.walk(number, ATTEMPT)
    matters.walk(number, END)
    assert matters.standing(number).state == "revisited"
    with matters.reading("supervisor") as work:
        assert came_out(work) == Outcomes(0, 0, 0, 0, 0, 1)
        assert came_out(work).percent == ""


def test_nobody_calls_about_the_own_work_even_after_a_handover(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("closed")
    also_intake(matters, "handler")
    [row] = waiting(matters, "handler")
    assert row.mine
    assert not waiting(matters)[0].mine
    with pytest.raises(Denied):
        matters.walk(number, ("handler", "revisit", {"grade": "very_satisfied"}))
    page = client_as("handler").get("/revisits").text
    assert number in page
    assert f"/matters/{number}/do/revisit" not in page

    also_handler(matters, "head")
    number = matters.in_state("mediated")
    matters.walk(
        number,
        TELL_RESULT,
        ("handler", "offer_handover", {"unit": OFFICE, "receiver": "head", "reason": "岗位调整"}),
        ("head", "accept_handover", {}),
        ("head", "close", {}),
    )
    row = next(one for one in waiting(matters, "handler") if one.matter.number == number)
    assert row.matter.owner_id == matters.city.person_ids["head"]
    assert row.mine
    with pytest.raises(Denied):
        matters.walk(number, ("handler", "revisit", {"grade": "very_satisfied"}))


def test_silence_is_outside_the_rate(matters: Matters) -> None:
    for grade in ("very_satisfied", "satisfied", "fair"):
        matters.walk(matters.in_state("closed"), graded(grade))
    matters.walk(matters.in_state("closed"), UNSATISFIED)
    silent = matters.in_state("closed")
    for _ in range(3):
        matters.walk(silent, ATTEMPT)
        matters.city.clock.move(days=1)
    matters.walk(silent, END)
    matters.in_state("closed")
    with matters.reading("supervisor") as work:
        found = came_out(work)
        assert found == Outcomes(1, 1, 1, 1, 1, 0)
        assert (found.answered, found.content, found.percent) == (4, 2, "50.00")
        assert outcomes(work, work.today, work.today) == Outcomes(0, 0, 0, 0, 1, 0)
        assert outcomes(work, work.today - timedelta(days=3), work.today - timedelta(days=3)).answered == 4
        assert outcomes(work, work.today.replace(day=1), work.today, OTHER_OFFICE) == Outcomes(*[0] * 6)
        assert outcomes(work, work.today.replace(day=1), work.today, OFFICE) == found
    with matters.reading("system_admin") as work:
        assert came_out(work) == Outcomes(*[0] * 6)


@pytest.mark.parametrize(
    ("found", "percent"),
    [
        (Outcomes(9_999, 0, 0, 1, 0, 0), "99.99"),
        (Outcomes(99_999, 0, 0, 1, 5, 5), "99.99"),
        (Outcomes(1, 1, 1, 0, 0, 0), "66.67"),
        (Outcomes(0, 3, 0, 0, 9, 9), "100.00"),
        (Outcomes(0, 0, 0, 0, 9, 9), ""),
    ],
)
def test_the_rate_is_cut_off(found: Outcomes, percent: str) -> None:
    assert found.percent == percent


def test_the_page_offers_what_may_be_done_today(matters: Matters, client_as: SignIn) -> None:
    number = matters.in_state("closed")
    client = client_as("operator")

    def offered() -> set[str]:
        page = client.get("/revisits").text
        names = ("revisit", "revisit_unsatisfied", "record_attempt", "end_unreached")
        return {name for name in names if f'"/matters/{number}/do/{name}"' in page}

    assert offered() == {"revisit", "revisit_unsatisfied", "record_attempt"}
    for _ in range(3):
        assert "record_attempt" in offered()
        matters.walk(number, ATTEMPT)
        assert "record_attempt" not in offered()
        matters.city.clock.move(days=1)
        client = client_as("operator")
    assert offered() == {"revisit", "revisit_unsatisfied", "end_unreached"}
    for path in ("revisit", "revisit_unsatisfied", "end_unreached"):
        assert client.get(f"/matters/{number}/do/{path}").status_code == 200


def test_only_who_calls_back_comes_in(client_as: SignIn) -> None:
    for username, status in (("supervisor", 200), ("intake", 200), ("handler", 403), ("system_admin", 403)):
        assert client_as(username).get("/revisits").status_code == status, username


def test_c55_an_odd_address_shows_a_page(matters: Matters, client_as: SignIn) -> None:
    matters.in_state("closed")
    client = client_as("supervisor")
    for page in ("-1", "0", "99999999999999999999", "１", "x", "9" * 5000, "%00", "1&page=2", ""):
        assert client.get(f"/revisits?page={page}&sort=(select…)&size=1000000").status_code == 200, page


def test_a_longer_list_takes_no_more_statements(matters: Matters) -> None:
    def ask() -> None:
        with matters.reading("supervisor") as work:
            calls(work)
            came_out(work)

    matters.in_state("closed")
    one = len(statements(matters.city.database, ask))
    for _ in range(3):
        matters.in_state("closed")
    assert len(statements(matters.city.database, ask)) == one


def also_intake(matters: Matters, username: str) -> None:
    """Let the person do the intake desk's work of the city as well."""
    _also(matters, username, Role.INTAKE, CITY)


def also_handler(matters: Matters, username: str) -> None:
    """Let the person handle matters of the office as well."""
    _also(matters, username, Role.HANDLER, OFFICE)


def _also(matters: Matters, username: str, role: Role, on: str) -> None:
    clock = matters.city.clock
    with matters.city.database.writing() as session:
        person = session.get_one(Person, matters.city.person_ids[username])
        unit = session.get_one(Unit, matters.city.unit_ids[on])
        grant_role(session, person, role, unit, day=clock.today(), now=clock.now())
