"""The same form sent twice is done once and answered twice, however close together."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from tests.workflows.runtime.world import LI, MA, World
from workflows.runtime.requests import Act, KeyReused, Outcome


def test_a_double_click_is_done_once_and_answered_twice(world: World) -> None:
    loan = world.start()
    form = Act(loan, "lend", {"lent_on": "2026-03-02", "deposit": 1}, key="01FORM", expected_version=1)
    first, second = world.do(form), world.do(form)
    assert (first.replayed, second.replayed) == (False, True)
    assert replace(second, replayed=False) == first
    assert world.count("wf_event") == 2
    assert world.count("wf_outbox") == 1


@pytest.mark.parametrize(
    "change",
    [{"payload": {"lent_on": "2026-03-02", "deposit": 2}}, {"action": "refuse", "payload": {"ground": "1"}}],
)
def test_a_key_used_for_something_else_is_refused(world: World, change: dict[str, object]) -> None:
    loan = world.start()
    form = Act(loan, "lend", {"lent_on": "2026-03-02", "deposit": 1}, key="01FORM")
    world.do(form)
    with pytest.raises(KeyReused):
        world.do(replace(form, **change))  # type: ignore[arg-type]
    with pytest.raises(KeyReused):
        world.do(form, MA)
    other = world.start(2)
    with pytest.raises(KeyReused):
        world.do(replace(form, instance_id=other))
    assert world.row(other)["seq"] == 1


def together(world: World, acts: list[Act]) -> list[object]:
    """Do the acts at the same time, each in a thread of its own; return what came of each."""
    gate = threading.Barrier(len(acts))
    found: list[object] = [None] * len(acts)

    def one(place: int) -> None:
        gate.wait()
        try:
            found[place] = world.do(acts[place])
        except Exception as error:
            found[place] = error

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_two_at_once_with_one_key_do_it_once(world: World) -> None:
    loan = world.start()
    form = Act(loan, "lend", {"lent_on": "2026-03-02", "deposit": 1}, key="01FORM", expected_version=1)
    found = together(world, [form, form])
    assert sorted(one.replayed for one in found if isinstance(one, Outcome)) == [False, True]
    assert world.count("wf_event") == 2


def test_one_key_for_two_matters_at_once_is_refused_for_one(world: World) -> None:
    acts = [
        Act(world.start(n), "lend", {"lent_on": "2026-03-02", "deposit": 1}, key="01FORM") for n in (1, 2)
    ]
    found = together(world, acts)
    assert sorted(type(one).__name__ for one in found) == ["KeyReused", "Outcome"]
    assert world.count("wf_outbox") == 1


def test_two_people_at_once_without_version_both_get_a_clean_answer(world: World) -> None:
    loan = world.start()
    form = Act(loan, "lend", {"lent_on": "2026-03-02", "deposit": 1})
    found = together(world, [replace(form, key="a"), replace(form, key="b")])
    assert sorted(type(one).__name__ for one in found) == ["Outcome", "Refused"]
    assert world.trouble(loan) is None


def test_a_start_sent_twice_gives_the_first_matter(world: World) -> None:
    with world.writing() as connection:
        assert world.engine.already_started(connection, "01START", "content", LI) is None
        first = world.engine.start(connection, world.request(1, key="01START", content="content"), LI)
    with world.writing() as connection:
        again = world.engine.already_started(connection, "01START", "content", LI)
    assert again == replace(first, replayed=True)
    with world.writing() as connection, pytest.raises(KeyReused):
        world.engine.already_started(connection, "01START", "other", LI)
    with pytest.raises(KeyReused), world.writing() as connection:
        world.engine.start(connection, world.request(2, key="01START", content="other"), LI)
    assert world.count("wf_instance") == 1
