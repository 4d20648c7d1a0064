"""How a matter moves: the one place where the rooms meet the engine.

A room's action says what was done; here it becomes an act with the form's key and version, the right person
chosen where the procedure asks for one, and the engine's refusals become sentences for people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.engine import RowMapping

from complaints.dossier.models import Matter
from complaints.dossier.refusals import Denied
from complaints.dossier.visibility import JOIN, visible_to
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict, NotFound
from complaints.organisation.models import Duty
from complaints.organisation.people import on_duty
from complaints.organisation.units import intake_desk_for
from workflows.compiled import Refused, Verdict
from workflows.definition import Assign, Procedure
from workflows.governing import Governing
from workflows.rows import ClockRow
from workflows.runtime import reading
from workflows.runtime.requests import Act, Outcome
from workflows.runtime.tables import instance
from workflows.steps import Assignee


@dataclass(frozen=True, slots=True)
class Standing:
    """A matter with the row of its instance: where it stands, who owns it, which version its forms are made
    from.
    """

    matter: Matter
    row: RowMapping

    @property
    def instance_id(self) -> int:
        """Id of the engine's instance."""
        return int(self.row["id"])

    @property
    def state(self) -> str:
        """Name of the present state."""
        return str(self.row["state"])

    @property
    def form_version(self) -> str:
        """What a form carries of the matter it shows: the version, and the last event."""
        return f"{self.row['row_version']}-{self.row['seq']}"


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a form carries besides its fields: the idempotency key, and the version of the matter it was made
    from.
    """

    key: str = ""
    version: int | None = None


def standing(work: Work, number: str) -> Standing:
    """Return the matter of that number with its standing. Raises NotFound also for what this person may not
    see.
    """
    found = (
        work.session.execute(
            select(Matter, instance)
            .join(instance, JOIN)
            .where(Matter.number == number, visible_to(work.actor))
        )
        .mappings()
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such page, or it is not yours to see."))
    return Standing(found["Matter"], found)


def procedure_of(work: Work, here: Standing) -> Procedure:
    """Return the version of the procedure by which the matter runs."""
    return work.engine.library.get(here.row["procedure"], here.row["version"]).procedure


def remembered_by(work: Work, here: Standing) -> Procedure:
    """Return the matter's version with the names that only other versions know, for what it tells of before
    it was moved to this one.
    """
    return work.engine.library.remembered(here.row["procedure"], here.row["version"])


def governing(work: Work, here: Standing, clocks: Sequence[ClockRow] | None = None) -> Governing:
    """Return the rule sets that govern what the matter's procedure names; `clocks` where they were read."""
    if clocks is None:
        clocks = reading.clocks_of(work.connection, here.instance_id)
    known: Mapping[str, Any] = json.loads(here.row["vars"])
    return Governing(work.time_rules.rules, procedure_of(work, here), clocks, known, work.today)


def act(
    work: Work,
    here: Standing,
    action: str,
    payload: Mapping[str, Any] | None = None,
    submitted: Submitted | None = None,
    child_id: int | None = None,
    recorded: Mapping[str, Any] | None = None,
) -> Outcome:
    """Do one action of the procedure. `recorded` is what the event keeps instead of what was typed.

    Raises the engine's Refused, StaleVersion and KeyReused, which the web floor explains.
    """
    submitted = submitted or Submitted()
    wanted = procedure_of(work, here).actions.get(action)
    request = Act(
        instance_id=here.instance_id,
        action=action,
        payload=_said(payload or {}),
        recorded=None if recorded is None else _said(recorded),
        key=submitted.key,
        expected_version=submitted.version,
        assignee=_assignee(work, here, wanted.assign if wanted else None),
        child_id=child_id,
    )
    try:
        return work.engine.act(work.connection, request, work.actor)
    except Refused as refused:
        raise Denied(refused, here.instance_id, work.actor.id) from refused


def _said(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if value is not None and value != ""}


def _assignee(work: Work, here: Standing, assign: Assign | None) -> Assignee | None:
    """Choose the person and the unit where the procedure leaves that to the application.

    Whoever takes a matter back takes it to the intake desk that serves the unit it lay with.
    """
    if assign is Assign.INTAKE_DESK:
        return intake_duty(work, here.row["unit_path"])
    if assign is Assign.ACTOR:
        desk = intake_desk_for(work.session, here.row["unit_path"], work.today)
        return Assignee(work.actor.id, desk.path if desk else here.row["unit_path"])
    return None


def explain(work: Work, here: Standing) -> dict[str, Verdict]:
    """Return what this person may do with the matter now, and for everything else why not."""
    return work.engine.explain(work.connection, here.instance_id, work.actor)


def intake_duty(work: Work, unit_path: str) -> Assignee:
    """Return the duty officer of the intake desk that serves a unit, with the desk's path."""
    desk = intake_desk_for(work.session, unit_path, work.today)
    officer = on_duty(work.session, desk.id, Duty.OFFICER, work.today) if desk else None
    if desk is None or officer is None:
        raise Conflict(
            _(
                "The intake desk has no duty officer today. "
                "Ask the administrator to fill the roster, then try again."
            )
        )
    return Assignee(officer.id, desk.path)
