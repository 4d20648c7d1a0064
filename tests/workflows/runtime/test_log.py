"""The log only grows, rows follow from it, and whoever changes either is found."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.workflows.runtime.world import KEEPER, LI, MA, World, library, unseal
from workflows.projection import Projection, ownership_gap
from workflows.rows import AssignmentRow
from workflows.runtime import event_log, replay, triggers


def a_long_story(world: World) -> int:
    """Ask, warn late, lend, tell, remark, hand over, renew, mend, offer again, ask for work, be helped."""
    loan = world.start(1, received_on=date(2026, 3, 2))
    world.lend(loan, note="张三")
    world.at(date(2026, 3, 10))
    world.fire()
    world.act(loan, "tell", told_on="2026-03-10", proof="当面")
    world.act(loan, "remark", KEEPER, text="李四也来过")
    world.act(loan, "offer_handover", unit="/town/east/", receiver=MA.id)
    world.act(loan, "accept_handover", MA)
    world.act(loan, "renew", KEEPER)
    world.act(loan, "send_to_binder", MA, paper="修补单3号")
    world.at(date(2026, 3, 20))
    world.act(loan, "back_from_binder", MA)
    world.act(loan, "offer_handover", MA, unit="/town/east/", receiver=LI.id)
    world.act(loan, "ask_work", MA, work="look_for_it", worker=LI.id, due_on="2026-03-25")
    world.act(loan, "ask_work", MA, work="ask_the_binder", worker=MA.id, due_on="2026-03-20")
    world.act(loan, "name_co_handler", MA, co_handler=LI.id)
    world.act(loan, "finish_work", MA, work_number=2)
    return loan


# -- what the database refuses


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE wf_event SET actor_id = 9 WHERE seq = 1",
        "UPDATE wf_event SET hash = hash",
        "DELETE FROM wf_event WHERE seq = 2",
        "INSERT INTO wf_event SELECT instance_id, 9, kind, action, from_state, to_state, actor_id, grant_id,"
        " at_us, procedure, version, payload, changes, hash_alg, hash, hash FROM wf_event WHERE seq = 2",
        "INSERT INTO wf_event SELECT instance_id, 3, kind, action, from_state, to_state, actor_id, grant_id,"
        " at_us, procedure, version, payload, changes, hash_alg, prev_hash, hash FROM wf_event WHERE seq = 2",
        "UPDATE wf_instance SET state = 'shelved'",
        "UPDATE wf_instance SET state = 'shelved', seq = seq + 1",
        "UPDATE wf_instance SET owner_id = 9",
        "UPDATE wf_instance SET seq = 1",
        "UPDATE wf_instance SET first_responder_id = 9",
        "DELETE FROM wf_instance",
        "INSERT INTO wf_instance SELECT id + 1, procedure, version, subject_type, 77, parent_id, state,"
        " ended, seq, row_version, head_hash, owner_id, first_responder_id, unit_path, vars, handover_to,"
        " handover_unit, next_clock, next_alert_due,"
        " next_legal_due, started_at_us, changed_at_us FROM wf_instance",
        "UPDATE wf_assignment SET to_seq = from_seq",
        "INSERT INTO wf_assignment (id, instance_id, person_id, unit_path, from_seq, why)"
        " SELECT 99, instance_id, 9, unit_path, 2, why FROM wf_assignment",
    ],
)
def test_the_database_refuses(world: World, sql: str) -> None:
    loan = world.start()
    world.lend(loan)
    with pytest.raises(IntegrityError):
        world.run(sql)
    assert world.trouble(loan) is None


def test_sqlite_cannot_replace_either(world: World) -> None:
    loan = world.start()
    world.lend(loan)
    if world.database.is_sqlite:
        for sql in (
            "REPLACE INTO wf_event SELECT * FROM wf_event WHERE seq = 2",
            "REPLACE INTO wf_instance SELECT * FROM wf_instance",
        ):
            with pytest.raises(IntegrityError):
                world.run(sql)
    else:
        with pytest.raises(IntegrityError):
            world.run("TRUNCATE wf_event CASCADE")
    assert world.trouble(loan) is None


def step_with_another_first_responder(world: World) -> None:
    """Write an event in the right way, then a row that fits it but names somebody else."""
    with world.writing() as connection:
        row = connection.execute(text("SELECT * FROM wf_instance")).mappings().one()
        forged = asdict(event_log.event_at(connection, row["id"], 1)) | {
            "seq": 2,
            "prev_hash": row["head_hash"],
        }
        head = event_log.append(connection, {**forged, "from_state": "asked"})
        connection.execute(
            text("UPDATE wf_instance SET first_responder_id = 9, seq = 2, head_hash = :head"), {"head": head}
        )


def test_the_first_responder_stays_even_in_a_step(world: World) -> None:
    loan = world.start()
    with pytest.raises(IntegrityError, match="first responder"):
        step_with_another_first_responder(world)
    assert world.row(loan)["first_responder_id"] == LI.id


def test_the_triggers_come_and_go(world: World) -> None:
    world.start()
    with world.writing() as connection:
        triggers.drop_triggers(connection)
    world.run("UPDATE wf_event SET actor_id = 9")
    with world.writing() as connection:
        triggers.create_triggers(connection)
    with pytest.raises(IntegrityError):
        world.run("UPDATE wf_event SET actor_id = 7")


# -- replay


def test_replay_tells_every_row_and_every_moment_before(world: World) -> None:
    loan = a_long_story(world)
    with world.reading() as connection:
        assert replay.replay(connection, loan) == world.standing(loan)
        early = replay.replay(connection, loan, upto=2)
        assert (early.state, early.seq, early.owner_id) == ("lent", 2, LI.id)
        assert replay.replay(connection, loan, upto=0) == Projection()
    assert world.troubles() == []


def test_the_owners_must_tile_the_whole_life() -> None:
    def told(*spans: tuple[int, int | None]) -> str | None:
        rows = tuple(AssignmentRow(7, "/town/", start, end, "x") for start, end in spans)
        return ownership_gap(Projection(seq=9, owner_id=7, unit_path="/town/", assignments=rows))

    assert told((1, 4), (4, None)) is None
    assert told((1, 4), (5, None)) is not None
    assert told((1, 4), (3, None)) is not None
    assert told((1, None), (4, None)) is not None
    assert told((2, None)) is not None
    assert told((1, 4)) is not None
    assert told() is not None
    rows = (AssignmentRow(8, "/town/", 1, None, "x"),)
    assert ownership_gap(Projection(seq=9, owner_id=7, unit_path="/town/", assignments=rows)) is not None


# -- tampering

ON_EVENT_4 = {
    "kind": "'timer'",
    "action": "'refuse'",
    "from_state": "'asked'",
    "to_state": "'shelved'",
    "actor_id": "9",
    "grant_id": "1",
    "at_us": "at_us + 1",
    "procedure": "'repair'",
    "version": "2",
    "payload": "'{}'",
    "changes": "'{}'",
    "hash_alg": "'md5'",
    "prev_hash": "hash",
    "hash": "prev_hash",
}
ON_ROWS = [
    "UPDATE wf_instance SET owner_id = 8",
    "UPDATE wf_instance SET unit_path = '/town/west/'",
    "UPDATE wf_instance SET state = 'shelved'",
    "UPDATE wf_instance SET vars = '{}'",
    "UPDATE wf_instance SET row_version = row_version + 1",
    "UPDATE wf_instance SET first_responder_id = 9",
    "UPDATE wf_instance SET handover_to = NULL",
    "UPDATE wf_instance SET next_alert_due = '2030-01-01'",
    "UPDATE wf_instance SET next_legal_due = '2030-01-01'",
    "UPDATE wf_instance SET next_clock = 'binder'",
    "UPDATE wf_instance SET ended = NOT ended",
    "UPDATE wf_instance SET seq = seq - 1",
    "UPDATE wf_deadline SET legal_due = '2030-01-01' WHERE clock = 'due'",
    "UPDATE wf_deadline SET met_on = '2026-03-03' WHERE clock = 'answer'",
    "UPDATE wf_deadline SET extended = NOT extended WHERE clock = 'due'",
    "DELETE FROM wf_deadline WHERE clock = 'binder'",
    "UPDATE wf_pause SET until = '2026-03-25'",
    "UPDATE wf_pause SET paper = '修补单4号'",
    "DELETE FROM wf_pause",
    "UPDATE wf_assignment SET person_id = 8 WHERE to_seq IS NULL",
    "UPDATE wf_assignment SET to_seq = to_seq - 1 WHERE to_seq IS NOT NULL",
    "DELETE FROM wf_assignment WHERE to_seq IS NOT NULL",
    "UPDATE wf_task SET person_id = 8",
    "DELETE FROM wf_task",
    "UPDATE wf_work SET person_id = 8 WHERE number = 1",
    "UPDATE wf_work SET due_on = '2026-03-26' WHERE number = 1",
    "UPDATE wf_work SET ended_how = 'call_off' WHERE number = 2",
    "DELETE FROM wf_work WHERE number = 2",
    "UPDATE wf_co_handler SET person_id = 8",
    "DELETE FROM wf_co_handler",
    "UPDATE wf_timer SET status = 'cancelled' WHERE clock = 'work.1'",
    "UPDATE wf_timer SET status = 'armed' WHERE clock = 'work.2'",
    "UPDATE wf_timer SET status = 'armed' WHERE status = 'fired'",
    "UPDATE wf_timer SET status = 'cancelled' WHERE status = 'armed' AND kind = 'escalate'",
    "UPDATE wf_timer SET due_at_us = due_at_us + 1 WHERE status = 'armed' AND kind = 'due'",
    "DELETE FROM wf_timer WHERE status = 'fired'",
    "UPDATE wf_private_text SET text = 'sealed:5p2O5Zub' WHERE field = 'note'",
    "UPDATE wf_private_text SET text = 'no base64' WHERE field = 'note'",
    "UPDATE wf_private_text SET salt = '00' WHERE field = 'note'",
    "UPDATE wf_private_text SET field = 'told_on' WHERE field = 'proof'",
    "UPDATE wf_private_text SET seq = 40 WHERE field = 'proof'",
]
ON_LOG = [
    "DELETE FROM wf_event WHERE seq = 1",
    "DELETE FROM wf_event WHERE seq = 5",
    "DELETE FROM wf_event WHERE seq = (SELECT max(seq) FROM wf_event)",
    "DELETE FROM wf_event",
    "INSERT INTO wf_event SELECT instance_id, seq + 1, kind, action, from_state, to_state, actor_id,"
    " grant_id, at_us, procedure, version, payload, changes, hash_alg, hash, hash FROM wf_event"
    " WHERE seq = (SELECT max(seq) FROM wf_event)",
    "UPDATE wf_event SET seq = 1000 WHERE seq = 4; UPDATE wf_event SET seq = 4 WHERE seq = 5;"
    " UPDATE wf_event SET seq = 5 WHERE seq = 1000",
]
TAMPERINGS = [
    *(
        f"UPDATE wf_event SET {name} = {value} WHERE seq = 4"  # noqa: S608
        for name, value in ON_EVENT_4.items()
    ),
    *ON_ROWS,
    *ON_LOG,
]


class Undone(Exception):  # noqa: N818 - no error: it takes a tampering back
    """Carries what the verifier said out of a transaction that is rolled back."""

    def __init__(self, trouble: replay.Trouble | None) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def tamper(world: World, loan: int, sql: str) -> None:
    """Change the rows, ask the verifier, and take the change back."""
    with world.writing() as connection:
        touched = [connection.execute(text(one)).rowcount for one in sql.split(";")]
        assert all(touched), sql
        raise Undone(replay.verify(connection, library(), loan, unseal))


def test_every_tampering_is_found_and_a_clean_log_raises_no_alarm(world: World) -> None:
    loan = a_long_story(world)
    assert world.row(loan)["handover_to"] == LI.id
    with world.writing() as connection:
        triggers.drop_triggers(connection)
    unnoticed = []
    for sql in TAMPERINGS:
        with pytest.raises(Undone) as undone:
            tamper(world, loan, sql)
        if undone.value.trouble is None:
            unnoticed.append(sql)
    assert unnoticed == []
    assert len(TAMPERINGS) >= 30
    assert world.trouble(loan) is None


def test_a_forged_event_with_a_right_hash_breaks_the_chain_after_it(world: World) -> None:
    loan = a_long_story(world)
    with world.writing() as connection:
        triggers.drop_triggers(connection)
        forged = asdict(event_log.event_at(connection, loan, 4)) | {"actor_id": 9}
        forged["hash"] = event_log.event_hash(forged)
        connection.execute(
            text("UPDATE wf_event SET actor_id = 9, hash = :hash WHERE seq = 4"), {"hash": forged["hash"]}
        )
    trouble = world.trouble(loan)
    assert trouble is not None
    assert (trouble.instance_id, trouble.seq) == (loan, 5)
    assert "follow" in trouble.sentence


def test_the_trouble_names_the_event(world: World) -> None:
    loan, other = a_long_story(world), world.start(2)
    with world.writing() as connection:
        triggers.drop_triggers(connection)
    world.run("UPDATE wf_event SET payload = '{}' WHERE seq = 6 AND instance_id = :of", of=loan)
    assert [(one.instance_id, one.seq) for one in world.troubles()] == [(loan, 6)]
    assert world.trouble(other) is None
