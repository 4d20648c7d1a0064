"""Compares what a person's page offers with what the same person's submissions get, over HTTP.

Whatever has no button must be refused at every address that takes it, with nothing written but the record
of the attempt; whatever has one must be accepted and done once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from complaints.web.submissions import fresh_key
from tests.complaints.dossier_page.typed_forms import (
    NO_SUCH_ACTION,
    Door,
    Typed,
    doors,
    typed,
)
from tests.complaints.dossier_page.worlds import Present, Worlds
from workflows.loading import PROCEDURES, load_procedures

REFUSED = frozenset({403, 404, 409, 422})
DONE = 303
"""A person is led on after an act; no refusal answers so, but for a form that has no page of its own."""

_CHOSEN = frozenset({"unit", "receiver", "worker", "co_handler", "approved_by"})
"""Fields that are chosen from a list of units or people."""
_OWN = ("csrf_token", "idempotency_key", "form_version")
_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_FIELD = re.compile(r"<(?:input|select|textarea)\b[^>]*>")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page and an address say to one person about one action, and what speaks against either."""

    scene: str
    who: str
    action: str
    door: str
    offered: bool
    status: int
    wrong: str = ""


def buttons(html: str, number: str, kind: str) -> dict[str, Door]:
    """Return the actions for which the page has a link or a form, with the address it leads to."""
    leads_to = set(re.findall(r'(?:href|action)="([^"]+)"', html))
    return {
        action: door
        for action in actions_of(kind)
        for door in doors(kind, action)
        if door.address.format(n=number) in leads_to
    }


@cache
def actions_of(kind: str) -> tuple[str, ...]:
    """Return every action that people do in the procedure, and one that does not exist."""
    versions = [one for one in load_procedures(PROCEDURES) if one.name == kind]
    procedure = max(versions, key=lambda one: one.version)
    return (*(name for name, one in procedure.actions.items() if not one.automatic), NO_SUCH_ACTION)


def refusals(
    worlds: Worlds, people: Iterable[str], actions: Collection[str]
) -> tuple[list[Answer], set[tuple[str, str]]]:
    """Send, for each person, each of the actions that the page of the walked matter does not offer.

    To whom the matter is not shown each is sent to the matter's page alone: the rooms' own addresses are then
    asked by `test_guessing`. After each person the tables are compared. Returns the answers, and who was
    offered what.
    """
    answers: list[Answer] = []
    offers: set[tuple[str, str]] = set()
    here = worlds.again()
    kind = here.scene.kind
    before = here.fingerprint()
    for who in people:
        shown = worlds.browser(who).get(f"/matters/{here.number}")
        assert shown.status_code in {200, 403, 404}, (who, shown.status_code)
        seen = shown.status_code == 200
        offered = buttons(shown.text, here.number, kind) if seen else {}
        offers |= {(who, action) for action in offered}
        for action in actions:
            if action not in offered:
                asked = doors(kind, action) if seen else doors(kind, action)[:1]
                answers += [_forged(worlds, here, who, door, action) for door in asked]
        after = here.fingerprint()
        changed = sorted(name for name, rows in after.items() if before[name] != rows)
        if changed:
            answers.append(Answer(here.scene.name, who, "", "", False, 0, f"wrote {', '.join(changed)}"))
        before = after
    return answers, offers


def acceptances(worlds: Worlds, offers: Iterable[tuple[str, str]]) -> Iterator[Answer]:
    """Do each offered act through each address that takes it, each in a copy of its own."""
    for who, action in offers:
        for door in doors(worlds.present.scene.kind, action):
            yield _accepted(worlds, worlds.again(), who, door, action)


def wrong(answers: Iterable[Answer]) -> list[Answer]:
    """Return the answers in which page and submission disagree."""
    return [one for one in answers if one.wrong]


def _forged(worlds: Worlds, here: Present, who: str, door: Door, action: str) -> Answer:
    """Send a whole and lawful form that the person was never shown."""
    said = typed(here.scene.kind, action, worlds.clock.today(), here.whom(action), here.others)
    data = door.data(here.number, said, fresh_key(), here.version)
    data["csrf_token"] = worlds.tokens[who]
    answer = worlds.browser(who).post(door.address.format(n=here.number), data=data)
    return Answer(
        here.scene.name,
        who,
        action,
        door.address,
        False,
        answer.status_code,
        _not_refused(answer, door, said),
    )


def _not_refused(answer: TestResponse, door: Door, said: Typed) -> str:
    """Tell what is wrong with a refusal.

    A form in which nothing is wrong is refused for what was typed (422) only where a list of units or people
    has nothing in it for this person.
    """
    if answer.status_code == DONE and door.back and answer.location == door.back:
        return ""
    if answer.status_code not in REFUSED:
        return "no button, but done" if answer.status_code == DONE else "no refusal"
    if answer.status_code == 422 and not _CHOSEN & set(said):
        return "refused for what was typed alone"
    return ""


def _accepted(worlds: Worlds, here: Present, who: str, door: Door, action: str) -> Answer:
    """Do it as a browser without scripts does: the page, its button or its form, and what is typed."""
    browser, number = worlds.browser(who), here.number
    before = here.events(action)
    said = typed(here.scene.kind, action, worlds.clock.today(), here.whom(action), here.others)
    data = door.data(number, said, fresh_key(), here.version) | {"csrf_token": worlds.tokens[who]}
    page = browser.get(f"/matters/{number}").text
    is_button = buttons(page, number, here.scene.kind).get(action) == door
    if is_button:
        data |= _shown_form(browser, page, door.address.format(n=number), set(data) - set(_OWN))
    answer = browser.post(door.address.format(n=number), data=data)
    status, times = answer.status_code, here.events(action) - before
    wrong = ""
    if status in {403, 404} and not (is_button or door.address.startswith("/matters/")):
        # the room is not this person's; nothing may come of it
        wrong = "wrote after a refusal" if times else ""
    elif status != DONE or times != 1:
        wrong = f"offered, but answered {status} and done {times} times: {_said(answer)}"
    return Answer(here.scene.name, who, action, door.address, True, status, wrong)


def _shown_form(browser: FlaskClient, page: str, address: str, said: set[str]) -> dict[str, str]:
    """Return the hidden fields of the form that the button is, or leads to; it must ask what is typed."""
    mark, asked = f'action="{address}"', set[str]()
    if mark not in page:
        answer = browser.get(address, follow_redirects=True)
        assert answer.status_code == 200, (address, answer.status_code)
        page, mark = answer.text, "form_version"
        asked = said if answer.request.path == address else set()
    form = next(one for one in _FORM.findall(page) if mark in one)
    fields = {
        name: (_attribute(one, "type"), _attribute(one, "value"))
        for one in _FIELD.findall(form)
        if (name := _attribute(one, "name"))
    }
    assert asked <= set(fields), f"{address} does not ask for {asked - set(fields)}"
    return {name: value for name, (kind, value) in fields.items() if kind == "hidden"}


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


def _said(answer: TestResponse) -> str:
    found = re.findall(r'class="bad">.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    return " ".join(found)[:200]
