"""One role at one place, and two roles at once, against every action: only those may whom it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from workflows.definition import Action
from workflows.people import Person
from workflows.testing.places import ELSEWHERE, is_meant, places, units_asked
from workflows.testing.walking import Walk, Witness
from workflows.testing.world import World

_NOT_THEIRS = {"role_missing", "system_only", "person_only"}


def role_faults(world: World, seen: Walk, roles: Collection[str]) -> list[str]:
    """Return where somebody is let in, or kept out, against the definition.

    Each action is tried once, in the first of the states where it was done, by somebody with the id of who
    did it, so that nothing but the roles differs: who holds one role at one place, on the unit, on each unit
    above, beside, below and elsewhere; who holds two, one on the unit and the other there too or elsewhere;
    then the system. Two roles allow what one of them allows, and neither lends the other its place.
    """
    found: list[str] = []
    for action in world.defined.actions.values():
        witness = next((one for edge, one in seen.fired.items() if edge[0] == action.name), None)
        if witness is not None:
            known = sorted({*roles, *(scope.role for scope in action.roles)})
            found += _of_one_role(world, action, witness, known)
            found += _of_two_roles(world, action, witness, known)
            found += _of_the_system(world, action, witness)
    return found


def _of_one_role(world: World, action: Action, witness: Witness, roles: Sequence[str]) -> Iterator[str]:
    for role in roles:
        for unit in units_asked(action, witness.facts):
            for where, path in places(unit):
                for what in _against(world, action, witness, (role, path)):
                    yield f"{action.name}: {role} held {where} is {what}"


def _of_two_roles(world: World, action: Action, witness: Witness, roles: Sequence[str]) -> Iterator[str]:
    for one, other in permutations(roles, 2):
        for unit in units_asked(action, witness.facts):
            for where, path in (("there too", unit), ("elsewhere", ELSEWHERE)):
                for what in _against(world, action, witness, (one, unit), (other, path)):
                    yield f"{action.name}: {one} held on the unit and {other} {where} is {what}"


def _against(world: World, action: Action, witness: Witness, *held: tuple[str, str]) -> Iterator[str]:
    """Yield what happens to who holds these roles, if it is not what the definition says."""
    units = units_asked(action, witness.facts)
    meant = any(is_meant(action, role, path, unit) for role, path in held for unit in units)
    who = Person(witness.facts.actor.id or 1, {one: number for number, one in enumerate(held, 1)})
    if _lets_in(world, action, witness, who) is not meant:
        yield "kept out" if meant else "let in"


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
