"""The demonstration city: small, complete, and lawful by construction."""

from __future__ import annotations

from pathlib import Path

import yaml
from sqlalchemy import func, select

from complaints.app import GUARDS, INVARIANTS
from complaints.demo import stories
from complaints.demo.bureau import POSTS
from complaints.demo.city import load
from complaints.demo.stage import Stage
from complaints.dossier.models import Matter
from complaints.dossier.record_models import HistoricalRecord
from complaints.organisation.models import Person, Unit
from complaints.organisation.roles import Role
from tests.complaints.commands.running import run
from workflows.compiled import Refused
from workflows.definition import Label
from workflows.guards import Why
from workflows.runtime import replay
from workflows.runtime.tables import instance


def test_every_state_of_every_procedure_has_a_matter_and_every_chain_is_whole(database, clock, application):
    services = application.extensions["fangxin"]
    accounts = load(database, clock, services.door.passwords, GUARDS, INVARIANTS)

    engine = Stage(database, GUARDS, INVARIANTS, clock.now()).engine
    library = engine.library
    with database.reading() as session:
        found = set(session.execute(select(instance.c.procedure, instance.c.state).distinct()).all())
        checked = replay.verify_all(session.connection(), library, engine.settings.unseal)
        troubles = [trouble for _id, trouble in checked if trouble]
        latest = session.execute(select(func.max(instance.c.changed_at_us))).scalar_one()
        matters = session.execute(select(func.count()).select_from(instance)).scalar_one()
        records = session.execute(select(func.count()).select_from(HistoricalRecord)).scalar_one()
        people = session.execute(select(func.count()).select_from(Person)).scalar_one()
    wanted = {(one.name, state) for one in library.procedures for state in one.states}
    assert wanted - {tuple(row) for row in found} == set()
    assert troubles == []
    assert 40 <= matters <= 80
    assert records == 30
    assert latest <= clock.now_us(), "nothing happens after now"
    assert people == len(accounts) == len({password for *_rest, password in accounts})


def test_the_bureau_is_small_and_knows_every_role():
    assert len(POSTS) <= 30
    assert {post.role for post in POSTS} == set(Role)


def test_a_story_that_is_refused_leaves_nothing_and_one_sentence(database, settings, monkeypatch):
    def fail(*_anything: object) -> None:
        raise Refused("terminate", (Why("period_over", Label("还早", "It is too early.")),))

    monkeypatch.setattr(stories, "do", fail)
    refused = run(settings, "demo", "city")

    assert refused.exit_code == 1
    (sentence,) = refused.stderr.splitlines()
    assert "cannot be loaded on" in sentence
    assert "It is too early." in sentence
    with database.reading() as session:
        for table in (Person.id, Unit.id, Matter.id):
            assert session.scalars(select(table).limit(1)).first() is None


def test_grounds_are_named_by_what_they_mean():
    told = yaml.safe_load(Path(stories.HERE / "complaints.yaml").read_text(encoding="utf-8"))
    typed = [act[4] for story in told for act in story.get("acts", ())]
    assert [one["item"] for one in typed if isinstance(one.get("item"), str)] == []
