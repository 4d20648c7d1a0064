from __future__ import annotations

import pytest
from flask import Blueprint
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints.app import create_app
from complaints.foundation.database import Database
from complaints.organisation.models import SecurityEvent
from complaints.organisation.permissions import Permission
from complaints.web.access import check_every_route, needs, permissions_of
from config import Settings
from tests.bureau import PASSWORD, Bureau, SetClock, post


@pytest.fixture
def browser(settings: Settings, clock: SetClock, database: Database, city: Bureau) -> FlaskClient:
    """Handler, signed in, in an application with two more pages."""
    app = create_app(settings, clock, database)
    app.testing = True
    room = Blueprint("room", __name__)

    @room.get("/room/admin")
    @needs(Permission.ADMIN_OPEN)
    def admin() -> str:
        return "administrators only"

    @room.get("/room/own")
    @needs(Permission.ADMIN_OPEN, Permission.MATTER_READ)
    def matter() -> str:
        return "a matter"

    app.register_blueprint(room)
    check_every_route(app)
    client = app.test_client()
    assert client.get("/room/own").location == "/sign-in?next=/room/own"
    post(client, "/sign-in", username="handler", password=PASSWORD)
    return client


def test_pages_of_other_roles_are_403_and_written_down(browser: FlaskClient, city: Bureau) -> None:
    assert browser.get("/room/own").text == "a matter"
    assert browser.get("/room/admin").status_code == 403
    with city.database.reading() as session:
        lines = session.scalars(select(SecurityEvent).where(SecurityEvent.kind == "refused")).all()
        assert [(one.actor_id, one.success) for one in lines] == [(city.person_ids["handler"], False)]
        assert lines[0].subject == "GET /room/admin admin:open"


def test_a_fragment_after_the_sign_in_ended_leads_the_whole_page_away(
    browser: FlaskClient, city: Bureau
) -> None:
    city.clock.move(hours=1)
    answer = browser.get("/room/own", headers={"HX-Request": "true", "Referer": "http://localhost/room/own"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/room/own"


def test_a_route_without_a_permission_does_not_boot(
    settings: Settings, clock: SetClock, database: Database
) -> None:
    app = create_app(settings, clock, database)
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    with pytest.raises(RuntimeError, match="forgotten"):
        check_every_route(app)


def test_needs_names_something() -> None:
    with pytest.raises(ValueError, match="permission"):
        needs()

    @needs(Permission.OWN_DRAFTS)
    def view() -> str:
        return ""

    assert permissions_of(view) == (Permission.OWN_DRAFTS,)
    assert permissions_of(test_needs_names_something) == ()
