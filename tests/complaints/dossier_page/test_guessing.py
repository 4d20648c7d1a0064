"""Numbers are easily guessed: to whom a matter is not shown, it answers like one that does not exist.

Every address that takes a number is asked and sent a form, with the number of a matter and with nobody's:
status, headers and body must be the same but for the number itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from complaints.web.submissions import fresh_key
from tests.complaints.dossier_page.comparing import actions_of
from tests.complaints.dossier_page.scene import Scene
from tests.complaints.dossier_page.scenes import SCENES
from tests.complaints.dossier_page.typed_forms import Door, doors, typed
from tests.complaints.dossier_page.worlds import PEOPLE, Present, Worlds

NOBODYS = "420600-20261124-09999-4"
"""A number of the usual form, of no matter."""

UNSEEING = ("neighbour_head", "neighbour_intake", "neighbour_station", "neighbour_cashier")
"""For the small run: together their roles open every room."""

BEHIND = (
    "/intake?matter={n}",
    "/intake/dispatch?n={n}",
    "/intake/dispatched?n={n}",
    "/payouts/apply?from={n}",
)
"""Pages that take the number behind the question mark."""

_FILLED = {"action": "add_note", "clock": "mediation-1", "what": "phone"}
_FRESH = re.compile(
    r"""((?:csrf[-_]token|idempotency_key|key-[0-9-]+)" (?:content|value)="|"X-CSRFToken": "|"""
    r"""nonce="|'nonce-)[A-Za-z0-9_.=+/-]+"""
)
Reply = tuple[int, dict[str, str], str]


def _pages(app: Flask) -> Iterator[str]:
    """Yield every address that is opened with a number."""
    for rule in app.url_map.iter_rules():
        if "number" in rule.arguments and "GET" in (rule.methods or ()):
            address = rule.rule.replace("<number>", "{n}")
            yield re.sub(r"<(\w+)>", lambda found: _FILLED[found[1]], address)
    yield from BEHIND


def _forms(app: Flask) -> dict[str, tuple[Door, str, str]]:
    """Return every address that takes a form with a number, with the kind and the action that fit it."""
    found = {
        door.address: (door, kind, action)
        for kind in SCENES
        for action in actions_of(kind)
        for door in doors(kind, action)[action != _FILLED["action"] :]
    }
    for rule in app.url_map.iter_rules():
        if "number" in rule.arguments and "POST" in (rule.methods or ()) and "action" not in rule.arguments:
            address = re.sub(r"<(\w+)>", lambda one: _FILLED[one[1]], rule.rule.replace("<number>", "{n}"))
            found.setdefault(address, (Door(address, more={"reason": "核对投诉人的电话"}), "complaint", ""))
    return found


def _reply(client: FlaskClient, method: str, address: str, number: str, data: dict[str, str]) -> Reply:
    answer = client.open(address.format(n=number), method=method, data=data or None)
    headers = {name: _plain(value, number) for name, value in answer.headers if name not in {"Set-Cookie"}}
    return answer.status_code, headers, _plain(answer.text, number)


def _plain(text: str, number: str) -> str:
    """Take out the number and what is fresh in every answer."""
    return _FRESH.sub(r"\1", text.replace(number, "{n}"))


def _told_apart(worlds: Worlds, scene: Scene, people: Iterable[str]) -> tuple[list[str], set[str]]:
    """Return at which addresses the two numbers are told apart, and who of the people does not see it."""
    worlds.walk(scene)
    here, apart, unseeing = worlds.again(), list[str](), set[str]()
    for who in people:
        if worlds.browser(who).get(f"/matters/{here.number}").status_code == 200:
            continue
        unseeing.add(who)
        for address in _pages(worlds.app):
            if _asked(worlds, here.number, who, address) != _asked(worlds, NOBODYS, who, address):
                apart.append(f"{scene.kind}: {who} opens {address}")
        for address, form in _forms(worlds.app).items():
            if _sent(worlds, here, here.number, who, form) != _sent(worlds, here, NOBODYS, who, form):
                apart.append(f"{scene.kind}: {who} sends {address}")
    return apart, unseeing


def _asked(worlds: Worlds, number: str, who: str, address: str) -> Reply:
    return _reply(worlds.browser(who), "GET", address, number, {})


def _sent(worlds: Worlds, here: Present, number: str, who: str, form: tuple[Door, str, str]) -> Reply:
    door, kind, action = form
    said = typed(kind, action, worlds.clock.today(), here.whom(action), here.others)
    data = door.data(number, said, fresh_key(), here.version) | {"csrf_token": worlds.tokens[who]}
    return _reply(worlds.browser(who), "POST", door.address, number, data)


def _scene(kind: str) -> Scene:
    """Return the scene of a kind in which most can be done."""
    return max(SCENES[kind], key=lambda one: len(one.acts))


def test_a_guessed_number_answers_like_nobodys(worlds: Worlds) -> None:
    """Two of the people are tried on each of the databases."""
    people = UNSEEING[worlds.database.is_sqlite :: 2]
    apart, unseeing = _told_apart(worlds, _scene("complaint"), people)
    assert apart == []
    assert unseeing == set(people)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SCENES)
def test_a_guessed_number_of_any_kind_answers_like_nobodys_to_everybody(worlds: Worlds, kind: str) -> None:
    apart, unseeing = _told_apart(worlds, _scene(kind), PEOPLE)
    assert apart == []
    assert unseeing >= set(UNSEEING)


def test_whoever_sees_the_matter_tells_the_numbers_apart(worlds: Worlds) -> None:
    """The comparison itself must bite."""
    worlds.walk(_scene("complaint"))
    number = worlds.again().number
    for address in ("/matters/{n}", "/mediation/{n}/session", "/matters/{n}/do/add_note"):
        assert _asked(worlds, number, "handler", address) != _asked(worlds, NOBODYS, "handler", address)
