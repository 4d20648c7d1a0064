"""Two hundred random tamperings, each alone and taken back: all are found, at the event that was touched."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from tests.workflows.runtime import shared_tampering, tampering
from tests.workflows.runtime.tampering import Tampering
from tests.workflows.runtime.world import KEEPER, LI, MA, World, library, unseal
from workflows.runtime import erasing, event_log, replay, shared_check, triggers
from workflows.runtime.definitions import record_definitions
from workflows.runtime.replay import Trouble
from workflows.runtime.rule_records import record_rule_sets
from workflows.runtime.tables import event, instance

TIMES = 200
SEED = 20261124


def varied(world: World) -> None:
    """Play histories that between them fill every table."""
    with world.writing() as connection:
        record_definitions(connection, library(), world.now_us)
        record_rule_sets(connection, library().rule_book, world.now_us)
    quick, long, gone, mended = (world.start(number) for number in range(1, 5))
    world.lend(quick, note="张三 13800138000")
    world.lend(long, note="李四")
    world.lend(mended)
    world.act(gone, "remark", text="字迹不清")
    world.at(date(2026, 3, 10))
    world.fire()
    world.act(quick, "tell", told_on="2026-03-10", proof="当面")
    world.act(quick, "give_back")
    world.act(quick, "count", KEEPER)
    with world.writing() as connection:
        erasing.erase(world.engine, connection, quick, ["note"], actor_id=8, reason="item_2")
    world.act(long, "offer_handover", unit="/town/east/", receiver=MA.id)
    world.act(long, "accept_handover", MA)
    world.act(long, "renew", KEEPER)
    world.act(mended, "send_to_binder", LI, paper="修补单3号")
    world.at(date(2026, 3, 20))
    world.act(mended, "back_from_binder", LI)
    world.act(long, "offer_handover", MA, unit="/town/east/", receiver=LI.id)

    world.at(date(2026, 5, 20))
    world.fire()


class Undone(Exception):  # noqa: N818 - no error: it takes a tampering back
    """Carries what was done, and what the verifier said, out of a transaction that is rolled back."""

    def __init__(self, done: Tampering, found: list[Trouble]) -> None:
        super().__init__(done)
        self.done, self.found = done, found


def tried(world: World, rng: Random) -> Undone:
    """Tamper once in some way and return what came of it; the database is as before."""
    while True:
        kind = rng.choice((*tampering.KINDS, *shared_tampering.KINDS))
        try:
            with world.writing() as connection:
                done = kind(connection, rng)
                if done is not None:
                    found = [one for _id, one in replay.verify_all(connection, library(), unseal) if one]
                    found += shared_check.troubles(connection, library())
                    raise Undone(done, found)
        except Undone as undone:
            return undone
        except IntegrityError:
            continue  # the database itself refuses this one, even of its owner


def test_every_tampering_is_found_where_it_was_done(world: World) -> None:
    varied(world)
    assert world.troubles() == []
    with world.reading() as connection:
        assert list(shared_check.troubles(connection, library())) == []
    for table in tampering.BESIDE:
        if table.name not in ("wf_work", "wf_co_handler"):  # this procedure has neither
            assert world.count(table.name), table.name
    with world.writing() as connection:
        triggers.drop_triggers(connection)
    rng, unnoticed, misplaced, kinds = Random(SEED), [], [], set()
    for _ in range(TIMES):
        undone = tried(world, rng)
        kinds.add(undone.done.words.split(" of ")[0])
        if not undone.found:
            unnoticed.append(undone.done)
        elif undone.done.seq and not _right(undone.done, undone.found):
            misplaced.append((undone.done, undone.found))
    assert unnoticed == []
    assert misplaced == []
    assert len(kinds) > 25
    assert world.troubles() == []


def _right(done: Tampering, found: list[Any]) -> bool:
    """Tell whether the first trouble of the touched instance is at the touched event."""
    return any((one.instance_id, one.seq) == (done.instance_id, done.seq) for one in found)


def rewritten(connection: Connection, of: int, at: int, **values: Any) -> None:
    """Change an event, or with `at` 0 all of them, and give the whole chain right hashes again."""
    head = event_log.GENESIS
    for row in connection.execute(select(event).where(event.c.instance_id == of).order_by(event.c.seq)):
        said = {**row._mapping, **(values if at in (0, row.seq) else {}), "prev_hash": head}
        head = said["hash"] = event_log.event_hash(said)
        where = event.c.instance_id == of, event.c.seq == row.seq
        connection.execute(update(event).where(*where).values(**said))
    connection.execute(update(instance).where(instance.c.id == of).values(head_hash=head))


@pytest.mark.parametrize(
    ("at", "values", "named"),
    [
        (2, {"changes": "{"}, 2),
        (2, {"changes": "[]"}, 2),
        (2, {"changes": '{"opened":[{"clock":"loan"}]}'}, 2),
        (2, {"changes": '{"owner":{}}'}, 2),
        (0, {"version": 99}, 1),
        (2, {"payload": '["digest"]'}, 0),
    ],
)
def test_what_cannot_be_read_is_named_and_stops_no_check(
    world: World, at: int, values: dict[str, Any], named: int
) -> None:
    """Whoever owns the database may give right hashes to nonsense; the matters after it are checked too."""
    broken, whole = world.start(1), world.start(2)
    world.lend(broken)
    with world.writing() as connection:
        triggers.drop_triggers(connection)
        rewritten(connection, broken, at, **values)
        found = dict(replay.verify_all(connection, library(), unseal))
    assert found[whole] is None
    trouble = found[broken]
    assert trouble is not None
    assert trouble.seq == named


def test_a_row_that_cannot_be_read_is_named(world: World) -> None:
    broken, whole = world.start(1), world.start(2)
    with world.writing() as connection:
        triggers.drop_triggers(connection)
        connection.execute(update(instance).where(instance.c.id == broken).values(vars="{"))
        found = dict(replay.verify_all(connection, library(), unseal))
    assert found == {broken: Trouble(broken, 0, "its rows cannot be read (JSONDecodeError)"), whole: None}
