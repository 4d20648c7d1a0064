"""Buttons and submissions agree over HTTP: each action and each person once; the whole is the slow run's."""

from __future__ import annotations

import pytest

from tests.complaints.dossier_page.comparing import acceptances, actions_of, refusals, wrong
from tests.complaints.dossier_page.scenes import SCENES
from tests.complaints.dossier_page.typed_forms import NO_SUCH_ACTION, TYPED
from tests.complaints.dossier_page.worlds import PEOPLE, Worlds
from workflows.loading import PROCEDURES, load_procedures

KINDS = tuple(SCENES)
WITHOUT_SCENE = {"choose_rule_set"}
"""No matter of the newest version has crossed from one rule set to another yet; see the journeys."""


@pytest.mark.parametrize("kind", KINDS)
def test_the_scenes_have_every_state_and_every_action(kind: str) -> None:
    """A new action needs what is typed into it (`TYPED`), and a scene in which somebody does it."""
    versions = [one for one in load_procedures(PROCEDURES) if one.name == kind]
    procedure = max(versions, key=lambda one: one.version)
    by_people = set(actions_of(kind)) - {NO_SUCH_ACTION}
    assert {scene.state for scene in SCENES[kind] if scene.whole} == set(procedure.states)
    assert {action for scene in SCENES[kind] for _who, action in scene.acts} == by_people - WITHOUT_SCENE
    assert set(TYPED[kind]) == by_people


@pytest.mark.parametrize("kind", KINDS)
def test_each_action_once(worlds: Worlds, kind: str) -> None:
    """Each act is done by one person, and refused to the next two in turn who are not offered it.

    The two databases take turns as well: here every other scene is walked on each of them.
    """
    scenes = [scene for scene in SCENES[kind] if scene.acts]
    for turn, scene in enumerate(scenes):
        if turn % 2 == worlds.database.is_sqlite:
            continue
        worlds.walk(scene)
        people = [PEOPLE[(2 * turn + step) % len(PEOPLE)] for step in range(2)]
        answers, _offers = refusals(worlds, people, [action for _who, action in scene.acts])
        assert wrong(answers) == []
        assert wrong(acceptances(worlds, scene.acts)) == []
