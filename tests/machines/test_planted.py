"""The machine must bite: each fault that is planted in the application is found within a build's runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, false, true

from complaints import app as application
from complaints.dossier import progress
from complaints.dossier.engine import build_engine
from complaints.organisation import people
from complaints.organisation.roles import ROLES
from complaints.payouts import actions as payouts
from complaints.payouts import ledger
from tests.machines.running import RUNS, SEED, STEPS, run_machine
from tests.machines.town import Town
from workflows import compiled, steps
from workflows.guards import Guard
from workflows.runtime import engine, event_log, outbox, submissions, writing
from workflows.runtime.requests import Act, Outcome

pytestmark = pytest.mark.slow

Patch = pytest.MonkeyPatch
Changes = dict[str, Any]


def _without_guard(name: str) -> Callable[[Town, Patch], None]:
    """A guard that lets everything pass."""

    def plant(town: Town, patch: Patch) -> None:
        planted = [
            Guard(name, lambda _facts: None) if one.name == name else one for one in application.GUARDS
        ]
        patch.setattr(town, "engine", build_engine(planted, ROLES, town.clock))

    return plant


def _changing(change: Callable[[str, Changes], None]) -> Callable[[Town, Patch], None]:
    """A step that plans something else than the procedure says."""

    def plant(_town: Town, patch: Patch) -> None:
        whole = steps.plan_step

        def planned(procedure: Any, action: Any, *more: Any) -> Changes:
            changes = whole(procedure, action, *more)
            change(action.name, changes)
            return changes

        patch.setattr(engine, "plan_step", planned)

    return plant


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
    patch.setattr(writing, "_END_ASSIGNMENT", writing._END_ASSIGNMENT.where(false()))


def _key_ignored(_town: Town, patch: Patch) -> None:
    patch.setattr(submissions, "claim", lambda *_given: None)
    patch.setattr(submissions, "earlier", lambda *_given: None)


def _state_without_event(_town: Town, patch: Patch) -> None:
    """A row that moves although nothing was written into the log."""
    patch.setattr(event_log, "append", lambda _connection, values: values["prev_hash"])


def _anybody_may(_town: Town, patch: Patch) -> None:
    patch.setattr(compiled._Step, "_against_person", lambda *_given: None)


def _any_unit(_town: Town, patch: Patch) -> None:
    """A role held anywhere counts everywhere."""
    patch.setattr(people, "_reaches", lambda *_given: True)


def _everything_is_seen(_town: Town, patch: Patch) -> None:
    patch.setattr(progress, "visible_to", lambda _actor: true())


def _a_day_late(_town: Town, patch: Patch) -> None:
    """A limit that ends a day after its last one."""
    whole = steps.TimeRules.due

    def due(self: steps.TimeRules, *given: Any) -> Any:
        found = whole(self, *given)
        return found._replace(legal_due=found.legal_due + timedelta(days=1))

    patch.setattr(steps.TimeRules, "due", due)


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


FAULTS: dict[str, Callable[[Town, Patch], None]] = {
    "consent is not asked for": _without_guard("both_consent"),
    "whoever asked may approve": _without_guard("not_the_asker"),
    "anybody may act on another's matter": _without_guard("is_owner"),
    "the role is not checked": _anybody_may,
    "the unit is not checked": _any_unit,
    "everybody sees everything": _everything_is_seen,
    "the wrong limit goes on": _changing(_wrong_clock),
    "a limit ends a day late": _a_day_late,
    "a pause is not ended": _changing(_pause_goes_on),
    "an event without a new version": _changing(_no_bump),
    "an offer stays after it was answered": _changing(_offer_stays),
    "what was told is forgotten": _changing(_lost_variable),
    "the old owner stays": _owner_not_closed,
    "the key is ignored": _key_ignored,
    "a state without its event": _state_without_event,
    "a message goes out twice": _sent_twice,
    "a stale page is taken": _stale_is_fine,
    "a payment posts another sum": _posted_wrongly,
    "the fund is not asked": _fund_not_asked,
}
"""What is planted, in words, and how."""


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_faults(fault: str, sqlite_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[fault](sqlite_town, monkeypatch)
    found = _difference(sqlite_town)
    assert found, f"not found in {RUNS} runs of {STEPS} steps"


def _difference(town: Town) -> str:
    """Return what the machine stumbles over, or nothing."""
    try:
        run_machine(town, RUNS, STEPS, SEED, shrink=False)
    except Exception as difference:  # whatever it is: a difference, or a step that broke
        return f"{type(difference).__name__}: {difference}"
    return ""
