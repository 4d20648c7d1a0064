"""What moves a complaint on: one hint a state, so that a list can lead straight to the right form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from complaints.dossier.models import MatterKind
from complaints.dossier.worklists import MatterRow

_BY_STATE: Mapping[str, str] = {
    "appraising": "finish_appraisal",
    "suspended": "decide_challenge",
    "withdrawn": "close",
    "refused": "close",
    "transferred": "close",
    "redo": "finish_redo",
}
_MUST_BE_TOLD = ("accepted", "mediating", "mediated", "terminated", "refused")


def next_action(row: MatterRow) -> str:
    """Return the action that moves a complaint on, or an empty text where none stands out.

    A hint by state and record, in the order of SAMR Order 121: arts 10 and 15 first (identity, the decision,
    telling it), then 18 (consent of both), 20, 23. What may really be done is the engine's to say.
    """
    if row.kind != MatterKind.COMPLAINT.value:
        return ""
    known: dict[str, Any] = json.loads(row.vars)
    if row.state in _MUST_BE_TOLD and not known.get("decision_told"):
        return "tell_decision"
    by_record = _BY_RECORD.get(row.state)
    return by_record(row, known) if by_record else _BY_STATE.get(row.state, "")


def _when_dispatched(_row: MatterRow, known: Mapping[str, Any]) -> str:
    return "accept" if known.get("identity_known") or known.get("identity_proved") else "ask_identity"


def _when_asked(_row: MatterRow, known: Mapping[str, Any]) -> str:
    return "accept" if known.get("identity_proved") else "record_identity"


def _when_accepted(_row: MatterRow, known: Mapping[str, Any]) -> str:
    sides = (known.get("consent_complainant"), known.get("consent_respondent"))
    if False in sides:
        return "terminate"
    return "begin_mediation" if all(sides) else "record_consent"


def _when_mediating(row: MatterRow, known: Mapping[str, Any]) -> str:
    if row.owner_id in known.get("removed", ()):
        return "offer_handover"
    over = row.clock is not None and row.clock.key.startswith("mediation-") and row.clock.shape == "late"
    if over:
        return "terminate"
    return "hold_session" if known.get("sessions") or known.get("session_on") else "arrange_session"


def _when_ended(_row: MatterRow, known: Mapping[str, Any]) -> str:
    return "close" if known.get("result_told") else "tell_result"


_BY_RECORD = {
    "dispatched": _when_dispatched,
    "identity_asked": _when_asked,
    "accepted": _when_accepted,
    "mediating": _when_mediating,
    "mediated": _when_ended,
    "terminated": _when_ended,
}
