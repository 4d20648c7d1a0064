"""What one step changes, worked out before anything is written.

`plan_step` takes the instance as it is, the action and the facts, and returns the changes as canonical
values. It decides nothing about whether the step is allowed: that was `workflows.compiled`. The keys of the
changes:

- `state`, `bump` (1 where open forms become stale), `vars`
- `owner`: {person, unit, why}; `first_responder`; `handover`: {to, unit} or None
- `opened`, `met`, `cancelled`, `moved`, `paused`, `resumed`: what happens to clocks
- `tasks`: what a person must look at
- `reported`: 1 where the parent is told to which state the step came
- `work_asked`, `work_ended`, `co_handlers_named`, `co_handlers_removed`: see `workflows.beside`

A move to another version (`workflows.versioning.migration`) adds `version`, `plan` and `kept`: the clocks
that run on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from workflows.beside import plan_beside
from workflows.counting import TimeRules, begins, may_pause, moved, open_clock, run_again
from workflows.definition import UNDO, Action, Assign, Handover, Procedure, State, StateKind
from workflows.guards import Facts, day_of
from workflows.projection import Projection


@dataclass(frozen=True, slots=True)
class Assignee:
    """A person and the unit for which that person holds the matter."""

    person_id: int
    unit_path: str


def plan_step(
    procedure: Procedure,
    action: Action,
    before: Projection,
    facts: Facts,
    time: TimeRules,
    assignee: Assignee | None = None,
) -> dict[str, Any]:
    """Return the changes that the action makes to the instance on the day of the facts (Asia/Shanghai)."""
    changes: dict[str, Any] = {"vars": _vars(procedure, action, before, facts)}
    target = procedure.target_of(action, before.state, before.vars)
    if target != before.state:
        changes["state"] = target
    _assign(changes, action, before, facts, assignee)
    if before.handover_to is not None and not procedure.is_open(target):
        # an offer that nobody answered ends with the matter; its receiver has no more to do with it
        changes["handover"] = None
    plan_beside(changes, procedure, action, before, facts)
    known = {**before.vars, **changes["vars"]}
    _clocks(changes, procedure, action, before, facts, time, known)
    if not is_quiet(action):
        changes["bump"] = 1
    return {key: value for key, value in changes.items() if value or key == "handover"}


def is_quiet(action: Action) -> bool:
    """Tell whether the action only adds a word to the file, so that open forms stay valid.

    Work beside the states and what a child reports go on while others act, and make no form stale.
    """
    if action.work is not None or action.hears:
        return action.target is None
    known = (action.sets, action.counts, action.lists)
    effects = (*known, action.meets, action.cancels, action.opens, action.extends, action.recounts)
    kept = any(one.keep for one in action.fields)
    return action.target is None and not (
        action.reverses
        or any(effects)
        or kept
        or action.assign
        or action.handover
        or action.co_handler
        or action.child
    )


def _vars(procedure: Procedure, action: Action, before: Projection, facts: Facts) -> dict[str, Any]:
    words = {"$today": facts.today.isoformat(), "$actor": facts.actor.id, "$state": before.state}
    found: dict[str, Any] = {name: words.get(str(value), value) for name, value in action.sets.items()}
    # What is private stays beside the log: a variable stands in the log and on the row.
    kept = [one.name for one in action.fields if one.keep and not one.private]
    found |= {name: facts.payload[name] for name in kept if name in facts.payload}
    found |= {name: before.vars.get(name, 0) + 1 for name in action.counts}
    for name, one in action.lists.items():
        person = facts.did(one.did)
        if person is not None and (not one.when or facts.payload.get(one.when) is True):
            found[name] = sorted({*before.vars.get(name, ()), person})
    if procedure.can_be_undone(action):
        done = {
            "state": before.state,
            "seq": before.seq + 1,
            "by": facts.actor.id,
            "version": before.row_version + 1,
        }
        found[UNDO] = {**before.vars.get(UNDO, {}), action.name: done}
    elif action.reverses:
        found[UNDO] = {**before.vars.get(UNDO, {}), **dict.fromkeys(action.reverses)}
    if facts.actor.id and not is_quiet(action):
        found["by"] = {**before.vars.get("by", {}), action.name: facts.actor.id}
    return found


def _assign(
    changes: dict[str, Any], action: Action, before: Projection, facts: Facts, assignee: Assignee | None
) -> None:
    """Work out the new owner, who follows on the old one without a gap, and the offer that waits."""
    new: Assignee | None = None
    if action.assign is Assign.ACTOR:
        new = assignee or Assignee(facts.actor.id, before.unit_path)
    elif action.assign is Assign.RECEIVER:
        new = Assignee(facts.payload["receiver"], facts.payload["unit"])
    elif action.assign is Assign.FIRST_RESPONDER:
        new = Assignee(before.first_responder_id, assignee.unit_path if assignee else before.unit_path)
    elif action.assign is Assign.INTAKE_DESK:
        if assignee is None:
            raise ValueError(f"action {action.name!r} needs the duty officer of the intake desk")
        new = assignee
    elif action.handover is Handover.ACCEPT:
        new = Assignee(before.handover_to or facts.actor.id, before.handover_unit or before.unit_path)
    if new is not None and (new.person_id, new.unit_path) != (before.owner_id, before.unit_path):
        changes["owner"] = {"person": new.person_id, "unit": new.unit_path, "why": action.name}
    if action.handover is Handover.ASK:
        changes["handover"] = {"to": facts.payload["receiver"], "unit": facts.payload["unit"]}
    elif before.handover_to is not None and (action.handover is not None or "owner" in changes):
        changes["handover"] = None


def _clocks(
    changes: dict[str, Any],
    procedure: Procedure,
    action: Action,
    before: Projection,
    facts: Facts,
    time: TimeRules,
    known: Mapping[str, Any],
) -> None:
    """Work out which clocks end, go on, move, stand still and begin."""
    target = procedure.states[procedure.target_of(action, before.state, before.vars)]
    moves = target.name != before.state
    running = {row.clock: row for row in before.clocks if row.open}
    met = [name for name in action.meets if name in running]
    over = set(met) | {name for name in action.cancels if name in running}
    if target.kind is StateKind.FINAL:
        over |= set(running)
    goes_on_from = _day(action.resumes_on, facts)
    on = str(facts.payload.get("told_on") or goes_on_from.isoformat())
    changes["met"] = [{"clock": name, "on": on} for name in met]
    changes["cancelled"] = sorted(over - set(met))
    goes_on = [
        name
        for name, row in running.items()
        if moves and row.paused and (name in over or name not in target.pauses)
    ]
    stood_to, paper = goes_on_from - timedelta(days=1), _paper(facts)
    changes["resumed"] = [
        {"clock": name, "to": stood_to.isoformat()} | ({"paper": paper} if paper else {}) for name in goes_on
    ]
    changes["moved"] = [
        moved(running[name], action, stood_to if name in goes_on else None, facts, time)
        for name in dict.fromkeys((*goes_on, *action.extends, *action.recounts))
        # also of a clock that ends with this step: by its dates one sees later whether it was met in time
        if name in running and (name in goes_on or name not in over)
    ]
    stands = [name for name in target.pauses if moves and name in running and name not in over]
    changes["paused"] = [
        _pause(name, action, target, facts)
        for name in stands
        # the state says where a clock may stand still, the rule set of its own run whether it does
        if not running[name].paused and may_pause(running[name], time.rules)
    ]
    if action.reverses:
        changes["opened"] = run_again(procedure, action, before, time)
        return
    wanted = (*action.opens, *(target.clocks if moves else ()))
    fresh = [name for name in dict.fromkeys(wanted) if name not in running or name in over]
    changes["opened"] = [
        open_clock(procedure, name, facts.today, known, time)
        for name in fresh
        if begins(procedure, name, facts.today, known, time)
    ]


def _pause(name: str, action: Action, target: State, facts: Facts) -> dict[str, Any]:
    """Return the entry of the ledger of pauses: from when, by which paper, who approved it, why, and what
    limits it.

    Who approved it is named in the payload where the action asks for it; else it is the person who acts. The
    first day is the one that `pauses_from` names, so that a paper entered late counts by its own day.
    """
    return {
        "clock": name,
        "since": _day(action.pauses_from, facts).isoformat(),
        "paper": _paper(facts),
        "by": facts.payload.get("approved_by") or facts.actor.id,
        "reason": action.name,
        "limited_by": next((one for one in target.clocks if one not in target.pauses), ""),
    }


def _day(field: str, facts: Facts) -> date:
    """Return the day typed into the field, or the day of the step where the action names no field."""
    return day_of(facts.payload.get(field)) or facts.today


def _paper(facts: Facts) -> str:
    """Return the number of the paper by which a clock stands still, or goes on, as long as its column."""
    return str(facts.payload.get("paper", ""))[:200]
