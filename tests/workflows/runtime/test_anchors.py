"""An anchor kept elsewhere finds what the chains alone cannot show, and says nothing of a clean log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.workflows.runtime.world import KEEPER, World
from workflows.anchoring import anchor_statements, signing_keys
from workflows.anchoring.anchor_statements import AnchorFile, AnchorFileError
from workflows.anchoring.signing_keys import SigningKeyError
from workflows.canonical import canonical
from workflows.runtime import anchors, event_log, replay, triggers
from workflows.runtime.anchors import Draft, Overtaken

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def draft(world: World, key: Ed25519PrivateKey = KEY, algorithm: str = "sm3") -> Draft:
    with world.reading() as connection:
        return anchors.draft(connection, key, algorithm, day=world.today, at_us=world.now_us)


def anchored(world: World) -> AnchorFile:
    """Make an anchor, keep it, and return what its file says."""
    made = draft(world)
    with world.writing() as connection:
        anchors.keep(connection, made.anchor)
    return anchor_statements.read(anchor_statements.written(made.anchor, made.heads))


def fallen(world: World, kept: AnchorFile) -> list[tuple[int, int]]:
    with world.reading() as connection:
        return [(one.instance_id, one.seq) for one in anchors.check_against(connection, kept)]


def three(world: World) -> tuple[int, int, int]:
    first, second, third = (world.start(number) for number in (1, 2, 3))
    world.lend(first, note="张三")
    world.lend(second)
    world.act(second, "tell", told_on="2026-03-02", proof="当面")
    return first, second, third


# -- what an anchor is


def test_one_root_a_state_and_one_anchor_a_day_for_it(world: World) -> None:
    first, _second, _third = three(world)
    one = anchored(world).anchor
    assert (one.statement.number, one.statement.instances, one.statement.events) == (1, 3, 6)
    assert one.signed
    again = draft(world)
    assert (again.fresh, again.anchor) == (False, one)
    world.act(first, "remark", text="备注")
    other = draft(world)
    assert (other.fresh, other.anchor.statement.number) == (True, 2)
    assert other.anchor.statement.previous == one.statement.root


def test_a_day_on_which_nothing_happened_has_an_anchor_of_its_own(world: World) -> None:
    three(world)
    one = anchored(world).anchor.statement
    world.at(date(2026, 3, 3))
    other = anchored(world).anchor.statement
    assert (other.number, other.heads_root) == (2, one.heads_root)
    assert other.root != one.root
    with world.reading() as connection:
        assert anchors.check_kept(connection) == (2, None)


def test_anchors_are_only_added_at_the_end(world: World) -> None:
    three(world)
    made = draft(world)
    anchored(world)
    with pytest.raises(Overtaken), world.writing() as connection:
        anchors.keep(connection, made.anchor)
    later = replace(made.anchor, statement=replace(made.anchor.statement, number=7))
    with pytest.raises(Overtaken), world.writing() as connection:
        anchors.keep(connection, later)
    for sql in ("UPDATE wf_anchor SET day = day", "DELETE FROM wf_anchor"):
        with pytest.raises(IntegrityError, match="anchors of the log"):
            world.run(sql)
    assert world.count("wf_anchor") == 1


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE wf_anchor SET events = 99 WHERE number = 1", "anchor 1: its root"),
        ("UPDATE wf_anchor SET root = previous WHERE number = 2", "anchor 2: its root"),
        ("UPDATE wf_anchor SET signature = 'ab' WHERE number = 2", "anchor 2: its signature"),
        ("UPDATE wf_anchor SET public_key = 'ab' WHERE number = 2", "anchor 2: its signature"),
        ("DELETE FROM wf_anchor WHERE number = 1", "anchor 2: an anchor before it is missing"),
    ],
)
def test_a_changed_row_of_the_anchors_is_found(world: World, sql: str, said: str) -> None:
    first, _second, _third = three(world)
    anchored(world)
    world.act(first, "remark", text="备注")
    anchored(world)
    with world.writing() as connection:
        triggers.drop_triggers(connection)
    world.run(sql)
    with world.reading() as connection:
        _n, sentence = anchors.check_kept(connection)
        assert sentence is not None
        assert sentence.startswith(said)
        assert any(wrong for _anchor, wrong in anchors.latest(connection, 5))


def test_an_anchor_by_a_foreign_key_is_found(world: World) -> None:
    """All anchors and what they vouch for may be written anew by somebody with a key of his own."""
    three(world)
    ours = anchored(world).anchor.public_key
    with world.reading() as connection:
        assert anchors.check_kept(connection) == (1, None)
        assert anchors.check_kept(connection, ["ab", ours]) == (1, None)
        _n, sentence = anchors.check_kept(connection, ["ab"])
    assert sentence == "anchor 1: it was signed by another key than the one given or set"


def test_a_file_that_was_changed_is_no_anchor(world: World) -> None:
    first, _second, _third = three(world)
    made = draft(world)
    told = anchor_statements.written(made.anchor, made.heads)
    head = made.heads[0]
    for other in (
        told.replace(head, head.replace(f"{first} 2", f"{first} 1")),
        told.replace('"events":6', '"events":5'),
        told.replace("workflow-anchor/1", "workflow-anchor/9"),
        told.replace('"sm3"', '"md5"'),
        told.replace('"number":1', '"number":1.5'),
        told[:-5],
        "[]",
        "{}",
        "",
    ):
        assert other != told
        with pytest.raises(AnchorFileError):
            anchor_statements.read(other)
    forged = replace(made.anchor, public_key="00" * 32)
    assert not anchor_statements.read(anchor_statements.written(forged, made.heads)).anchor.signed


# -- what only an anchor finds


def test_a_log_that_went_on_raises_no_alarm(world: World) -> None:
    first, second, third = three(world)
    kept = anchored(world)
    world.act(first, "remark", text="备注")
    world.act(second, "give_back")
    world.act(second, "count", KEEPER)
    world.lend(third)
    world.start(4)
    assert fallen(world, kept) == []
    assert world.troubles() == []


BACK = """
    UPDATE wf_instance SET seq = 2, row_version = 2, head_hash = :head, changed_at_us = :at, vars = :vars,
        next_clock = 'answer',
        next_alert_due = (SELECT alert_due FROM wf_deadline WHERE instance_id = :of AND clock = 'answer'),
        next_legal_due = (SELECT legal_due FROM wf_deadline WHERE instance_id = :of AND clock = 'answer')
    WHERE id = :of"""


def cut_tail(world: World, loan: int) -> None:
    """Take the last event away and set everything back to what it was before, as an owner could."""
    with world.reading() as connection:
        before = event_log.event_at(connection, loan, 2)
        then = canonical(dict(replay.replay(connection, loan, upto=2).vars))
    for sql in (
        "DELETE FROM wf_private_text WHERE instance_id = :of AND seq = 3",
        "DELETE FROM wf_event WHERE instance_id = :of AND seq = 3",
        "UPDATE wf_deadline SET met_seq = NULL, met_on = NULL WHERE instance_id = :of AND met_seq = 3",
        "UPDATE wf_timer SET status = 'armed' WHERE instance_id = :of AND clock = 'answer'",
    ):
        world.run(sql, of=loan)
    world.run(BACK, of=loan, head=before.hash, at=before.at_us, vars=then)


def write_anew(world: World, loan: int) -> None:
    """Change who did the second event and give it and all after it hashes that fit, as an owner could."""
    with world.writing() as connection:
        head = event_log.event_at(connection, loan, 1).hash
        for one in event_log.events_of(connection, loan)[1:]:
            values = asdict(one) | {"prev_hash": head}
            if one.seq == 2:
                values["grant_id"] = 4711
            head = event_log.event_hash(values)
            connection.execute(
                text(
                    "UPDATE wf_event SET grant_id = :grant_id, prev_hash = :prev_hash, hash = :new"
                    " WHERE instance_id = :instance_id AND seq = :seq"
                ),
                {**values, "new": head},
            )
        connection.execute(
            text("UPDATE wf_instance SET head_hash = :head WHERE id = :of"), {"head": head, "of": loan}
        )


def lose(world: World, loan: int) -> None:
    """Take the whole instance away with everything beside it, as an owner could."""
    for table in ("timer", "deadline", "assignment", "task", "private_text", "outbox", "event"):
        world.run(f"DELETE FROM wf_{table} WHERE instance_id = :of", of=loan)  # noqa: S608
    world.run("DELETE FROM wf_instance WHERE id = :of", of=loan)


@pytest.mark.parametrize("fault", [cut_tail, write_anew, lose])
def test_what_the_chains_alone_cannot_show(world: World, fault: Callable[[World, int], None]) -> None:
    _first, second, _third = three(world)
    kept = anchored(world)
    assert fallen(world, kept) == []
    with world.writing() as connection:
        triggers.drop_triggers(connection)
    fault(world, second)
    assert world.troubles() == []
    assert fallen(world, kept) == [(second, 3)]


def test_a_tail_that_is_cut_and_written_over_is_found(world: World) -> None:
    _first, second, _third = three(world)
    kept = anchored(world)
    with world.writing() as connection:
        triggers.drop_triggers(connection)
    cut_tail(world, second)
    world.act(second, "tell", told_on="2026-03-02", proof="电话")
    assert world.troubles() == []
    assert fallen(world, kept) == [(second, 3)]


def test_the_root_tells_what_a_shortened_hash_would_not(world: World) -> None:
    """Somebody finds an event whose hash begins like the anchored one: the names fit, the root does not."""
    first, _second, _third = three(world)
    kept = anchored(world)
    with world.writing() as connection:
        triggers.drop_triggers(connection)
        head = event_log.event_at(connection, first, 2).hash
    forged = head[:-1] + ("0" if head[-1] != "0" else "1")
    world.run("UPDATE wf_event SET hash = :h WHERE instance_id = :of AND seq = 2", h=forged, of=first)
    assert fallen(world, kept) == [(0, 0)]


# -- the algorithms


def test_an_anchor_may_be_hashed_otherwise_than_the_chains(world: World) -> None:
    three(world)
    made = draft(world, algorithm="sha256")
    kept = anchor_statements.read(anchor_statements.written(made.anchor, made.heads))
    assert kept.anchor.statement.algorithm == "sha256"
    assert fallen(world, kept) == []


# -- the key


def test_a_key_lies_apart_and_is_its_owners_alone(tmp_path: Path) -> None:
    data, vault = tmp_path / "instance", tmp_path / "vault"
    data.mkdir()
    vault.mkdir()
    public = signing_keys.make(vault / "key", data)
    key = signing_keys.load(vault / "key", data)
    assert key.public_key().public_bytes_raw().hex() == public == signing_keys.load_public(vault / "key.pub")
    with pytest.raises(SigningKeyError, match="exists already"):
        signing_keys.make(vault / "key", data)
    with pytest.raises(SigningKeyError, match="lies inside"):
        signing_keys.make(data / "key", data)
    (data / "link").mkdir()
    (vault / "in").symlink_to(data / "link")
    with pytest.raises(SigningKeyError, match="lies inside"):
        signing_keys.make(vault / "in" / "key", data)
    (vault / "key").chmod(0o640)
    with pytest.raises(SigningKeyError, match="chmod 600"):
        signing_keys.load(vault / "key", data)
    with pytest.raises(SigningKeyError, match="cannot be read"):
        signing_keys.load(vault / "none", data)
    with pytest.raises(SigningKeyError, match="no public key"):
        signing_keys.load_public(vault / "key")
    (vault / "key.pub").chmod(0o600)
    with pytest.raises(SigningKeyError, match="no Ed25519 key"):
        signing_keys.load(vault / "key.pub", data)
