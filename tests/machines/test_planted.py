"""The machine must bite: each fault that is planted in the application is found within a build's runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, true

from complaints.dossier import attachments, progress, relation_checks, relations
from complaints.organisation import people
from complaints.payouts import actions as payouts
from complaints.payouts import ledger
from tests.machines.planting import (
    Changes,
    Patch,
    Plant,
    changing,
    engine_of_its_own,
    saying,
    without_guard,
)
from tests.machines.running import RUNS, SEED, STEPS, run_machine
from tests.machines.town import Town
from workflows import counting, judging
from workflows.definition import Reach, RoleScope
from workflows.runtime import engine, event_log, outbox, submissions, writing
from workflows.runtime.requests import Act, Outcome

pytestmark = pytest.mark.slow


def _wrong_clock(action: str, changes: Changes) -> None:
    if action == "withdraw":
        changes["cancelled"] = [one for one in changes.get("cancelled", ()) if one != "accept_decision"]


def _pause_goes_on(_action: str, changes: Changes) -> None:
    changes.pop("resumed", None)


def _no_bump(action: str, changes: Changes) -> None:
    if action == "record_consent":
        changes.pop("bump")


def _offer_stays(_action: str, changes: Changes) -> None:
    if changes.get("handover", "") is None:
        del changes["handover"]


def _lost_variable(action: str, changes: Changes) -> None:
    if action == "tell_decision":
        changes["vars"].pop("decision_told")


def _owner_not_closed(_town: Town, patch: Patch) -> None:
    """The assignment of the old owner is left open."""
    patch.setattr(writing._END_ASSIGNMENT, "execute", lambda *_given: 0)


def _key_ignored(_town: Town, patch: Patch) -> None:
    patch.setattr(submissions, "claim", lambda *_given: None)
    patch.setattr(submissions, "earlier", lambda *_given: None)


def _state_without_event(_town: Town, patch: Patch) -> None:
    """A row that moves although nothing was written into the log."""
    patch.setattr(event_log, "append", lambda _connection, values: values["prev_hash"])


def _anybody_may(_town: Town, patch: Patch) -> None:
    patch.setattr(judging.Step, "_against_person", lambda *_given: None)


def _any_unit(_town: Town, patch: Patch) -> None:
    """A role held anywhere counts everywhere."""
    patch.setattr(people, "_reaches", lambda *_given: True)


def _everything_is_seen(_town: Town, patch: Patch) -> None:
    patch.setattr(progress, "visible_to", lambda _actor: true())


def _a_day_late(_town: Town, patch: Patch) -> None:
    """A limit that ends a day after its last one."""
    whole = counting.TimeRules.due

    def due(self: counting.TimeRules, *given: Any) -> Any:
        found = whole(self, *given)
        return found._replace(legal_due=found.legal_due + timedelta(days=1))

    patch.setattr(counting.TimeRules, "due", due)


def _sent_twice(_town: Town, patch: Patch) -> None:
    whole = outbox.put

    def put(connection: Connection, instance_id: int, seq: int, *more: Any) -> None:
        whole(connection, instance_id, seq, *more)
        whole(connection, instance_id, seq + 1_000, *more)

    patch.setattr(outbox, "put", put)


def _stale_is_fine(_town: Town, patch: Patch) -> None:
    whole = engine.Engine.act

    def act(self: engine.Engine, connection: Connection, wanted: Act, actor: Any) -> Outcome:
        return whole(self, connection, replace(wanted, expected_version=None), actor)

    patch.setattr(engine.Engine, "act", act)


def _posted_wrongly(_town: Town, patch: Patch) -> None:
    """A payment that posts one fen less than was approved."""
    whole = ledger.post

    def post(session: Any, kind: Any, fen: int, cause: Any) -> None:
        whole(session, kind, fen - (kind == "paid"), cause)

    patch.setattr("complaints.payouts.actions.post", post)


def _fund_not_asked(_town: Town, patch: Patch) -> None:
    """An approval that does not ask whether the fund covers it."""
    effects = dict(payouts.EFFECTS)

    def approve(_work: Any, payout: Any, payload: Any, _done: Any) -> None:
        payout.approved_fen = payload["approved_fen"]

    patch.setattr(payouts, "EFFECTS", effects | {"approve": approve})


def _merged_clocks_run(action: str, changes: Changes) -> None:
    if action == "merge":
        changes.pop("cancelled", None)


def _limits_are_forgotten(action: str, changes: Changes) -> None:
    if action == "unmerge":
        changes.pop("opened", None)


def _anybody_is_one(_town: Town, patch: Patch) -> None:
    """Complainants who differ are merged all the same."""
    patch.setattr(relation_checks, "_other_people", lambda *_given: None)


def _told_in_one_file(_town: Town, patch: Patch) -> None:
    patch.setattr(relations, "_write_there", lambda *_given, **_counted: None)


def _link_stays(_town: Town, patch: Patch) -> None:
    """A link, or a merging, that both logs say was taken back stays in the table."""
    patch.setattr(relations, "_end", lambda *_given: None)


def _same_file_again(_town: Town, patch: Patch) -> None:
    patch.setattr(attachments, "_check_room", lambda *_given: None)


_BY_HANDLERS = RoleScope("handler", Reach.SELF)
_BY_INTAKE_TOO = (_BY_HANDLERS, RoleScope("head", Reach.SELF), RoleScope("intake", Reach.UP))

FAULTS: Mapping[str, Plant] = {
    "consent is not asked for": without_guard("both_consent"),
    "whoever asked may approve": without_guard("not_the_asker"),
    "anybody may act on another's matter": without_guard("is_owner"),
    "the role is not checked": _anybody_may,
    "the unit is not checked": _any_unit,
    "everybody sees everything": _everything_is_seen,
    "the wrong limit goes on": changing(_wrong_clock),
    "a limit ends a day late": _a_day_late,
    "a pause is not ended": changing(_pause_goes_on),
    "an event without a new version": changing(_no_bump),
    "an offer stays after it was answered": changing(_offer_stays),
    "what was told is forgotten": changing(_lost_variable),
    "the old owner stays": _owner_not_closed,
    "the key is ignored": _key_ignored,
    "a state without its event": _state_without_event,
    "a message goes out twice": _sent_twice,
    "a stale page is taken": _stale_is_fine,
    "a payment posts another sum": _posted_wrongly,
    "the fund is not asked": _fund_not_asked,
    "a procedure names a role too many": saying("complaint", "accept", roles=_BY_INTAKE_TOO),
    "a procedure forgets a role": saying("complaint", "withdraw", roles=(_BY_HANDLERS,)),
    "a procedure leads to a wrong state": saying("complaint", "record_consent", target="mediating"),
    "a procedure begins from a state too many": saying(
        "complaint",
        "record_consent",
        sources=("accepted", "mediating"),
    ),
    "the limits of a merged complaint go on": changing(_merged_clocks_run),
    "an undone merging forgets the limits": changing(_limits_are_forgotten),
    "two complainants become one": _anybody_is_one,
    "only one of two files tells it": _told_in_one_file,
    "what was taken back still joins two": _link_stays,
    "the same file is attached twice": _same_file_again,
}
"""What is planted, in words, and how."""
SEEDS: Mapping[str, int] = {
    "whoever asked may approve": 20261240,
    "the same file is attached twice": 20271160,
    "two complainants become one": 20261176,
}
"""Where a walk meets what few do: they need a rare person or form, found by walking longer from `SEED`."""


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults(fault: str, sqlite_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(fault, sqlite_town, monkeypatch)
    found = _difference(sqlite_town, SEEDS.get(fault, SEED))
    assert found, f"not found in {RUNS} runs of {STEPS} steps"


def test_nothing_is_left_of_a_planted_fault(sqlite_town: Town) -> None:
    with pytest.MonkeyPatch.context() as patch:
        _plant("the role is not checked", sqlite_town, patch)
        assert _difference(sqlite_town, SEED)
    run_machine(sqlite_town, 5, STEPS, SEED)


def _plant(fault: str, town: Town, patch: pytest.MonkeyPatch) -> None:
    engine_of_its_own(town, patch)
    FAULTS[fault](town, patch)


def _difference(town: Town, from_seed: int) -> str:
    """Return what the machine stumbles over, or nothing."""
    try:
        run_machine(town, RUNS, STEPS, from_seed, shrink=False)
    except Exception as difference:  # whatever it is: a difference, or a step that broke
        return f"{type(difference).__name__}: {difference}"
    return ""
