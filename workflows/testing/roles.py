"""Every role at every place against every action: only those may whom the definition names."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from workflows.definition import Action
from workflows.people import Person
from workflows.testing.places import is_meant, places, units_asked
from workflows.testing.walking import Walk, Witness
from workflows.testing.world import World

_NOT_THEIRS = {"role_missing", "system_only", "person_only"}


def role_faults(world: World, seen: Walk, roles: Collection[str]) -> list[str]:
    """Return where somebody who holds one role at one place is let in, or kept out, against the definition.

    Each action is tried where it was done, by somebody with the id of who did it, so that nothing but the
    role differs: on the unit, on each unit above, beside, below and elsewhere; then by the system.
    """
    found: list[str] = []
    for action in world.defined.actions.values():
        witness = next((one for edge, one in seen.fired.items() if edge[0] == action.name), None)
        if witness is not None:
            found += _of_people(world, action, witness, roles)
            found += _of_the_system(world, action, witness)
    return found


def _of_people(world: World, action: Action, witness: Witness, roles: Collection[str]) -> list[str]:
    found = []
    units = units_asked(action, witness.facts)
    number = witness.facts.actor.id or 1
    for role in sorted({*roles, *(scope.role for scope in action.roles)}):
        for unit in units:
            for where, path in places(unit):
                meant = any(is_meant(action, role, path, one) for one in units)
                if _lets_in(world, action, witness, Person(number, {(role, path): 1})) is not meant:
                    what = "kept out" if meant else "let in"
                    found.append(f"{action.name}: {role} held {where} is {what}")
    return found


def _of_the_system(world: World, action: Action, witness: Witness) -> list[str]:
    if _lets_in(world, action, witness, Person(0)) is action.automatic:
        return []
    return [f"{action.name}: the system is {'kept out' if action.automatic else 'let in'}"]


def _lets_in(world: World, action: Action, witness: Witness, who: Person) -> bool:
    reasons = world.judged.why(action.name, replace(witness.facts, actor=who), typed=True)
    return not _NOT_THEIRS & {why.code for why in reasons}


def state_faults(world: World, seen: Walk) -> list[str]:
    """Return which action is offered, or not refused, in a state that the definition does not name for it."""
    found = []
    for action in world.defined.actions.values():
        witness = next((one for edge, one in seen.fired.items() if edge[0] == action.name), None)
        for state in world.defined.states:
            if witness is None or state in action.sources:
                continue
            facts = replace(witness.facts, state=state)
            reasons = world.judged.why(action.name, facts, typed=True)
            if "wrong_state" not in {why.code for why in reasons}:
                found.append(f"{action.name} is not refused in {state}")
            if action.name in world.judged.explain(facts):
                found.append(f"{action.name} is offered in {state}")
    return found
