"""Every person, every state, every action, over HTTP: what has a button is done, what has none is refused.

For each scene of each procedure, one person for each role in the unit and one in the neighbouring county:
each act without a button is posted as a whole and lawful form to each address that takes it, and writes
nothing but the record of the attempt; each act with a button is done in a copy. In a build the two databases
take turns, and so do two halves of the people; EVERY_DATABASE=1 walks each scene on each with everybody.
"""

from __future__ import annotations

import pytest

from complaints.web import errors
from tests.complaints.dossier_page.comparing import acceptances, actions_of, refusals, wrong
from tests.complaints.dossier_page.scene import Scene
from tests.complaints.dossier_page.scenes import SCENES
from tests.complaints.dossier_page.worlds import INSIDE, OUTSIDE, PEOPLE, Worlds
from tests.turns import DATABASES, EVERY

ALL = [scene for scenes in SCENES.values() for scene in scenes]
WALKS = [
    pytest.param(database, scene, turn // 2 % 2, id=f"{database}-{scene.kind} {scene.name}")
    for turn, scene in enumerate(ALL)
    for database in (DATABASES if EVERY else (DATABASES[turn % 2],))
]


@pytest.fixture
def bare_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pages of 403 and 404 empty.

    Drawing them is half the time of this run; what stands on them is looked at by `test_guessing`.
    """
    monkeypatch.setattr(errors, "render_template", lambda *_name, **_values: "")


@pytest.mark.slow
@pytest.mark.usefixtures("bare_errors")
@pytest.mark.parametrize(("signed_in_bureau", "scene", "half"), WALKS, indirect=["signed_in_bureau"])
def test_buttons_and_submissions_agree_for_everybody(worlds: Worlds, scene: Scene, half: int) -> None:
    everybody = PEOPLE if scene.whole else INSIDE
    people = everybody if EVERY else everybody[half::2]
    worlds.walk(scene)
    answers, offers = refusals(worlds, people, actions_of(scene.kind))
    assert wrong([*answers, *acceptances(worlds, sorted(offers))]) == []
    refused = {(one.who, one.action) for one in answers}
    assert {who for who, _action in offers}.isdisjoint(OUTSIDE)
    assert refused | offers == {(who, action) for who in people for action in actions_of(scene.kind)}
    assert not refused & offers
