"""What the first event of an instance says: its state, its owner, its first clocks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from workflows.counting import TimeRules, begins, open_clock
from workflows.definition import Procedure
from workflows.steps import Assignee


def plan_start(
    procedure: Procedure,
    owner: Assignee,
    first_responder_id: int,
    actor_id: int,
    received_on: date,
    known: Mapping[str, Any],
    today: date,
    time: TimeRules,
) -> dict[str, Any]:
    """Return the changes by which an instance begins on a day (Asia/Shanghai); see `workflows.steps`."""
    told = {**known, "received_on": received_on.isoformat()}
    initial = procedure.initial
    return {
        "state": initial.name,
        "bump": 1,
        "vars": {**told, "by": {"start": actor_id}},
        "first_responder": first_responder_id,
        "owner": {"person": owner.person_id, "unit": owner.unit_path, "why": "start"},
        "opened": [
            open_clock(procedure, name, today, told, time)
            for name in initial.clocks
            if begins(procedure, name, today, told, time)
        ],
    }
