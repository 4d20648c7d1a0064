"""A verified procedure, ready to be asked and fired: the only door to the library `transitions`.

One `Machine` a version, shared by everybody and without models: a step is fired through the machine's
public event table with a throwaway object that holds the state and the facts. (A model attached to a
machine costs a hundred times more, is compared with ==, and never let go.) Each edge has ONE condition, its
Step, and no callback at all: what an action sets, opens, assigns or sends is data, which the durable floor
applies in its own transaction. `why` and `fire` run the same Step, so a page's button and a posted form
cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from transitions import EventData, Machine

from workflows.definition import Procedure
from workflows.guards import Facts, GuardRegistry, Why
from workflows.judging import SYSTEM, Places, Step, Verdict
from workflows.panels import Panel
from workflows.proving.engine_invariants import ENGINE_INVARIANTS
from workflows.proving.invariants import Invariant

__all__ = ["SYSTEM", "Compiled", "Fired", "Refused", "Verdict", "bare_trigger"]


@dataclass(frozen=True, slots=True)
class Fired:
    """What came of an action: the state afterwards, and the grant by which the person acted (None for the
    system).
    """

    state: str
    grant_id: int | None


class Refused(Exception):  # noqa: N818 - a refusal is no error of the program
    """An action may not be done now. `reasons` holds all of them, never none."""

    def __init__(self, action: str, reasons: tuple[Why, ...]) -> None:
        """Keep the action's name and the reasons."""
        super().__init__(f"{action}: " + " ".join(why.text.en for why in reasons))
        self.action = action
        self.reasons = reasons


class _Matter:
    """The throwaway object that is fired through the shared machine."""

    __slots__ = ("facts", "reasons", "state")

    def __init__(self, facts: Facts) -> None:
        self.state = facts.state
        self.facts = facts
        self.reasons: tuple[Why, ...] = ()


class Compiled:
    """One version of one procedure, ready to be asked."""

    def __init__(
        self,
        procedure: Procedure,
        guards: GuardRegistry,
        invariants: tuple[Invariant, ...] = ENGINE_INVARIANTS,
    ) -> None:
        """Build the machine. A guard that is not registered is a KeyError: verify before compiling.

        `invariants` are the promises that every step keeps.
        """
        self.procedure = procedure
        self.invariants = invariants
        self._places = places = Places()
        self._steps: Mapping[str, Step] = MappingProxyType(
            {name: Step(action, procedure, guards, places) for name, action in procedure.actions.items()}
        )
        edges: list[dict[str, Any]] = [
            {
                "trigger": name,
                "source": source,
                "dest": target,
                "conditions": _condition_of(self._steps[name]),
            }
            for name, action in procedure.actions.items()
            for source in action.sources
            for target in procedure.targets(action) or (source,)
        ]
        self._machine = Machine(
            model=None,
            states=list(procedure.states),
            transitions=edges,
            initial=procedure.initial.name,
            auto_transitions=False,
            send_event=True,
        )
        self._panels = {
            state: Panel(
                [self._steps[one.name] for one in procedure.actions_from(state) if not one.automatic], places
            )
            for state in procedure.states
        }

    def why(self, action_name: str, facts: Facts, *, typed: bool) -> tuple[Why, ...]:
        """Return every reason why the action may not be done now; none means it may.

        With `typed` False the payload and the guards on it are left aside: that is what a page asks before
        anything was typed. KeyError where the procedure has no such action.
        """
        return self._steps[action_name].why(facts, typed)

    def fire(self, action_name: str, facts: Facts) -> Fired:
        """Do the action in memory and return the state afterwards. Raises Refused with all reasons.

        Nothing but the returned value changes: writing it down is the durable floor's work.
        """
        step = self._steps[action_name]
        if facts.state not in self.procedure.actions[action_name].sources:
            raise Refused(action_name, step.why(facts, typed=True))
        matter = _Matter(facts)
        if not self._machine.events[action_name].trigger(matter):
            raise Refused(action_name, matter.reasons)
        return Fired(matter.state, step.grant(facts))

    def explain(self, facts: Facts) -> dict[str, Verdict]:
        """Return, for each action of this state that has a button, whether this person may do it now, else
        why not.
        """
        return self._panels[facts.state].verdicts(facts)


def _condition_of(step: Step) -> Callable[[EventData], bool]:
    """Return what answers the machine: the same reasons as `why`, left on the throwaway object."""

    def condition(event: EventData) -> bool:
        matter = cast("_Matter", event.model)
        matter.reasons = step.why(matter.facts, typed=True)
        edge = event.transition
        return not matter.reasons and edge is not None and edge.dest == step.target(matter.facts)

    return condition


def bare_trigger() -> Callable[[], object]:
    """Return the library's smallest step, without role, guard or reason, to hold ours against."""
    machine = Machine(
        model=None, states=["a", "b"], transitions=[["go", "a", "b"]], initial="a", auto_transitions=False
    )

    class Bare:
        __slots__ = ("state",)

        def __init__(self) -> None:
            self.state = "a"

    return lambda: machine.events["go"].trigger(Bare())
