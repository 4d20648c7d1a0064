"""What each action does to a situation: `workflows.steps` without days and without people.

An action is read once into an Effect. Guards are free choices, so an Effect may follow whenever its state
fits, except where a guard is marked `in_model`: that one is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, cast

from workflows.definition import Action, Assign, Field, FieldKind, Handover, Procedure, StateKind
from workflows.guards import Facts, Guard
from workflows.proving.model_facts import Followed, ModelFacts, Typed
from workflows.proving.model_rules import Ruled, every_way
from workflows.proving.reachability import reachable_from
from workflows.proving.situations import NOBODY, NOWHERE, Reversible, Situation

FIRST, OTHER, DESK = "the first responder", "another person", "the duty officer of the desk"
FIRST_UNIT, OTHER_UNIT, DESK_UNIT = "the first unit", "another unit", "the unit of the desk"

SUMS = (0, 1, 2, 3)
"""Sums and numbers are only compared: with few of them in play, as few values show every order."""
MANY = 3
"""Counters are followed up to here: three means three or more."""

Chosen = tuple[tuple[str, Any], ...]
Hands = tuple[int | str, str]


def choices(one: Field) -> tuple[Any, ...]:
    """Return the values a followed field may be given; None where it may be left out."""
    if one.kind is FieldKind.FLAG:
        values: tuple[Any, ...] = (True, False)
    elif one.kind in (FieldKind.FEN, FieldKind.INTEGER):
        values = SUMS
    else:
        values = one.choices or (f"a {one.kind}",)
    return values if one.required else (*values, None)


def following(action: Action, names: frozenset[str]) -> bool:
    """Tell whether the action changes one of the followed variables."""
    kept = {one.name for one in action.fields if one.keep and not one.private}
    return bool(names & (kept | set(action.sets) | set(action.counts) | set(action.lists)))


@dataclass(frozen=True, slots=True)
class Effect:
    """One action as the model sees it. `early` guards are asked before, `typed` ones after what is typed."""

    action: Action
    early: tuple[Guard, ...]
    typed: tuple[Guard, ...]
    typings: tuple[Chosen, ...]
    hands: tuple[Hands, ...] | None
    """The owner and unit afterwards, one of these; None where they stay."""
    changes_vars: bool
    offers: bool


class Effects:
    """All actions of a procedure, by the state they start from; those that change nothing are left out."""

    def __init__(
        self,
        procedure: Procedure,
        needed: Mapping[str, Guard],
        names: frozenset[str],
        children: frozenset[str],
        ruled: Ruled,
    ) -> None:
        """`needed` are the guards that the actions need, `names` the variables to follow, `children` the
        procedures whose instances are followed, `ruled` what the rule sets leave open.
        """
        self._procedure, self._names, self._ruled = procedure, names, ruled
        self._clocks: dict[Any, Any] = {}
        self.idle: list[str] = []
        self._by_state: dict[str, list[Effect]] = {state: [] for state in procedure.states}
        self._ends = {name for name in procedure.states if not procedure.is_open(name)}
        self._reversing = [one for one in procedure.actions.values() if one.reverses]
        self._within_reach = {
            state: {
                one.name for one in self._reversing if reachable_from(procedure, state) & set(one.sources)
            }
            for state in procedure.states
        }
        for action in procedure.actions.values():
            effect = self._effect(action, needed)
            if self._is_idle(effect, children):
                self.idle.append(action.name)
                continue
            if _contradicts_itself(action, needed):
                continue
            for state in action.sources:
                self._by_state[state].append(effect)

    def _effect(self, action: Action, needed: Mapping[str, Guard]) -> Effect:
        asked = [needed[name] for name in action.needs if needed[name].in_model]
        kept = [one for one in action.fields if one.keep and not one.private and one.name in self._names]
        typings = tuple(
            tuple(zip((one.name for one in kept), values, strict=True))
            for values in product(*(choices(one) for one in kept))
        )
        return Effect(
            action,
            tuple(one for one in asked if not one.on_payload),
            tuple(one for one in asked if one.on_payload),
            typings,
            _hands(action),
            following(action, self._names),
            action.handover is not None,
        )

    @staticmethod
    def _is_idle(effect: Effect, children: frozenset[str]) -> bool:
        action = effect.action
        clocks = (action.meets, action.cancels, action.opens, action.extends)
        changes = (
            *clocks,
            action.target is not None,
            bool(action.reverses),
            effect.changes_vars,
            effect.hands,
            effect.offers,
            action.child in children,
        )
        return not any(changes)

    def steps(self, now: Situation) -> Iterator[tuple[Action, Chosen, Situation]]:
        """Yield every act that can follow, the followed part of what was typed, and where it leads."""
        for effect in self._by_state[now.state]:
            if effect.action.reverses and _memory(effect.action, now) is None:
                continue
            if effect.early and not self._allowed(effect.early, now, {}):
                continue
            for typed in effect.typings:
                if effect.typed:
                    payload = Typed(typed, (one.name for one in effect.action.fields))
                    if not self._allowed(effect.typed, now, payload):
                        continue
                for after in self._after(effect, now, typed):
                    yield effect.action, typed, after

    def _allowed(self, guards: tuple[Guard, ...], now: Situation, payload: Mapping[str, Any]) -> bool:
        return all(ask(one, self._procedure.name, now, payload) for one in guards)

    def _after(self, effect: Effect, now: Situation, typed: Chosen) -> Iterator[Situation]:
        action = effect.action
        memory = _memory(action, now) if action.undoes else None
        state = memory.state if memory else action.target or now.state
        known = self._vars(action, now, typed) if effect.changes_vars else now.vars
        children = now.children
        counted = self._clocks_after(action, now, state)
        for (owner, unit, offer), clocks in product(self._hands_after(effect, now, state), counted):
            running, paused, extended, reversible = clocks
            yield Situation(
                state,
                owner,
                unit,
                now.first_responder,
                offer,
                running,
                paused,
                extended,
                known,
                children,
                reversible,
            )

    def _hands_after(
        self, effect: Effect, now: Situation, state: str
    ) -> Iterator[tuple[int | str, str, int | str | None]]:
        """Yield owner, unit and waiting offer afterwards, as `workflows.steps` works them out."""
        ends = state in self._ends
        if effect.hands is None:
            offer = now.offer
            if effect.action.handover is Handover.ASK:
                offer = OTHER
            elif effect.action.handover is not None:
                offer = None
            yield now.owner, now.unit, None if ends and now.offer is not None else offer
            return
        for owner, unit in effect.hands:
            yield owner, unit, OTHER if effect.action.handover is Handover.ASK else None
        if now.offer is not None and effect.action.assign is not None and effect.action.handover is None:
            # the same person is chosen again: nothing changes hands, and the offer still waits
            yield now.owner, now.unit, None if ends else now.offer

    def _clocks_after(self, action: Action, now: Situation, state: str) -> Any:
        """Return the clocks that run, stand still and were extended, and what an undoing would put back: once
        for each way in which the rule sets may have it.
        """
        key = (action.name, now.state, now.running, now.paused, now.extended, now.reversible)
        found = self._clocks.get(key)
        if found is None:
            found = self._clocks[key] = tuple(self._count(action, now, state))
        return found

    def _count(self, action: Action, now: Situation, state: str) -> Iterator[Any]:
        target = self._procedure.states[state]
        moves = state != now.state
        still_open = now.running | now.paused
        over = still_open & {*action.meets, *action.cancels}
        if target.kind is StateKind.FINAL:
            over = still_open
        goes_on = {one for one in now.paused if moves and (one in over or one not in target.pauses)}
        stands = {one for one in target.pauses if moves and one in still_open and one not in over}
        memory = _memory(action, now)
        if action.reverses:
            opened = memory.stopped - still_open if memory else frozenset[str]()
        else:
            wanted = {*action.opens, *(target.clocks if moves else ())}
            opened = frozenset(wanted - (still_open - over))
        again = memory.extended & opened if memory else frozenset[str]()
        lengthened = {one for one in action.extends if one in still_open and one not in over}
        extended = ((now.extended - over) | lengthened) - opened | again
        reversible = self._remember(action, now, state, over)
        runs_on = stands & self._ruled.runs_on - now.paused
        may_stand = frozenset(stands - self._ruled.never_stands)
        lacking = frozenset() if action.reverses else opened & self._ruled.may_lack
        for standing, begun in product(
            every_way(may_stand - runs_on, may_stand), every_way(opened - lacking, opened)
        ):
            paused = ((now.paused - goes_on) | standing) - over
            running = ((still_open - over) | begun) - paused
            yield frozenset(running), frozenset(paused), frozenset(extended), reversible

    def _remember(
        self, action: Action, now: Situation, state: str, over: Collection[str]
    ) -> tuple[Reversible, ...]:
        """Return what can be put back afterwards; what no way leads to any more is forgotten."""
        known = {one.by: one for one in now.reversible}
        stopped = frozenset(over)
        reversing = [one.name for one in self._reversing if action.name in one.reverses]
        for name in reversing:
            known[name] = Reversible(name, now.state, stopped, now.extended & stopped)
        if action.reverses and not reversing:
            known.pop(action.name, None)
        return tuple(known[name] for name in sorted(known.keys() & self._within_reach[state]))

    def _vars(self, action: Action, now: Situation, typed: Chosen) -> Followed:
        """Return the followed variables afterwards; a day and a person are only there or not."""
        found: dict[str, Any] = dict(now.vars)
        for name, value in action.sets.items():
            if name in found:
                found[name] = now.state if value == "$state" else value
        found |= {name: value for name, value in typed if value is not None}
        for name in action.counts:
            if name in found:
                found[name] = min((now.vars.get(name) or 0) + 1, MANY)
        for name in action.lists:
            if name in found:
                found[name] = "somebody"
        return Followed(found)


def ask(one: Guard, procedure: str, now: Situation, payload: Mapping[str, Any]) -> bool:
    """Tell whether the guard lets the act happen in a situation. Raises Unmodelled."""
    facts = ModelFacts(procedure, now, payload, children=one.children)
    return one.judge(cast("Facts", facts)) is None


def _memory(action: Action, now: Situation) -> Reversible | None:
    """Return what the action would put back, or None."""
    return next((one for one in now.reversible if one.by == action.name), None)


def _contradicts_itself(action: Action, needed: Mapping[str, Guard]) -> bool:
    """Tell whether two of the action's guards never hold together, so that nobody can ever do it."""
    return any(set(needed[name].exclusive_with) & set(action.needs) for name in action.needs)


def _hands(action: Action) -> tuple[Hands, ...] | None:
    """Return who may own the matter afterwards and for which unit, or None where that stays."""
    if action.assign is Assign.RECEIVER:
        return tuple(
            product(_named(action, "receiver", OTHER, NOBODY), _named(action, "unit", OTHER_UNIT, NOWHERE))
        )
    if action.assign is Assign.INTAKE_DESK:
        return ((DESK, DESK_UNIT),)
    if action.assign is Assign.FIRST_RESPONDER:
        return ((FIRST, FIRST_UNIT),)
    if action.assign is Assign.ACTOR:
        return ((OTHER, OTHER_UNIT),)
    if action.handover is Handover.ACCEPT:
        return ((OTHER, OTHER_UNIT),)
    return None


def _named(action: Action, name: str, there: str, missing: Any) -> tuple[Any, ...]:
    """Return what the field brings: somebody, and nobody as well where it may be left out."""
    field = action.field(name)
    return (there,) if field is not None and field.required else (there, missing)
