"""Private words go with their salt, by an event; words that are missing without one were taken away."""

from __future__ import annotations

import pytest

from tests.workflows.runtime.world import KEEPER, World
from workflows.canonical import digest
from workflows.runtime import erasing, event_log, triggers
from workflows.runtime.erasing import StillOpen
from workflows.runtime.requests import Act, KeyReused, UnknownInstance

NOTE = "张三 13800138000"


def ended(world: World) -> int:
    loan = world.start()
    world.lend(loan, note=NOTE)
    world.act(loan, "tell", told_on="2026-03-02", proof="当面")
    world.act(loan, "give_back")
    world.act(loan, "count", KEEPER)
    return loan


def erase(world: World, loan: int, *fields: str) -> list[tuple[int, str]]:
    with world.writing() as connection:
        return erasing.erase(world.engine, connection, loan, fields, actor_id=8, reason="item_2")


def test_words_and_salt_go_and_the_chain_stands(world: World) -> None:
    loan = ended(world)
    with world.reading() as connection:
        before = event_log.events_of(connection, loan)
    (salt,) = [row["salt"] for row in world.rows("SELECT salt FROM wf_private_text WHERE field = 'note'")]
    assert erase(world, loan, "note") == [(2, "note")]
    assert world.trouble(loan) is None
    with world.reading() as connection:
        *kept, last = event_log.events_of(connection, loan)
        assert list(world.engine.private_texts(connection, loan)) == [(3, "proof")]
    assert kept == before
    assert (last.kind, last.actor_id, last.typed, last.effects["erased"]) == (
        "erase",
        8,
        {"reason": "item_2"},
        [[2, "note"]],
    )
    assert world.row(loan)["state"] == "counted"
    # whoever guesses the words can no longer show that they were these: the salt is nowhere
    assert kept[1].typed["note"]["digest"] == digest(salt + NOTE)
    assert digest(NOTE) != kept[1].typed["note"]["digest"]
    tables = ("wf_event", "wf_instance", "wf_private_text", "wf_submission", "wf_outbox")
    assert not [row for table in tables for row in world.rows(f"SELECT * FROM {table}") if salt in str(row)]  # noqa: S608


def test_the_fingerprint_of_what_was_submitted_goes_along(world: World) -> None:
    """It covers the words without a salt: guesses could be tried against it."""
    loan = world.start(key="begun", content="registered")
    lent = {"lent_on": "2026-03-02", "deposit": 5000, "note": NOTE}
    world.do(Act(loan, "lend", lent, key="lent"))
    told = {"told_on": "2026-03-02", "proof": "当面"}
    world.do(Act(loan, "tell", told, key="told"))
    world.act(loan, "give_back")
    world.act(loan, "count", KEEPER)

    def kept() -> dict[str, bool]:
        return {row["key"]: bool(row["fingerprint"]) for row in world.rows("SELECT * FROM wf_submission")}

    assert kept() == {"begun": True, "lent": True, "told": True}
    erase(world, loan, "note")
    assert kept() == {"begun": False, "lent": False, "told": True}
    # the key stays taken, so that nothing is done twice
    with pytest.raises(KeyReused):
        world.do(Act(loan, "lend", lent, key="lent"))
    # what was erased by a release that left it there
    world.run("UPDATE wf_submission SET fingerprint = 'left' WHERE key = 'lent'")
    assert erase(world, loan, "note") == []
    assert kept() == {"begun": False, "lent": False, "told": True}


def test_a_second_time_nothing_is_there_and_nothing_is_written(world: World) -> None:
    loan = ended(world)
    erase(world, loan, "note", "proof")
    seq = world.row(loan)["seq"]
    assert erase(world, loan, "note", "proof") == []
    assert world.row(loan)["seq"] == seq


def test_words_that_are_still_needed_stay(world: World) -> None:
    loan = world.start()
    world.lend(loan, note=NOTE)
    with pytest.raises(StillOpen):
        erase(world, loan, "note")
    with pytest.raises(UnknownInstance):
        erase(world, 77, "note")
    assert world.count("wf_private_text") == 1


def test_words_taken_away_without_an_event_are_missed(world: World) -> None:
    loan = ended(world)
    world.run("DELETE FROM wf_private_text WHERE field = 'proof'")
    trouble = world.trouble(loan)
    assert trouble is not None
    assert (trouble.seq, "missing" in trouble.sentence) == (3, True)


def test_erased_words_cannot_be_put_back(world: World) -> None:
    loan = ended(world)
    (row,) = world.rows("SELECT * FROM wf_private_text WHERE field = 'note'")
    erase(world, loan, "note")
    with world.writing() as connection:
        triggers.drop_triggers(connection)
    world.run(
        "INSERT INTO wf_private_text (instance_id, seq, field, salt, text)"
        " VALUES (:instance_id, :seq, :field, :salt, :text)",
        **row,
    )
    trouble = world.trouble(loan)
    assert trouble is not None
    assert "there again" in trouble.sentence
