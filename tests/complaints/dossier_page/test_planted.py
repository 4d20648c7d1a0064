"""The comparison must bite: a guard that only the page knows, or only the submission, is found over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, update

from complaints import app as application
from complaints.dossier.models import Merchant
from tests.complaints.dossier_page.comparing import acceptances, refusals, wrong
from tests.complaints.dossier_page.scenes import SCENES
from tests.complaints.dossier_page.worlds import Worlds
from workflows.definition import Label
from workflows.guards import Facts, Guard, Why
from workflows.runtime.engine import Engine

GUARD = "not_removed_by_challenge"
GUARDED, OPEN = "agree", "add_note"
"""An action of a mediation under way that the guard stands before, and one that it leaves alone."""
WHY = Why("planted", Label("现在不能办理。", "Not now."))

Plant = Callable[[Guard], None]


@pytest.fixture
def mediating(worlds: Worlds) -> Worlds:
    """A mediation under way."""
    worlds.walk(next(scene for scene in SCENES["complaint"] if scene.name == "mediating"))
    return worlds


@pytest.fixture
def plant(mediating: Worlds, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """Put another guard in the place of the guard, in the registry of the running application."""

    def planted(other: Guard) -> None:
        guards = tuple(other if one.name == GUARD else one for one in application.GUARDS)
        monkeypatch.setattr(application, "GUARDS", guards)
        mediating.install()

    yield planted
    monkeypatch.undo()
    mediating.install()


def _found(worlds: Worlds) -> set[tuple[str, str, str]]:
    """Compare each action by itself: who, what, and whether the page offers it."""
    answers = []
    for action in (GUARDED, OPEN):
        sent, offers = refusals(worlds, ["handler"], [action])
        answers += [*sent, *acceptances(worlds, sorted(one for one in offers if one[1] == action))]
    return {
        (one.who, one.action, "shown" if one.offered else "hidden") for one in wrong(answers) if one.action
    }


def test_without_a_planted_guard_nothing_is_found(mediating: Worlds) -> None:
    assert _found(mediating) == set()


def test_a_guard_that_only_the_page_knows_is_found(mediating: Worlds, plant: Plant) -> None:
    """It refuses before anything was typed, which is when a page asks, and lets every submission pass."""

    def judge(facts: Facts) -> Why | None:
        return None if facts.payload else WHY

    plant(Guard(GUARD, judge))
    assert _found(mediating) == {("handler", GUARDED, "hidden")}


def test_a_guard_that_only_the_submission_knows_is_found(mediating: Worlds, plant: Plant) -> None:
    """It is asked only about what was typed, which is when a page has shown its button already."""
    plant(Guard(GUARD, lambda _facts: WHY, on_payload=True))
    assert _found(mediating) == {("handler", GUARDED, "shown")}


def test_a_refusal_for_what_was_typed_does_not_hide_it(mediating: Worlds, plant: Plant) -> None:
    plant(Guard(GUARD, lambda _facts: replace(WHY, fields=("reason",)), on_payload=True))
    assert _found(mediating) == {("handler", GUARDED, "shown")}


def test_a_refusal_that_writes_is_found(mediating: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    written = Engine.record_denial

    def careless(engine: Engine, connection: Connection, *more: Any) -> None:
        written(engine, connection, *more)
        connection.execute(update(Merchant).values(name="改了"))

    monkeypatch.setattr(Engine, "record_denial", careless)
    answers, _offers = refusals(mediating, ["head"], ["agree"])
    assert [(one.who, one.wrong) for one in wrong(answers)] == [("head", "wrote merchant")]
