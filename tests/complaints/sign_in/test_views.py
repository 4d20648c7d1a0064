from __future__ import annotations

from flask.testing import FlaskClient

from tests.bureau import SignIn


def test_start_leads_to_the_sign_in_page(client: FlaskClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    page = client.get("/sign-in")
    assert page.status_code == 200


def test_signed_in(client_as: SignIn) -> None:
    client = client_as("handler")
    answer = client.get("/", follow_redirects=True)
    assert answer.status_code == 200
