"""A matter on paper: the real steps and the real fold, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from workflows.compiled import Compiled
from workflows.counting import TimeRules
from workflows.governing import Governing
from workflows.guards import Actor, ChildFact, Facts
from workflows.projection import Projection, apply
from workflows.seen import facts_from
from workflows.starting import plan_start
from workflows.steps import Assignee, plan_step


@dataclass(frozen=True, slots=True)
class Paper:
    """One matter at one instant, and the way that led to it (actions in their order)."""

    compiled: Compiled
    time: TimeRules
    now: Projection
    today: date
    children: tuple[ChildFact, ...] = ()
    way: tuple[str, ...] = ()

    @classmethod
    def begin(
        cls,
        compiled: Compiled,
        time: TimeRules,
        owner: Assignee,
        first_responder: int,
        on: date,
        known: Mapping[str, Any],
    ) -> Paper:
        """Return a matter in its first state, received on that day."""
        procedure = compiled.procedure
        changes = plan_start(procedure, owner, first_responder, first_responder, on, known, on, time)
        return cls(compiled, time, apply(Projection(), changes), on)

    @property
    def state(self) -> str:
        """The present state."""
        return self.now.state

    @property
    def law(self) -> Governing:
        """The rule sets that govern the matter today."""
        return Governing(self.time.rules, self.compiled.procedure, self.now.clocks, self.now.vars, self.today)

    def later(self, days: int) -> Paper:
        """Return the same matter some days later."""
        return replace(self, today=self.today + timedelta(days=days)) if days else self

    def facts(self, actor: Actor, payload: Mapping[str, Any]) -> Facts:
        """Return what guards see today."""
        return facts_from(
            self.compiled.procedure,
            self.now,
            actor,
            self.today,
            payload,
            self.time,
            self.children,
            "10:00",
        )

    def plan(self, action: str, facts: Facts, assignee: Assignee | None) -> dict[str, Any]:
        """Return the changes that the action would make, allowed or not."""
        procedure = self.compiled.procedure
        return plan_step(procedure, procedure.actions[action], self.now, facts, self.time, assignee)

    def do(self, action: str, facts: Facts, assignee: Assignee | None) -> Paper:
        """Fire the action and return the matter afterwards. Raises Refused."""
        self.compiled.fire(action, facts)
        after = apply(self.now, self.plan(action, facts, assignee))
        return replace(self, now=after, way=(*self.way, action))
