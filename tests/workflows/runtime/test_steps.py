"""One step is one transaction: what it writes, what it refuses, and how often it asks the database."""

from __future__ import annotations

from datetime import date

import pytest

from tests.workflows.runtime.world import EAST, KEEPER, LI, MA, READER, SYSTEM, WEST, WU, World
from workflows.compiled import Refused
from workflows.runtime.requests import Act, Outcome, StaleVersion, UnknownInstance


def codes(refusal: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {why.code for why in refusal.value.reasons}


def test_a_matter_begins_with_event_owner_clock_and_timers(world: World) -> None:
    loan = world.start()
    row, standing = world.row(loan), world.standing(loan)
    assert (row["state"], row["seq"], row["row_version"], row["ended"]) == ("asked", 1, 1, False)
    assert (row["owner_id"], row["first_responder_id"], row["unit_path"]) == (7, 7, EAST)
    assert (row["next_clock"], row["next_alert_due"]) == ("answer", date(2026, 3, 11))
    assert [(one.person_id, one.from_seq, one.to_seq) for one in standing.assignments] == [(7, 1, None)]
    assert [one[:3] for one in world.armed(loan)] == [
        ("answer", "warn", -1),
        ("answer", "due", 0),
        ("answer", "escalate", 0),
    ]
    assert world.trouble(loan) is None


def test_a_letter_that_lay_about_counts_from_its_receipt(world: World) -> None:
    loan = world.start(received_on=date(2026, 2, 27))
    assert world.row(loan)["next_alert_due"] == date(2026, 3, 9)  # Saturday, 28 February, is made up


def test_a_step_moves_state_clocks_and_messages_together(world: World) -> None:
    loan = world.start()
    assert world.lend(loan) == Outcome(loan, 2, "asked", "lent")
    row = world.row(loan)
    assert (row["state"], row["seq"], row["row_version"], row["next_clock"]) == ("lent", 2, 2, "answer")
    assert [one["message"] for one in world.rows("SELECT * FROM wf_outbox")] == ["notice.lent"]
    world.act(loan, "tell", told_on="2026-03-02", proof="在柜台告知")
    standing = world.standing(loan)
    assert standing.latest("answer") is not None
    assert standing.next_due is not None
    assert (standing.next_due.clock, standing.next_due.legal_due) == ("due", date(2026, 4, 1))
    assert standing.vars["by"] == {"start": 7, "lend": 7, "tell": 7}
    assert standing.vars["lent_by"] == 7
    assert world.trouble(loan) is None


def test_a_date_object_and_its_text_are_one_payload(world: World) -> None:
    one, two = world.start(1), world.start(2)
    world.act(one, "lend", lent_on=date(2026, 3, 2), deposit=0, note=None)
    world.act(two, "lend", lent_on="2026-03-02", deposit=0)
    assert [row["payload"] for row in world.rows("SELECT payload FROM wf_event WHERE action = 'lend'")] == [
        '{"deposit":0,"lent_on":"2026-03-02"}'
    ] * 2


def test_what_cannot_be_done_says_why_and_writes_nothing(world: World) -> None:
    loan = world.start()
    for action, payload, expected in (
        ("fly", {}, {"unknown_action"}),
        ("give_back", {}, {"wrong_state"}),
        ("lend", {}, {"field_missing"}),
        ("lend", {"lent_on": 3.5, "deposit": {"a": object()}}, {"field_wrong"}),
        ("lend", {"lent_on": "2026-03-03", "deposit": 1, "note": "\ud800"}, {"lent_ahead", "field_wrong"}),
        ("remind", {}, {"system_only", "wrong_state"}),
    ):
        with pytest.raises(Refused) as refusal:
            world.do(Act(loan, action, payload, key=f"k-{action}"))
        assert codes(refusal) == expected, action
    with pytest.raises(Refused) as refusal:
        world.act(loan, "lend", READER)
    assert {"role_missing", "not_owner", "field_missing"} <= codes(refusal)
    with pytest.raises(UnknownInstance):
        world.act(loan + 99, "lend")
    assert world.row(loan)["seq"] == 1
    assert world.count("wf_event") == 1
    assert world.count("wf_submission") == 0
    assert world.count("wf_outbox") == 0


def test_a_refused_form_may_be_sent_again_with_its_key_even_in_the_same_transaction(world: World) -> None:
    loan = world.start()
    with world.writing() as connection:
        with pytest.raises(Refused):
            world.engine.act(connection, Act(loan, "lend", {"deposit": 1}, key="form"), LI)
        payload = {"deposit": 1, "lent_on": "2026-03-02"}
        assert world.engine.act(connection, Act(loan, "lend", payload, key="form"), LI).seq == 2
    assert world.trouble(loan) is None


def test_the_system_fires_automatic_actions_only(world: World) -> None:
    loan = world.start()
    world.lend(loan)
    world.act(loan, "remind", SYSTEM)
    with pytest.raises(Refused) as refusal:
        world.act(loan, "tell", SYSTEM, told_on="2026-03-02", proof="x")
    assert "person_only" in codes(refusal)
    assert world.standing(loan).vars["reminders"] == 1
    assert "remind" not in world.standing(loan).vars["by"]


# -- the version of the page


def test_a_stale_page_learns_what_changed_and_by_whom(world: World) -> None:
    loan = world.start()
    world.lend(loan)
    world.act(loan, "remark", MA, text="读者来过电话")
    world.act(loan, "renew", KEEPER)
    with pytest.raises(StaleVersion) as stale:
        world.do(Act(loan, "tell", {"told_on": "2026-03-02", "proof": "x"}, expected_version=1))
    assert (stale.value.seen, stale.value.now) == (1, 3)
    assert [(one.action, one.actor_id) for one in stale.value.since] == [("lend", 7), ("renew", 8)]
    world.do(Act(loan, "tell", {"told_on": "2026-03-02", "proof": "x"}, expected_version=3))


def test_a_remark_and_a_timer_make_no_open_form_stale(world: World) -> None:
    loan = world.start()
    world.act(loan, "remark", text="字迹不清")
    world.at(date(2026, 3, 10))
    assert world.fire() == 1
    assert world.row(loan)["row_version"] == 1
    world.do(Act(loan, "lend", {"lent_on": "2026-03-02", "deposit": 1}, expected_version=1))


# -- words and denials


def test_private_words_stand_beside_the_log_and_never_in_it(world: World) -> None:
    loan = world.start()
    world.lend(loan, note="张三 13800138000")
    world.act(loan, "remark", text="张三不满意")
    for table in ("wf_event", "wf_instance", "wf_submission", "wf_outbox", "wf_private_text"):
        for row in world.rows(f"SELECT * FROM {table}"):  # noqa: S608
            assert "张三" not in str(dict(row))
            assert "13800138000" not in str(dict(row))
    with world.reading() as connection:
        texts = world.engine.private_texts(connection, loan)
    assert texts == {(2, "note"): "张三 13800138000", (3, "text"): "张三不满意"}


def test_a_denial_says_who_tried_what_and_why_not(world: World) -> None:
    loan = world.start()
    with pytest.raises(Refused) as refusal:
        world.act(loan, "lend", WU)
    with world.writing() as connection:
        world.engine.record_denial(connection, loan, "lend", WU.id, refusal.value.reasons)
        world.engine.record_denial(connection, loan, "x\x00'" * 40, WU.id, refusal.value.reasons)
    first, second = world.rows("SELECT * FROM wf_denial ORDER BY id")
    assert (first["instance_id"], first["action"], first["actor_id"]) == (loan, "lend", 5)
    assert first["at_us"] == world.now_us
    assert '"role_missing"' in first["reasons"]
    assert len(second["action"]) == 64
    assert world.trouble(loan) is None


# -- nothing half done


def act_and_fail(world: World, form: Act) -> None:
    with world.writing() as connection:
        world.engine.act(connection, form, LI)
        raise RuntimeError("the power fails")


def test_a_step_that_is_rolled_back_leaves_no_trace(world: World) -> None:
    loan = world.start()
    before = {table: world.count(table) for table in ("wf_event", "wf_outbox", "wf_timer", "wf_deadline")}
    form = Act(loan, "lend", {"lent_on": "2026-03-02", "deposit": 1, "note": "x"}, key="01FORM")
    with pytest.raises(RuntimeError):
        act_and_fail(world, form)
    assert {table: world.count(table) for table in before} == before
    assert world.count("wf_submission") + world.count("wf_private_text") == 0
    assert world.row(loan)["state"] == "asked"
    world.do(form)
    assert world.trouble(loan) is None


# -- how often a step asks the database


def statements_of(world: World, act: Act, actor: object = LI) -> int:
    with world.writing() as connection:
        world.time_rules(connection)
    world.statements.clear()
    commits = world.commits
    world.do(act, actor)  # type: ignore[arg-type]
    assert world.commits == commits + 1
    return len([one for one in world.statements if not one.startswith("BEGIN")])


def test_a_step_takes_one_commit_and_at_most_ten_statements(world: World) -> None:
    loan = world.start()
    lend = Act(loan, "lend", {"lent_on": "2026-03-02", "deposit": 1, "note": "x"}, "k1", expected_version=1)
    tell = Act(loan, "tell", {"told_on": "2026-03-02", "proof": "x"}, "k2", expected_version=2)
    assert statements_of(world, lend) <= 10
    assert statements_of(world, tell) <= 10
    assert statements_of(world, Act(loan, "remark", {"text": "x"}, "k3")) <= 7
    assert statements_of(world, Act(loan, "renew", key="k4"), KEEPER) <= 10
    assert statements_of(world, Act(loan, "send_to_binder", {"paper": "1"}, "k5")) <= 11
    assert statements_of(world, Act(loan, "back_from_binder", key="k6")) <= 11
    assert statements_of(world, Act(loan, "offer_handover", {"unit": WEST, "receiver": 5}, "k7")) <= 7
    assert statements_of(world, Act(loan, "accept_handover", key="k8"), WU) <= 8


def test_history_costs_a_step_nothing(world: World) -> None:
    loan = world.start()
    world.lend(loan)
    few = statements_of(world, Act(loan, "renew", key="a"), KEEPER)
    for number in range(12):
        world.act(loan, "remark", text=f"第{number}次")
    world.statements.clear()
    assert statements_of(world, Act(loan, "renew", key="b"), KEEPER) == few
    assert not [one for one in world.statements if one.lstrip().startswith("SELECT wf_event")]
