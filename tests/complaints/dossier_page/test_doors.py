"""The matter's buttons lead to the better forms of the desk and the station, where there is one."""

from __future__ import annotations

import re

import pytest

from complaints.mediation.doors import FORMS
from tests.bureau import SignIn
from tests.factories import ARRANGE, Matters

PAGES = {
    ("complaint", "arrange_session"): "/mediation/{}/arrange",
    ("complaint", "change_session"): "/mediation/{}/change",
    ("complaint", "hold_session"): "/mediation/{}/session",
    ("complaint", "agree"): "/mediation/{}/agreement",
    ("station_dispute", "settle"): "/station/{}/settle",
    ("station_dispute", "pass_up"): "/station/{}/pass-up",
    ("station_dispute", "withdraw"): "/station/{}/withdraw",
}


def test_every_form_of_its_own_has_a_page_here() -> None:
    assert PAGES.keys() == FORMS.keys()


def links(html: str) -> list[str]:
    """Return where the buttons of what can be done lead."""
    panel = html.partition('id="can"')[2]
    return re.findall(r'<a class="btn[^"]*" href="([^"]+)"', panel)


@pytest.mark.parametrize(("procedure", "action"), PAGES)
def test_the_button_opens_it(matters: Matters, client_as: SignIn, procedure: str, action: str) -> None:
    complaint = procedure == "complaint"
    number = matters.in_state("mediating") if complaint else matters.a_dispute()
    if action == "change_session":
        matters.walk(number, ARRANGE)
    client = client_as("handler" if complaint else "station")
    path = PAGES[procedure, action].format(number)
    found = links(client.get(f"/matters/{number}").text)
    assert path in found
    assert f"/matters/{number}/do/{action}" not in found
    general = client.get(f"/matters/{number}/do/{action}")
    assert (general.status_code, general.location) == (303, path)
    form = client.get(path).text
    assert 'name="idempotency_key"' in form
    assert 'id="why-not"' not in form


def test_whoever_may_not_act_gets_no_such_button(matters: Matters, client_as: SignIn) -> None:
    complaint, dispute = matters.in_state("mediating"), matters.a_dispute()
    for who, number in (("head", complaint), ("supervisor", complaint), ("head", dispute)):
        page = client_as(who).get(f"/matters/{number}").text
        assert not [one for one in links(page) if one.startswith(("/mediation/", "/station/"))], who
