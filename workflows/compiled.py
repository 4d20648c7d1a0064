"""A verified procedure, ready to be asked and fired: the only door to the library `transitions`.

One `Machine` a version, shared by everybody and without models: a step is fired through the machine's
public event table with a throwaway object that holds the state and the facts. (A model attached to a
machine costs a hundred times more, is compared with ==, and never let go.) Each edge has ONE condition, its
Step, and no callback at all: what an action sets, opens, assigns or sends is data, which the durable floor
applies in its own transaction. `why` and `fire` run the same Step, so a page's button and a posted form
cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from transitions import EventData, Machine

from workflows.definition import Action, Field, Handover, Label, Procedure
from workflows.guards import Facts, Guard, GuardRegistry, Why
from workflows.payload import check_payload

SYSTEM = 0
"""Id of the system as an actor: it fires automatic actions and nothing else."""

NOTHING_TO_UNDO = Why(
    "nothing_to_undo",
    Label("没有可以撤销的步骤。", "There is nothing to take back."),
    Label("请刷新页面，看看现在到了哪一步。", "Reload the page to see where the matter stands now."),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether this person may do an action now; if not, every reason. `fields` is what the action asks
    for.
    """

    allowed: bool
    reasons: tuple[Why, ...]
    fields: tuple[Field, ...]


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


class _Step:
    """Everything that decides whether one action may be done: state, person, guards, what was typed."""

    __slots__ = ("_action", "_early", "_guards", "_procedure", "_roles", "_sources", "_wrong_state")

    def __init__(self, action: Action, procedure: Procedure, guards: GuardRegistry) -> None:
        self._action, self._procedure = action, procedure
        self._sources = frozenset(action.sources)
        self._guards: tuple[Guard, ...] = tuple(guards[name] for name in action.needs)
        self._early = tuple(one for one in self._guards if not one.on_payload)
        self._roles = tuple(dict.fromkeys(scope.role for scope in action.roles))
        self._wrong_state = _wrong_state(action, procedure)

    def why(self, facts: Facts, typed: bool) -> tuple[Why, ...]:
        """Return every reason against the action; `typed` also judges the payload."""
        return tuple(self._reasons(facts, typed))

    def _reasons(self, facts: Facts, typed: bool) -> Iterator[Why]:
        if facts.state not in self._sources:
            yield self._wrong_state
        if self._action.undoes and self._procedure.taken_back(self._action, facts.vars) is None:
            yield NOTHING_TO_UNDO
        reason = self._against_person(facts)
        if reason is not None:
            yield reason
        if typed:
            yield from check_payload(self._action, facts.payload, facts.items)
        for guard in self._guards if typed else self._early:
            reason = guard.judge(facts)
            if reason is not None:
                yield reason

    def _target(self, facts: Facts) -> str:
        return self._procedure.target_of(self._action, facts.state, facts.vars)

    def grant(self, facts: Facts) -> int | None:
        """Return the id of the first grant by which the actor may do this; None for nobody's and for the
        system.
        """
        if facts.actor.id == SYSTEM:
            return None
        for unit in self._units(facts):
            for scope in self._action.roles:
                grant = facts.actor.grant(scope.role, unit, scope.reach)
                if grant is not None:
                    return grant
        return None

    def _units(self, facts: Facts) -> tuple[str, ...]:
        """Return the units whose people may do this: a handover is answered by the people of the unit it
        goes to.
        """
        if facts.handover is None or self._action.handover not in (Handover.ACCEPT, Handover.DROP):
            return (facts.unit_path,)
        if self._action.handover is Handover.ACCEPT:
            return (facts.handover.unit_path,)
        return (facts.unit_path, facts.handover.unit_path)

    def _against_person(self, facts: Facts) -> Why | None:
        if facts.actor.id == SYSTEM:
            return None if self._action.automatic else self._not_for_the_system()
        if not self._action.roles:
            return Why(
                "system_only",
                Label("这一步由系统自动办理。", "The system does this by itself."),
                Label("不需要由人办理。", "Nobody needs to do it."),
            )
        if self.grant(facts) is None:
            return Why(
                "role_missing",
                Label(
                    f"您的岗位不能在这里办理“{self._action.label.zh}”。",
                    f"Your roles do not allow “{self._action.label.en}” here.",
                ),
                Label("请交给有此岗位的同事办理。", "Ask a colleague who holds one of the roles named."),
                lifted_by=self._roles,
            )
        return None

    def _not_for_the_system(self) -> Why:
        return Why(
            "person_only",
            Label("这一步必须由人办理，系统不能代替。", "A person must do this; the system may not."),
            lifted_by=self._roles,
        )

    def condition(self, event: EventData) -> bool:
        """Answer the machine: the same reasons as `why`, left on the throwaway object."""
        matter = cast("_Matter", event.model)
        matter.reasons = self.why(matter.facts, typed=True)
        edge = event.transition
        return not matter.reasons and edge is not None and edge.dest == self._target(matter.facts)


def _wrong_state(action: Action, procedure: Procedure) -> Why:
    """Say in which states the action can be done."""
    known = [procedure.states[name].label for name in action.sources if name in procedure.states]
    zh = "、".join(f"“{label.zh}”" for label in known)
    en = ", ".join(f"“{label.en}”" for label in known)
    return Why(
        "wrong_state",
        Label(
            f"现在的状态下不能办理“{action.label.zh}”，只有在{zh}时可以。",
            f"“{action.label.en}” cannot be done in the present state, only in: {en}.",
        ),
        Label("请刷新页面，看看现在到了哪一步。", "Reload the page to see where the matter stands now."),
    )


class Compiled:
    """One version of one procedure, ready to be asked."""

    def __init__(self, procedure: Procedure, guards: GuardRegistry) -> None:
        """Build the machine. A guard that is not registered is a KeyError: verify before compiling."""
        self.procedure = procedure
        self._steps: Mapping[str, _Step] = MappingProxyType(
            {name: _Step(action, procedure, guards) for name, action in procedure.actions.items()}
        )
        edges: list[dict[str, Any]] = [
            {
                "trigger": name,
                "source": source,
                "dest": target,
                "conditions": self._steps[name].condition,
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
        self._buttons = {
            state: tuple(action for action in procedure.actions_from(state) if not action.automatic)
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
        verdicts = {}
        for action in self._buttons[facts.state]:
            reasons = self._steps[action.name].why(facts, typed=False)
            verdicts[action.name] = Verdict(not reasons, reasons, action.fields)
        return verdicts


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
