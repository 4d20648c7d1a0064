"""The faults that are planted, each with the words of what the machine must find of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

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
    saying,
    without_guard,
)
from tests.machines.town import Town
from workflows import counting, judging
from workflows.definition import Reach, RoleScope
from workflows.runtime import engine, event_log, outbox, submissions, writing
from workflows.runtime.requests import Act, Outcome


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


def _refused_for(code: str) -> str:
    """What is found where the model names a reason that the application does not."""
    return rf"not Verdict\(answer='refused', codes=frozenset\(\{{[^}}]*'{code}'"


def _answered(found: str, wanted: str) -> str:
    return rf"Verdict\(answer='{found}'[^:]*, not Verdict\(answer='{wanted}'"


def _offered(action: str, there: bool, wanted: bool) -> str:
    """What is found where somebody is offered an action, or not, against the model."""
    return rf"is offered \{{[^}}]*'{action}': {there}[^}}]*\}}, not \{{[^}}]*'{action}': {wanted}"


def _offered_also(action: str) -> str:
    return rf"is offered \{{[^}}]*'{action}'[^}}]*\}}, not \{{(?![^}}]*'{action}')"


_OFFERED = r"is offered \{[^}]*: True[^}]*\}, not \{[^}]*: False"
_ANY_LIMIT = r"a limit stands as .* which the model does not know"


class Fault(NamedTuple):
    """What is planted, and the words of what must be found: anything else is an accident, not a bite."""

    plant: Plant
    words: str
    way: str = ""
    """The pinned way on which it is met, where random walks seldom lead there."""


FAULTS: Mapping[str, Fault] = {
    "consent is not asked for": Fault(without_guard("both_consent"), _refused_for("consent_missing")),
    "whoever asked may approve": Fault(
        without_guard("not_the_asker"), _refused_for("not_the_asker"), "to approve what one asked for"
    ),
    "anybody may act on another's matter": Fault(without_guard("is_owner"), _refused_for("not_owner")),
    "the role is not checked": Fault(_anybody_may, f"{_OFFERED}|{_refused_for('role_missing')}"),
    "the unit is not checked": Fault(_any_unit, f"{_OFFERED}|{_refused_for('role_missing')}"),
    "everybody sees everything": Fault(_everything_is_seen, r"not Verdict\(answer='hidden'"),
    "the wrong limit goes on": Fault(
        changing(_wrong_clock), r"no limit stands as \('accept_decision', .*'cancelled'"
    ),
    "a limit ends a day late": Fault(_a_day_late, _ANY_LIMIT),
    "a pause is not ended": Fault(
        changing(_pause_goes_on), r"a limit stands as \('mediation', .*None\]\]\), which the model"
    ),
    "an event without a new version": Fault(changing(_no_bump), r"version is \d+, not \d+"),
    "an offer stays after it was answered": Fault(changing(_offer_stays), r"offer is \(.*\), not None"),
    "what was told is forgotten": Fault(changing(_lost_variable), "decision_told is known as None, not True"),
    "the old owner stays": Fault(_owner_not_closed, "UNIQUE constraint failed: wf_assignment"),
    "the key is ignored": Fault(_key_ignored, "registered twice"),
    "a state without its event": Fault(_state_without_event, "changes only together with its event"),
    "a message goes out twice": Fault(_sent_twice, r"messages are \['(.*)', '\1'\], not \['\1'\]"),
    "a stale page is taken": Fault(_stale_is_fine, r"not Verdict\(answer='stale'"),
    "a payment posts another sum": Fault(_posted_wrongly, r"the fund holds \d+, not \d+"),
    "the fund is not asked": Fault(_fund_not_asked, _refused_for("fund_too_small")),
    "a procedure names a role too many": Fault(
        saying("complaint", "accept", roles=_BY_INTAKE_TOO),
        f"{_offered('accept', True, False)}|{_refused_for('role_missing')}",
    ),
    "a procedure forgets a role": Fault(
        saying("complaint", "withdraw", roles=(_BY_HANDLERS,)),
        rf"{_offered('withdraw', False, True)}|'role_missing'\}}\)\), not Verdict\(answer='done'",
    ),
    "a procedure leads to a wrong state": Fault(
        saying("complaint", "record_consent", target="mediating"), "state is 'mediating', not 'accepted'"
    ),
    "a procedure begins from a state too many": Fault(
        saying("complaint", "record_consent", sources=("accepted", "mediating")),
        rf"{_offered_also('record_consent')}|{_refused_for('wrong_state')}",
    ),
    "the limits of a merged complaint go on": Fault(
        changing(_merged_clocks_run), r"no limit stands as .*'cancelled'.*no_clock_runs_when_over"
    ),
    "an undone merging forgets the limits": Fault(
        changing(_limits_are_forgotten), r"no limit stands as .*'open'"
    ),
    "two complainants become one": Fault(
        _anybody_is_one, _refused_for("other_complainant"), "to merge two who differ"
    ),
    "only one of two files tells it": Fault(_told_in_one_file, r"seq is (\d+), not \d+.*the log tells"),
    "what was taken back still joins two": Fault(_link_stays, "relations are|carries is known as 1, not 0"),
    "the same file is attached twice": Fault(
        _same_file_again, _answered("done", "conflict"), "to attach one file twice"
    ),
}
"""What is planted, in words, and how."""
