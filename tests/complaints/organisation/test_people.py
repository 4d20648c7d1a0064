from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from complaints.organisation.accounts import end_grant, grant_role, name_for_duty
from complaints.organisation.models import Duty, Person, RoleGrant, Unit
from complaints.organisation.people import actor_by_username, holders_of, on_duty, person_names
from complaints.organisation.roles import Role
from tests.bureau import CITY, COUNTY, OFFICE, OTHER_OFFICE, STATION, Bureau
from workflows.definition import Reach


def test_reach_is_seen_from_the_matters_unit(city: Bureau) -> None:
    handler, supervisor = city.actor("handler"), city.actor("supervisor")
    assert handler.grant("handler", OFFICE, Reach.SELF) is not None
    assert handler.grant("handler", STATION, Reach.SELF) is None
    assert handler.grant("handler", STATION, Reach.UP) is not None
    assert handler.grant("handler", COUNTY, Reach.UP) is None
    assert handler.grant("handler", COUNTY, Reach.ANY) is not None
    assert handler.grant("head", OFFICE, Reach.ANY) is None
    assert supervisor.grant("supervisor", OTHER_OFFICE, Reach.UP) is not None


def test_a_grant_counts_on_its_days_only(city: Bureau) -> None:
    today = city.clock.today()
    with city.database.writing() as session:
        person = session.get_one(Person, city.person_ids["handler"])
        unit = session.get_one(Unit, city.unit_ids[OTHER_OFFICE])
        grant_role(session, person, Role.HEAD, unit, day=today + timedelta(days=1), now=city.clock.now())
    assert city.actor("handler").roles == {Role.HANDLER}
    city.clock.move(days=1)
    assert city.actor("handler").roles == {Role.HANDLER, Role.HEAD}
    with city.database.writing() as session:
        grant = session.scalars(
            select(RoleGrant).where(RoleGrant.role == "head", RoleGrant.person_id == person.id)
        ).one()
        end_grant(session, grant, day=city.clock.today(), now=city.clock.now())
    assert city.actor("handler").roles == {Role.HANDLER}


def test_main_role_and_paths(city: Bureau) -> None:
    with city.database.writing() as session:
        person = session.get_one(Person, city.person_ids["handler"])
        for path in (COUNTY, STATION):
            unit = session.get_one(Unit, city.unit_ids[path])
            grant_role(session, person, Role.HANDLER, unit, day=city.clock.today(), now=city.clock.now())
    actor = city.actor("handler")
    assert actor.main_role is Role.HANDLER
    assert actor.paths(Role.HANDLER) == (COUNTY,)
    assert actor.paths(Role.CASHIER) == ()
    assert actor.role_label.zh == "承办人"


def test_disabled_people_are_nobody(city: Bureau) -> None:
    with city.database.writing() as session:
        session.get_one(Person, city.person_ids["handler"]).disabled_at = city.clock.now()
    with city.database.reading() as session:
        today = city.clock.today()
        assert actor_by_username(session, "handler", today) is None
        assert holders_of(session, Role.HANDLER, OFFICE, today) == []
        assert on_duty(session, city.unit_ids[OFFICE], Duty.RECEIVER, today) is None


def test_names_and_holders(city: Bureau) -> None:
    with city.database.reading() as session:
        assert person_names(session, []) == {}
        ids = [city.person_ids["handler"], city.person_ids["head"], 999]
        assert set(person_names(session, ids)) == set(ids[:2])
        held = holders_of(session, Role.HANDLER, OFFICE, city.clock.today())
        assert [one.username for one in held] == ["handler"]


def test_of_several_on_duty_the_latest_counts(city: Bureau) -> None:
    today, unit_id = city.clock.today(), city.unit_ids[OFFICE]
    with city.database.writing() as session:
        unit, head = session.get_one(Unit, unit_id), session.get_one(Person, city.person_ids["head"])
        name_for_duty(session, unit, Duty.RECEIVER, head, today)
    with city.database.reading() as session:
        before = on_duty(session, unit_id, Duty.RECEIVER, today - timedelta(days=1))
        now = on_duty(session, unit_id, Duty.RECEIVER, today)
        assert before is not None
        assert now is not None
        assert (before.username, now.username) == ("handler", "head")
        assert on_duty(session, city.unit_ids[CITY], Duty.OFFICER, today) is None
